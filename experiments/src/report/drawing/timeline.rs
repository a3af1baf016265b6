//! One trial as a timeline: a strip for each journey in the colours of its dominant causes, and a lane for each region,
//! for the way between clients and regions, and for people. Marks in the lanes have numbers, and a list explains them,
//! so that labels cannot collide.

use sim_core::time::{SimDuration, SimTime};

use super::svg::{Anchor, Picture};
use crate::report::chart::scale::Scale;
use crate::report::chart::text::{SMALL, STRONG, fit, name, width};
use crate::report::chart::ticks::time_ticks;
use crate::report::document::{Mark, Span};
use crate::run::story::{AFTERWARDS, Lane, Moment, Story, Told};
use crate::units::instant;

const WIDTH: f64 = 720.0;
const PAD: f64 = 10.0;
/// The width of the names of journeys and lanes.
const NAMES: f64 = 150.0;
/// The distance between the middles of two marks side by side.
const MARK: f64 = 19.0;
const STRIP: f64 = 15.0;
/// The most marks of a picture: a reader cannot follow more.
const MOST: usize = 40;

/// A drawn story.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Timeline {
    /// The picture.
    pub(in crate::report) svg: String,
    /// The events of the marks.
    pub(in crate::report) marks: Vec<Mark>,
    /// Events after the end of its axis.
    pub(in crate::report) later: Vec<Mark>,
    /// The number of events without a mark, for want of room.
    pub(in crate::report) left_out: usize,
    /// The way of each journey down and back, a sentence each.
    pub(in crate::report) journeys: Vec<Vec<Span>>,
}

/// An event to mark: time, lane and words.
struct Event {
    at: SimTime,
    lane: Lane,
    text: String,
    /// Whether it is the start of a fault.
    fault: bool,
}

/// Names of the parts that a story gives by number.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Names<'a> {
    pub(in crate::report) journeys: &'a [String],
    pub(in crate::report) regions: &'a [String],
    pub(in crate::report) causes: &'a [String],
}

impl Names<'_> {
    fn lane(&self, lane: Lane) -> String {
        match lane {
            Lane::Journeys => "journeys".to_owned(),
            Lane::Routing => "on the way".to_owned(),
            Lane::Region(region) => self.regions.get(region).map_or_else(String::new, |region| name(region)),
            Lane::People => "people and automation".to_owned(),
        }
    }
}

/// Draws a story; nothing if no fault struck in it.
pub(in crate::report) fn draw(story: &Story, names: Names<'_>, title: &str) -> Option<Timeline> {
    let clock = story.clock?;
    let until = until(story, clock);
    let mut events = events(story, until, names);
    let later = events.split_off(events.partition_point(|event| event.at <= clock + until));
    let left_out = events.len().saturating_sub(MOST);
    events.truncate(MOST);
    let mut lanes: Vec<Lane> = (0..names.regions.len()).map(Lane::Region).collect();
    lanes.extend(events.iter().map(|event| event.lane).filter(|lane| !matches!(lane, Lane::Region(_))));
    lanes.sort_unstable();
    lanes.dedup();
    let labels = names.journeys.iter().map(|journey| width(&name(journey), STRONG));
    let longest = labels.chain(lanes.iter().map(|lane| width(&names.lane(*lane), SMALL))).fold(0.0, f64::max);
    let left = longest.min(NAMES) + PAD;
    let seconds = until.as_secs_f64();
    let time = Scale::linear(-0.04 * seconds, seconds, left, WIDTH - PAD);
    let x = |at: SimTime| {
        time.place(if at >= clock { at.since(clock).as_secs_f64() } else { -clock.since(at).as_secs_f64() })
    };
    let mut picture = Picture::default();
    let mut top = 4.0;
    for (index, stretches) in story.journeys.iter().enumerate() {
        let label = names.journeys.get(index).map_or_else(String::new, |journey| name(journey));
        picture.strong(&fit(&label, left - PAD + 1.0, STRONG), (0.0, top + STRIP / 2.0), Anchor::Start);
        picture.bar("track", (left, top), (WIDTH - PAD - left, STRIP), &label);
        for (from, to, cause) in causes(stretches, story.end) {
            let (from_x, to_x) = (x(from), x(to));
            let cause_name = names.causes.get(cause).map_or("", String::as_str);
            let lasts = format!("{cause_name}, {}", instant(to.since(from)));
            picture.bar(&format!("cause c{cause}"), (from_x, top), ((to_x - from_x).max(0.8), STRIP), &lasts);
            if width(cause_name, SMALL) + 8.0 <= to_x - from_x {
                let place = (f64::midpoint(from_x, to_x), top + STRIP / 2.0);
                picture.text(&format!("on c{cause}"), cause_name, place, SMALL, Anchor::Middle);
            }
        }
        top += STRIP + 6.0;
    }
    let strips = top;
    for lane in lanes {
        let mut rows: Vec<f64> = Vec::new();
        let placed: Vec<(usize, f64, usize)> = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.lane == lane)
            .map(|(index, event)| {
                let x = x(event.at).clamp(left, WIDTH - PAD);
                let row = rows.iter().position(|last| last + MARK <= x).unwrap_or(rows.len());
                if row == rows.len() {
                    rows.push(x);
                } else {
                    rows[row] = x;
                }
                (index, x, row)
            })
            .collect();
        picture.line("grid", (0.0, top), (WIDTH - PAD, top));
        picture.small(&fit(&names.lane(lane), left - PAD + 1.0, SMALL), (0.0, top + 15.0), Anchor::Start);
        for (index, x, row) in placed {
            let y = top + 15.0 + 20.0 * row as f64;
            let class = if events[index].fault { "fault" } else { "mark" };
            picture.line("stem", (x, top), (x, y - 8.5));
            picture.badge(class, (x, y), index + 1);
        }
        top += 10.0 + 20.0 * rows.len().max(1) as f64;
    }
    picture.line("axis", (left, top), (WIDTH - PAD, top));
    picture.line("start", (x(clock), 4.0), (x(clock), strips));
    let ticks = time_ticks(&time, 18.0);
    for tick in &ticks.named {
        let x = time.place(tick.value);
        picture.line("axis", (x, top), (x, top + 4.0));
        picture.small(&tick.label, (x.clamp(left + 6.0, WIDTH - PAD - 6.0), top + 13.0), Anchor::Middle);
    }
    let unit = format!("time from the fault ({})", ticks.unit.unwrap_or("s"));
    picture.small(&unit, (f64::midpoint(left, WIDTH - PAD), top + 28.0), Anchor::Middle);
    let mark = |number: Option<usize>, event: &Event| Mark {
        number,
        since: story.since(event.at).map_or_else(|| "before".to_owned(), |since| format!("+{}", instant(since))),
        text: event.text.clone(),
    };
    Some(Timeline {
        svg: picture.finish("timeline", (WIDTH, top + 36.0), title),
        marks: events.iter().enumerate().map(|(index, event)| mark(Some(index + 1), event)).collect(),
        later: later.iter().take(MOST).map(|event| mark(None, event)).collect(),
        left_out: left_out + later.len().saturating_sub(MOST),
        journeys: fared(story, names),
    })
}

/// The end of the picture, in seconds: some time after everything is well for good, or the end of the trial.
fn until(story: &Story, clock: SimTime) -> SimDuration {
    let lasts = story.end.since(clock);
    let mut back = SimDuration::ZERO;
    for stretches in &story.journeys {
        match stretches.iter().rposition(|stretch| stretch.cause.is_some()) {
            None => {}
            Some(last) => match stretches.get(last + 1) {
                Some(up) if up.from >= clock => back = back.max(up.from.since(clock)),
                Some(_) => {}
                None => return lasts,
            },
        }
    }
    let until = if back.is_zero() {
        // No journey went down: only the events next to the fault are of interest.
        let first = clock + SimDuration::from_secs(600);
        let last = story.moments.iter().map(|moment| moment.at).filter(|at| *at <= first).max();
        last.filter(|last| *last > clock).map_or(SimDuration::from_secs(60), |last| last.since(clock))
    } else {
        back
    };
    SimDuration::from_secs_f64(until.as_secs_f64() * (1.0 + AFTERWARDS)).max(SimDuration::from_secs(30)).min(lasts)
}

/// Times in which a journey was down, with the dominant cause.
fn causes(stretches: &[crate::run::story::Stretch], end: SimTime) -> Vec<(SimTime, SimTime, usize)> {
    let mut parts: Vec<(SimTime, SimTime, usize)> = Vec::new();
    for (index, stretch) in stretches.iter().enumerate() {
        let Some(cause) = stretch.cause else { continue };
        let to = stretches.get(index + 1).map_or(end, |next| next.from);
        match parts.last_mut() {
            Some(last) if last.1 == stretch.from && last.2 == cause => last.1 = to,
            _ => parts.push((stretch.from, to, cause)),
        }
    }
    parts
}

/// The way of each journey, in sentences.
fn fared(story: &Story, names: Names<'_>) -> Vec<Vec<Span>> {
    let since = |at: SimTime| {
        story.since(at).map_or_else(|| "before the fault".to_owned(), |since| format!("+{}", instant(since)))
    };
    let one = |(journey, stretches): (&String, &Vec<crate::run::story::Stretch>)| {
        let parts = causes(stretches, story.end);
        let mut spans = vec![Span::Strong(journey.clone()), Span::Plain(": ".to_owned())];
        for (from, to, cause) in &parts {
            let name = names.causes.get(*cause).map_or("", String::as_str);
            spans.push(Span::Swatch(format!("c{cause}")));
            spans.push(Span::Plain(format!("{name} from {} to {}; ", since(*from), since(*to))));
        }
        let end = match parts.last() {
            None => "never down".to_owned(),
            Some((_, at, _)) if *at < story.end => format!("back for good at {}", since(*at)),
            Some(_) => "not back when the trial ended".to_owned(),
        };
        spans.push(Span::Plain(end));
        spans
    };
    names.journeys.iter().zip(&story.journeys).map(one).collect()
}

/// The marks in order: events of one instant in one lane share one, and the same event of many instances is one with
/// their number.
fn events(story: &Story, until: SimDuration, names: Names<'_>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    // The same event of several instances: the first, their number, the time of the last.
    let mut counted: Vec<(&Moment, u64, SimTime)> = Vec::new();
    let apart = SimDuration::from_secs_f64(until.as_secs_f64() / 8.0);
    for moment in story.moments.iter().filter(|moment| moment.lane != Lane::Journeys) {
        match moment.told {
            Told::InFull => {}
            Told::Always | Told::Fault => {
                let fault = moment.told == Told::Fault;
                match events.iter_mut().rev().find(|event| event.at == moment.at && event.lane == moment.lane) {
                    Some(event) => {
                        event.text = format!("{}; {}", event.text, moment.text);
                        event.fault |= fault;
                    }
                    None => events.push(Event { at: moment.at, lane: moment.lane, text: moment.text.clone(), fault }),
                }
            }
            Told::Counted(_) | Told::LaunchFailed => {
                let open = counted.iter_mut().rev().find(|(first, _, last)| {
                    (first.lane, first.told) == (moment.lane, moment.told) && moment.at.since(*last) <= apart
                });
                match open {
                    Some((_, count, last)) => (*count, *last) = (*count + 1, moment.at),
                    None => counted.push((moment, 1, moment.at)),
                }
            }
        }
    }
    for (first, count, last) in counted {
        let region = names.lane(first.lane);
        let text = match first.told {
            Told::Counted(what) if count > 1 => format!("{region}: {count} instances {what}"),
            Told::LaunchFailed if count > 1 => format!("{region}: {count} launches fail: insufficient capacity"),
            Told::Counted(_) | Told::LaunchFailed | Told::Always | Told::Fault | Told::InFull => first.text.clone(),
        };
        let text = match story.since(last) {
            Some(since) if last > first.at => format!("{text}, the last at +{}", instant(since)),
            _ => text,
        };
        events.push(Event { at: first.at, lane: first.lane, text, fault: false });
    }
    // Stable: events of one instant keep their order.
    events.sort_by_key(|event| event.at);
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::story::{Snapshot, Stretch};

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn moment(seconds: u64, lane: Lane, told: Told, text: &str) -> Moment {
        Moment { at: at(seconds), lane, text: text.to_owned(), told, success: Vec::new() }
    }

    /// Down from 100 s to 160 s by two causes, and once more from 200 s to 400 s.
    fn story(moments: Vec<Moment>) -> Story {
        let stretch = |from, success, cause| Stretch { from: at(from), success, cause };
        let journey = vec![
            stretch(0, 1.0, None),
            stretch(100, 0.5, Some(0)),
            stretch(120, 0.6, Some(0)),
            stretch(130, 0.6, Some(2)),
            stretch(160, 1.0, None),
            stretch(200, 0.2, Some(5)),
            stretch(400, 1.0, None),
        ];
        Story {
            clock: Some(at(100)),
            end: at(3_600),
            moments,
            journeys: vec![journey],
            before: Snapshot::default(),
            ..Story::default()
        }
    }

    const REGION: Lane = Lane::Region(0);

    #[test]
    fn what_kept_a_journey_down_is_told_without_seams() {
        let story = story(Vec::new());
        let parts = [(at(100), at(130), 0), (at(130), at(160), 2), (at(200), at(400), 5)];
        assert_eq!(causes(&story.journeys[0], story.end), parts);
        // Until some time after 400 s, counted from 100 s.
        assert_eq!(until(&story, at(100)), SimDuration::from_secs(336));
    }

    #[test]
    fn the_axis_goes_on_to_the_end_where_a_journey_is_not_back() {
        let mut story = story(Vec::new());
        story.journeys[0].pop();
        assert_eq!(until(&story, at(100)), SimDuration::from_secs(3_500));
        assert_eq!(causes(&story.journeys[0], story.end)[2], (at(200), at(3_600), 5));
    }

    #[test]
    fn instances_are_counted_until_nothing_happens_to_them_for_a_while() {
        let serve = Told::Counted("pass their first probe and serve");
        let story = story(vec![
            moment(110, REGION, Told::Always, "here: wants 5 instances"),
            moment(110, REGION, Told::Always, "alarm x FIRES"),
            moment(110, REGION, Told::InFull, "here: orders instance 1"),
            moment(150, REGION, serve, "here: instance 1 passes"),
            moment(170, REGION, serve, "here: instance 2 passes"),
            moment(300, REGION, serve, "here: instance 3 passes"),
            moment(310, REGION, Told::LaunchFailed, "here: cannot launch instance 4"),
            moment(320, REGION, Told::LaunchFailed, "here: cannot launch instance 4"),
        ]);
        let regions = ["here".to_owned()];
        let names = Names { journeys: &[], regions: &regions, causes: &[] };
        let texts: Vec<String> =
            events(&story, SimDuration::from_secs(336), names).into_iter().map(|event| event.text).collect();
        assert_eq!(
            texts,
            [
                "here: wants 5 instances; alarm x FIRES",
                "here: 2 instances pass their first probe and serve, the last at +1 min 10 s",
                "here: instance 3 passes",
                "here: 2 launches fail: insufficient capacity, the last at +3 min 40 s",
            ]
        );
    }

    #[test]
    fn marks_of_one_lane_never_lie_on_one_another() {
        let moments = (0..60).map(|index| moment(100 + index * 4, REGION, Told::Always, "something")).collect();
        let names: [String; 2] = ["detection".to_owned(), "here".to_owned()];
        let names = Names { journeys: &["browse".to_owned()], regions: &names[1..], causes: &names[..1] };
        let timeline = draw(&story(moments), names, "a trial").expect("a fault strikes");
        assert_eq!((timeline.marks.len(), timeline.left_out), (MOST, 20));
        let circles: Vec<(f64, f64)> = timeline
            .svg
            .split("<circle ")
            .skip(1)
            .map(|tag| {
                let figure = |name: &str| {
                    let rest = tag.split(&format!("{name}=\"")).nth(1).expect("a circle has a place");
                    rest.split('"').next().expect("a figure").parse::<f64>().expect("a number")
                };
                (figure("cx"), figure("cy"))
            })
            .collect();
        assert_eq!(circles.len(), MOST);
        for (index, one) in circles.iter().enumerate() {
            for other in &circles[index + 1..] {
                assert!(libm::hypot(one.0 - other.0, one.1 - other.1) >= 17.0, "{one:?} {other:?}");
            }
        }
    }
}
