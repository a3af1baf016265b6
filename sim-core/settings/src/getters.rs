//! Getters for single values: durations, distributions, numbers, shares, counts, flags, texts.

use super::distribution::{self, Unit};
use super::figure::{Figure, Measure, Measured, Provenance};
use super::form::{Value, delay_or};
use super::key::{Key, KeyDefault};
use super::provenance;
use super::report::Report;
use super::section::{Found, Section};
use super::spot::{self, Spot};
use super::tree::{Node, Value as Written, parse_value};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;

/// A value in the key's range, to go on with after a mistake.
fn harmless(key: &Key) -> f64 {
    let low = if key.low_excluded { key.low + 1.0 } else { key.low };
    f64::max(1.0, low).min(key.high)
}

fn constant(value: f64) -> Distribution {
    Distribution::constant(value).or_else(|_| Distribution::constant(0.0)).expect("zero is a constant")
}

/// Reads one figure: takes it out of the table that says where it comes from, notes it, and puts another one in its place
/// if there is one.
pub(crate) fn figure<T: Measured>(
    spot: &Spot<'_>,
    node: &Node,
    written: bool,
    measure: Measure,
    parse: impl Fn(&Spot<'_>, &Node) -> Option<T>,
) -> Option<T> {
    let Spot { report, path, key } = *spot;
    let peeled = if written { provenance::peel(report, node, path) } else { None };
    let bare = peeled.as_ref().map_or(node, |peeled| &peeled.node);
    let value = parse(spot, bare)?;
    let Some(amount) = value.amount() else { return Some(value) };
    if let Some(peeled) = &peeled {
        // What stands beside the value is wrong, and reported.
        let said = peeled.said.as_ref()?;
        provenance::check(report, node, path, said, measure, &amount);
    }
    if let Some(replaced) = report.replacement(path).and_then(|amount| value.replaced(amount, key)) {
        return Some(replaced);
    }
    report.record_figure(path, || {
        let default = |text: &str| {
            parse_value(text, 0).unwrap_or_else(|| Node { value: Written::Text(text.to_owned()), place: node.place })
        };
        let provenance = match (&peeled, key.default) {
            (Some(provenance::Peeled { said: Some(said), .. }), _) => Provenance::Said(said.clone()),
            (_, KeyDefault::Value { mark, source, .. })
                if !written || provenance::is_default(bare, &key.default, default) =>
            {
                Provenance::Default { mark, source }
            }
            _ => Provenance::Unsourced,
        };
        let paths = vec![path.to_owned()];
        let value = bare.value.clone();
        Figure {
            path: path.to_owned(),
            paths,
            key: *key,
            measure,
            amount,
            value,
            place: node.place,
            written,
            provenance,
        }
    });
    Some(value)
}

impl Section<'_> {
    /// Reads the key by `parse`; `None` if it is absent or wrong.
    pub(crate) fn read<T>(&mut self, key: &Key, parse: impl FnOnce(&Spot<'_>, &Node) -> Option<T>) -> Option<T> {
        let path = self.path_to(key.name);
        let found = self.seek(key);
        let spot = Spot { report: self.report, path: &path, key };
        match found {
            Found::Written(node) => parse(&spot, node),
            Found::Default(node) => parse(&spot, &node),
            Found::Absent => None,
        }
    }

    /// Reads a figure by `parse`; `None` if it is absent or wrong.
    fn read_figure<T: Measured>(
        &mut self,
        key: &Key,
        measure: Measure,
        parse: impl Fn(&Spot<'_>, &Node) -> Option<T>,
    ) -> Option<T> {
        let path = self.path_to(key.name);
        let found = self.seek(key);
        let spot = Spot { report: self.report, path: &path, key };
        match found {
            Found::Written(node) => figure(&spot, node, true, measure, parse),
            Found::Default(node) => figure(&spot, &node, false, measure, parse),
            Found::Absent => None,
        }
    }

    /// Reads a figure by `parse`; the default if it is wrong, and `last` if there is none.
    fn figure_or<T: Measured>(
        &mut self,
        key: &Key,
        measure: Measure,
        parse: impl Fn(&Spot<'_>, &Node) -> Option<T>,
        last: impl FnOnce() -> T,
    ) -> T {
        let value = self.read_figure(key, measure, &parse);
        self.or_default(value, key, parse, last)
    }

    /// Reads the key by `parse`; the default if it is wrong, and `last` if there is none.
    fn read_or<T>(&mut self, key: &Key, parse: impl Fn(&Spot<'_>, &Node) -> Option<T>, last: impl FnOnce() -> T) -> T {
        let value = self.read(key, &parse);
        self.or_default(value, key, parse, last)
    }

    fn or_default<T>(
        &self,
        value: Option<T>,
        key: &Key,
        parse: impl Fn(&Spot<'_>, &Node) -> Option<T>,
        last: impl FnOnce() -> T,
    ) -> T {
        let value = value.or_else(|| {
            let KeyDefault::Value { text, .. } = key.default else { return None };
            let silent = Report::new();
            parse(&Spot { report: &silent, path: "", key }, &self.default_node(text))
        });
        value.unwrap_or_else(last)
    }

    /// The value of the key; if it is wrong, its default or else a harmless value.
    pub fn get<F: Value>(&mut self, key: &Key<F>) -> F::Read {
        F::read(self, &key.any())
    }

    /// A duration.
    pub(crate) fn duration(&mut self, key: &Key) -> SimDuration {
        let seconds = self.figure_or(key, Measure::Seconds, spot::seconds, || harmless(key));
        SimDuration::from_secs_f64(seconds)
    }

    /// A duration, if there is one.
    pub(crate) fn maybe_duration(&mut self, key: &Key) -> Option<SimDuration> {
        self.read_figure(key, Measure::Seconds, spot::seconds).map(SimDuration::from_secs_f64)
    }

    /// A distribution over durations, in seconds. A bare duration is a constant.
    pub(crate) fn delay(&mut self, key: &Key) -> Distribution {
        let parse = |spot: &Spot<'_>, node: &Node| distribution::read(spot, node, Unit::Seconds);
        self.figure_or(key, Measure::Seconds, parse, || constant(harmless(key)))
    }

    /// A distribution over durations, if there is one.
    pub(crate) fn maybe_delay(&mut self, key: &Key) -> Option<Distribution> {
        self.read_figure(key, Measure::Seconds, |spot, node| distribution::read(spot, node, Unit::Seconds))
    }

    /// A distribution over durations, or this word, which stands for none.
    pub(crate) fn delay_or(&mut self, key: &Key, word: &str) -> Option<Distribution> {
        let parse = |spot: &Spot<'_>, node: &Node| delay_or(spot, node, word);
        self.figure_or(key, Measure::Seconds, parse, || Some(constant(harmless(key))))
    }

    /// A distribution over plain numbers. A bare number is a constant.
    pub(crate) fn quantity(&mut self, key: &Key) -> Distribution {
        let parse = |spot: &Spot<'_>, node: &Node| distribution::read(spot, node, Unit::Plain);
        self.figure_or(key, Measure::Plain, parse, || constant(harmless(key)))
    }

    /// A distribution over plain numbers, if there is one.
    pub(crate) fn maybe_quantity(&mut self, key: &Key) -> Option<Distribution> {
        self.read_figure(key, Measure::Plain, |spot, node| distribution::read(spot, node, Unit::Plain))
    }

    /// A finite number.
    pub(crate) fn number(&mut self, key: &Key) -> f64 {
        self.figure_or(key, Measure::Plain, spot::number, || harmless(key))
    }

    /// A finite number, if there is one.
    pub(crate) fn maybe_number(&mut self, key: &Key) -> Option<f64> {
        self.read_figure(key, Measure::Plain, spot::number)
    }

    /// A rate per second: a number, or text such as `"2 per year"`.
    pub(crate) fn rate(&mut self, key: &Key) -> f64 {
        self.figure_or(key, Measure::Rate, spot::rate, || harmless(key))
    }

    /// A rate per second, if there is one.
    pub(crate) fn maybe_rate(&mut self, key: &Key) -> Option<f64> {
        self.read_figure(key, Measure::Rate, spot::rate)
    }

    /// A share from 0 to 1; text such as `"99.95%"` is one as well.
    pub(crate) fn share(&mut self, key: &Key) -> f64 {
        self.figure_or(key, Measure::Share, spot::share, || harmless(key))
    }

    /// A share, if there is one.
    pub(crate) fn maybe_share(&mut self, key: &Key) -> Option<f64> {
        self.read_figure(key, Measure::Share, spot::share)
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, key: &Key) -> u64 {
        self.figure_or(key, Measure::Count, spot::count, || harmless(key) as u64)
    }

    /// A whole number, if there is one.
    pub(crate) fn maybe_count(&mut self, key: &Key) -> Option<u64> {
        self.read_figure(key, Measure::Count, spot::count)
    }

    /// `true` or `false`; `false` if that cannot be told.
    pub(crate) fn flag(&mut self, key: &Key) -> bool {
        self.read_or(key, spot::flag, || false)
    }

    pub(crate) fn maybe_flag(&mut self, key: &Key) -> Option<bool> {
        self.read(key, spot::flag)
    }

    /// Free text; empty if there is none.
    pub(crate) fn text(&mut self, key: &Key) -> String {
        self.read_or(key, spot::text, String::new)
    }

    /// Free text, if there is any.
    pub(crate) fn maybe_text(&mut self, key: &Key) -> Option<String> {
        self.read(key, spot::text)
    }
}
