//! Alarms of high resolution, alarms below a threshold, rules over alarms, and blips of the path that checkers share.

use models::cloud_watch::State;
use models::deployment::Happening;
use models::ids::AlarmId;

use crate::lab::{Diary, figures, follows, head, uniform, watched};

/// One region that fails all requests from minute 10 on.
fn text(seed: u64, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"30m\"\nseed = {seed}"),
        &["us-east-1"],
        "policy = \"simple\"",
        &[("all", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!(
        "{head}[[journeys]]\nname = \"buy\"\nshare = 1\n[cloudwatch]\ningestion-delay = \"0s\"\n{rest}[[faults]]\n\
         kind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1\nat = \"10m\"\nduration = \"permanent\"\n"
    )
}

fn alarm(name: &str, threshold: &str, period: u64, datapoints: &str) -> String {
    format!(
        "[[alarms]]\nname = \"{name}\"\nmetric = {{ errors = \"buy\" }}\n{threshold}\nperiod = \"{period}s\"\n\
         datapoints = \"{datapoints}\"\nhosted-in = \"us-east-1\"\n"
    )
}

/// The fault falls u before the end of a period of p, u uniform over p. That period breaches 0.2 if u is more than a fifth
/// of it, so that the n-th breaching one ends uniformly between 0.2 p + (n - 1) p and 1.2 p + (n - 1) p later.
#[test]
fn periods_of_10_20_and_30_s_are_as_fast_as_they_say() {
    for (seed, period, n) in [(1, 10, 3), (2, 20, 2), (3, 30, 1), (4, 60, 2)] {
        let own = alarm("own", "above = 0.2", period, &format!("{n} of {n}"));
        let fired = figures(&text(seed, &own), "alarm.own_s", 2_000);
        let (p, n) = (period as f64, f64::from(n));
        follows(&fired, |x| uniform((x - (0.2 + n - 1.0) * p) / p));
    }
}

fn turns(diary: &Diary, alarm: usize) -> Vec<(f64, State)> {
    let of = |(at, what): &(f64, Happening)| match *what {
        Happening::Alarm { alarm: own, state } if own == AlarmId::new(alarm) => Some((*at, state)),
        _ => None,
    };
    diary.entries.iter().filter_map(of).collect()
}

/// What lies below a threshold breaches until it no longer does; a rule turns at the very instant of its part that decides.
#[test]
fn a_rule_turns_with_the_alarm_that_decides_it() {
    let rest = [
        alarm("loud", "above = 0.5", 10, "1 of 1"),
        "[[alarms]]\nname = \"trouble\"\nrule = \"loud and not calm\"\n".to_owned(),
        alarm("calm", "below = 0.5", 60, "1 of 1"),
        "[[alarms]]\nname = \"either\"\nrule = \"'trouble' or (calm and loud)\"\n".to_owned(),
    ]
    .concat();
    // Numbers: those on metrics first, loud and calm, then the rules.
    let diaries: Vec<Diary> = watched(&text(5, &rest), 200);
    let mut decided = [0, 0];
    for diary in &diaries {
        let [loud, calm, trouble, either] = [0, 1, 2, 3].map(|alarm| turns(diary, alarm));
        let [(noise, State::Alarm)] = loud[..] else { panic!("{loud:?}") };
        let [(quiet, State::Alarm), (over, State::Ok)] = calm[..] else { panic!("{calm:?}") };
        assert!((-600.0..=-540.0).contains(&quiet), "it breaches from the first period on: {quiet}");
        assert_eq!(trouble, [(noise.max(over), State::Alarm)]);
        assert_eq!(either, [(noise, State::Alarm)], "by one part, then by the other");
        decided[usize::from(noise < over)] += 1;
    }
    // Whether the minute or the ten seconds decide depends on the phase: at most half a minute and five seconds.
    assert!(decided[1] > 100, "{decided:?}");
}

/// A runbook on a rule starts with it.
#[test]
fn runbooks_start_on_rules_and_need_all_of_several_triggers() {
    let rest = |on: &str| {
        [
            alarm("loud", "above = 0.5", 10, "1 of 1"),
            alarm("slow", "above = 0.5", 60, "3 of 3"),
            "[[alarms]]\nname = \"both\"\nrule = \"loud and slow\"\n".to_owned(),
            format!(
                "[[runbooks]]\nname = \"r\"\non = {on}\nhosted-in = [\"us-east-1\"]\n\
                 steps = [{{ shed = \"all\", share = 0.5 }}]\n"
            ),
        ]
        .concat()
    };
    let started = |on: &str, trials: u64| -> Vec<(f64, f64, f64)> {
        let of = |diary: Diary| {
            let alarm = |alarm| turns(&diary, alarm)[0].0;
            let acted = diary.first(|what| matches!(what, Happening::Acted { .. })).expect("it acts");
            (alarm(0), alarm(1), acted)
        };
        watched(&text(6, &rest(on)), trials).into_iter().map(of).collect()
    };
    for on in ["{ alarm = \"both\" }", "{ all = [{ alarm = \"loud\" }, { alarm = \"slow\" }] }"] {
        assert!(started(on, 50).iter().all(|(loud, slow, acted)| *acted == loud.max(*slow)), "{on}");
    }
    let any = "[{ alarm = \"loud\" }, { alarm = \"slow\" }]";
    assert!(started(any, 50).iter().all(|(loud, slow, acted)| *acted == loud.min(*slow)));
}

/// Probes leave 10 s apart and fail at once. In 15 s a checker sends two at most, so that a threshold of three never turns;
/// in 40 s every checker sends at least three.
#[test]
fn a_blip_turns_a_check_only_if_it_outlasts_the_threshold() {
    let text = |seconds: u64, error: f64| {
        let head = head(
            "horizon = \"30m\"\nseed = 7",
            &["us-east-1", "eu-west-1"],
            "policy = \"latency\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }",
            &[("all", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
        );
        format!(
            "{head}[[journeys]]\nname = \"buy\"\nshare = 1\n[[faults]]\nkind = \"blip\"\nregion = \"us-east-1\"\n\
             error = {error}\nat = \"10m\"\nduration = \"{seconds}s\"\n"
        )
    };
    assert!(figures(&text(15, 0.0), "health_flip_s", 200).iter().all(|flip| flip.is_nan()));
    let flips = figures(&text(40, 0.0), "health_flip_s", 200);
    assert!(flips.iter().all(|flip| (20.0..=30.0).contains(flip)), "{flips:?}");
    // Requests take other paths, unless the file says otherwise.
    assert!(figures(&text(15, 0.0), "journey.buy.failed", 20).iter().all(|failed| *failed == 0.0));
    assert!(figures(&text(15, 0.2), "journey.buy.failed", 20).iter().all(|failed| (failed - 300.0).abs() < 1e-6));
}
