//! People: the hours that they keep, and how long they take when one asks for them.

mod delay;
#[cfg(test)]
mod tests;
mod week;

use sim_core::random::{Stream, StreamId};
use sim_settings::form::Text;
use sim_settings::{Key, Section, keys};

use crate::about::About;

pub(crate) use delay::HoursKeys;
pub use delay::{Delay, Pace};
use week::{MINUTE, WEEK};
pub use week::{Span, WeekTime};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "People",
    modelled: "delays that depend on the day of the week and the time of day at which a person is asked; trials that start \
         at a given instant of the week, or at any",
    not_modelled: "holidays, time zones and daylight saving: all hours are those of one clock, that of the people",
    sources: "no published figures exist for decision times",
};

keys! {
    /// When trials start.
    pub(crate) struct StartKeys {
        const STARTS: Key<Text> = Key::convention(
            "starts",
            "when in the week a trial starts: a day and a time, such as \"mon 09:00\", or \"any\", drawn in each trial",
            "mon 00:00",
            "any instant serves where nobody keeps hours",
        );
    }
}
/// When in the week trials start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// Always then.
    At(WeekTime),
    /// Anywhere in the week with equal probability, drawn in each trial.
    Any,
}

impl Starts {
    /// Reads it from the top of an experiment.
    pub fn read(root: &mut Section<'_>) -> Self {
        let text = root.get(&STARTS);
        if text == "any" {
            return Self::Any;
        }
        WeekTime::parse(&text).map_or_else(
            || {
                let expected = "a day and a time, such as \"mon 09:00\", or \"any\"";
                root.reject(STARTS.name, format!("the text {text:?}"), expected, None);
                Self::Any
            },
            Self::At,
        )
    }

    /// The stream that an instant is drawn from.
    pub fn stream(seed: u64) -> Stream {
        Stream::new(StreamId::new(seed, "people", "starts"))
    }

    /// When the trial starts to which `stream` was set.
    pub fn draw(self, stream: &mut Stream) -> WeekTime {
        match self {
            Self::At(instant) => instant,
            Self::Any => WeekTime::new((stream.uniform() * (WEEK * MINUTE.as_nanos()) as f64) as u64),
        }
    }
}
