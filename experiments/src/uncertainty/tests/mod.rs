//! What is not known, against known answers.

mod beliefs;
mod coverage;
mod indices;
mod model;

use sim_core::random::Distribution;
use sim_settings::form::Number;
use sim_settings::{Amount, Band, Figure, Key, KeyDefault, Keys as _, Mark, Measure, Provenance, Said, Source, Value};

/// A figure that is known from so many observations.
fn measured(path: &str, amount: Amount, measure: Measure, observations: u64) -> Figure {
    let said = Said { source: Source::Measured, from: None, observations: Some(observations) };
    Figure { provenance: Provenance::Said(said), ..figure(path, amount, measure, None) }
}

/// A guess with a band.
fn guess(path: &str, amount: Amount, measure: Measure, band: Band) -> Figure {
    figure(path, amount, measure, Some(band))
}

fn figure(path: &str, amount: Amount, measure: Measure, band: Option<Band>) -> Figure {
    let mut key = KEY.any();
    key.low = f64::NEG_INFINITY;
    key.band = band;
    Figure {
        path: path.to_owned(),
        paths: vec![path.to_owned()],
        key,
        measure,
        amount,
        value: Value::Integer(0),
        place: sim_settings::Place::default(),
        written: false,
        provenance: Provenance::Default { mark: Mark::Assumed, source: "a guess" },
    }
}

sim_settings::keys! {
    struct AnyKeys {
        const KEY: Key<Number> = Key::assumed("figure", "a figure", "1", "no published figure").band(Band::factor(0.5, 2.0, "a test"));
    }
}

/// The keys of figures in tests are listed, like all keys.
#[test]
fn the_key_of_these_tests_is_a_guess_with_a_band() {
    let KeyDefault::Value { mark, .. } = KEY.default else { panic!("it has a default") };
    assert_eq!((mark, AnyKeys::KEYS[0].key.band), (Mark::Assumed, KEY.band));
}

fn lognormal(mu: f64, sigma: f64) -> Distribution {
    Distribution::of_logarithms(mu, sigma).expect("possible")
}
