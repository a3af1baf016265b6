//! Instants of the week, and parts of it.

use sim_core::time::SimDuration;

pub(super) const MINUTE: SimDuration = SimDuration::from_secs(60);
const DAY: u64 = 24 * 60;
pub(super) const WEEK: u64 = 7 * DAY;
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// An instant of the week: the time since Monday, 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct WeekTime(pub(super) SimDuration);

impl WeekTime {
    pub(super) fn new(since_monday: u64) -> Self {
        let week = WEEK * MINUTE.as_nanos();
        Self(SimDuration::from_nanos(since_monday % week))
    }

    /// So many minutes after Monday, 00:00.
    pub(super) fn from_minutes(minutes: u64) -> Self {
        Self::new((minutes % WEEK) * MINUTE.as_nanos())
    }

    /// The time of the week after a while.
    #[must_use]
    pub fn after(self, elapsed: SimDuration) -> Self {
        let week = WEEK * MINUTE.as_nanos();
        Self::new(self.0.as_nanos() + elapsed.as_nanos() % week)
    }

    /// From this instant to the next one that is `other`; nothing if it is that one.
    #[must_use]
    pub fn until(self, other: Self) -> SimDuration {
        let week = WEEK * MINUTE.as_nanos();
        SimDuration::from_nanos((other.0.as_nanos() + week - self.0.as_nanos()) % week)
    }

    /// How long it takes until the same instant comes again.
    pub const fn week() -> SimDuration {
        MINUTE.times(WEEK)
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

    /// An instant as a file words it, such as `sun 02:00`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
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
    /// A part of the week as a file words it, such as `mon-fri 09:00-17:00`.
    pub(super) fn parse(text: &str) -> Option<Self> {
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
