//! How a group grows and shrinks: three periods above, fifteen below, in proportion, and what a launch takes.
//!
//! A step of the load from u0 to u1 of the capacity, with x = U(0, 60) s of its minute to go, shows u0 + (u1 - u0) x / 60
//! in that minute. It exceeds the target u* if x > 60 (u* - u0) / (u1 - u0) =: b, so that the first minute above ends
//! U(b, 60 + b) after the step, the third one 120 s later, and the datapoint arrives 30 s after that.

use crate::lab::{Diary, Law, at_least, follows, head, lognormal, uniform, watched};
use models::balancers::load_balancer;
use models::compute::auto_scaling::Signal;
use models::deployment::Happening;

const TRIALS: u64 = 2_000;

/// Ten instances of 100/s, four tenths in use, target one half; a surge after ten minutes.
fn text(seed: u64, factor: f64, compute: &str, scaling: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1"],
        "policy = \"simple\"",
        &[("everybody", "us-east-1", "requests-per-second = 400\ncohorts = 1")],
    );
    format!(
        r#"{head}
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ min = 2, desired = 10, max = 100 }}
        requests-per-second = 100
        launch-time = "100s"
        scaling = {{ target-utilization = 0.5{scaling} }}
        detailed-monitoring = true
        {compute}
        [load-balancer]
        target-health-check = {{ interval = "10s" }}
        [[journeys]]
        name = "visit"
        share = 1.0
        [[faults]]
        kind = "load-surge"
        factor = {factor}
        at = "10m"
        duration = "permanent""#
    )
}

/// Sizes that the group was given, with their times.
fn sizes(diary: &Diary) -> Vec<(f64, u64)> {
    let resized = |(when, what): &(f64, Happening)| match what {
        Happening::Group { signal: Signal::Resized(size), .. } => Some((*when, *size)),
        _ => None,
    };
    diary.entries.iter().filter_map(resized).collect()
}

/// When launched targets came into service.
fn in_service(diary: &Diary) -> Vec<f64> {
    let serves =
        |what: &Happening| matches!(what, Happening::Target { signal: load_balancer::Signal::InService(_), .. });
    diary.entries.iter().filter(|(_, what)| serves(what)).map(|(when, _)| *when).collect()
}

#[test]
fn the_third_minute_above_the_target_resizes_in_proportion() {
    // u1 = 0.8, b = 60 x 0.1 / 0.4 = 15; 10 x 0.8 / 0.5 = 16 instances, no more and no less.
    let diaries: Vec<Diary> = watched(&text(71, 2.0, "", ""), TRIALS);
    let first: Vec<f64> = diaries.iter().map(|diary| sizes(diary)[0].0).collect();
    follows(&first, |x| uniform((x - 15.0 - 120.0 - 30.0) / 60.0));
    assert!(diaries.iter().all(|diary| sizes(diary).iter().map(|(_, size)| *size).eq([16])));

    // Six launches of 100 s each, and the first probe of each: the first and the last of six phases.
    let served: Vec<Vec<f64>> = diaries.iter().map(in_service).collect();
    for (rank, index) in [(1, 0), (6, 5)] {
        let times: Vec<f64> = served.iter().zip(&first).map(|(served, resized)| served[index] - resized).collect();
        follows(&times, |x| at_least(rank, 6, uniform((x - 100.0) / 10.0)));
    }
}

#[test]
fn utilisation_that_cannot_show_more_than_one_takes_two_steps() {
    // 16 instances' worth of load on ten. The processors show 1, so 10 / 0.5 = 20; once these are warm 20 x 0.8 / 0.5 =
    // 32, perhaps by way of the minute in which they got warm. Requests show 1.6, so 32 at once.
    for diary in watched::<Diary>(&text(72, 4.0, "", ""), 100) {
        let sizes = sizes(&diary);
        assert_eq!((sizes[0].1, sizes[sizes.len() - 1].1), (20, 32), "{sizes:?}");
        assert!(sizes.len() <= 3 && sizes.is_sorted_by_key(|(_, size)| *size), "{sizes:?}");
        // Three minutes, 100 s and a probe, 300 s of warm-up, and a minute and its datapoint.
        let warm = in_service(&diary)[0] + 300.0;
        assert!((warm..warm + 10.0 + 60.0 + 30.0).contains(&sizes[1].0), "{warm} {sizes:?}");
    }
    for diary in watched::<Diary>(&text(72, 4.0, "", ", metric = \"requests\""), 100) {
        let sizes = sizes(&diary);
        assert_eq!(sizes[sizes.len() - 1].1, 32);
        // In the third minute above the target nothing but the surge is left to see.
        assert_eq!(sizes.len(), 1, "{sizes:?}");
    }
}

#[test]
fn the_fifteenth_minute_below_nine_tenths_of_the_target_shrinks_it() {
    // A fifth in use from the start: the first minute ends at U(0, 60), the fifteenth 14 minutes later, and its datapoint
    // comes after half a minute. 10 x 0.2 / 0.5 = 4.
    let quiet = text(73, 1.0, "", "").replace("requests-per-second = 400", "requests-per-second = 200");
    let diaries: Vec<Diary> = watched(&quiet, TRIALS);
    let first: Vec<f64> = diaries.iter().map(|diary| sizes(diary)[0].0 + 600.0).collect();
    follows(&first, |x| uniform((x - 840.0 - 30.0) / 60.0));
    assert!(diaries.iter().all(|diary| sizes(diary).iter().map(|(_, size)| *size).eq([4])));
    // Just at nine tenths nothing happens.
    let enough = text(73, 1.0, "", "").replace("requests-per-second = 400", "requests-per-second = 450");
    assert!(watched::<Diary>(&enough, 100).iter().all(|diary| sizes(diary).is_empty()));
}

#[test]
fn launches_that_fail_are_repeated_every_minute() {
    // u1 = 0.55 asks for one more instance; each attempt fails with probability 0.6: the n-th one succeeds with
    // probability 0.4 x 0.6^(n - 1), 60 (n - 1) s later.
    let diaries: Vec<Diary> = watched(&text(74, 1.375, "insufficient-capacity = 0.6", ""), TRIALS);
    let took = |diary: &Diary| in_service(diary).first().map_or(f64::INFINITY, |served| served - sizes(diary)[0].0);
    let times: Vec<f64> = diaries.iter().map(took).collect();
    assert!(diaries.iter().all(|diary| sizes(diary)[0].1 == 11));
    let nth = |n: i32, x: f64| 0.4 * 0.6_f64.powi(n) * uniform((x - 100.0 - 60.0 * f64::from(n)) / 10.0);
    follows(&times, |x| if x < 2_000.0 { (0..33).map(|n| nth(n, x)).sum() } else { 1.0 });
}

/// The same group without detailed monitoring.
fn basic(text: &str) -> String {
    text.replace("detailed-monitoring = true", "")
}

/// The same group, 48 % in use before the surge, which is not so little that it would shrink, and 80 % after it: an average
/// exceeds the target with a sixteenth of its period and more of the surge in it.
fn steady(seed: u64, scaling: &str) -> String {
    text(seed, 5.0 / 3.0, "", scaling).replace("requests-per-second = 400", "requests-per-second = 480")
}

#[test]
fn a_datapoint_of_five_minutes_lets_the_group_grow_by_itself_and_shrink_with_two_more() {
    // b = 300 / 16. The first average above the target ends U(b, 300 + b) after the step and decides alone; with a part of
    // the old load in it, it asks for less than the 16 that are needed in the end.
    let diaries: Vec<Diary> = watched(&basic(&steady(76, "")), TRIALS);
    let first: Vec<f64> = diaries.iter().map(|diary| sizes(diary)[0].0).collect();
    follows(&first, |x| uniform((x - 300.0 / 16.0 - 30.0) / 300.0));
    for sizes in diaries.iter().map(sizes) {
        let grows = sizes.is_sorted_by_key(|(_, size)| *size);
        assert!((11..=16).contains(&sizes[0].1) && sizes[sizes.len() - 1].1 == 16 && grows, "{sizes:?}");
    }
    // A fifth in use from the start: three datapoints stand for fifteen minutes.
    let quiet = basic(&text(77, 1.0, "", "")).replace("requests-per-second = 400", "requests-per-second = 200");
    let diaries: Vec<Diary> = watched(&quiet, TRIALS);
    let first: Vec<f64> = diaries.iter().map(|diary| sizes(diary)[0].0 + 600.0).collect();
    follows(&first, |x| uniform((x - 600.0 - 30.0) / 300.0));
}

#[test]
fn requests_have_a_datapoint_a_minute_whatever_the_processors_have() {
    let diaries: Vec<Diary> = watched(&basic(&text(78, 2.0, "", ", metric = \"requests\"")), TRIALS);
    let first: Vec<f64> = diaries.iter().map(|diary| sizes(diary)[0].0).collect();
    follows(&first, |x| uniform((x - 15.0 - 120.0 - 30.0) / 60.0));
}

#[test]
fn periods_follow_a_metric_of_higher_resolution() {
    // The third period above the target, of ten or of twenty seconds.
    for (seed, period) in [(79, 10.0), (80, 20.0)] {
        let detailed = steady(seed, &format!(", period = \"{period}s\""));
        for text in [&detailed, &basic(&detailed)] {
            let diaries: Vec<Diary> = watched(text, TRIALS);
            let first: Vec<f64> = diaries.iter().map(|diary| sizes(diary)[0].0).collect();
            follows(&first, |x| uniform((x - period / 16.0 - 2.0 * period - 30.0) / period));
            assert!(diaries.iter().all(|diary| sizes(diary).iter().map(|(_, size)| *size).eq([16])));
        }
    }
    // Fifteen periods below, of ten seconds each.
    let quiet =
        text(81, 1.0, "", ", period = \"10s\"").replace("requests-per-second = 400", "requests-per-second = 200");
    let first: Vec<f64> = watched(&quiet, TRIALS).iter().map(|diary: &Diary| sizes(diary)[0].0 + 600.0).collect();
    follows(&first, |x| uniform((x - 140.0 - 30.0) / 10.0));
}

#[test]
fn what_is_asked_for_is_rounded_up_and_ends_at_the_largest_size() {
    // 1.9 x 0.4 = 0.76 of ten instances are 15.2 at the target; 2 x 0.4 are 16.0; 3 x 0.4 show 1.2 and ask for 24, for 19
    // where that is the most, and no more afterwards.
    let last = |factor: f64, most: &str| {
        let text = text(82, factor, "", ", metric = \"requests\"").replace("max = 100", most);
        let mut found: Vec<u64> =
            watched(&text, 100).iter().map(|diary: &Diary| sizes(diary).last().map_or(10, |last| last.1)).collect();
        found.dedup();
        found
    };
    assert_eq!(last(1.9, "max = 100"), [16]);
    assert_eq!(last(2.0, "max = 100"), [16]);
    assert_eq!(last(3.0, "max = 100"), [24]);
    assert_eq!(last(3.0, "max = 19"), [19]);
}

#[test]
fn a_running_pool_needs_a_probe_and_a_stopped_one_a_start() {
    // u1 = 0.55 asks for one more instance, out of the pool.
    let took = |pool: &str| -> Vec<f64> {
        let text = text(83, 1.375, &format!("warm-pool = {{ instances = 1{pool} }}"), "");
        watched(&text, TRIALS).iter().map(|diary: &Diary| in_service(diary)[0] - sizes(diary)[0].0).collect()
    };
    follows(&took(", state = \"running\""), |x| uniform(x / 10.0));
    let start = lognormal(35.0, 60.0);
    let law = Law::new(0.05, 300.0, |x| start.cdf(x)).plus(&Law::new(0.05, 10.0, |x| uniform(x / 10.0)));
    follows(&took(""), law.cdf());
}
