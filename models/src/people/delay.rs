//! How long people take when one asks for them, which may depend on the hour.

use sim_core::random::{Distribution, Stream, StreamId, Trial};
use sim_core::time::{SimDuration, SimTime};
use sim_settings::form::{self, List, Text};
use sim_settings::{Key, Section, keys};

use super::week::{Span, WeekTime};

keys! {
    /// The keys of a delay that depends on the hour.
    pub(crate) struct HoursKeys {
        const HOURS: Key<Option<List<HourKeys>>> =
            Key::optional("hours", "parts of the week in which it takes another time; the first that fits counts", "the same at all hours");
    }
}
keys! {
    /// A part of the week.
    struct HourKeys {
        const DURING: Key<Text> =
            Key::required("during", "the part of the week: days, times, or both, such as \"mon-fri 09:00-17:00\"").example("\"mon-fri 09:00-17:00\"");
        const DELAY: Key<form::Delay> = Key::required("delay", "how long it takes then");
    }
}

/// How long people take, which may depend on when they are asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Delay {
    /// In seconds, in the rest of the week.
    pub usual: Distribution,
    /// In seconds, in these parts of the week; the first that fits counts.
    pub hours: Vec<(Span, Distribution)>,
}

impl Delay {
    /// Reads the delay under `key`, and `hours` beside it.
    pub fn read(section: &mut Section<'_>, key: &Key<form::Delay>) -> Self {
        let usual = section.get(key);
        let mut hours = Vec::new();
        for mut part in section.sections(&HOURS) {
            let text = part.get(&DURING);
            let delay = part.get(&DELAY);
            match Span::parse(&text) {
                Some(span) => hours.push((span, delay)),
                None if part.has(DURING.name) => {
                    let expected =
                        "days, times, or both, such as \"mon-fri\", \"22:00-06:00\", \"sat,sun 09:00-17:00\"";
                    part.reject(DURING.name, format!("the text {text:?}"), expected, None);
                }
                None => {}
            }
        }
        Self { usual, hours }
    }

    /// A delay that does not depend on the hour.
    pub fn always(usual: Distribution) -> Self {
        Self { usual, hours: Vec::new() }
    }

    /// Delays by parts of the week as a file words them.
    #[cfg(test)]
    pub(crate) fn from_words(usual: Distribution, hours: &[(&str, Distribution)]) -> Self {
        let parse = |text: &str| Span::parse(text).unwrap_or_else(|| panic!("{text}"));
        Self { usual, hours: hours.iter().map(|(text, delay)| (parse(text), delay.clone())).collect() }
    }

    fn at(&self, instant: WeekTime) -> &Distribution {
        self.hours.iter().find(|(span, _)| span.contains(instant)).map_or(&self.usual, |(_, delay)| delay)
    }
}

/// Delays as they come up: one draw of one stream each, whatever the hour.
#[derive(Debug)]
pub struct Pace {
    delay: Delay,
    stream: Stream,
}

impl Pace {
    /// Delays drawn from the stream `id`.
    pub fn new(delay: &Delay, id: StreamId) -> Self {
        Self { delay: delay.clone(), stream: Stream::new(id) }
    }

    /// Goes to the start of `trial`.
    pub fn begin(&mut self, trial: Trial<'_>) {
        self.stream.begin(trial);
    }

    /// How long it takes when one asks now, in a trial that started at `start`.
    pub fn draw(&mut self, start: WeekTime, now: SimTime) -> SimDuration {
        let distribution = self.delay.at(start.after(now.since(SimTime::ZERO)));
        let seconds = match distribution.is_constant() {
            Some(seconds) => seconds,
            None => distribution.quantile(self.stream.uniform()),
        };
        SimDuration::from_secs_f64(seconds)
    }
}
