//! Ranges of settings, and settings as coordinates.

use sim_settings::quantity::{duration_text, parse_duration, parse_percentage};

/// Steps of a range: `137.28s` is fine enough for a range of five minutes.
const STEPS: f64 = 1e4;

/// The kind of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Seconds.
    Duration,
    /// Whole numbers.
    Whole,
    /// Numbers.
    Number,
    /// Shares, written as percentages.
    Percentage,
}

/// All settings between two ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The text as written.
    pub text: String,
    low: f64,
    high: f64,
    scale: Scale,
    /// Whether equal parts of the way are equal factors.
    logarithmic: bool,
}

impl Range {
    /// A range such as `10s..300s`, `2..8`, `0.1..0.9`, `10%..50%`, or, over orders of magnitude, `10s..600s log`.
    ///
    /// # Errors
    /// The form that it must have.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let form = || {
            "a range from one duration, number or percentage to a larger one of the same kind, as in 10s..300s; with \
             ` log` behind it, from above 0, in equal factors"
                .to_owned()
        };
        let (ends, logarithmic) = match text.trim().strip_suffix("log") {
            Some(ends) if ends.ends_with(char::is_whitespace) => (ends, true),
            _ => (text, false),
        };
        let (low, high) = ends.split_once("..").ok_or_else(form)?;
        let ends = [low.trim(), high.trim()].map(coordinate);
        let [Some((low, from)), Some((high, to))] = ends else { return Err(form()) };
        let scale = match (from, to) {
            _ if from == to => from,
            (Scale::Whole, Scale::Number) | (Scale::Number, Scale::Whole) => Scale::Number,
            _ => return Err(form()),
        };
        if low < high && (low > 0.0 || !logarithmic) {
            Ok(Self { text: text.trim().to_owned(), low, high, scale, logarithmic })
        } else {
            Err(form())
        }
    }

    /// The same range for a key that takes any number: it then holds fractions too.
    pub(super) fn of_numbers(mut self) -> Self {
        if self.scale == Scale::Whole {
            self.scale = Scale::Number;
        }
        self
    }

    /// So many settings from one end to the other; of few whole numbers all.
    pub(super) fn spread(&self, steps: usize) -> Vec<String> {
        /// Whole numbers of which each is worth a look.
        const FEW: f64 = 16.0;
        let numbers = self.high - self.low + 1.0;
        let all = self.scale == Scale::Whole && numbers <= FEW;
        let steps = if all { numbers as usize } else { steps.max(2) };
        // Of whole numbers each has an equal part of the way.
        let share = |step: usize| match self.scale {
            Scale::Whole if all => (step as f64 + 0.5) / numbers,
            _ => step as f64 / (steps - 1).max(1) as f64,
        };
        let mut settings: Vec<String> = (0..steps).map(|step| self.at(share(step))).collect();
        settings.dedup();
        settings
    }

    /// The setting at a share of the way, 0 to 1.
    pub(super) fn at(&self, share: f64) -> String {
        let Self { low, high, scale, .. } = self;
        // In factors, the value at a share is the low end times a power of the ratio of the ends.
        let along = |low: f64, high: f64| {
            if self.logarithmic { low * libm::pow(high / low, share) } else { low + share * (high - low) }
        };
        if *scale == Scale::Whole {
            // Every whole number has an equal part of the way, from itself to the next one.
            return format!("{}", along(*low, high + 1.0).floor().min(*high));
        }
        // Steps are shares of the rest of the way: small values of a wide range need as many digits.
        let span = if self.logarithmic { along(*low, *high) } else { high - low };
        let power = (STEPS / span).log10().ceil();
        let rounded = |value: f64| {
            // Division by a power of ten is exact where multiplication by its inverse is not.
            let scaled = if power >= 0.0 { value * 10_f64.powf(power) } else { value / 10_f64.powf(-power) };
            if power >= 0.0 { scaled.round() / 10_f64.powf(power) } else { scaled.round() * 10_f64.powf(-power) }
        };
        let value = rounded(along(*low, *high)).clamp(*low, *high);
        match scale {
            // Long durations have seconds with decimals, which every reader takes.
            Scale::Duration => duration_text(value),
            Scale::Percentage => format!("{}%", rounded_percent(value)),
            Scale::Number | Scale::Whole => format!("{value}"),
        }
    }
}

/// A share in percent, without the rounding error of binary.
fn rounded_percent(share: f64) -> f64 {
    (share * 1e10).round() / 1e8
}

/// The coordinate of a setting, if it is a figure: seconds, a number, or a share.
pub fn coordinate(text: &str) -> Option<(f64, Scale)> {
    if let Ok(whole) = text.replace('_', "").parse::<i64>() {
        return Some((whole as f64, Scale::Whole));
    }
    if let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite()) {
        return Some((number, Scale::Number));
    }
    if let Ok(seconds) = parse_duration(text) {
        return Some((seconds, Scale::Duration));
    }
    parse_percentage(text).map(|share| (share, Scale::Percentage))
}

#[cfg(test)]
mod tests {
    use super::{Range, Scale, coordinate};

    fn at(text: &str, share: f64) -> String {
        Range::parse(text).expect("a range").at(share)
    }

    #[test]
    fn places_of_a_range_read_as_people_write_them() {
        assert_eq!([0.0, 0.5, 1.0].map(|share| at("10s..300s", share)), ["10s", "155s", "5m"]);
        assert_eq!(at("10s..300s", 0.123_456_78), "45.8s");
        assert_eq!(at("1ms..5ms", 0.25), "2ms");
        assert_eq!(at("0.1..0.9", 0.5), "0.5");
        assert_eq!(at("10%..50%", 0.75), "40%");
        assert_eq!(at("1..2.5", 0.5), "1.75");
        assert_eq!(at("0..100000000", 0.500_000_1), "50000010");
    }

    #[test]
    fn settings_are_spread_from_end_to_end() {
        let spread = |text: &str, steps| Range::parse(text).expect("a range").spread(steps);
        assert_eq!(spread("6..9", 2), ["6", "7", "8", "9"]);
        assert_eq!(spread("10s..50s", 3), ["10s", "30s", "50s"]);
        assert_eq!(spread("1..101", 3), ["1", "51", "101"]);
        assert_eq!(spread("0.1..0.9", 5), ["0.1", "0.3", "0.5", "0.7", "0.9"]);
    }

    #[test]
    fn whole_numbers_stay_whole_and_have_equal_parts() {
        let counts = (0..800).fold([0; 4], |mut counts, step| {
            let value: usize = at("2..5", (f64::from(step) + 0.5) / 800.0).parse().expect("whole");
            counts[value - 2] += 1;
            counts
        });
        assert_eq!(counts, [200; 4]);
    }

    /// Half of the way from 10 s to 1,000 s, in factors, is 100 s; a quarter is 10 s x 100^(1/4) = 31.623 s.
    #[test]
    fn a_logarithmic_range_goes_by_factors() {
        assert_eq!([0.0, 0.5, 1.0].map(|share| at("10s..1000s log", share)), ["10s", "100s", "1000s"]);
        assert_eq!(at("10s..1000s log", 0.25), "31.623s");
        assert_eq!(at("1..100 log", 0.5), "10");
        assert!(Range::parse("0s..10s log").is_err() && Range::parse("1s..10slog").is_err());
    }

    #[test]
    fn a_key_that_takes_numbers_takes_those_between_two_whole_ones() {
        let range = Range::parse("0..1").expect("a range");
        assert_eq!([0.25, 0.75].map(|share| range.at(share)), ["0", "1"]);
        let range = range.of_numbers();
        assert_eq!([0.25, 0.75].map(|share| range.at(share)), ["0.25", "0.75"]);
    }

    #[test]
    fn what_is_no_range_says_what_one_is() {
        for text in ["10s", "10s..", "10s..5s", "10s..10s", "10s..5", "a..b", "..", "1%..2", "10s..20s..30s"] {
            assert!(Range::parse(text).is_err_and(|error| error.contains("10s..300s")), "{text}");
        }
    }

    #[test]
    fn settings_have_places_if_they_are_figures() {
        assert_eq!(coordinate("1m 30s"), Some((90.0, Scale::Duration)));
        assert_eq!(coordinate("10_000"), Some((10_000.0, Scale::Whole)));
        assert_eq!(coordinate("99.5%"), Some((0.995, Scale::Percentage)));
        assert_eq!(coordinate("latency"), None);
        assert_eq!(coordinate("inf"), None);
    }
}
