//! Charts of every kind and of every awkward case.

mod any;
mod bars;
mod distributions;
mod ledgers;
mod settings;
mod shares;
mod steps;

use std::sync::OnceLock;

use super::super::*;

pub(super) use any::any;

/// A fixed sequence of numbers below one; the constants are those of a common linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

fn lognormal(seed: u64, trials: usize, median: f64, sigma: f64) -> Vec<f64> {
    let mut numbers = Numbers(seed);
    (0..trials).map(|_| median * (sigma * numbers.normal()).exp()).collect()
}

pub(super) fn about(title: &str, trials: usize) -> About {
    About {
        title: title.to_owned(),
        experiment: "active-active".to_owned(),
        trials: trials as u64,
        seed: Some(1),
        source: Some("mrsim 0.1.0 4f3a2b1c".to_owned()),
        ..About::default()
    }
}

/// Sixty characters with everything that XML, fonts and terminals dislike.
pub(super) fn awful_name(index: usize) -> String {
    format!("<journey> & \"co\" {index:02} – Überweisung/決済 'with' a name of many letters\u{202e}\u{1}\n")
}

pub(super) fn long_name(index: usize) -> String {
    format!("team-{index:02}/checkout-service-place-order-with-payment-region-{:02}", index * 7 % 30)
}

/// A chart with its document.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) chart: Chart,
    pub(super) svg: String,
}

/// All samples, drawn once for all tests.
pub(super) fn all() -> &'static [Sample] {
    static ALL: OnceLock<Vec<Sample>> = OnceLock::new();
    ALL.get_or_init(|| {
        let drawn = |(name, chart)| Sample { name, svg: draw_svg(&chart).expect("a chart is drawn"), chart };
        [
            distributions::recovery(),
            distributions::loss(),
            bars::causes(),
            shares::success(),
            settings::charts(),
            ledgers::ledgers(),
            steps::charts(),
        ]
        .concat()
        .into_iter()
        .map(drawn)
        .collect()
    })
}
