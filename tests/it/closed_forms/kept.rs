//! What callers keep of values and errors while a need fails, and after it.

use super::services::{AtTheEnd, close, impaired, text};
use crate::lab::{figures, follows, watched};

#[test]
fn callers_that_keep_values_feel_a_failure_in_twenty_steps() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"mail\", cached-for = \"20m\" }]\n\
                    [services.mail]\nkind = \"external\"\nplace = \"us-east-1\"\n";
    let text = text(1, services, &impaired("mail", "", 1.0, "30m"));
    // The share that feels it is 0 until u minutes, 1/20 until 1 + u, .. and 1 from 19 + u on; the need works again after 30 min.
    let lost = figures(&text, "journey.buy.lost_traffic_s", 600);
    let minutes: Vec<f64> = lost.iter().map(|lost| lost / 60.0).collect();
    let least = 30.0 - (1..=20).map(|step| f64::from(step) / 20.0).sum::<f64>();
    follows(&minutes, |x| (x - least).clamp(0.0, 1.0));
}

#[test]
fn callers_that_keep_errors_stay_down_for_a_part_of_the_time() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"mail\", errors-kept = \"20m\" }]\n\
                    [services.mail]\nkind = \"external\"\nplace = \"us-east-1\"\n";
    let text = text(1, services, &impaired("mail", "", 1.0, "10m"));
    let lost = figures(&text, "journey.buy.lost_traffic_s", 600);
    // 10 min in full, then 1 until u minutes, 19/20 until 1 + u, .. and 0 from 19 + u on.
    let minutes: Vec<f64> = lost.iter().map(|lost| lost / 60.0).collect();
    let least = 10.0 + (1..20).map(|step| f64::from(step) / 20.0).sum::<f64>();
    follows(&minutes, |x| (x - least).clamp(0.0, 1.0));
}

/// Thirty instances, all of which hold a value when the need begins to fail. An hour later the ten of a zone are lost with their hosts and
/// replaced by ten that hold none: a third of the requests fails from then on, and nothing before.
#[test]
fn callers_that_keep_the_last_value_feel_a_failure_as_far_as_they_are_new() {
    let services = |need: &str| {
        format!(
            "[services.web]\nkind = \"ec2-auto-scaling\"\nrequests-per-second = 100\n\
             instances = {{ min = 30, desired = 30, max = 60 }}\nneeds = [{{ call = \"mail\", {need} }}]\n\
             [services.mail]\nkind = \"external\"\nplace = \"us-east-1\"\n"
        )
    };
    let zone = "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"\nhosts = \"terminated\"\nat = \"70m\"\n\
                duration = \"permanent\"\n";
    let alone = impaired("mail", "", 1.0, "permanent");
    let success = |need: &str, faults: &str| {
        let last: Vec<AtTheEnd> = watched(&text(1, &services(need), faults), 1);
        last[0].0.journeys[0].success()
    };
    let keep_last = "cached-for = \"5m\", keep-last = true";
    close(success(keep_last, &alone), 1.0);
    close(success(keep_last, &format!("{alone}{zone}")), 2.0 / 3.0);
    // Without the last value all of them feel it after five minutes.
    close(success("cached-for = \"5m\"", &alone), 0.0);
}

/// As above, and the caller's region is out from minute 5 to minute 8. The clock runs on meanwhile, whether the need is elsewhere or in the
/// region that is out: with u the part of a minute after which the first step comes, 20.5 - u min are lost without the outage. In its
/// three minutes everything fails instead of 5/20 for u, 6/20 and 7/20 for a minute each and 8/20 for 1 - u, which are (21 - 3 u) / 20 min.
#[test]
fn the_clock_of_a_failure_runs_while_the_callers_region_is_out() {
    let outage = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"15m\"\nduration = \"3m\"\n";
    for (kind, region) in [("kind = \"external\"\nplace = \"us-east-1\"", ""), ("kind = \"managed\"", "us-east-1")] {
        let services = format!(
            "[services.web]\nkind = \"managed\"\nneeds = [{{ call = \"mail\", cached-for = \"20m\" }}]\n[services.mail]\n{kind}\n"
        );
        let faults = format!("{}{outage}", impaired("mail", region, 1.0, "30m"));
        let lost = figures(&text(1, &services, &faults), "journey.buy.lost_traffic_s", 600);
        let minutes: Vec<f64> = lost.iter().map(|lost| lost / 60.0).collect();
        let most = 20.5 + 3.0 - 21.0 / 20.0;
        follows(&minutes, |x| 1.0 - ((most - x) / (1.0 - 3.0 / 20.0)).clamp(0.0, 1.0));
    }
}

/// As above with ten instances that were ordered before the need failed and came to live afterwards: they hold no value. The orders are of
/// minute 10 + 1, the failure begins in minute 12, and what a launch needs fails until minute 15, or a launch takes five.
#[test]
fn a_member_is_as_old_as_its_launch_and_not_as_its_order() {
    for (time, registry) in [("5m", ""), ("30s", &*impaired("registry", "", 1.0, "5m"))] {
        let services = format!(
            "[services.web]\nkind = \"ec2-auto-scaling\"\nrequests-per-second = 100\nlaunch-time = \"{time}\"\n\
             replacement-delay = \"1m\"\nlaunch-needs = [{{ call = \"registry\" }}]\n\
             instances = {{ min = 30, desired = 30, max = 60 }}\n\
             needs = [{{ call = \"mail\", cached-for = \"5m\", keep-last = true }}]\n\
             [services.mail]\nkind = \"external\"\nplace = \"us-east-1\"\n\
             [services.registry]\nkind = \"external\"\nplace = \"us-east-1\"\n"
        );
        let mail = impaired("mail", "", 1.0, "permanent").replace("10m", "12m");
        let zone = "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"\nhosts = \"terminated\"\n\
                    at = \"10m\"\nduration = \"permanent\"\n";
        let last: Vec<AtTheEnd> = watched(&text(1, &services, &format!("{mail}{zone}{registry}")), 1);
        close(last[0].0.journeys[0].success(), 2.0 / 3.0);
    }
}

/// A function gets three times as much while the need fails: the environments that it adds hold no value. With q the share of attempts that
/// fail and three attempts, 1 + q + q^2 are made of each request, and q = 1 - 1 / (3 (1 + q + q^2)) of the environments are new.
#[test]
fn environments_that_a_function_adds_hold_no_value() {
    let services = "[services.web]\nkind = \"lambda\"\nduration = \"1s\"\naccount-limit = 10_000\n\
                    needs = [{ call = \"mail\", cached-for = \"5m\", keep-last = true }]\n\
                    [services.mail]\nkind = \"external\"\nplace = \"us-east-1\"\n";
    let surge = "[[faults]]\nkind = \"load-surge\"\nfactor = 3\nat = \"20m\"\nduration = \"permanent\"\n";
    for attempts in [1_u32, 3] {
        let faults = format!("{}{surge}", impaired("mail", "", 1.0, "permanent"));
        let last: Vec<AtTheEnd> = watched(&text(attempts, services, &faults), 1);
        let made = |q: f64| if attempts == 1 { 1.0 } else { 1.0 + q + q * q };
        let q = (0..1000).fold(0.0, |q, _| 1.0 - 1.0 / (3.0 * made(q)));
        let success = last[0].0.journeys[0].success();
        assert!((success - (1.0 - f64::powf(q, attempts.into()))).abs() < 1e-3, "{success}");
    }
}

/// A tenth of the calls fails for ten minutes: a tenth of the callers keeps an error then, for twenty minutes at most. While the need fails a
/// tenth is lost, which are 60 s, and then a tenth of what is lost where all fail: 9.5 to 10.5 min of everything.
#[test]
fn as_many_callers_keep_an_error_as_met_one() {
    let services = "[services.web]\nkind = \"managed\"\nneeds = [{ call = \"mail\", errors-kept = \"20m\" }]\n\
                    [services.mail]\nkind = \"external\"\nplace = \"us-east-1\"\n";
    for error in [0.1, 1e-6] {
        let text = text(1, services, &impaired("mail", "", error, "10m"));
        let lost = figures(&text, "journey.buy.lost_traffic_s", 600);
        let minutes: Vec<f64> = lost.iter().map(|lost| lost / 60.0 / error).collect();
        follows(&minutes, |x| (x - 19.5).clamp(0.0, 1.0));
    }
}
