//! People: the hours that they keep, and how long they take when one asks for them.

use sim_core::random::{Distribution, Stream, StreamId};
use sim_core::time::{SimDuration, SimTime};
use sim_settings::form::{self, List, Text};
use sim_settings::{Key, Section, keys};

use crate::about::About;

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

const MINUTE: SimDuration = SimDuration::from_secs(60);
const DAY: u64 = 24 * 60;
const WEEK: u64 = 7 * DAY;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// An instant of the week: the time since Monday, 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct WeekTime(SimDuration);

impl WeekTime {
    fn new(since_monday: u64) -> Self {
        let week = WEEK * MINUTE.as_nanos();
        Self(SimDuration::from_nanos(since_monday % week))
    }

    /// So many minutes after Monday, 00:00.
    fn from_minutes(minutes: u64) -> Self {
        Self::new((minutes % WEEK) * MINUTE.as_nanos())
    }

    /// The time of the week after a while.
    #[must_use]
    pub fn after(self, elapsed: SimDuration) -> Self {
        let week = WEEK * MINUTE.as_nanos();
        Self::new(self.0.as_nanos() + elapsed.as_nanos() % week)
    }

    fn day(self) -> usize {
        (self.0.as_nanos() / (DAY * MINUTE.as_nanos())) as usize
    }

    fn within_day(self) -> u64 {
        self.0.as_nanos() % (DAY * MINUTE.as_nanos())
    }

    /// An instant as a file words it.
    #[cfg(test)]
    pub(crate) fn from_words(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(' ')?;
        let minutes = minutes(time.trim()).filter(|&minutes| minutes < DAY)?;
        Some(Self::from_minutes(weekday(day)? as u64 * DAY + minutes))
    }
}

impl std::fmt::Display for WeekTime {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let minutes = self.within_day() / MINUTE.as_nanos();
        write!(out, "{} {}", DAYS[self.day()], clock(minutes))
    }
}

fn clock(minutes: u64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn weekday(text: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == text)
}

/// Minutes of a time of day, `00:00` to `24:00`.
fn minutes(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
}

/// A part of every week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    days: [bool; 7],
    /// Minutes of the day; an end that is not after the beginning is on the day after.
    from: u64,
    to: u64,
}

impl Span {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let first = words.next()?;
        let has_days = first.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let days = if has_days { Self::parse_days(first)? } else { [true; 7] };
        let times = if has_days { words.next() } else { Some(first) };
        let (from, to) = match times {
            Some(times) => {
                let (from, to) = times.split_once('-')?;
                (minutes(from).filter(|&from| from < DAY)?, minutes(to)?)
            }
            None => (0, DAY),
        };
        words.next().is_none().then_some(Self { days, from, to })
    }

    fn parse_days(text: &str) -> Option<[bool; 7]> {
        let mut days = [false; 7];
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (weekday(first)?, weekday(last)?);
            // "sat-mon" runs over the end of the week.
            for day in first..=if last < first { last + 7 } else { last } {
                days[day % 7] = true;
            }
        }
        Some(days)
    }

    /// Whether an instant lies in it; the beginning does, the end does not.
    pub fn contains(&self, at: WeekTime) -> bool {
        let (today, now) = (at.day(), at.within_day());
        let (from, to) = (self.from * MINUTE.as_nanos(), self.to * MINUTE.as_nanos());
        let yesterday = (today + 6) % 7;
        if from < to {
            self.days[today] && (from..to).contains(&now)
        } else {
            self.days[today] && now >= from || self.days[yesterday] && now < to
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.days != [true; 7] {
            let mut runs: Vec<(usize, usize)> = Vec::new();
            for day in (0..DAYS.len()).filter(|&day| self.days[day]) {
                match runs.last_mut() {
                    Some((_, last)) if *last + 1 == day => *last = day,
                    _ => runs.push((day, day)),
                }
            }
            let words = runs.iter().map(|&(first, last)| match last - first {
                0 => DAYS[first].to_owned(),
                _ => format!("{}-{}", DAYS[first], DAYS[last]),
            });
            write!(out, "{} ", words.collect::<Vec<_>>().join(","))?;
        }
        write!(out, "{}-{}", clock(self.from), clock(self.to))
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
    pub fn begin(&mut self, trial: u64) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        Span::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn instant(text: &str) -> WeekTime {
        WeekTime::from_words(text)
    }

    #[test]
    fn spans_hold_their_beginning_and_not_their_end() {
        let office = span("mon-fri 09:00-17:00");
        for (text, inside) in [
            ("mon 09:00", true),
            ("mon 08:59", false),
            ("fri 16:59", true),
            ("fri 17:00", false),
            ("sat 12:00", false),
            ("sun 12:00", false),
        ] {
            assert_eq!(office.contains(instant(text)), inside, "{text}");
        }
        assert!(!office.contains(instant("wed 16:59").after(SimDuration::from_secs(60))));
    }

    #[test]
    fn nights_belong_to_the_day_on_which_they_begin() {
        let friday_night = span("fri 22:00-06:00");
        for (text, inside) in
            [("fri 22:00", true), ("sat 05:59", true), ("sat 06:00", false), ("fri 05:00", false), ("sat 22:00", false)]
        {
            assert_eq!(friday_night.contains(instant(text)), inside, "{text}");
        }
        let sunday_night = span("sun 22:00-06:00");
        assert!(sunday_night.contains(instant("mon 01:00")), "over the end of the week");
    }

    #[test]
    fn days_and_times_may_be_left_out_and_ranges_wrap() {
        assert!(span("sat,sun").contains(instant("sun 23:59")));
        assert!(!span("sat,sun").contains(instant("mon 00:00")));
        assert!((0..7 * 24).all(|hour| span("00:00-24:00").contains(WeekTime::from_minutes(60 * hour))));
        assert!((0..7 * 24).all(|hour| span("08:00-08:00").contains(WeekTime::from_minutes(60 * hour))));
        for (text, words) in [
            ("mon-fri 09:00-17:00", "mon-fri 09:00-17:00"),
            ("sun,wed,tue", "tue-wed,sun 00:00-24:00"),
            ("22:00-06:00", "22:00-06:00"),
        ] {
            assert_eq!(span(text).to_string(), words);
        }
        let long_weekend = span("sat-mon");
        let days: Vec<bool> = DAYS.iter().map(|day| long_weekend.contains(instant(&format!("{day} 12:00")))).collect();
        assert_eq!(days, [true, false, false, false, false, true, true]);
        for text in ["", "mon-fry", "9:00-17:00", "09:00", "mon 09:00-17:60", "24:00-25:00", "mon 09:00-17:00 x", "Mon"]
        {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_week_after_a_week_is_the_same_instant() {
        let start = instant("thu 13:37");
        assert_eq!(start.after(SimDuration::from_secs(7 * 24 * 3_600)), start);
        assert!(start.after(SimDuration::FOREVER).0 < MINUTE.times(WEEK));
        assert_eq!(start.after(SimDuration::from_secs(4 * 24 * 3_600)).to_string(), "mon 13:37");
    }

    /// Starts anywhere in the week fall into office hours as often as these are long: 40 of 168 hours. Of 20,000 draws
    /// the share lies within 5 standard deviations of that but for one time in two million.
    #[test]
    fn any_start_is_uniform_over_the_week() {
        const DRAWS: u64 = 20_000;
        let (office, mut stream) = (span("mon-fri 09:00-17:00"), Starts::stream(1));
        let mut inside = 0;
        for trial in 0..DRAWS {
            stream.begin(trial);
            inside += u32::from(office.contains(Starts::Any.draw(&mut stream)));
        }
        let (share, expected) = (f64::from(inside) / DRAWS as f64, 40.0 / 168.0);
        let deviation = (expected * (1.0 - expected) / DRAWS as f64).sqrt();
        assert!((share - expected).abs() < 5.0 * deviation, "{share}");
    }

    #[test]
    fn the_hour_at_which_one_asks_decides() {
        let constant = |seconds: f64| Distribution::constant(seconds).expect("a constant");
        let hours = [("mon-fri 09:00-17:00", constant(60.0)), ("09:00-17:00", constant(600.0))];
        let delay = Delay::from_words(constant(3_600.0), &hours);
        let mut pace = Pace::new(&delay, StreamId::new(1, "people", "test"));
        pace.begin(0);
        let start = instant("fri 16:00");
        let mut after =
            |hours: u64| pace.draw(start, SimTime::ZERO + SimDuration::from_secs(3_600 * hours)).as_secs_f64();
        assert_eq!([after(0), after(1), after(17), after(20)], [60.0, 3_600.0, 600.0, 600.0]);
    }
}
