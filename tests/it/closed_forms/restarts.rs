//! What comes after the end of a fault: the time that a region needs to start again.

use crate::lab::{Law, follows, head, of, rows, uniform};

const TRIALS: u64 = 3_000;

/// One region with a record that says nothing else; it is out for U(300, 600) s and starts again in U(60, 180) s.
fn text(seed: u64, rest: &str) -> String {
    let clients = [("all", "us-east-1", "requests-per-second = 100\ncohorts = 1")];
    let head = head(&format!("horizon = \"1h\"\nseed = {seed}"), &["us-east-1"], "policy = \"simple\"", &clients);
    format!(
        r#"{head}
        {rest}
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = {{ uniform = ["300s", "600s"] }}
        restart = {{ uniform = ["60s", "180s"] }}
        "#
    )
}

const VISIT: &str = "[[journeys]]\nname = \"visit\"\nshare = 1\n";

/// The instances are as many as before, and in rotation from the first instant of the return on.
const FLEET: &str = r#"
        [compute]
        kind = "ec2-auto-scaling"
        instances = { min = 2, desired = 2, max = 4 }
        requests-per-second = 60
        [load-balancer]
        target-health-check = { interval = "10s" }
"#;

/// Writes cross a writer of its own, which is back when its region is.
const WRITES: &str = r#"needs = [{ write = "log" }]
        [stores.log]
        kind = "aurora-global"
        writer = "us-east-1"
"#;

#[test]
fn a_region_is_back_when_it_has_started_again() {
    let law = Law::new(0.5, 300.0, |x| uniform(x / 300.0)).plus(&Law::new(0.5, 120.0, |x| uniform(x / 120.0)));
    let law = law.after(300.0 + 60.0).cdf();
    for (seed, rest) in [(501, VISIT.to_owned()), (502, format!("{FLEET}{VISIT}")), (503, format!("{VISIT}{WRITES}"))] {
        let table = rows(&text(seed, &rest), TRIALS);
        let recovery = of(&table, "journey.visit.recovery_s");
        follows(&recovery, &law);
        for (recovery, failed) in recovery.iter().zip(of(&table, "journey.visit.failed")) {
            assert!((failed - 100.0 * recovery).abs() < 1e-3, "{failed} in {recovery} s of {rest}");
        }
    }
}

/// Ten outages of a minute, each with a restart of U(0, 60) s of its own: the sum of ten uniforms, and ten minutes.
#[test]
fn each_outage_draws_a_restart_of_its_own() {
    let outage = |index: u32| {
        let at = 10 + 4 * index;
        format!(
            "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"{at}m\"\nduration = \"1m\"\n\
             restart = {{ uniform = [\"0s\", \"60s\"] }}\n"
        )
    };
    let often: Vec<String> = (0..10).map(outage).collect();
    let text = text(505, VISIT);
    let (head, _) = text.split_once("[[faults]]").expect("there is a fault");
    let table = rows(&format!("{head}{}", often.concat()), TRIALS);
    let one = Law::new(0.5, 60.0, |x| uniform(x / 60.0));
    let sum = (1..10).fold(one.clone(), |sum, _| sum.plus(&one)).after(600.0);
    follows(&of(&table, "journey.visit.downtime_s"), sum.cdf());
}
