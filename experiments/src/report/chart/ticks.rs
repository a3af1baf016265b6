//! The figures that an axis names: as many as its length allows, in the unit of its extent.

use super::scale::Scale;
use super::text::{SMALL, width};
use super::words;

/// A named place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// The ticks of an axis and the unit of its labels, if they do not carry their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) named: Vec<Tick>,
    /// Ticks without a label between them.
    pub(crate) minor: Vec<f64>,
    pub(crate) unit: Option<&'static str>,
}

/// Units of time with the steps that divide them well.
const UNITS: [(&str, f64, f64, &[f64]); 5] = [
    ("ms", 1e-3, 1.5, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]),
    ("s", 1.0, 240.0, &[0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0]),
    ("min", 60.0, 4.0 * 3600.0, &[0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0]),
    ("h", 3600.0, 5.0 * 86_400.0, &[0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0]),
    ("d", 86_400.0, f64::INFINITY, &[0.5, 1.0, 2.0, 5.0, 7.0, 14.0, 30.0]),
];

/// Ticks of a time axis, in seconds. Labels keep `gap` page units apart.
pub(crate) fn time_ticks(scale: &Scale, gap: f64) -> Ticks {
    if scale.is_logarithmic() { logarithmic_time(scale, gap) } else { linear_time(scale, gap) }
}

fn linear_time(scale: &Scale, gap: f64) -> Ticks {
    let extent = scale.low.abs().max(scale.high.abs());
    let (unit, seconds, _, steps) = UNITS.into_iter().find(|unit| extent <= unit.2).unwrap_or(UNITS[4]);
    let values = steps.iter().copied().chain(decades((scale.high - scale.low) / seconds / 100.0));
    linear(scale, seconds, values, gap, plain, Some(unit))
}

/// Ticks of a linear axis of plain numbers.
pub(crate) fn count_ticks(scale: &Scale, gap: f64) -> Ticks {
    linear(scale, 1.0, decades((scale.high - scale.low) / 100.0), gap, words::round, None)
}

/// Ticks of an axis of plain numbers: on a logarithmic one 1, 2 and 5 times the powers of ten, or these alone.
pub(crate) fn number_ticks(scale: &Scale, gap: f64) -> Ticks {
    if !scale.is_logarithmic() {
        return count_ticks(scale, gap);
    }
    let (first, last) = (libm::floor(libm::log10(scale.low)), libm::ceil(libm::log10(scale.high)));
    let powers = |digits: &[f64]| -> Vec<Tick> {
        let all = (0..=(last - first).clamp(0.0, 60.0) as u32)
            .flat_map(|power| digits.iter().map(move |digit| digit * libm::exp10(first + f64::from(power))));
        all.filter(|value| scale.holds(*value)).map(|value| Tick { value, label: words::round(value) }).collect()
    };
    let fine = powers(&[1.0, 2.0, 5.0]);
    let named = if keep_apart(scale, &fine, gap) { fine } else { powers(&[1.0]) };
    Ticks { named, minor: Vec::new(), unit: None }
}

/// Ticks of an axis of shares between any two, in per cent.
pub(crate) fn percent_ticks(scale: &Scale, gap: f64) -> Ticks {
    linear(scale, 0.01, decades(scale.high - scale.low), gap, plain, Some("%"))
}

/// 1, 2 and 5 times the powers of ten from about `least` on.
fn decades(least: f64) -> impl Iterator<Item = f64> {
    let first = if least > 0.0 && least.is_finite() { libm::floor(libm::log10(least)) } else { 0.0 };
    (0..6).flat_map(move |power| [1.0, 2.0, 5.0].map(|digit| digit * libm::exp10(first + f64::from(power))))
}

/// The smallest step whose labels do not meet.
fn linear(
    scale: &Scale,
    unit: f64,
    steps: impl Iterator<Item = f64>,
    gap: f64,
    label: impl Fn(f64) -> String,
    name: Option<&'static str>,
) -> Ticks {
    let mut named = Vec::new();
    for step in steps {
        let (first, last) = ((scale.low / unit / step).ceil(), (scale.high / unit / step + 1e-9).floor());
        if last - first > 60.0 {
            continue;
        }
        let count = (last - first).max(0.0) as u32;
        let values = (0..=count).map(|index| (first + f64::from(index)) * step);
        named = values.map(|value| Tick { value: value * unit, label: label(value) }).collect();
        if keep_apart(scale, &named, gap) {
            break;
        }
    }
    Ticks { named, minor: Vec::new(), unit: name }
}

/// A tick's number with no more decimals than it has.
fn plain(value: f64) -> String {
    let text = format!("{:.6}", if value == 0.0 { 0.0 } else { value });
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}

/// Round instants from fine to coarse: on a logarithmic axis each label carries its unit.
const INSTANTS: [&[f64]; 5] = [
    &[
        1e-6,
        2e-6,
        5e-6,
        1e-5,
        2e-5,
        5e-5,
        1e-4,
        2e-4,
        5e-4,
        1e-3,
        2e-3,
        5e-3,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1.0,
        2.0,
        5.0,
        10.0,
        20.0,
        30.0,
        60.0,
        120.0,
        300.0,
        600.0,
        1200.0,
        1800.0,
        3600.0,
        7200.0,
        21_600.0,
        43_200.0,
        86_400.0,
        172_800.0,
        432_000.0,
        864_000.0,
        1_728_000.0,
        4_320_000.0,
        8_640_000.0,
        1.728e7,
        4.32e7,
        8.64e7,
    ],
    &[
        1e-6,
        2e-6,
        5e-6,
        1e-5,
        2e-5,
        5e-5,
        1e-4,
        2e-4,
        5e-4,
        1e-3,
        2e-3,
        5e-3,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1.0,
        2.0,
        5.0,
        10.0,
        30.0,
        60.0,
        120.0,
        300.0,
        600.0,
        1800.0,
        3600.0,
        7200.0,
        21_600.0,
        86_400.0,
        172_800.0,
        432_000.0,
        864_000.0,
        8_640_000.0,
        8.64e7,
    ],
    &[
        1e-6,
        1e-5,
        1e-4,
        1e-3,
        0.01,
        0.1,
        1.0,
        5.0,
        10.0,
        30.0,
        60.0,
        300.0,
        600.0,
        1800.0,
        3600.0,
        21_600.0,
        86_400.0,
        864_000.0,
        8_640_000.0,
        8.64e7,
    ],
    &[
        1e-6,
        1e-5,
        1e-4,
        1e-3,
        0.01,
        0.1,
        1.0,
        10.0,
        60.0,
        600.0,
        3600.0,
        21_600.0,
        86_400.0,
        864_000.0,
        8_640_000.0,
        8.64e7,
    ],
    &[1e-6, 1e-3, 1.0, 60.0, 3600.0, 86_400.0, 8_640_000.0],
];

fn logarithmic_time(scale: &Scale, gap: f64) -> Ticks {
    let on_scale = |instants: &[f64]| instants.iter().copied().filter(|at| scale.holds(*at)).collect::<Vec<_>>();
    let mut named = Vec::new();
    for instants in INSTANTS {
        named = on_scale(instants).into_iter().map(|value| Tick { value, label: words::chosen(value) }).collect();
        if keep_apart(scale, &named, gap) {
            break;
        }
    }
    Ticks { named, minor: on_scale(INSTANTS[0]), unit: None }
}

fn keep_apart(scale: &Scale, ticks: &[Tick], gap: f64) -> bool {
    ticks.windows(2).all(|pair| {
        let reach = |tick: &Tick| width(&tick.label, SMALL) / 2.0;
        let distance = (scale.place(pair[1].value) - scale.place(pair[0].value)).abs();
        distance >= reach(&pair[0]) + reach(&pair[1]) + gap
    })
}

/// Ticks of an axis of shares from `low` to one.
pub(crate) fn share_ticks(low: f64, most: usize) -> Vec<Tick> {
    let percent = (1.0 - low.clamp(0.0, 0.999)) * 100.0;
    let steps = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0];
    let step = steps.into_iter().find(|step| percent / step + 1.0 <= most as f64 + 1e-9).unwrap_or(100.0);
    let count = (percent / step + 1e-9).floor() as u32;
    (0..=count)
        .map(|index| 100.0 - f64::from(index) * step)
        .map(|value| Tick { value: value / 100.0, label: format!("{}{}%", plain(value), words::BLANK) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<String> {
        super::super::text::load_font().expect("the embedded font is one");
        time_ticks(scale, 8.0).named.into_iter().map(|tick| tick.label.replace(words::BLANK, " ")).collect()
    }

    #[test]
    fn a_time_axis_counts_in_the_unit_of_its_extent() {
        assert_eq!(
            labels(&Scale::linear(0.0, 100.0, 0.0, 300.0)),
            ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100"]
        );
        let hour = Scale::linear(-300.0, 3600.0, 0.0, 600.0);
        assert_eq!(labels(&hour).first().map(String::as_str), Some("−5"));
        assert_eq!(time_ticks(&hour, 8.0).unit, Some("min"));
        assert_eq!(time_ticks(&Scale::linear(0.0, 0.9, 0.0, 600.0), 8.0).unit, Some("ms"));
        assert_eq!(time_ticks(&Scale::linear(0.0, 1e7, 0.0, 600.0), 8.0).unit, Some("d"));
    }

    #[test]
    fn a_logarithmic_axis_names_round_instants() {
        let scale = Scale::logarithmic(5.0, 3600.0, 0.0, 700.0);
        assert_eq!(
            labels(&scale),
            ["5 s", "10 s", "20 s", "30 s", "1 min", "2 min", "5 min", "10 min", "20 min", "30 min", "1 h"]
        );
        let wide = Scale::logarithmic(0.001, 3600.0, 0.0, 300.0);
        assert_eq!(labels(&wide), ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min", "1 h"]);
    }

    #[test]
    fn every_scale_has_ticks_that_end() {
        super::super::text::load_font().expect("the embedded font is one");
        for (low, high) in
            [(0.0, 0.0), (f64::NAN, 1.0), (5.0, f64::INFINITY), (0.0, 1e300), (0.0, 1e-300), (1e-9, 1e12)]
        {
            for scale in [Scale::linear(low, high, 0.0, 100.0), Scale::logarithmic(low, high, 0.0, 100.0)] {
                assert!(time_ticks(&scale, 8.0).named.len() < 60 && count_ticks(&scale, 8.0).named.len() < 60);
            }
        }
    }

    #[test]
    fn numbers_and_shares_have_round_ticks() {
        super::super::text::load_font().expect("the embedded font is one");
        let names = |ticks: Ticks| ticks.named.into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(
            names(number_ticks(&Scale::linear(0.5, 0.97, 0.0, 200.0), 12.0)),
            ["0.5", "0.6", "0.7", "0.8", "0.9"]
        );
        let wide = Scale::logarithmic(3.0, 700.0, 0.0, 400.0);
        assert_eq!(names(number_ticks(&wide, 12.0)), ["5", "10", "20", "50", "100", "200", "500"]);
        let shares = percent_ticks(&Scale::linear(0.1, 0.5, 0.0, 150.0), 20.0);
        assert_eq!(
            (shares.unit, names(shares)),
            (Some("%"), ["10", "20", "30", "40", "50"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn shares_end_at_all_of_it() {
        let names = |low, most| {
            share_ticks(low, most).into_iter().map(|tick| tick.label.replace(words::BLANK, " ")).collect::<Vec<_>>()
        };
        assert_eq!(names(0.0, 5), ["100 %", "75 %", "50 %", "25 %", "0 %"]);
        assert_eq!(names(0.0, 3), ["100 %", "50 %", "0 %"]);
        assert_eq!(names(0.98, 5), ["100 %", "99.5 %", "99 %", "98.5 %", "98 %"]);
    }
}
