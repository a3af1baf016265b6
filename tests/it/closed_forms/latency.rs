//! How long requests take, and what becomes of those that take too long.

use models::network::place;
use proptest::prelude::*;
use sim_core::random::{Distribution, LogNormal};

use crate::lab::{figures, head, of, rows};

/// Milliseconds between two regions, in the direction in which is asked.
fn trip(from: &str, to: &str) -> f64 {
    let (from, to) = (place(from).expect("a region"), place(to).expect("a region"));
    1_000.0 * from.round_trip(to)
}

/// 100 requests per second to one region, 10 ms away.
fn one_region(clients: &str, rest: &str) -> String {
    let clients = format!("requests-per-second = 100\nround-trip = {{ us-east-1 = \"10ms\" }}\n{clients}");
    let dns = "policy = \"simple\"\nhealth-check = false";
    let head = head("horizon = \"30m\"", &["us-east-1"], dns, &[("browsers", "us-east-1", &clients)]);
    format!("{head}{rest}")
}

const JOURNEY: &str = "[[journeys]]\nname = \"page\"\nshare = 1\n";

fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} and not {expected}");
}

/// Every write from Singapore goes to Virginia, whatever the region that the client enters.
fn writes_from_singapore(clients: &str) -> String {
    let clients = format!("requests-per-second = 100\n{clients}");
    let regions = ["us-east-1", "ap-southeast-1"];
    let head = head("horizon = \"1h\"", &regions, "policy = \"latency\"", &[("singapore", "ap-southeast-1", &clients)]);
    let store = "[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n";
    let journey = "[[journeys]]\nname = \"buy\"\nshare = 1\nneeds = [{ write = \"orders\" }]\n";
    let fault =
        "[[faults]]\nkind = \"region-outage\"\nregion = \"ap-southeast-1\"\nat = \"10m\"\nduration = \"permanent\"\n";
    format!("{head}{store}{journey}{fault}")
}

#[test]
fn a_write_to_another_region_takes_the_way_there() {
    let table = rows(&writes_from_singapore(""), 5);
    // A commit takes U(2 ms, 6 ms).
    let before = trip("ap-southeast-1", "ap-southeast-1") + trip("ap-southeast-1", "us-east-1") + 4.0;
    let after = trip("ap-southeast-1", "us-east-1") + 4.0;
    assert!((220.0..235.0).contains(&before));
    for (found, expected) in [("journey.buy.latency_before_ms", before), ("journey.buy.latency_after_ms", after)] {
        of(&table, found).iter().for_each(|found| near(*found, expected, 1e-9));
    }
    // Those who reach Virginia already take its time while the others fail.
    of(&table, "journey.buy.latency_during_ms").iter().for_each(|found| near(*found, after, 1e-6));
    of(&table, "journey.buy.cause.slow").iter().for_each(|slow| assert_eq!(*slow, 0.0));
}

#[test]
fn who_waits_for_less_than_the_way_there_never_gets_an_answer() {
    let table = rows(&writes_from_singapore("timeout = \"150ms\""), 5);
    let columns = ["failed", "offered", "cause.slow"].map(|name| of(&table, &format!("journey.buy.{name}")));
    for ((failed, offered), slow) in columns[0].iter().zip(&columns[1]).zip(&columns[2]) {
        near(*failed, *offered, 1e-6);
        // But for those who fail at the dead region meanwhile.
        assert!(*slow > 0.9 * offered, "{slow} of {offered}");
    }
    assert!(of(&table, "journey.buy.latency_before_ms").iter().all(|mean| mean.is_nan()));
    let before = writes_from_singapore("timeout = \"150ms\"").replace("at = \"10m\"", "at = \"2h\"");
    let table = rows(&before, 1);
    near(of(&table, "journey.buy.cause.slow")[0], 360_000.0, 1e-6);
}

/// Two parts of requests: of a cache that is hit by 80 %, and of what is behind it.
#[test]
fn the_mean_is_that_of_the_mixture_of_paths() {
    let response = "response-time = { lognormal = { median = \"40ms\", p99 = \"250ms\" } }";
    let compute = format!("[compute]\nkind = \"managed\"\n{response}\n");
    let stores = "[stores.items]\nkind = \"dynamodb-global-table\"\nread-time = \"7ms\"\n\
                  [stores.cache]\nkind = \"elasticache-global\"\nwriter = \"us-east-1\"\nbacks = \"items\"\nhit-ratio = 0.8\n\
                  read-time = { exponential = { mean = \"2ms\" } }\n";
    let journey = "[[journeys]]\nname = \"page\"\nshare = 1\nneeds = [{ read = \"cache\" }]\n";
    let spec = LogNormal { median: Some(0.04), p99: Some(0.25), ..LogNormal::default() };
    let own = Distribution::lognormal(&spec).expect("a lognormal").mean() * 1_000.0;
    let found =
        figures(&one_region("", &format!("{compute}{stores}{journey}")), "journey.page.latency_before_ms", 1)[0];
    near(found, 10.0 + own + 2.0 + 0.2 * 7.0, 1e-9);
}

/// With q of each try failing at once, a request that succeeds has failed 0, 1 or 2 times before, in the ratio 1 : q : q². Each
/// failure takes a round trip, the first wait is U(0, 100 ms), the second U(0, 150 ms).
#[test]
fn failed_tries_and_the_waits_between_them_take_their_time() {
    let clients = "retries = { attempts = 3, backoff = { base = \"100ms\", cap = \"150ms\" } }";
    let fault = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.4\nat = \"0s\"\nduration = \"permanent\"\n";
    let text = one_region(clients, &format!("{JOURNEY}{fault}"));
    let q: f64 = 0.4;
    let times = [10.0, 10.0 + 10.0 + 50.0, 10.0 + 20.0 + 50.0 + 75.0];
    let weights = [1.0, q, q * q];
    let sum: f64 = weights.iter().sum();
    let expected: f64 = times.iter().zip(weights).map(|(time, weight)| time * weight / sum).sum();
    near(figures(&text, "journey.page.latency_during_ms", 1)[0], expected, 1e-9);
    // The same through the distribution of times, which a limit on them asks for: nobody waits for longer than it.
    let text =
        text.replace("name = \"test\"", "name = \"test\"\nobjectives.up-when = { share = 0.5, within = \"20s\" }");
    near(figures(&text, "journey.page.latency_after_ms", 1)[0], expected, 1e-6);
}

#[test]
fn who_waits_for_too_short_a_time_loses_the_tail_of_a_lognormal() {
    let spec = LogNormal { median: Some(0.2), sigma: Some(0.8), ..LogNormal::default() };
    let law = Distribution::lognormal(&spec).expect("a lognormal");
    let compute =
        "[compute]\nkind = \"managed\"\nresponse-time = { lognormal = { median = \"200ms\", sigma = 0.8 } }\n";
    for timeout in [0.1, 0.5, 2.0] {
        let clients = format!("timeout = \"{}ms\"\nretries = {{ attempts = 3 }}", timeout * 1_000.0);
        let table = rows(&one_region(&clients, &format!("{compute}{JOURNEY}")), 1);
        let left = timeout - 0.01;
        let slow = of(&table, "journey.page.cause.slow")[0] / of(&table, "journey.page.offered")[0];
        near(slow, law.survival(left), 1e-3);
        near(of(&table, "journey.page.failed")[0], of(&table, "journey.page.cause.slow")[0], 1e-9);
        let mean = 1_000.0 * (law.limited_mean(left) - left * law.survival(left)) / law.cdf(left);
        near(of(&table, "journey.page.latency_before_ms")[0], 10.0 + mean, 2e-3 * mean);
    }
}

/// What a strong table waits for is the smaller of two entries of the table of round trips, for each copy.
#[test]
fn a_quorum_costs_the_way_to_the_nearer_of_the_two_others() {
    let regions = ["eu-west-1", "eu-west-2", "eu-central-1"];
    let clients: Vec<(&str, &str, &str)> =
        regions.iter().map(|region| (*region, *region, "requests-per-second = 100")).collect();
    let store = "[stores.table]\nkind = \"dynamodb-global-table\"\nconsistency = \"strong\"\nwrite-time = \"8ms\"\n";
    let journey = "[[journeys]]\nname = \"put\"\nshare = 1\nneeds = [{ write = \"table\" }]\n";
    let text = format!("{}{store}{journey}", head("horizon = \"30m\"", &regions, "policy = \"latency\"", &clients));
    let each = regions.iter().map(|own| {
        let others = regions.iter().filter(|other| *other != own).map(|other| trip(own, other));
        trip(own, own) + 8.0 + others.fold(f64::INFINITY, f64::min)
    });
    near(figures(&text, "journey.put.latency_before_ms", 1)[0], each.sum::<f64>() / 3.0, 1e-9);
}

/// A commit of a database of two regions and a witness waits for the nearer of the other region and the witness.
#[test]
fn a_commit_costs_the_way_to_the_nearer_of_peer_and_witness() {
    let regions = ["us-east-1", "us-west-2"];
    let clients: Vec<(&str, &str, &str)> =
        regions.iter().map(|region| (*region, *region, "requests-per-second = 100")).collect();
    let witness = "us-east-2";
    let store = format!(
        "[stores.orders]\nkind = \"aurora-dsql\"\nregions = [\"us-east-1\", \"us-west-2\"]\nwitness = \"{witness}\"\n\
         write-time = \"8ms\"\n[regions.{witness}]\nserves = false\n"
    );
    let journey = "[[journeys]]\nname = \"put\"\nshare = 1\nneeds = [{ write = \"orders\" }]\n";
    let text = format!("{}{store}{journey}", head("horizon = \"30m\"", &regions, "policy = \"latency\"", &clients));
    let nearer = |own: &str, peer: &str| trip(own, peer).min(trip(own, witness));
    let each = [("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")].map(|(own, peer)| {
        assert!(nearer(own, peer) < trip(own, peer), "the witness lies between");
        trip(own, own) + 8.0 + nearer(own, peer)
    });
    near(figures(&text, "journey.put.latency_before_ms", 1)[0], each.iter().sum::<f64>() / 2.0, 1e-9);
}

/// A call of something that takes an exponential time of mean m, with a limit of m for each of two tries: a try fails with
/// q = 1/e and takes m then; what succeeds takes m (1 - 2/e) / (1 - 1/e) on average.
#[test]
fn a_call_that_takes_too_long_is_a_failed_try() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"slow\", timeout = \"100ms\", attempts = 2 }]\n\
                    [services.slow]\nkind = \"managed\"\nresponse-time = { exponential = { mean = \"100ms\" } }\n";
    let table = rows(&one_region("", &format!("{services}{JOURNEY}")), 1);
    let q = (-1.0_f64).exp();
    let share = |column: &str| of(&table, column)[0] / of(&table, "journey.page.offered")[0];
    near(share("journey.page.failed"), q * q, 1e-3);
    near(share("journey.page.cause.slow"), q * q, 1e-3);
    near(share("part.slow@us-east-1.cause.slow"), q * q, 1e-3);
    let served = 100.0 * (1.0 - 2.0 * q) / (1.0 - q);
    near(of(&table, "journey.page.latency_before_ms")[0], 10.0 + served + 100.0 * q / (1.0 + q), 0.2);
    // One can do without it: the time is lost all the same.
    let soft = services.replace("attempts = 2", "attempts = 2, soft = true");
    let table = rows(&one_region("", &format!("{soft}{JOURNEY}")), 1);
    assert_eq!(of(&table, "journey.page.failed")[0], 0.0);
    let mean = (1.0 - q * q) * (served + 100.0 * q / (1.0 + q)) + q * q * 200.0;
    near(of(&table, "journey.page.latency_before_ms")[0], 10.0 + mean, 0.2);
}

/// 20 requests at a time of 100 ms are 200 per second; slowed down five times they are 40, and 60 of 100 are shed.
#[test]
fn slow_work_carries_less() {
    let compute = "[compute]\nkind = \"managed\"\nresponse-time = \"100ms\"\nconcurrency = 20\n";
    let fault = |slow: &str| {
        format!(
            "[[faults]]\nkind = \"slow-failure\"\nregion = \"us-east-1\"\n{slow}\nat = \"10m\"\nduration = \"10m\"\n"
        )
    };
    for slow in ["factor = 5", "adds = \"400ms\""] {
        let table = rows(&one_region("", &format!("{compute}{JOURNEY}{}", fault(slow))), 1);
        near(of(&table, "journey.page.cause.capacity")[0], 0.6 * 100.0 * 600.0, 1e-3);
        near(of(&table, "journey.page.latency_before_ms")[0], 110.0, 1e-9);
        near(of(&table, "journey.page.latency_during_ms")[0], 510.0, 1e-9);
        near(of(&table, "journey.page.latency_after_ms")[0], 110.0, 1e-9);
    }
    let loss = "[[faults]]\nkind = \"capacity-loss\"\nregion = \"us-east-1\"\nfactor = 0.25\nat = \"10m\"\nduration = \"10m\"\n";
    let table = rows(&one_region("", &format!("{compute}{JOURNEY}{loss}")), 1);
    near(of(&table, "journey.page.cause.capacity")[0], 0.5 * 100.0 * 600.0, 1e-3);
}

/// Nothing fails, and the journey is down all the same: only what succeeds in time counts.
#[test]
fn what_comes_late_is_not_up() {
    let compute = "[compute]\nkind = \"managed\"\nresponse-time = { uniform = [\"0s\", \"1s\"] }\n";
    let fault = "[[faults]]\nkind = \"slow-failure\"\nregion = \"us-east-1\"\nadds = \"500ms\"\nat = \"10m\"\nduration = \"7m\"\n";
    let objectives = "objectives.up-when = { share = 0.9, within = \"1100ms\" }";
    let text = one_region("", &format!("{compute}{JOURNEY}{fault}"));
    let table = rows(&text.replace("name = \"test\"", &format!("name = \"test\"\n{objectives}")), 1);
    assert_eq!(of(&table, "journey.page.failed")[0], 0.0);
    near(of(&table, "journey.page.recovery_s")[0], 420.0, 1e-9);
    near(of(&table, "journey.page.stage.slow_s")[0], 420.0, 1e-9);
    near(of(&rows(&text, 1), "journey.page.recovery_s")[0], 0.0, 0.0);
}

/// Checkers wait 2 s for an answer, load balancers as long as they say: what is slower turns them, and what is faster does not.
#[test]
fn checks_see_what_is_slower_than_they_wait() {
    let regions = ["us-east-1", "us-west-2"];
    let dns = "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"us-west-2\"\npropagation = \"0s\"\n\
               health-check = { interval = \"10s\", failure-threshold = 3 }";
    let head = head("horizon = \"30m\"", &regions, dns, &[("browsers", "us-east-1", "requests-per-second = 100")]);
    let fault = |adds: &str| {
        let compute = "[compute]\nkind = \"managed\"\n";
        format!(
            "{head}{compute}{JOURNEY}[[faults]]\nkind = \"slow-failure\"\nregion = \"us-east-1\"\nadds = \"{adds}\"\nat = \"10m\"\nduration = \"permanent\"\n"
        )
    };
    assert!(figures(&fault("1900ms"), "health_flip_s", 5).iter().all(|flip| flip.is_nan()));
    for flip in figures(&fault("2100ms"), "health_flip_s", 5) {
        // Three failures in a row: two cycles of 12 s, the wait of 2 s, and the phase of some checkers.
        assert!((26.0..=36.0).contains(&flip), "{flip}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// A client that waits for longer never loses more to `slow`, and what did not change takes no other time.
    #[test]
    fn waiting_longer_loses_nothing(
        (first, more) in (20_u32..3_000, 1_u32..3_000),
        (attempts, error) in (1_u32..4, prop_oneof![Just(0.0), 0.0..0.5_f64]),
    ) {
        let slow = |timeout: u32| {
            let clients = format!("timeout = \"{timeout}ms\"\nretries = {{ attempts = {attempts} }}");
            let compute = "[compute]\nkind = \"managed\"\nresponse-time = { lognormal = { median = \"150ms\", sigma = 1 } }\n";
            let fault = format!("[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = {error}\nat = \"10m\"\nduration = \"5m\"\n");
            let table = rows(&one_region(&clients, &format!("{compute}{JOURNEY}{fault}")), 1);
            (of(&table, "journey.page.cause.slow")[0], of(&table, "latency_after_ms")[0], of(&table, "latency_before_ms")[0])
        };
        let (short, after, before) = slow(first);
        let (long, ..) = slow(first + more);
        prop_assert!(long <= short + 1e-6, "{long} and {short}");
        prop_assert!((after - before).abs() < 1e-9, "{after} and {before}");
    }
}

/// For 20 of the 50 minutes after the start of the fault each miss waits three times 10 s for the dead origin, and finds the
/// other one: 20 / 50 of 30 s are 12.0 s, beside which two round trips are nothing. No journey of it says anything of latency.
#[test]
fn a_journey_that_waits_is_told_though_the_file_says_nothing_of_latency() {
    let text = |lost: &str| {
        let clients = [("us", "us-east-1", "requests-per-second = 100")];
        let dns = "policy = \"latency\"\n[edge]\nkind = \"cloudfront\"\nhit-ratio = 0.0\n\
                   origin-group = [\"us-east-1\", \"eu-west-1\"]";
        head("horizon = \"1h\"\ntrials = 20", &["us-east-1", "eu-west-1"], dns, &clients)
            + "[[journeys]]\nname = \"get\"\nshare = 1\n[[faults]]\nkind = \"region-outage\"\n"
            + &format!("region = \"{lost}\"\nat = \"10m\"\nduration = \"20m\"\n")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let told = |text: &str| {
        std::fs::write(folder.path().join("get.toml"), text).expect("a file");
        let answer = crate::program::ask_in(folder.path(), &["run", "get.toml", "--quiet"]);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        answer.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let waits = told(&text("us-east-1"));
    assert!(
        waits.contains("get: requests take ") && waits.contains(" as before the fault, 12.0 s instead of "),
        "{waits}"
    );
    assert!(waits.contains("Latency before the fault until back for good after that"), "{waits}");
    assert!(!told(&text("eu-west-1")).contains("requests take"), "the first origin answers");
}
