//! Names, trees of records and health checks that are written out.
//!
//! Delays are constants wherever they can be, so that instants follow from the text by addition.

use models::deployment::Happening;
use models::fronts::route53::routing::By;

use crate::lab::{Diary, figures, of, rows, watched};

const REGIONS: &str = "[regions.us-east-1]\n[regions.us-east-2]\n[regions.eu-west-1]\n";
const OUTAGE: &str =
    "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"permanent\"\n";
/// A checker that probes every 10 s and turns at once.
const SHARP: &str = "interval = \"10s\"\nfailure-threshold = 1\ncheckers = 1\n";

/// One population of 100 requests/s near us-east-1 whose resolvers keep nothing, these records behind its name, and what else
/// there is.
fn text(records: &str, rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n{REGIONS}[dns]\npropagation = \"3s\"\ntarget-health-lost = \"60s\"\n\
         [names.www]\nrecord = \"top\"\nttl = \"0s\"\n{records}\
         [[clients]]\nname = \"everybody\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
         [[journeys]]\nname = \"visit\"\nshare = 1\n{rest}"
    )
}

fn record(name: &str, policy: &str, answers: &str) -> String {
    format!("[records.{name}]\npolicy = \"{policy}\"\nanswers = [{answers}]\n")
}

fn probes(name: &str, region: &str) -> String {
    format!("[health-checks.{name}]\nendpoint = \"{region}\"\n{SHARP}")
}

/// Recovery times of the first trials.
fn recovery(text: &str, trials: u64) -> Vec<f64> {
    figures(text, "journey.visit.recovery_s", trials)
}

/// Failed requests of the first trial from a cause.
fn failed(text: &str, cause: &str) -> f64 {
    of(&rows(text, 1), &format!("journey.visit.cause.{cause}"))[0]
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
}

/// The first and the last line each have an endpoint whose targets are evaluated, the line between looks at a record.
#[test]
fn the_health_of_targets_goes_up_through_two_levels() {
    let tree = |evaluates: &str| {
        let top = record("top", "failover", &format!("{{ to = \"middle\"{evaluates} }}, {{ to = \"eu-west-1\" }}"));
        let middle = record("middle", "failover", "{ to = \"bottom\" }");
        let bottom = record("bottom", "weighted", "{ to = \"us-east-1\", weight = 1, evaluate-target-health = true }");
        text(&format!("{top}{middle}{bottom}"), OUTAGE)
    };
    // 60 s until targets count as lost, 3 s until that is seen; the records above see it at that instant.
    recovery(&tree(""), 3).into_iter().for_each(|found| near(found, 63.0));
    let blind = tree(", evaluate-target-health = false");
    assert!(recovery(&blind, 3).iter().all(|found| found.is_infinite()));
    // The lowest record sees it all the same, and has nothing else: once it is seen, there is no path.
    near(failed(&blind, "no-path"), 100.0 * (3_000.0 - 63.0));
}

/// A branch that nobody looks at fails open within itself: to its first answer.
#[test]
fn a_branch_without_a_healthy_answer_is_left_or_fails_open_within_itself() {
    let both = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-2\"\nat = \"10m\"\nduration = \"20m\"\n";
    let tree = |evaluates: bool| {
        let answers = format!("{{ to = \"us\", evaluate-target-health = {evaluates} }}, {{ to = \"eu-west-1\" }}");
        let us = "{ to = \"us-east-1\", health-check = \"one\" }, { to = \"us-east-2\", health-check = \"two\" }";
        let checks = format!("{}{}", probes("one", "us-east-1"), probes("two", "us-east-2"));
        text(
            &format!("{}{}{checks}", record("top", "failover", &answers), record("us", "failover", us)),
            &format!("{OUTAGE}{both}"),
        )
    };
    // Left when the later of two checks is seen: each turns in U(0, 10 s) + 4 s.
    let left = recovery(&tree(true), 100);
    assert!(left.iter().all(|found| (7.0..17.0).contains(found)), "{left:?}");
    // us-east-2 is back after 20 min, and its check says so at its next probe.
    let within = recovery(&tree(false), 100);
    assert!(within.iter().all(|found| (1_203.0..1_217.0).contains(found)), "{within:?}");
}

/// 3 of 4 requests go to one branch, and there 1 of 4 to each endpoint that fails: the product fails.
#[test]
fn weights_multiply_through_a_tree() {
    let gray = |region: &str| {
        format!(
            "[[faults]]\nkind = \"gray-failure\"\nregion = \"{region}\"\nerror = 1\nat = \"10m\"\nduration = \"permanent\"\n"
        )
    };
    let top = record("top", "weighted", "{ to = \"one\", weight = 30 }, { to = \"other\", weight = 10 }");
    let one = record("one", "weighted", "{ to = \"us-east-1\", weight = 1 }, { to = \"us-east-2\", weight = 3 }");
    let other = record("other", "weighted", "{ to = \"us-east-1\", weight = 2 }, { to = \"eu-west-1\", weight = 3 }");
    for (region, share) in
        [("us-east-1", 0.75 * 0.25 + 0.25 * 0.4), ("us-east-2", 0.75 * 0.75), ("eu-west-1", 0.25 * 0.6)]
    {
        near(failed(&text(&format!("{top}{one}{other}"), &gray(region)), "no-path"), 100.0 * 3_000.0 * share);
    }
}

/// An alarm that lives in the lost region has no data from the first instant; the check says what it is told to say then.
#[test]
fn a_calculated_check_over_an_alarm_without_data_says_what_that_says() {
    let tree = |insufficient: &str, needed: u32, inverted: bool| {
        let answers = "{ to = \"us-east-1\", health-check = \"both\" }, { to = \"eu-west-1\" }";
        let checks = format!(
            "[health-checks.both]\nkind = \"calculated\"\nchildren = [\"metric\", \"far\"]\nhealthy-children = {needed}\n\
             [health-checks.metric]\nkind = \"alarm\"\nalarm = \"errors\"\ninsufficient-data = \"{insufficient}\"\n\
             inverted = {inverted}\n{}",
            probes("far", "eu-west-1")
        );
        let alarm = "[[alarms]]\nname = \"errors\"\nmetric = { errors = \"visit\", region = \"us-east-1\" }\nabove = 0.5\n\
                     hosted-in = \"us-east-1\"\n";
        text(&format!("{}{checks}", record("top", "failover", answers)), &format!("{alarm}{OUTAGE}"))
    };
    // Seen 3 s later: both children are needed, and one of them is unhealthy.
    near(recovery(&tree("unhealthy", 2, false), 1)[0], 3.0);
    for never in [tree("unhealthy", 1, false), tree("healthy", 2, false), tree("last-known", 2, false)] {
        assert!(recovery(&never, 1)[0].is_infinite());
    }
    // Turned round after that: unhealthy while there is data, so that eu-west-1 answers. Without data the check turns healthy if
    // that counts as unhealthy, and the dead primary answers.
    near(recovery(&tree("healthy", 2, true), 1)[0], 0.0);
    assert!(recovery(&tree("unhealthy", 2, true), 1)[0].is_infinite());
}

/// A page answers instead of the second region, at the same instant.
#[test]
fn a_static_answer_fails_for_want_of_a_path_unless_a_journey_is_content_with_it() {
    let tree = |second: &str| {
        let answers = format!("{{ to = \"us-east-1\", health-check = \"one\" }}, {{ {second} }}");
        text(&format!("{}{}", record("top", "failover", &answers), probes("one", "us-east-1")), OUTAGE)
    };
    let endpoint = recovery(&tree("to = \"eu-west-1\""), 50);
    for content in ["static = \"sorry\", static-ok = true", "static = \"sorry\", static-ok = [\"visit\"]"] {
        assert_eq!(recovery(&tree(content), 50), endpoint);
    }
    let sorry = tree("static = \"sorry\"");
    assert!(recovery(&sorry, 50).iter().all(|found| found.is_infinite()));
    // Whatever does not fail before that: U(0, 10 s) + 4 s until the check turns, 3 s until that is seen.
    let before = 100.0 * endpoint[0];
    near(failed(&sorry, "no-path"), 100.0 * 3_000.0 - before);
    near(failed(&sorry, "detection") + failed(&sorry, "propagation"), before);
}

/// The check of the primary guards both answers: both turn unhealthy, and the record fails open to the primary.
#[test]
fn one_check_for_both_answers_never_fails_over() {
    let answers = "{ to = \"us-east-1\", health-check = \"one\" }, { to = \"us-east-2\", health-check = \"one\" }";
    let tree = text(&format!("{}{}", record("top", "failover", answers), probes("one", "us-east-1")), OUTAGE);
    assert!(recovery(&tree, 10).iter().all(|found| found.is_infinite()));
    let (waited, lost) = (failed(&tree, "detection") + failed(&tree, "propagation"), failed(&tree, "no-path"));
    assert!((100.0 * 7.0..=100.0 * 17.0).contains(&waited), "{waited}");
    near(waited + lost, 100.0 * 3_000.0);
}

/// Two records that go by one check see it turn at the same instant, whatever the delay.
#[test]
fn a_flip_of_a_check_is_one_draw_for_all_who_use_it() {
    let tree = text(
        &format!(
            "{}{}{}{}",
            record("top", "weighted", "{ to = \"one\", weight = 1 }, { to = \"other\", weight = 1 }"),
            record("one", "failover", "{ to = \"us-east-1\", health-check = \"e\" }, { to = \"us-east-2\" }"),
            // It goes by its targets as well, which are lost much later.
            record(
                "other",
                "failover",
                "{ to = \"us-east-1\", health-check = \"e\", evaluate-target-health = true }, { to = \"eu-west-1\" }",
            ),
            probes("e", "us-east-1"),
        ),
        OUTAGE,
    )
    .replace("propagation = \"3s\"", "propagation = { uniform = [\"1s\", \"60s\"] }")
    .replace("target-health-lost = \"60s\"", "target-health-lost = \"30m\"");
    for diary in watched::<Diary>(&tree, 20) {
        let turned = diary.entries.iter().filter_map(|(at, what)| match what {
            Happening::RecordTurned { usable: false, by: By::Guard(_), .. } => Some(*at),
            _ => None,
        });
        let turned: Vec<f64> = turned.collect();
        assert_eq!(turned.len(), 2);
        assert_eq!(turned[0], turned[1]);
    }
}

/// All healthy answers of a record below are barred: within itself it goes on with them, and the record above leaves it.
#[test]
fn a_record_whose_healthy_answers_are_all_barred_is_unhealthy_above() {
    let below = "policy = \"failover\"\nfailback = \"manual\"";
    let us = "{ to = \"us-east-1\", health-check = \"one\" }, { to = \"us-east-2\", health-check = \"two\" }";
    let tree = |evaluates: bool| {
        let answers = format!("{{ to = \"us\", evaluate-target-health = {evaluates} }}, {{ to = \"eu-west-1\" }}");
        let records = format!("{}{}", record("top", "failover", &answers), record("us", "failover", us)).replace(
            "policy = \"failover\"\nanswers = [{ to = \"us-east-1\"",
            &format!("{below}\nanswers = [{{ to = \"us-east-1\""),
        );
        let checks = format!("{}{}", probes("one", "us-east-1"), probes("two", "us-east-2"));
        let faults = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"10m\"\n\
                      [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-2\"\nat = \"40m\"\nduration = \"permanent\"\n\
                      [[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1\nchecks = 0\nat = \"42m\"\n\
                      duration = \"permanent\"\n";
        text(&format!("{records}{checks}"), faults)
    };
    // From minute 42 on us-east-1 fails whatever it gets: that is everything where nobody looks at the record below, and nothing
    // where the record above has left it.
    let lost = |tree: &str| of(&rows(tree, 1), "journey.visit.failed")[0];
    let (left, kept) = (lost(&tree(true)), lost(&tree(false)));
    near(kept - left, 100.0 * 18.0 * 60.0);
}

/// An edit replaces endpoints, and nothing else: whom no answer matches gets none, before it, after it and after a readmission.
#[test]
fn an_edit_gives_nobody_an_answer_that_had_none() {
    let located = "{ to = \"us-east-1\", location = \"us\" }, { to = \"eu-west-1\", location = \"eu\" }";
    let crowds = ["us", "eu", "nobody"].map(|name| {
        format!("[[clients]]\nname = \"{name}\"\nnear = \"us-east-2\"\nrequests-per-second = 10\ncohorts = 1\n")
    });
    let runbook = "[[runbooks]]\nname = \"move\"\non = { at = \"20m\" }\nhosted-in = \"eu-west-1\"\n\
                   steps = [{ shift = \"record-edit\", to = \"eu-west-1\" }, { wait = \"10m\" }, { readmit = \"us-east-1\" }]\n";
    let tree = text(&record("top", "geolocation", located), &format!("{}{runbook}", crowds.concat()));
    let table = rows(&tree, 1);
    for (crowd, failed) in [("us", 0.0), ("eu", 0.0), ("nobody", 10.0 * 3_600.0), ("everybody", 100.0 * 3_600.0)] {
        near(of(&table, &format!("population.{crowd}.failed"))[0], failed);
    }
}

/// The endpoint that an edit puts in stands where the one that it takes out stood: before the page.
#[test]
fn an_edit_takes_the_place_of_the_endpoint_that_it_takes_out() {
    let runbook = "[[runbooks]]\nname = \"edit\"\non = { operator = \"5m\" }\nhosted-in = \"eu-west-1\"\n\
                   steps = [{ shift = \"record-edit\", to = \"eu-west-1\" }]\n";
    let answers = "{ to = \"us-east-2\", health-check = \"e\" }, { static = \"sorry\" }";
    // Edits need us-east-1, which is there; the other region is struck.
    let outage = OUTAGE.replace("us-east-1", "us-east-2");
    let tree = text(
        &format!("{}{}", record("top", "failover", answers), probes("e", "us-east-2")),
        &format!("{runbook}{outage}"),
    );
    // Five minutes until an operator notices, and one until the edit shows.
    for found in recovery(&tree, 3) {
        near(found, 300.0 + 60.0);
    }
}

/// An operator moves one record, and later lets its region back; the other record stays as it is.
#[test]
fn a_step_may_be_about_one_record() {
    let moved = |record: &str| {
        format!(
            "[[runbooks]]\nname = \"move\"\non = {{ operator = \"5m\" }}\nhosted-in = \"eu-west-1\"\n\
             steps = [{{ shift = \"arc\", to = \"eu-west-1\"{record} }}]\n"
        )
    };
    let tree = |record_of_step: &str| {
        text(
            &format!(
                "{}{}{}",
                record("top", "weighted", "{ to = \"one\", weight = 1 }, { to = \"other\", weight = 1 }"),
                record("one", "failover", "{ to = \"us-east-1\" }, { to = \"eu-west-1\" }"),
                record("other", "failover", "{ to = \"us-east-1\" }, { to = \"eu-west-1\" }"),
            ),
            &format!("{OUTAGE}{}", moved(record_of_step)),
        )
    };
    near(recovery(&tree(""), 1)[0], 303.0);
    let half = tree(", record = \"one\"");
    assert!(recovery(&half, 1)[0].is_infinite());
    let total = failed(&half, "no-path") + failed(&half, "propagation");
    near(total, 100.0 * 303.0 + 50.0 * (3_000.0 - 303.0));
}

/// A shift of a share through records: of the answer as a whole.
#[test]
fn a_shift_of_a_share_is_one_of_the_whole_answer() {
    let step = "[[runbooks]]\nname = \"move\"\non = { operator = \"5m\" }\nhosted-in = \"eu-west-1\"\n\
                steps = [{ shift = \"arc\", to = \"eu-west-1\", share = 0.25 }]\n";
    // The branch has nothing in eu-west-1: a whole shift makes it unhealthy, and the record above leaves it.
    let tree = text(
        &format!(
            "{}{}",
            record("top", "failover", "{ to = \"us\" }, { to = \"eu-west-1\" }"),
            record("us", "failover", "{ to = \"us-east-1\" }, { to = \"us-east-2\" }"),
        ),
        &format!("{OUTAGE}{step}"),
    );
    let total = failed(&tree, "no-path") + failed(&tree, "propagation");
    near(total, 100.0 * 303.0 + 75.0 * (3_000.0 - 303.0));
}

/// An edit puts a region's endpoint into records that had none there.
#[test]
fn an_edit_leads_a_record_to_a_region_that_it_did_not_have() {
    let step = "[[runbooks]]\nname = \"move\"\non = { operator = \"5m\" }\nhosted-in = \"eu-west-1\"\n\
                steps = [{ shift = \"record-edit\", to = \"eu-west-1\" }]\n";
    let tree = |extra: &str| {
        let top = record("top", "simple", "{ to = \"us\" }");
        text(&format!("{top}{}", record("us", "simple", "{ to = \"us-east-2\" }")), &format!("{extra}{step}"))
    };
    let out = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-2\"\nat = \"10m\"\nduration = \"permanent\"\n";
    near(recovery(&tree(out), 1)[0], 360.0);
}

/// Who is in no location and has no default gets no answer.
#[test]
fn nobody_answers_whom_no_location_matches() {
    let tree = |default: &str| {
        let answers = format!("{{ to = \"us-east-2\", location = \"others\" }}{default}");
        let others = "[[clients]]\nname = \"others\"\nnear = \"us-east-2\"\nrequests-per-second = 100\ncohorts = 1\n";
        text(&record("top", "geolocation", &answers), &format!("{others}{OUTAGE}"))
    };
    let all = of(&rows(&tree(""), 1), "journey.visit.cause.no-path")[0];
    near(all, 100.0 * 3_600.0);
    let default = tree(", { to = \"eu-west-1\", location = \"default\" }");
    near(of(&rows(&default, 1), "journey.visit.cause.no-path")[0], 0.0);
}

/// Whoever asks while a record is lost keeps the empty answer for longer than the record is lost.
#[test]
fn an_empty_answer_is_kept_for_the_negative_ttl() {
    let lost = "[[faults]]\nkind = \"record-lost\"\nat = \"10m\"\nduration = \"1m\"\n";
    let tree = |caching: &str, negative: &str| {
        let plain = text(&record("top", "simple", "{ to = \"us-east-1\" }"), lost);
        plain
            .replace("ttl = \"0s\"\n", &format!("ttl = \"0s\"\n{negative}"))
            .replace("cohorts = 1\n", &format!("cohorts = 1\n{caching}"))
    };
    // Nobody keeps answers, so that all ask at once; again 15 min later.
    near(recovery(&tree("", ""), 1)[0], 900.0);
    near(failed(&tree("", ""), "no-path"), 100.0 * 900.0);
    near(recovery(&tree("", "negative-ttl = \"2m\"\n"), 1)[0], 120.0);
    // Kept for 25 s, and found empty twice again.
    near(recovery(&tree("", "negative-ttl = \"25s\"\n"), 1)[0], 75.0);
    // A resolver that caps what it keeps caps that as well.
    near(recovery(&tree("caching = [{ share = 1, cap = \"40s\" }]\n", ""), 1)[0], 80.0);
    near(recovery(&tree("caching = [{ share = 1, cap = \"0s\" }]\n", ""), 1)[0], 60.0);
}

/// Of resolvers that keep answers for 10 min, a tenth asks within the minute that a name is gone, of the other name nobody is.
#[test]
fn who_does_not_ask_while_a_record_is_lost_does_not_notice() {
    let tree = |name: &str| {
        let lost = format!("[[faults]]\nkind = \"record-lost\"\nnames = \"{name}\"\nat = \"10m\"\nduration = \"1m\"\n");
        let other = format!("[names.api]\nrecord = \"top\"\n{}", record("top", "simple", "{ to = \"us-east-1\" }"));
        text(&other, &lost)
            .replace("ttl = \"0s\"\n", "ttl = \"10m\"\n")
            .replace("cohorts = 1\n", "cohorts = 1000\n")
            .replace("name = \"visit\"\nshare = 1\n", "name = \"visit\"\nat = \"www\"\nshare = 0.5\n[[journeys]]\nname = \"other\"\nat = \"api\"\nshare = 0.5\n")
    };
    let table = rows(&tree("www"), 20);
    let failures = of(&table, "journey.visit.cause.no-path");
    let mean = failures.iter().sum::<f64>() / failures.len() as f64;
    // A tenth of 50 requests/s for 15 min: 20 000 cohorts, each in with probability 0.1; five standard errors are 1.1 % of it,
    // so that this fails once in two million.
    let expected = 0.1 * 50.0 * 900.0;
    assert!((mean - expected).abs() < 5.0 * expected * (0.9_f64 / (0.1 * 20_000.0)).sqrt(), "{mean}");
    assert!(of(&table, "journey.other.failed").iter().all(|failed| *failed == 0.0));
}

/// Answers with several addresses, and those that `CloudFront` asks for, may be empty as well. Whoever asked while the record was lost
/// asks again a quarter of an hour later; of those behind `CloudFront` a cached answer serves three of four.
#[test]
fn answers_with_several_addresses_and_those_of_an_edge_may_be_lost() {
    let with = |policy: &str, edge: &str, cacheable: &str| {
        format!(
            "name = \"lost\"\nhorizon = \"30m\"\ndns = {{ policy = \"{policy}\", ttl = \"0s\" }}\n{edge}\
             regions = {{ us-east-1 = {{}}, eu-west-1 = {{}} }}\n\
             [[clients]]\nname = \"all\"\nnear = \"us-east-1\"\nrequests-per-second = 100\ncohorts = 1\n\
             [[journeys]]\nname = \"visit\"\nshare = 1\n{cacheable}\
             [[faults]]\nkind = \"record-lost\"\nat = \"10m\"\nduration = \"5m\"\n"
        )
    };
    near(failed(&with("multivalue", "", ""), "no-path"), 100.0 * 900.0);
    let edge = "edge = { kind = \"cloudfront\", hit-ratio = 0.75, error-caching = \"0s\" }\n";
    near(failed(&with("latency", edge, "cacheable = true\n"), "no-path"), 25.0 * 900.0);
}
