//! Hours and delays.

use sim_core::random::{Distribution, StreamId};
use sim_core::time::{SimDuration, SimTime};

use super::week::DAYS;
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
    for text in ["", "mon-fry", "9:00-17:00", "09:00", "mon 09:00-17:60", "24:00-25:00", "mon 09:00-17:00 x", "Mon"] {
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
    pace.begin(0_u64.into());
    let start = instant("fri 16:00");
    let mut after = |hours: u64| pace.draw(start, SimTime::ZERO + SimDuration::from_secs(3_600 * hours)).as_secs_f64();
    assert_eq!([after(0), after(1), after(17), after(20)], [60.0, 3_600.0, 600.0, 600.0]);
}

#[test]
fn the_next_such_instant_is_at_most_a_week_away() {
    let night = instant("sun 02:00");
    let hours = |text: &str| instant(text).until(night).as_secs_f64() / 3_600.0;
    assert_eq!((hours("sun 02:00"), hours("sun 01:00"), hours("sun 03:00")), (0.0, 1.0, 167.0));
    assert_eq!(instant("mon 00:00").after(instant("mon 00:00").until(night)), night);
}
