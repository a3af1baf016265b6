//! Several shifts of one record: back by parts, let back in between, shares at several levels of a tree.
//!
//! Resolvers keep nothing, routing controls show after 3 s and edits after 60 s, so that failures are rates times differences of
//! instants. Whom a shift leads is seen by who fails: one region is out from 10 min on.

use crate::lab::{of, rows};

/// Requests of each population and second.
const RATE: f64 = 100.0;
const END: f64 = 3_600.0;
const OUT: f64 = 600.0;

/// These records, one region that is out, and these steps from the 12th minute on.
fn text(records: &str, out: &str, steps: &str, crowds: &[&str]) -> String {
    let client = |name: &&str| {
        format!("[[clients]]\nname = \"{name}\"\nnear = \"us-east-1\"\nrequests-per-second = {RATE}\ncohorts = 1\n")
    };
    let clients: String = crowds.iter().map(client).collect();
    let host = if out == "eu-west-1" { "us-east-2" } else { "eu-west-1" };
    format!(
        "name = \"test\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[regions.us-east-2]\n[regions.eu-west-1]\n\
         [dns]\npropagation = \"3s\"\n[names.www]\nrecord = \"top\"\nttl = \"0s\"\n{records}{clients}\
         [[journeys]]\nname = \"visit\"\nshare = 1\n\
         [[faults]]\nkind = \"region-outage\"\nregion = \"{out}\"\nat = \"10m\"\nduration = \"permanent\"\n\
         [[runbooks]]\nname = \"move\"\non = {{ at = \"12m\" }}\nhosted-in = \"{host}\"\nsteps = [{steps}]\n"
    )
}

fn record(name: &str, policy: &str, answers: &str) -> String {
    format!("[records.{name}]\npolicy = \"{policy}\"\nanswers = [{answers}]\n")
}

/// Failed requests of a crowd in the first trial, as seconds in which all of it fails.
fn failed_seconds(text: &str, crowd: &str) -> f64 {
    of(&rows(text, 1), &format!("population.{crowd}.failed"))[0] / RATE
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
}

const PAIR: &str = "{ to = \"us-east-1\" }, { to = \"eu-west-1\" }";

/// Away as a whole, back by a share: that share returns to the region, which is still out, and the rest stays away.
#[test]
fn a_shift_back_by_a_share_leaves_the_rest_where_it_was_led() {
    for (means, shows) in [("arc", 3.0), ("record-edit", 60.0)] {
        let steps = format!(
            "{{ shift = \"{means}\", to = \"eu-west-1\" }}, {{ wait = \"8m\" }}, \
             {{ shift = \"{means}\", to = \"us-east-1\", share = 0.25 }}, {{ wait = \"10m\" }}, \
             {{ shift = \"{means}\", to = \"us-east-1\", share = 0.75 }}"
        );
        // Edits need the control plane in us-east-1: the region that is out is another one, and so is the way there.
        let (records, out, steps) = match means {
            "arc" => (PAIR.to_owned(), "us-east-1", steps),
            _ => (PAIR.replace("us-east-1", "us-east-2"), "us-east-2", steps.replace("us-east-1", "us-east-2")),
        };
        let file = text(&record("top", "failover", &records), out, &steps, &["all"]);
        let (away, quarter, most) = (720.0 + shows, 1_200.0 + shows, 1_800.0 + shows);
        near(failed_seconds(&file, "all"), (away - OUT) + 0.25 * (most - quarter) + 0.75 * (END - most));
    }
}

/// The parts of a ramp back, each a third more; the last one is the whole.
#[test]
fn a_ramp_back_takes_what_its_parts_say() {
    let steps = "{ shift = \"arc\", to = \"eu-west-1\" }, { wait = \"8m\" }, \
                 { shift = \"arc\", to = \"us-east-1\", ramp = { steps = 3, every = \"5m\" } }";
    let file = text(&record("top", "failover", PAIR), "us-east-1", steps, &["all"]);
    let third = 300.0;
    let back = third * (1.0 / 3.0) + third * (2.0 / 3.0) + (END - 1_203.0 - 2.0 * third);
    near(failed_seconds(&file, "all"), (723.0 - OUT) + back);
}

/// Somebody edits a record, thinks better of it, and lets the region back before the edit shows. The edit shows later; the
/// region stays.
#[test]
fn an_edit_that_shows_later_undoes_no_readmission_that_came_after_it() {
    let steps = "{ shift = \"record-edit\", to = \"eu-west-1\" }, { wait = \"10s\" }, { readmit = \"us-east-2\" }";
    let pair = PAIR.replace("us-east-1", "us-east-2");
    let file = text(&record("top", "failover", &pair), "us-east-2", steps, &["all"]);
    near(failed_seconds(&file, "all"), END - OUT);
}

/// A shift of a half holds out two regions. One of them is let back, the other is not.
#[test]
fn who_is_let_back_leaves_others_held_out() {
    let answers =
        "{ to = \"us-east-1\", weight = 1 }, { to = \"us-east-2\", weight = 1 }, { to = \"eu-west-1\", weight = 2 }";
    for (means, shows) in [("arc", 723.0), ("record-edit", 780.0)] {
        let steps = format!(
            "{{ shift = \"{means}\", to = \"eu-west-1\", share = 0.5 }}, {{ wait = \"8m\" }}, {{ readmit = \"us-east-1\" }}"
        );
        let file = text(&record("top", "weighted", answers), "us-east-2", &steps, &["all"]);
        near(failed_seconds(&file, "all"), 0.25 * (shows - OUT) + 0.125 * (END - shows));
    }
}

/// Steps at two levels of a tree shift shares of different traffic, one step at both shifts the same.
#[test]
fn shares_at_two_levels_multiply() {
    let records = format!(
        "{}{}",
        record("top", "failover", "{ to = \"us-east-1\" }, { to = \"below\" }"),
        record("below", "failover", "{ to = \"us-east-2\" }, { to = \"eu-west-1\" }")
    );
    let step = |record: &str| format!("{{ shift = \"arc\", to = \"eu-west-1\", share = 0.6{record} }}");
    let both = format!("{}, {}", step(", record = \"top\""), step(", record = \"below\""));
    let file = text(&records, "eu-west-1", &both, &["all"]);
    near(failed_seconds(&file, "all"), 0.6 * 0.6 * (END - 723.0));
    near(failed_seconds(&text(&records, "eu-west-1", &step(""), &["all"]), "all"), 0.6 * (END - 723.0));
}

/// An edit puts eu-west-1 in the place of the other two. Then us-east-1 is let back: its own come back to it, those of the
/// other region stay with what stands in.
#[test]
fn what_stands_in_stays_for_those_whose_region_is_not_back() {
    let answers = "{ to = \"us-east-1\", location = \"us\" }, { to = \"us-east-2\", location = \"asia\" }, \
                   { to = \"eu-west-1\", location = \"eu\" }";
    let steps = "{ shift = \"record-edit\", to = \"eu-west-1\" }, { wait = \"8m\" }, { readmit = \"us-east-1\" }";
    // The edit is accepted before us-east-1 breaks.
    let file = text(&record("top", "geolocation", answers), "us-east-1", steps, &["us", "asia", "eu"])
        .replace("at = \"10m\"", "at = \"15m\"");
    for (crowd, failed) in [("us", END - 1_203.0), ("asia", 0.0), ("eu", 0.0)] {
        near(failed_seconds(&file, crowd), failed);
    }
}

/// What an edit has put in leaves when nobody is taken out any more.
#[test]
fn what_stands_in_leaves_when_all_are_back() {
    let answers = "{ to = \"us-east-1\", weight = 1 }, { to = \"us-east-2\", weight = 1 }";
    let steps = "{ shift = \"record-edit\", to = \"eu-west-1\" }, { wait = \"8m\" }, { readmit = \"us-east-1\" }, \
                 { wait = \"10m\" }, { readmit = \"us-east-2\" }";
    let file = text(&record("top", "weighted", answers), "eu-west-1", steps, &["all"]);
    // It has the weight of both.
    near(failed_seconds(&file, "all"), (1_203.0 - 780.0) + 2.0 / 3.0 * 600.0);
}

/// Three addresses in one answer, of which one serves nothing but errors, and half of the traffic is shifted to that one: nobody of
/// that half finds another address in his answer, and of the others one in three begins with it.
#[test]
fn who_goes_along_with_a_shift_of_a_share_has_an_answer_of_his_own() {
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-2\"\nerror = 1\nseen = 0\nat = \"10m\"\nduration = \"permanent\"\n";
    let answers = "{ to = \"us-east-1\" }, { to = \"us-east-2\" }, { to = \"eu-west-1\" }";
    let of = |steps: &str| {
        let file = text(&record("top", "multivalue", answers), "us-east-2", steps, &["all"]);
        let (start, end) = (file.find("[[faults]]").expect("a fault"), file.find("[[runbooks]]").expect("a runbook"));
        format!("{}{gray}{}", &file[..start], &file[end..])
    };
    let third = 1.0 / 3.0;
    for (means, shows) in [("arc", 723.0), ("record-edit", 780.0)] {
        let half = of(&format!("{{ shift = \"{means}\", to = \"us-east-2\", share = 0.5 }}"));
        near(failed_seconds(&half, "all"), (shows - OUT) * third + (END - shows) * (0.5 + 0.5 * third));
    }
    let ramp = of("{ shift = \"arc\", to = \"us-east-2\", ramp = { steps = 2, every = \"5m\" } }");
    near(failed_seconds(&ramp, "all"), 123.0 * third + 300.0 * (0.5 + 0.5 * third) + (END - 1_023.0));
    // All to another region, and a quarter back to the broken one: nobody walks from one to the other.
    let back = of(
        "{ shift = \"arc\", to = \"us-east-1\" }, { wait = \"8m\" }, { shift = \"arc\", to = \"us-east-2\", share = 0.25 }",
    );
    near(failed_seconds(&back, "all"), 123.0 * third + 0.25 * (END - 1_203.0));
}

/// Half of the clients are led to the address that is dead, alone; the others have it among three, and wait for it to connect at
/// worst. Clients that wait for 2 s give up before they meet another one.
#[test]
fn a_dead_address_alone_fails_who_was_given_no_other() {
    let answers = "{ to = \"us-east-1\" }, { to = \"us-east-2\" }, { to = \"eu-west-1\" }";
    let of = |timeout: &str| {
        let steps = "{ shift = \"arc\", to = \"us-east-2\", share = 0.5 }";
        text(&record("top", "multivalue", answers), "us-east-2", steps, &["all"])
            .replace("cohorts = 1\n", &format!("cohorts = 1\ntimeout = \"{timeout}\"\n"))
    };
    near(failed_seconds(&of("60s"), "all"), 0.5 * (END - 723.0));
    let third = 1.0 / 3.0;
    near(failed_seconds(&of("2s"), "all"), 123.0 * third + (END - 723.0) * (0.5 + 0.5 * third));
}
