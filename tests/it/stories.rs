//! The headlines of the catalogue's stories: derived here, or with the reason why pencil and paper do not give them.
//!
//! Trials are few and seeds are the files' own. A comparison with a law fails once in a million if all is well.

use std::num::NonZeroUsize;

use mrsim::run::{Stop, run_trials};
use mrsim::table::TrialTable;

use crate::lab::{Law, at_least, follows, happens, lognormal, of, open_file, uniform};
use crate::program::{names, root};

/// What holds a story's headline.
enum Held {
    /// A check that derives it.
    By(fn()),
    /// Nothing here, and why.
    Not(&'static str),
}

use Held::{By, Not};

const LAUNCHES: &str =
    "launches, scaling and resolvers overlap: closed_forms::scaling and failover hold each by itself";

const STORIES: &[(&str, Held)] = &[
    ("microservices", By(retries_of_buyers_overload_the_shop_window)),
    ("third-party", By(a_third_party_is_down_for_as_long_as_it_is)),
    ("identity-in-one-region", By(a_pool_in_one_region_is_an_outage_of_both)),
    ("active-active", By(resolvers_that_keep_answers_decide_active_active)),
    ("warm-standby", By(no_instance_helps_who_is_still_led_to_the_dead_region)),
    (
        "pilot-light",
        Not("people, a launch and resolvers that ask in between follow one another: a sum of sums that differ"),
    ),
    ("backup-and-restore", By(the_age_of_a_snapshot_is_spread_evenly)),
    ("single-region", By(doing_nothing_takes_as_long_as_the_outage)),
    ("zone-outage", By(a_zone_is_gone_when_its_last_target_is)),
    ("static-stability", Not(LAUNCHES)),
    ("static-stability-reserve", By(with_a_reserve_only_resolvers_are_left)),
    ("how-much-reserve", By(with_eight_instances_launches_do_not_matter)),
    ("deep-health-check", By(a_check_on_the_shared_writer_makes_everybody_wait_for_it)),
    ("how-nervous", By(a_moment_turns_the_check_if_enough_checkers_fail_often_enough)),
    ("m-of-n", By(moments_fire_an_alarm_if_they_spoil_enough_minutes)),
    ("both-sides", By(as_many_false_failovers_come_in_a_year_as_moments_turn_the_check)),
    ("runbook-in-the-wrong-region", By(orders_are_back_when_the_region_is)),
    ("gray-failure", By(checks_that_see_more_see_nothing)),
    (
        "stalled-replication",
        Not("whether the stall is over is a race of three draws: closed_forms::logs holds what it loses"),
    ),
    ("split-brain", By(without_a_promotion_a_partition_loses_nothing)),
    ("october-2025", By(a_shallow_check_waits_for_the_table)),
    ("s3-2017", By(without_a_dial_the_day_is_as_long_as_the_faults)),
    ("kinesis-2020", By(sign_ins_are_back_when_the_store_is)),
    ("network-2021", By(a_record_edit_comes_when_all_is_over)),
    ("lambda-2023", By(a_function_that_fails_moves_nothing)),
    (
        "london",
        Not("a promotion, a rebuild and two populations: closed_forms::writers and second_blows hold the parts"),
    ),
    (
        "retry-storm",
        Not("where the storm breaks is a race of scaling and retries: closed_forms::waiting holds where it begins"),
    ),
    ("metastable", By(a_storm_stays_when_its_trigger_is_over)),
    ("metastable-2021", By(no_storm_stays_below_half_of_the_capacity)),
    ("metastable-2022", By(ten_seconds_make_a_storm_and_nine_do_not)),
    ("night-shift", Not("people by the hour and debates overlap with resolvers: tests of people hold each by itself")),
    ("object-storage", Not("the oldest of a hundred in flight: closed_forms::data_loss holds that law for any delay")),
    ("strong-table", By(who_is_isolated_waits_for_resolvers_or_for_the_path)),
    (
        "records-in-records",
        Not("weights, detection and resolvers of two populations: closed_forms::records holds trees by themselves"),
    ),
    ("one-check-for-both", By(one_check_holds_the_primary_until_it_is_back)),
    (
        "two-names",
        Not("an alarm, people and resolvers follow one another: closed_forms::records holds names and steps"),
    ),
    ("dsql", By(without_a_writer_detection_and_resolvers_are_left)),
    (
        "ransomware",
        Not("people, restores one after the other and ages of points: closed_forms::restores holds each by itself"),
    ),
    ("own-data-centre", Not("people, a promotion and resolvers follow one another: a sum of sums that differ")),
    (
        "session-on-instance",
        Not("lives of sessions and launches: closed_forms::sessions_and_dials holds what an instance takes along"),
    ),
    ("global-accelerator", By(without_resolvers_detection_is_all)),
    ("api-gateway-limit", By(a_gateways_limit_is_the_regions)),
    ("fargate-active-active", Not(LAUNCHES)),
    ("eks-evacuation", By(pods_wait_for_nodes)),
    ("lambda-standby-quota", By(a_quota_that_is_too_small_is_too_small_for_good)),
    (
        "serverless-active-active",
        Not("environments grow while answers expire: closed_forms::lambda holds how they grow"),
    ),
    ("cloudfront", Not("objects expire at the edge while people decide: closed_forms::edge holds each by itself")),
    (
        "a-year-of-faults",
        Not("a year of six kinds of faults: closed_forms::recurring holds their number and what adds up"),
    ),
    (
        "cold-cache",
        Not("the cache warms as fast as the database serves its misses: closed_forms::caches holds that equation"),
    ),
    (
        "promote-a-replica",
        Not("people, a promotion and rebuilds: closed_forms::writers holds what a former writer goes on taking"),
    ),
    ("shards", Not("as active-active for a part of the users: closed_forms::shards holds which part")),
    ("slow-database", By(who_waits_for_a_slow_database_fails_as_long_as_it_is_slow)),
    ("order-queue", By(catching_up_takes_longer_than_the_outage)),
    ("github-2018", By(what_is_spare_works_off_what_has_waited)),
    ("gitlab-2017", By(a_restore_takes_as_long_as_its_copy)),
    ("ecs-pilot-light", By(a_function_in_the_dead_region_starts_no_task)),
    ("eks-three-regions", By(who_reads_a_copy_waits_for_resolvers_until_a_promotion_takes_it)),
    ("failover-button", By(a_button_is_gone_with_what_it_moves)),
    ("asg-tiers", By(no_check_asks_for_a_key)),
    ("minimal", By(without_anything_else_detection_and_resolvers_are_left)),
    ("shop-in-three-regions", By(a_bank_takes_what_needs_it_and_nothing_else)),
    ("evacuation", By(work_by_parts_is_downtime_of_the_writer_alone)),
    ("bad-deploy", By(a_release_stops_at_the_region_where_it_is_rolled_back)),
    (
        "region-switch-plan",
        Not(
            "people, launches and resolvers as in pilot-light: closed_forms::operations holds that branches take the longest",
        ),
    ),
];

#[test]
fn every_story_of_the_catalogue_is_held_or_says_why_not() {
    let mut told: Vec<&str> = STORIES.iter().map(|(name, _)| *name).collect();
    told.sort_unstable();
    assert_eq!(told, names(&root().join("experiments"), ".toml"));
    for (name, held) in STORIES {
        match held {
            By(check) => check(),
            Not(reason) => assert!(reason.len() > 20, "{name}: {reason}"),
        }
    }
}

fn trials(name: &str, sets: &[(&str, &str)], trials: u64) -> TrialTable {
    let source = open_file(name, sets).source;
    let run = run_trials(&source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new());
    run.unwrap_or_else(|error| panic!("{name}: {error}")).table
}

fn recovery(name: &str, sets: &[(&str, &str)], journey: &str, count: u64) -> Vec<f64> {
    of(&trials(name, sets, count), &format!("journey.{journey}.recovery_s"))
}

#[track_caller]
fn all(sample: &[f64], expected: f64) {
    assert!(sample.iter().all(|value| (value - expected).abs() < 1e-6), "{expected}, not all of {sample:?}");
}

/// Distribution of the time after which at most `left` of a population's 200 cohorts hold an old answer, if resolvers are as
/// they are: 180 honour the minute that it says, 14 keep it for five, 6 for thirty.
fn typical(left: usize) -> impl Fn(f64) -> f64 {
    move |seconds| {
        // By number of cohorts that are left, the probability.
        let mut mass = vec![1.0];
        for (cohorts, ttl) in [(180, 60.0), (14, 300.0), (6, 1_800.0)] {
            let holds = 1.0 - uniform(seconds / ttl);
            for _ in 0..cohorts {
                let mut next = vec![0.0; mass.len() + 1];
                for (count, weight) in mass.iter().enumerate() {
                    next[count] += weight * (1.0 - holds);
                    next[count + 1] += weight * holds;
                }
                mass = next;
            }
        }
        mass.iter().take(left + 1).sum()
    }
}

/// From the fault until a check has turned, DNS has seen it, and so few cohorts are left: a probe fails `certain` seconds
/// after the first one left, at the latest 10 s later.
fn led_away(certain: f64, left: usize) -> Law {
    let seen = lognormal(3.0, 10.0);
    let turned = Law::new(1.0, 10.0, |x| at_least(14, 16, uniform(x / 10.0))).after(certain);
    turned.plus(&Law::new(1.0, 120.0, |x| seen.cdf(x))).plus(&Law::new(1.0, 1_800.0, typical(left)))
}

/// Six tenths of all requests have to move, and 1 % may fail: three of 200 cohorts may still hold the old answer. What
/// instances lack is there within eight minutes.
fn resolvers_that_keep_answers_decide_active_active() {
    let law = led_away(32.0, 3).cdf();
    assert!(
        (13.0 * 60.0..14.0 * 60.0).contains(&(0..1_800).map(f64::from).find(|x| law(*x) >= 0.5).expect("a median"))
    );
    let late: Vec<f64> = recovery("active-active", &[], "browse", 300).iter().map(|time| time.max(480.0)).collect();
    follows(&late, |x| if x < 480.0 { 0.0 } else { law(x) });
    // A TTL that they ignore does nothing, and neither do people.
    let shorter = recovery("active-active", &[("dns.ttl", "30s")], "browse", 300);
    follows(&shorter.iter().map(|time| time.max(480.0)).collect::<Vec<_>>(), |x| if x < 480.0 { 0.0 } else { law(x) });
}

/// Everybody has to move: of ten requests a second that may fail, a cohort of America's takes three and one of Europe's two.
/// Three cohorts left of either is the least that it takes, whatever carries those who have moved.
fn no_instance_helps_who_is_still_led_to_the_dead_region() {
    let (one, other) = (typical(3), typical(5));
    let most = |x: f64| one(x) * other(x);
    let slow = recovery("warm-standby", &[], "browse", 300);
    let sooner = slow.iter().filter(|time| **time <= 900.0).count() as f64 / 300.0;
    assert!(sooner <= most(900.0 - 32.0) + 0.1, "{sooner} are back within a quarter of an hour");
    let sets = [("compute.scaling.metric", "requests")];
    let quick = recovery("warm-standby", &sets, "browse", 300);
    let median = |sample: &[f64]| {
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    assert!((median(&quick) - median(&slow)).abs() < 60.0, "{} and {}", median(&quick), median(&slow));
}

/// Ten minutes of copying, and up to an hour more.
fn the_age_of_a_snapshot_is_spread_evenly() {
    follows(&of(&trials("backup-and-restore", &[], 500), "store.orders.loss_s"), |x| uniform((x - 600.0) / 3_600.0));
}

/// The outage, and a quarter of an hour until services are usable again.
fn doing_nothing_takes_as_long_as_the_outage() {
    let outage = lognormal(7.0 * 3_600.0, 17.0 * 3_600.0);
    for journey in ["browse", "checkout"] {
        follows(&recovery("single-region", &[], journey, 500), |x| outage.cdf(x - 900.0));
    }
}

/// Three targets of the zone, each found out by its second probe: U(0, 10), 10 s more, and 5 s until that has failed.
fn a_zone_is_gone_when_its_last_target_is() {
    follows(&recovery("zone-outage", &[], "browse", 500), |x| uniform((x - 15.0) / 10.0).powi(3));
}

/// The chance that a moment turns the check: a checker whose next probe is u x 10 s away fails three in a row in a moment of
/// 20 s + 10 s x u or more; fourteen of sixteen have to. With 30 s between probes the moment has to be 60 s longer than u x 30 s.
fn a_moment_turns_it(interval: f64) -> f64 {
    let moment = lognormal(20.0, 50.0);
    const PARTS: u32 = 20_000;
    let turns = |part: u32| {
        let length = moment.quantile((f64::from(part) + 0.5) / f64::from(PARTS));
        at_least(14, 16, uniform((length - 2.0 * interval) / interval))
    };
    (0..PARTS).map(turns).sum::<f64>() / f64::from(PARTS)
}

fn a_moment_turns_the_check_if_enough_checkers_fail_often_enough() {
    for (interval, seconds) in [("10s", 10.0), ("30s", 30.0)] {
        let flips = of(&trials("how-nervous", &[("dns.health-check.interval", interval)], 2_000), "health_flip_s");
        happens(flips.iter().filter(|flip| !flip.is_nan()).count(), flips.len(), a_moment_turns_it(seconds));
    }
}

/// Fifty moments come in a year, each of which turns the check by itself: their number is that of a Poisson process. Three standard
/// errors are left on either side, so that this fails once in 370. A real outage is noticed within a third probe.
fn as_many_false_failovers_come_in_a_year_as_moments_turn_the_check() {
    let table = trials("both-sides", &[], 500);
    let years = of(&table, "quiet_s").iter().sum::<f64>() / (365.25 * 86_400.0);
    let expected = 50.0 * a_moment_turns_it(10.0) * years;
    let found: f64 = of(&table, "false_failovers").iter().sum();
    assert!((found - expected).abs() < 3.0 * expected.sqrt(), "{found} of {expected}");
    // Fourteen of sixteen checkers have failed three times, 10 s apart, and each failure takes its time to be one.
    let noticed = of(&table, "noticed_s");
    assert!(noticed.iter().all(|seconds| (20.0..50.0).contains(seconds)), "{noticed:?}");
}

/// How many minutes in a row a moment spoils: so many seconds that it begins with are left of its first minute, and more than 15 s of a
/// minute spoil it, as half of the requests meet the moment and four of ten of these fail, and more than 5 % of all may not.
fn spoiled(left: f64, length: f64) -> usize {
    let parts = std::iter::once(left.min(length)).chain((0..10).map(|minute| length - left - 60.0 * f64::from(minute)));
    let spoils: Vec<bool> = parts.map(|seconds| seconds > 15.0).collect();
    spoils.split(|spoils| !spoils).map(<[bool]>::len).max().unwrap_or_default()
}

/// Fifty moments come in a year, at any time of a minute. Three standard errors are left on either side, so that this fails once in
/// 370 for each M of N. While traffic is away a moment strikes nobody: that is one in a hundred, which the errors cover. The real
/// failure spoils a minute of which more than 12 s are left, so that the end of the second one comes 72 s to 132 s after its
/// beginning, and its datapoint 30 s later.
fn moments_fire_an_alarm_if_they_spoil_enough_minutes() {
    const PARTS: u32 = 400;
    let moment = lognormal(20.0, 50.0);
    let middle = |part: u32| (f64::from(part) + 0.5) / f64::from(PARTS);
    for (datapoints, minutes) in [("1 of 1", 1), ("2 of 2", 2), ("2 of 3", 2)] {
        let lengths: Vec<f64> = (0..PARTS).map(|part| moment.quantile(middle(part))).collect();
        let fires = |left: f64| lengths.iter().filter(|length| spoiled(left, **length) >= minutes).count();
        let all: usize = (0..PARTS).map(|part| fires(60.0 * middle(part))).sum();
        let chance = all as f64 / f64::from(PARTS * PARTS);
        let table = trials("m-of-n", &[("alarms.0.datapoints", datapoints)], 400);
        let years = of(&table, "quiet_s").iter().sum::<f64>() / (365.25 * 86_400.0);
        let expected = 50.0 * chance * years;
        let found: f64 = of(&table, "false_failovers").iter().sum();
        assert!((found - expected).abs() < 3.0 * expected.sqrt(), "{datapoints}: {found} of {expected}");
        if minutes == 2 {
            follows(&of(&table, "noticed_s"), |x| uniform((x - 102.0) / 60.0));
        }
    }
}

/// Half of all requests have to move: four cohorts may be left. Nothing is launched.
fn with_a_reserve_only_resolvers_are_left() {
    follows(&recovery("static-stability-reserve", &[], "shop", 500), led_away(32.0, 4).cdf());
}

/// 1,200 requests a second need eight instances of 150; with seven, one has to be launched.
fn with_eight_instances_launches_do_not_matter() {
    let with = |instances: &str, weather: &str| {
        let sets = [("compute.instances.desired", instances), ("faults.1.probability", weather)];
        recovery("how-much-reserve", &sets, "shop", 60)
    };
    assert_eq!(with("8", "0.9"), with("8", "0"));
    let (bad, good) = (with("7", "0.9"), with("7", "0"));
    let later = bad.iter().zip(&good).filter(|(bad, good)| bad > good).count();
    assert!(later > 30, "{later} of 60 take longer on a bad day");
}

/// Who does not need the writer waits as long as who does. A check that fails with its own region only is as good as a
/// shallow one.
fn a_check_on_the_shared_writer_makes_everybody_wait_for_it() {
    let table = trials("deep-health-check", &[], 100);
    let [browse, checkout] = ["browse", "checkout"].map(|journey| of(&table, &format!("journey.{journey}.recovery_s")));
    assert_eq!(browse, checkout);
    let sets = [("dns.health-check.deep", "[ { write = \"sessions\" } ]")];
    let own = recovery("deep-health-check", &sets, "browse", 100);
    let shallow = recovery("active-active", &[], "browse", 100);
    let close = own.iter().zip(&shallow).filter(|(own, shallow)| (*own - *shallow).abs() < 1e-6).count();
    assert!(close == 100, "{close} of 100 are the same");
    let later = browse.iter().zip(&shallow).filter(|(deep, shallow)| deep > shallow).count();
    assert!(later > 50, "{later} of 100 take longer");
}

/// Nobody promotes: the writer comes back with its region.
fn orders_are_back_when_the_region_is() {
    let outage = lognormal(3.0 * 3_600.0, 9.0 * 3_600.0);
    follows(&recovery("runbook-in-the-wrong-region", &[], "checkout", 500), |x| outage.cdf(x));
}

/// A checker turns after three failures in a row; of probes that all see what three requests of ten see, 0.3^3 of the
/// rows of three fail, and 14 of 16 checkers have to have turned at once.
fn checks_that_see_more_see_nothing() {
    let sets = [("faults.0.seen", "1")];
    assert_eq!(recovery("gray-failure", &sets, "browse", 100), recovery("gray-failure", &[], "browse", 100));
}

/// Either side goes on, and what the copy lacks arrives when the path is back.
fn without_a_promotion_a_partition_loses_nothing() {
    all(&of(&trials("split-brain", &[("runbooks", "[]")], 50), "worst.loss_s"), 0.0);
}

/// From 23:48 to 02:40.
fn a_shallow_check_waits_for_the_table() {
    all(&recovery("october-2025", &[("dns.health-check.deep", "[]")], "browse", 30), (2.0 * 60.0 + 52.0) * 60.0);
}

/// Reads until 12:26, writes until 13:54; the faults of one file begin within a minute of one another.
fn without_a_dial_the_day_is_as_long_as_the_faults() {
    let table = trials("s3-2017", &[("runbooks", "[]")], 50);
    for (journey, minutes) in [("look", 169.0), ("upload", 257.0)] {
        let recovery = of(&table, &format!("journey.{journey}.recovery_s"));
        assert!(recovery.iter().all(|time| (0.0..=60.0).contains(&(time - minutes * 60.0))), "{journey}: {recovery:?}");
    }
}

/// Twelve hours and 32 minutes; then the fleet of the morning is launched, for which the metrics of the last hours were missing.
fn sign_ins_are_back_when_the_store_is() {
    let store = (12.0 * 60.0 + 32.0) * 60.0;
    let recovery = recovery("kinesis-2020", &[], "sign-in", 10);
    assert!(recovery.iter().all(|time| (store..store + 600.0).contains(time)), "{recovery:?}");
}

/// The control plane is back with everything else, and an edit needs a minute more: by then nothing fails.
fn a_record_edit_comes_when_all_is_over() {
    all(&recovery("network-2021", &[], "shop", 50), (6.0 * 60.0 + 52.0) * 60.0);
}

/// The function that would move traffic runs on what fails.
fn a_function_that_fails_moves_nothing() {
    all(&recovery("lambda-2023", &[], "api", 50), (60.0 + 56.0) * 60.0);
}

/// Sixty per cent of the requests need to be led away; a check that fails at once takes 20 s. After 20 minutes the path is
/// whole.
fn who_is_isolated_waits_for_resolvers_or_for_the_path() {
    let law = led_away(20.0, 3).cdf();
    follows(&recovery("strong-table", &[], "transfer", 500), |x| if x >= 1_200.0 { 1.0 } else { law(x) });
}

/// Nobody promotes anything: who is led away is served. A dead region costs a probe 4 s, as in active-active.
fn without_a_writer_detection_and_resolvers_are_left() {
    follows(&recovery("dsql", &[], "pay", 500), led_away(32.0, 3).cdf());
    all(&of(&trials("dsql", &[], 50), "store.ledger.loss_s"), 0.0);
}

/// Three probes of a cadence of 30 s, of which the first comes within 30 s, and U(1, 5) until traffic is led elsewhere.
fn without_resolvers_detection_is_all() {
    let law = Law::new(0.1, 30.0, |x| uniform(x / 30.0)).after(60.0);
    let law = law.plus(&Law::new(0.1, 4.0, |x| uniform(x / 4.0)).after(1.0));
    follows(&recovery("global-accelerator", &[], "api", 500), law.cdf());
}

/// 2,000 requests a second of 0.8 s are 1,600 at a time; the account has 1,000.
fn a_gateways_limit_is_the_regions() {
    let stands = recovery("api-gateway-limit", &[], "api", 50);
    assert!(stands.iter().all(|time| time.is_infinite()), "{stands:?}");
    let raised = recovery("api-gateway-limit", &[("regions.eu-south-1.load-balancer.rate", "10000")], "api", 50);
    assert!(raised.iter().all(|time| time.is_finite()), "{raised:?}");
}

fn pods_wait_for_nodes() {
    // A node takes 100 s here, and is ordered after the outage; so no trial is back before. With room, none waits for one.
    let node = ("compute.nodes.launch-time", "100s");
    let waits = recovery("eks-evacuation", &[node], "browse", 50);
    assert!(waits.iter().all(|time| *time > 100.0 && time.is_finite()), "{waits:?}");
    let room = ("compute.nodes.desired", "14");
    let hour = ("compute.nodes.launch-time", "1h");
    let has_room = recovery("eks-evacuation", &[room, hour], "browse", 50);
    assert!(has_room.iter().all(|time| time.is_finite()), "{has_room:?}");
    let narrow = recovery("eks-evacuation", &[("compute.nodes.max", "11")], "browse", 50);
    assert!(narrow.iter().all(|time| time.is_infinite()), "{narrow:?}");
}

fn a_quota_that_is_too_small_is_too_small_for_good() {
    let recovery = recovery("lambda-standby-quota", &[], "api", 50);
    assert!(recovery.iter().all(|time| time.is_infinite()), "{recovery:?}");
}

/// What is planned is no recovery time. Two switch-overs are all that clients notice, unless everybody moves at once.
fn work_by_parts_is_downtime_of_the_writer_alone() {
    let at_once = [("runbooks.evacuate.steps.0.ramp", "{ steps = 1, every = \"15m\" }")];
    for (sets, outages, overloaded) in [(&[][..], 2.0, false), (&at_once, 3.0, true)] {
        let table = trials("evacuation", sets, 50);
        let figure = |name: &str| of(&table, &format!("journey.{name}"));
        all(&figure("checkout.recovery_s"), 0.0);
        all(&figure("checkout.outages"), outages);
        assert_eq!(figure("checkout.planned_s"), figure("checkout.downtime_s"));
        let down = figure("browse.planned_s").iter().filter(|time| **time > 0.0).count();
        assert_eq!(down, if overloaded { 50 } else { 0 });
    }
}

/// Clients of the second region meet the release only where people take longer than an hour.
fn a_release_stops_at_the_region_where_it_is_rolled_back() {
    let met = |sets: &[(&str, &str)]| {
        let table = trials("bad-deploy", sets, 200);
        let failed = of(&table, "population.europe.failed");
        let back = of(&table, "journey.browse.recovery_s");
        failed.into_iter().zip(back).map(|(failed, back)| (failed > 0.0, back)).collect::<Vec<_>>()
    };
    assert!(met(&[]).iter().all(|(met, back)| *met == (*back > 3_600.0)));
    assert!(met(&[("faults.0.stagger", "0s")]).iter().all(|(met, _)| *met));
    // Of the first minute at least a third has errors, else it counts for nothing; two minutes more, half a minute until the
    // datapoint is there, and five minutes for the rollback.
    let quick =
        [("faults.0.stagger", "10m"), ("runbooks.roll-back.steps", "[ { rollback = \"app\", takes = \"5m\" } ]")];
    let quick = met(&quick);
    assert!(quick.iter().all(|(met, back)| !met && (470.0..=530.0).contains(back)), "{quick:?}");
}

/// The share of one attempt that overload fails at a tier that is asked of by clients with three attempts: browse fails by it alone,
/// buy always while the bank is gone.
fn retries_of_buyers_overload_the_shop_window() {
    let (browse, buy, carries, kappa) = (525.0, 175.0, 900.0, 0.2);
    let tries = |q: f64| 1.0 + q + q * q;
    let mut f: f64 = 0.0;
    for _ in 0..10_000 {
        let load: f64 = browse * tries(f) + buy * 3.0;
        let x = load / carries;
        let says = if x <= 1.0 { 0.0 } else { 1.0 - (1.0 - kappa * (x - 1.0)).max(0.0) / x };
        f = f64::midpoint(f, says);
    }
    assert!(f.powi(3) > 0.01, "browse is down while the bank is: {f}");
    let failed = of(&trials("microservices", &[], 2), "journey.browse.failed");
    let expected = browse * f.powi(3) * 1_200.0;
    assert!(failed.iter().all(|failed| (failed / expected - 1.0).abs() < 1e-6), "{failed:?} and {expected}");
    let quiet = [("services.checkout.needs", "[{ call = \"payment\" }]"), ("clients.0.retries.attempts", "1")];
    assert_eq!(of(&trials("microservices", &quiet, 2), "journey.browse.failed"), [0.0, 0.0]);
}

fn a_third_party_is_down_for_as_long_as_it_is() {
    let table = trials("third-party", &[], 5);
    assert!(of(&table, "journey.buy.recovery_s").iter().all(|seconds| *seconds == 2_400.0));
    // 80 orders a second, all of them.
    let failed = of(&table, "part.tax.cause.dependency");
    assert!(failed.iter().all(|failed| (failed - 80.0 * 2_400.0).abs() < 1e-3), "{failed:?}");
    let kept = "[{ call = \"tax\", cached-for = \"1h\" }, { call = \"mail\" }, { write = \"orders\" }]";
    // Steps of three minutes, the first after u of them: step i lasts from 3 (i - 1 + u) min to the end at 40 min.
    let lost = of(&trials("third-party", &[("services.orders.needs", kept)], 200), "journey.buy.lost_traffic_s");
    let minutes = |u: f64| {
        let step = |i: u32| (40.0 - 3.0 * (f64::from(i) - 1.0 + u)).max(0.0) / 20.0;
        (1..=20).map(step).sum::<f64>()
    };
    let (least, most) = (minutes(1.0), minutes(0.0));
    assert!(lost.iter().all(|lost| (least - 1e-9..=most + 1e-9).contains(&(lost / 60.0))), "{least} to {most}");
}

fn who_waits_for_a_slow_database_fails_as_long_as_it_is_slow() {
    // More than half of all commits take a second more, and no try waits for longer than 800 ms.
    let table = trials("slow-database", &[], 20);
    assert!(of(&table, "journey.checkout.recovery_s").iter().all(|seconds| *seconds == 1_200.0));
    assert!(of(&table, "journey.browse.recovery_s").iter().all(|seconds| *seconds == 0.0));
    let failed = of(&table, "journey.checkout.failed");
    let slow = of(&table, "journey.checkout.cause.slow");
    assert!(failed.iter().zip(slow).all(|(failed, slow)| (failed - slow).abs() < 0.01 * failed));
}

fn catching_up_takes_longer_than_the_outage() {
    let table = trials("order-queue", &[], 50);
    let of = |column: &str| of(&table, column);
    let figures = of("store.incoming.backlog_max").into_iter().zip(of("store.incoming.caught_up_s"));
    for ((backlog, caught_up), recovery) in figures.zip(of("journey.buy.recovery_s")) {
        // From the recovery on 99 of 100 orders of both regions come to one that works off 130 of them a second, until the other
        // one is back after an hour.
        assert!(backlog >= (0.99 * 200.0 - 130.0) * (3_600.0 - recovery), "{backlog} after {recovery}");
        // It falls by no more than 30 a second, and not before.
        assert!(caught_up >= 3_600.0 + backlog / 30.0, "{caught_up} for {backlog}");
    }
}

fn a_pool_in_one_region_is_an_outage_of_both() {
    let table = trials("identity-in-one-region", &[], 20);
    for journey in ["browse", "buy"] {
        let seconds = of(&table, &format!("journey.{journey}.recovery_s"));
        assert!(seconds.iter().all(|seconds| *seconds == 10_800.0), "{seconds:?}");
    }
    // With a pool in each region it is what resolvers make of it, and far less.
    let sets = [
        ("services.identity.regions", "[\"us-east-1\", \"eu-west-1\"]"),
        ("services.web.needs", "[{ call = \"identity\" }]"),
    ];
    let seconds = of(&trials("identity-in-one-region", &sets, 20), "worst.recovery_s");
    assert!(seconds.iter().all(|seconds| *seconds < 2_400.0), "{seconds:?}");
}

/// 600 come and 450 are served for a minute, until ten seconds of work wait: 4,500. With one try each, 900 a second have worked
/// off 2,700 of them nine seconds later, who comes then waits for less than two seconds, and the last one to give up did so two
/// seconds earlier. With three tries each 1,800 a second come, for ever.
fn a_storm_stays_when_its_trigger_is_over() {
    let once = recovery("metastable", &[("clients.everybody.retries.attempts", "1")], "browse", 50);
    assert!(once.iter().all(|found| (found - (60.0 + 9.0 + 2.0)).abs() < 0.3), "{once:?}");
    let nobody = ("runbooks.shed-load.steps.0.approve", "3h");
    assert!(recovery("metastable", &[nobody], "browse", 50).iter().all(|found| found.is_infinite()));
    let people = recovery("metastable", &[], "browse", 50);
    assert!(people.iter().all(|found| found.is_finite()), "{people:?}");
}

/// Nothing leads away from the primary, and what is back serves at once.
fn one_check_holds_the_primary_until_it_is_back() {
    assert!(recovery("one-check-for-both", &[], "app", 50).iter().all(|found| (found - 5_400.0).abs() < 1e-6));
}

/// Clients make both tries at a query at once. After 10 s without an answer, 20 s of queries wait. The spare capacity works them off until
/// a new query is answered within a second. The answer itself takes a tenth of that second.
fn no_storm_stays_below_half_of_the_capacity() {
    let nobody = ("runbooks", "[]");
    let with = |load: f64| {
        let load = load.to_string();
        recovery("metastable-2021", &[nobody, ("clients.users.requests-per-second", load.as_str())], "query", 5)
    };
    for load in [100.0, 140.0, 148.0] {
        let back = 10.0 + (2.0 * load * 10.0 - 0.9 * 300.0) / (300.0 - 2.0 * load);
        let found = with(load);
        // What waits is looked at every 50 ms.
        assert!(found.iter().all(|found| (found - back).abs() < 0.1), "{back}: {found:?}");
    }
    for load in [150.0, 280.0] {
        let found = with(load);
        assert!(found.iter().all(|found| found.is_infinite()), "{load}: {found:?}");
    }
    let people = recovery("metastable-2021", &[], "query", 20);
    assert!(people.iter().all(|found| *found > 180.0), "an alarm needs three minutes: {people:?}");
}

/// What waits when the trigger is over, in seconds of the whole capacity. From the instant on at which who arrives waits for more than
/// three seconds, every insert comes again three seconds later, up to four times. More than three seconds of work stay more than
/// three seconds, since five tries at 37.5 % are more than the capacity. Less is worked off: what still comes again adds at most
/// 0.4 s to the 2.5 s of the second and third run, and nothing to the fourth.
fn ten_seconds_make_a_storm_and_nine_do_not() {
    let waits = |load: f64, left: f64, length: f64| {
        let since = 3.0 * left / (load - left);
        let again: f64 = (1..5).map(|time| (length - since - 3.0 * f64::from(time)).max(0.0)).sum();
        load * (length + again) - left * length
    };
    for (sets, load, left, length, stays) in [
        (&[][..], 0.375, 0.2, 10.0, true),
        (&[("faults.0.factor", "0.225")][..], 0.375, 0.225, 10.0, false),
        (&[("faults.0.duration", "9s")][..], 0.375, 0.2, 9.0, false),
        (&[("clients.client.requests-per-second", "2625")][..], 0.2625, 0.2, 10.0, false),
    ] {
        assert_eq!(waits(load, left, length) > 3.0, stays, "what was measured: {sets:?}");
        let found = recovery("metastable-2022", sets, "insert", 3);
        assert!(found.iter().all(|found| *found == if stays { f64::INFINITY } else { 0.0 }), "{sets:?}: {found:?}");
    }
}

/// Five million hooks and 80,000 builds in the 62,760 s of the stop; all of them, and what came meanwhile, in 22,680 s.
fn what_is_spare_works_off_what_has_waited() {
    let (stop, rest) = (62_760.0, 22_680.0);
    let table = trials("github-2018", &[], 3);
    for (store, waited) in [("hooks", 5_000_000.0), ("pages", 80_000.0)] {
        let near = |name: &str, expected: f64| {
            let found = of(&table, &format!("store.{store}.{name}"));
            assert!(found.iter().all(|found| (found / expected - 1.0).abs() < 1e-3), "{store}: {expected}, {found:?}");
        };
        near("backlog_max", waited);
        near("caught_up_s", stop + rest);
    }
    // Twice of what comes: as long again as the stop.
    let twice = (2.0 * 5_000_000.0 / stop).to_string();
    let sets = [("services.deliver.requests-per-second", twice.as_str()), ("horizon", "60h")];
    let found = of(&trials("github-2018", &sets, 3), "store.hooks.caught_up_s");
    assert!(found.iter().all(|found| (found / (2.0 * stop) - 1.0).abs() < 1e-3), "{found:?}");
}

/// A minute until it is seen, people, and 300 GB at 60 Mbit/s.
fn a_restore_takes_as_long_as_its_copy() {
    let people = lognormal(3_600.0, 7_200.0);
    let copy = 300e9 * 8.0 / 60e6;
    let table = trials("gitlab-2017", &[], 300);
    follows(&of(&table, "journey.look.recovery_s"), |x| people.cdf(x - 60.0 - copy));
    all(&of(&table, "store.database.loss_s"), (6.0 * 60.0 + 10.0) * 60.0);
}

/// Elsewhere it promotes for two minutes at least and starts tasks for five; the slowest of all steps together stay below 25.
fn a_function_in_the_dead_region_starts_no_task() {
    all(&recovery("ecs-pilot-light", &[], "edit", 50), 3.0 * 3_600.0);
    let moved = [
        ("alarms.0.hosted-in", "eu-west-1"),
        ("runbooks.fail-over.hosted-in", "eu-west-1"),
        ("dns.failback", "manual"),
    ];
    let found = recovery("ecs-pilot-light", &moved, "edit", 100);
    assert!(found.iter().all(|found| (420.0..1_500.0).contains(found)), "{found:?}");
}

/// Of 400 requests a second 150 have to move and 4 may fail: five of 200 cohorts may hold the old answer. A copy that is built anew
/// is not read, for half an hour in half of all trials.
fn who_reads_a_copy_waits_for_resolvers_until_a_promotion_takes_it() {
    let steps = "[ { wait = \"30s\" }, { promote = \"orders\", to = \"us-west-2\" } ]";
    let turned = Law::new(1.0, 10.0, |x| at_least(14, 16, uniform(x / 10.0))).after(32.0);
    let seen = lognormal(3.0, 10.0);
    let left = Law::new(1.0, 60.0, |x| at_least(195, 200, uniform(x / 60.0)));
    let law = turned.plus(&Law::new(1.0, 120.0, |x| seen.cdf(x))).plus(&left);
    follows(&recovery("eks-three-regions", &[("runbooks.fail-over.steps", steps)], "browse", 200), law.cdf());
    let taken = recovery("eks-three-regions", &[], "browse", 60);
    assert!(taken.iter().filter(|found| **found > 600.0).count() > 40, "{taken:?}");
}

/// Neither the button nor the pool is anywhere else. With both of them elsewhere people and resolvers are left.
fn a_button_is_gone_with_what_it_moves() {
    let elsewhere = ("runbooks.fail-over.hosted-in", "[\"us-west-2\"]");
    for sets in [&[][..], &[elsewhere][..]] {
        for journey in ["look", "send"] {
            all(&recovery("failover-button", sets, journey, 50), 3.0 * 3_600.0);
        }
    }
    let pools = [
        elsewhere,
        ("services.identity.regions", "[\"us-east-1\", \"us-west-2\"]"),
        ("services.api.needs.0", "{ call = \"identity\" }"),
    ];
    let found = recovery("failover-button", &pools, "look", 50);
    assert!(found.iter().all(|found| *found < 2.0 * 3_600.0), "{found:?}");
}

/// An hour in all trials. Callers feel it in twenty steps of 15 s, the first after u of them.
fn no_check_asks_for_a_key() {
    let table = trials("asg-tiers", &[], 200);
    all(&of(&table, "journey.browse.recovery_s"), 3_600.0);
    let lost = |u: f64| (1..=20).map(|step| (3_600.0 - 15.0 * (f64::from(step) - 1.0 + u)) / 20.0).sum::<f64>();
    let found = of(&table, "journey.browse.lost_traffic_s");
    let (least, most) = (lost(1.0), lost(0.0));
    assert!(found.iter().all(|found| (least - 1e-6..=most + 1e-6).contains(found)), "{least} to {most}: {found:?}");
    let asked = recovery("asg-tiers", &[("dns.health-check.deep", "[{ call = \"app\" }]")], "browse", 50);
    assert!(asked.iter().all(|found| *found < 3_600.0), "{asked:?}");
}

/// Three probes of 4 s each with 30 s between them, of which the first comes within 30 s; two of 200 cohorts may be left.
fn without_anything_else_detection_and_resolvers_are_left() {
    let turned = Law::new(1.0, 30.0, |x| at_least(14, 16, uniform(x / 30.0))).after(3.0 * 4.0 + 2.0 * 30.0);
    let seen = lognormal(3.0, 10.0);
    let left = Law::new(1.0, 60.0, |x| at_least(198, 200, uniform(x / 60.0)));
    let law = turned.plus(&Law::new(1.0, 120.0, |x| seen.cdf(x))).plus(&left);
    follows(&recovery("minimal", &[], "browse", 300), law.cdf());
}

fn a_bank_takes_what_needs_it_and_nothing_else() {
    let bank = "[ { kind = \"service-impairment\", service = \"bank\", at = \"10m\", duration = \"20m\" } ]";
    let table = trials("shop-in-three-regions", &[("faults", bank)], 5);
    all(&of(&table, "journey.buy.recovery_s"), 1_200.0);
    for journey in ["browse", "collect"] {
        all(&of(&table, &format!("journey.{journey}.recovery_s")), 0.0);
    }
}
