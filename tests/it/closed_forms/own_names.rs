//! Own names of stores and services that have no record for a while.

use crate::lab::{averages, figures, of, rows};

/// 80 requests/s enter `web` in us-east-1, which reads a table and calls `api`; 20 go to eu-west-1, where the same holds.
fn text(rest: &str) -> String {
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.eu-west-1]\n[dns]\npolicy = \"latency\"\nttl = \"0s\"\n\
         [services.web]\nkind = \"managed\"\nneeds = [{{ read = \"carts\" }}, {{ call = \"api\", attempts = 3 }}, {{ call = \"bank\" }}]\n\
         [services.api]\nkind = \"managed\"\n[services.bank]\nkind = \"external\"\nplace = \"us-east-1\"\n\
         [stores.carts]\nkind = \"dynamodb-global-table\"\n\
         [[clients]]\nname = \"west\"\nnear = \"us-east-1\"\nrequests-per-second = 80\n\
         [[clients]]\nname = \"east\"\nnear = \"eu-west-1\"\nrequests-per-second = 20\n\
         [[journeys]]\nname = \"look\"\nshare = 1\n{rest}\n"
    )
}

/// A name that is lost for so long.
fn lost(of: &str, duration: &str, ttl: &str) -> String {
    format!(
        "[[faults]]\nkind = \"record-lost\"\n{of}\nat = \"10m\"\nduration = \"{duration}\"\nttl = \"{ttl}\"\nnegative-ttl = \"100s\"\n"
    )
}

const HERE: &str = "\nregion = \"us-east-1\"";

#[track_caller]
fn fails(text: &str, column: &str, expected: f64) {
    let found = of(&rows(text, 1), column)[0];
    assert!((found - expected).abs() <= 1e-6 * (1.0 + expected), "{found} in {column}, not {expected}");
}

#[test]
fn callers_in_every_region_that_need_the_name_keep_an_empty_answer() {
    for of in ["store = \"carts\"", "service = \"api\""] {
        let text = text(&lost(&format!("{of}{HERE}"), "30s", "0s"));
        // Whoever asks within 30 s keeps that for 100 s; who is elsewhere asks for another name.
        fails(&text, "journey.look.cause.no-path", 80.0 * 100.0);
        fails(&text, "population.west.failed", 80.0 * 100.0);
        fails(&text, "population.east.failed", 0.0);
        // Who asks after 100 s hears the same again.
        fails(&text.replace("\"30s\"", "\"150s\""), "journey.look.cause.no-path", 80.0 * 200.0);
    }
    let bank = text(&lost("service = \"bank\"", "30s", "0s"));
    fails(&bank, "journey.look.cause.no-path", 100.0 * 100.0);
}

#[test]
fn who_still_knows_the_address_feels_nothing() {
    // Of 20 cohorts, each asks within 30 s with probability 1/2.
    let text = text(&lost(&format!("store = \"carts\"{HERE}"), "30s", "60s"));
    averages(&figures(&text, "journey.look.cause.no-path", 600), 80.0 * 0.5 * 100.0, 0.05);
    let never = text.replace("ttl = \"60s\"", "ttl = \"10000h\"");
    fails(&never, "journey.look.failed", 0.0);
}

/// Who asks in one loss does not ask in the other, three minutes later, as everybody asks once in five: both add up. Another loss of
/// the same name while it is lost already changes nothing.
#[test]
fn two_losses_of_one_name_have_the_same_callers() {
    let one = |at: &str, duration: &str| {
        let lost = lost(&format!("store = \"carts\"{HERE}"), duration, "300s").replace("\"100s\"", "\"900s\"");
        lost.replace("at = \"10m\"", &format!("at = \"{at}\""))
    };
    let told = |faults: &str| figures(&text(faults), "journey.look.cause.no-path", 4_000);
    let (first, both) = (told(&one("10m", "60s")), told(&format!("{}{}", one("10m", "60s"), one("13m", "60s"))));
    averages(&first, 80.0 * 0.2 * 900.0, 0.05);
    averages(&both, 80.0 * 0.4 * 900.0, 0.05);
    let again = told(&format!("{}{}", one("10m", "60s"), one("610s", "20s")));
    assert_eq!(first, again);
}

#[test]
fn a_lost_name_adds_to_what_fails_otherwise() {
    let impaired = "[[faults]]\nkind = \"service-impairment\"\nstore = \"carts\"\nregion = \"us-east-1\"\nerror = 0.25\nat = \"10m\"\nduration = \"10m\"\n";
    let text = text(&format!("{impaired}{}", lost(&format!("store = \"carts\"{HERE}"), "30s", "0s")));
    // All fail for 100 s, and a quarter for the other 500 s.
    fails(&text, "journey.look.failed", 80.0 * (100.0 + 0.25 * 500.0));
    fails(&text, "journey.look.cause.no-path", 80.0 * 100.0);
    fails(&text, "journey.look.cause.dependency", 80.0 * 0.25 * 500.0);
}
