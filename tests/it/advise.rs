//! `mrsim advise`: levers that open, advice that agrees with what the stories teach, and a search that finds what the whole
//! grid finds.

mod known;

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;

use mrsim::advise::{Advice, AdviceDocument, Ask, Effect, Ladder, Smallest, advise};
use mrsim::exit::Failure;
use mrsim::experiment::Files;
use mrsim::levers::{Kind, Lever};
use mrsim::run::{Open as _, Overrides, Stop, Trials as _};

use crate::lab::{head, open, open_file};
use crate::program::{VALID, ask, names, root};

/// Trials of a search in these tests: enough for the interval of a p99.
const TRIALS: u64 = 400;

/// The search over a story, with these rungs.
fn searched(name: &str, sets: &[(&str, &str)], ladder: Ladder, threads: usize) -> Advice {
    searched_in(&root().join(format!("experiments/{name}.toml")), sets, ladder, threads)
}

/// The search over any file.
fn searched_in(path: &Path, sets: &[(&str, &str)], ladder: Ladder, threads: usize) -> Advice {
    let sets = sets.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let overrides = Overrides { sets, trials: Some(ladder.last), ..Overrides::default() };
    let answer = advise(&Ask {
        open: &Files,
        path,
        overrides: &overrides,
        ladder,
        threads: NonZeroUsize::new(threads).expect("above 0"),
        stop: &Stop::new(),
        progress: &|_| (),
        failed: &|error, _| Failure::failed(error.to_string()),
    });
    answer.unwrap_or_else(|failure| panic!("{}: {}", path.display(), failure.message))
}

fn advised(name: &str) -> Advice {
    searched(name, &[], Ladder { first: TRIALS / 4, last: TRIALS, keep: 3 }, 2)
}

/// The same over enough trials to tell steps apart whose effects are small.
fn taught(name: &str) -> Advice {
    searched(name, &[], Ladder { first: 250, last: 2_000, keep: 6 }, 2)
}

/// The kinds with this effect.
fn kinds(advice: &Advice, effect: Effect) -> Vec<Kind> {
    advice.turned.iter().filter(|turned| turned.effect == effect).map(|turned| turned.lever.kind).collect()
}

fn rank(advice: &Advice, kind: Kind) -> usize {
    advice.turned.iter().position(|turned| turned.lever.kind == kind).unwrap_or_else(|| panic!("no {kind:?}"))
}

fn first(advice: &Advice) -> Kind {
    advice.first().map(|turned| turned.lever.kind).expect("something helps")
}

fn levers(name: &str) -> Vec<Lever> {
    let own = open_file(name, &[]);
    own.source.levers(&own.header.resolved)
}

/// Opens a story with levers turned.
fn turned(name: &str, levers: &[&Lever]) -> Result<mrsim::run::Experiment<mrsim::experiment::Simulation>, Failure> {
    let path = root().join(format!("experiments/{name}.toml"));
    let sets = levers.iter().flat_map(|lever| lever.sets()).collect();
    Files.open(&path, &Overrides { sets, ..Overrides::default() })
}

#[test]
fn every_lever_of_the_catalogue_opens_and_changes_the_deployment() {
    let mut seen = Vec::new();
    for name in names(&root().join("experiments"), ".toml") {
        let own = open_file(&name, &[]);
        for lever in levers(&name) {
            let found = turned(&name, &[&lever]);
            let with = found.unwrap_or_else(|failure| panic!("{name}: {}: {}", lever.title, failure.message));
            assert!(!with.same_as(&own), "{name}: {} changes nothing", lever.title);
            assert!(!lever.changes.is_empty() && !lever.title.ends_with('.'), "{name}: {}", lever.title);
            seen.push(lever.kind);
        }
    }
    seen.sort();
    seen.dedup();
    // The catalogue has one of nearly everything.
    assert!(seen.len() >= 34, "{}: {seen:?}", seen.len());
}

#[test]
fn levers_that_go_together_open_together() {
    let mut refused = String::new();
    for name in ["active-active", "gray-failure", "night-shift", "october-2025"] {
        let all = levers(name);
        for (at, one) in all.iter().enumerate() {
            for other in all[at + 1..].iter().filter(|other| one.goes_with(other)) {
                if let Err(failure) = turned(name, &[one, other]) {
                    let _ = writeln!(refused, "{name}: {} and {}: {}", one.title, other.title, failure.message);
                }
            }
        }
    }
    assert!(refused.is_empty(), "{refused}");
}

/// Resolvers that ignore a minute ignore half a minute: not one trial differs. People are in the way of the rest, and so are the
/// resolvers: both have to be dealt with, and people are dealt with first, since that takes no new part.
#[test]
fn active_active_shortens_or_automates_the_approval_and_leaves_the_ttl() {
    let advice = taught("active-active");
    assert!(matches!(first(&advice), Kind::Approval | Kind::Automation), "{:?}", first(&advice));
    assert!(kinds(&advice, Effect::Same).contains(&Kind::DnsTtl));
    assert!(rank(&advice, Kind::Automation) < rank(&advice, Kind::DnsTtl));
    assert!(rank(&advice, Kind::Approval) < rank(&advice, Kind::DnsTtl));
    let Smallest::Found(set) = &advice.smallest else { panic!("{:?}", advice.smallest) };
    let kinds: Vec<Kind> = set.levers.iter().map(|&lever| advice.turned[lever].lever.kind).collect();
    assert!(kinds.contains(&first(&advice)) && !kinds.contains(&Kind::DnsTtl), "{kinds:?}");
}

#[test]
fn static_stability_takes_a_reserve_where_the_clients_go() {
    let advice = taught("static-stability");
    let best = advice.first().expect("something helps");
    assert_eq!((best.lever.kind, best.effect), (Kind::Reserve, Effect::Helps));
    assert!(best.lever.changes[0].key.starts_with("regions.eu-west-1."), "{:?}", best.lever);
    assert_eq!(best, &advice.turned[0]);
    // The region that is lost needs none.
    let idle = advice.turned.iter().find(|turned| {
        turned.lever.kind == Kind::Reserve && turned.lever.changes[0].key.starts_with("regions.us-east-1.")
    });
    assert_eq!(idle.map(|turned| turned.effect), Some(Effect::Same));
}

/// Shallow checks, or no checks of DNS at all: whatever else one does, the deep ones take the healthy region out. Where both meet
/// everything, the one with the least to do comes first.
#[test]
fn deep_health_check_becomes_shallow() {
    let advice = taught("deep-health-check");
    assert_eq!(first(&advice), Kind::ShallowCheck);
    let best: Vec<Kind> = advice.turned.iter().take(2).map(|turned| turned.lever.kind).collect();
    assert_eq!(best, [Kind::Accelerator, Kind::ShallowCheck]);
    assert!(Kind::ShallowCheck.effort() < Kind::Accelerator.effort());
}

#[test]
fn a_runbook_in_the_wrong_region_is_moved() {
    let advice = advised("runbook-in-the-wrong-region");
    assert_eq!(first(&advice), Kind::AutomationRegion);
    let best = advice.first().expect("there is one");
    let keys: Vec<&str> = best.lever.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["runbooks.promote-orders.hosted-in", "alarms.orders-down.hosted-in"]);
    let place = best.places[1].as_ref().expect("it is written");
    assert!(place.spot.file.ends_with("runbook-in-the-wrong-region.toml") && place.spot.line > 30, "{place:?}");
    assert_eq!(place.written.as_deref(), Some("\"us-east-1\""));
    // Nothing else differs in any trial: whatever else one does, nobody calls.
    assert!(advice.turned[1..].iter().all(|turned| turned.effect == Effect::Same));
}

/// With its alarm, people decide too slowly; without, nobody is called at all. Better checks see nothing in either case.
#[test]
fn a_gray_failure_takes_an_alarm() {
    let advice = advised("gray-failure");
    assert!(matches!(first(&advice), Kind::Automation | Kind::Approval), "{:?}", first(&advice));
    assert!(rank(&advice, Kind::AlarmPeriod) < rank(&advice, Kind::CheckThreshold));
    assert!(kinds(&advice, Effect::Same).contains(&Kind::CheckThreshold));
    let without = [("alarms", "[]"), ("runbooks", "[]")];
    let advice = searched("gray-failure", &without, Ladder { first: TRIALS / 4, last: TRIALS, keep: 3 }, 2);
    assert_eq!(first(&advice), Kind::NewAlarm);
    let keys: Vec<&str> =
        advice.first().into_iter().flat_map(|it| &it.lever.changes).map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["alarms.+", "runbooks.+"]);
}

/// Nobody can mend what somebody else runs, but orders can do without it; and a user pool can live in two regions.
#[test]
fn what_all_regions_ask_is_no_longer_asked_in_one() {
    let advice = advised("third-party");
    let best = &advice.first().expect("something helps").lever;
    assert_eq!((best.kind, best.title.as_str()), (Kind::SoftNeed, "let orders go on without calling tax"));
    let advice = advised("identity-in-one-region");
    let helps = kinds(&advice, Effect::Helps);
    assert!(helps.contains(&Kind::EveryRegion) || helps.contains(&Kind::SoftNeed), "{helps:?}");
    assert!(rank(&advice, Kind::EveryRegion) < rank(&advice, Kind::DnsTtl));
}

/// The work is a share of the grid's, and the best lever is the grid's best.
#[test]
fn halving_finds_the_best_of_the_full_grid_with_a_share_of_its_work() {
    for (name, most) in [("active-active", 0.5), ("static-stability", 0.62), ("runbook-in-the-wrong-region", 0.3)] {
        let halved = searched(name, &[], Ladder { first: TRIALS / 8, last: TRIALS, keep: 4 }, 2);
        let grid = searched(name, &[], Ladder { first: TRIALS, last: TRIALS, keep: 4 }, 2);
        assert_eq!(grid.work.alone, grid.work.grid, "{name}");
        let share = halved.work.alone as f64 / grid.work.alone as f64;
        println!("{name}: {:.1} % of the work of the grid", share * 100.0);
        assert!(share < most, "{name}: {share}");
        assert_eq!(halved.turned[0].lever, grid.turned[0].lever, "{name}");
        // What runs all trials has the same figures either way.
        assert_eq!(halved.turned[0].outcome, grid.turned[0].outcome, "{name}");
    }
}

#[test]
fn advice_is_the_same_for_any_number_of_threads() {
    let ladder = Ladder { first: 50, last: 300, keep: 2 };
    let of = |threads| AdviceDocument::from(&searched("static-stability", &[], ladder, threads));
    assert_eq!(of(1), of(3));
}

#[test]
fn the_document_names_lines_and_reads_back() {
    let answer = ask(&["advise", VALID, "--trials", "300", "--quiet", "--format", "json"]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    let document: AdviceDocument = serde_json::from_str(&answer.out).expect("it is the document");
    let written = document.levers.iter().flat_map(|lever| &lever.changes).find(|change| change.key == "dns.ttl");
    let ttl = written.expect("a file with a TTL has that lever");
    let text = std::fs::read_to_string(root().join(VALID)).expect("the file is there");
    let line = text.lines().position(|line| line.starts_with("ttl")).expect("it writes the TTL") + 1;
    assert_eq!((ttl.line, ttl.written), (Some(line), true));
    assert_eq!((ttl.before.as_deref(), ttl.after.as_str()), (Some("\"60s\""), "\"30s\""));
    assert!(document.trials_all >= document.trials_alone && document.trials_alone <= document.trials_grid);
}

#[test]
fn texts_are_for_terminals_for_pull_requests_and_for_folders() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("advice");
    let answer = ask(&["advise", VALID, "--trials", "300", "--quiet", "--out", out.to_str().expect("UTF-8")]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    assert!(answer.out.contains("How it was found") || answer.out.contains("by successive halving"), "{}", answer.out);
    for file in ["advice.json", "report.html", "report.md", "report.txt", "experiment.toml"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let again = ask(&["advise", VALID, "--trials", "300", "--quiet", "--force", "--out", out.to_str().expect("UTF-8")]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    let report = ask(&["report", out.to_str().expect("UTF-8")]);
    assert!(report.code == Some(2) && report.err.contains("keep no trials"), "{}", report.err);
}

/// What the story of a storm names as cures are steps, and lines and services that nobody scales have theirs: 60 requests a second
/// that triple are 180, which 200 carry at 90 %, or 20 at a time of 100 ms each.
#[test]
fn lines_and_services_that_nobody_scales_have_levers() {
    let change = |levers: &[Lever], kind: Kind| {
        let found = levers.iter().find(|lever| lever.kind == kind);
        found.map(|lever| lever.changes.iter().map(|it| (it.key.clone(), it.value.clone())).collect::<Vec<_>>())
    };
    let one = |key: &str, value: &str| Some(vec![(key.to_owned(), value.to_owned())]);
    let storm = levers("metastable");
    // Half of the two seconds that clients wait.
    assert_eq!(change(&storm, Kind::QueueLimit), one("compute.queue.limit", "\"1s\""));
    assert_eq!(change(&storm, Kind::QueueOrder), one("compute.queue.order", "\"lifo\""));
    assert!(change(&levers("github-2018"), Kind::ConsumerCapacity).is_some());
    let managed = |carries: &str, factor: f64| {
        let clients = [("all", "us-east-1", "requests-per-second = 60")];
        let head = head("horizon = \"1h\"", &["us-east-1"], "policy = \"simple\"", &clients);
        let own = open(&format!(
            "{head}\n[compute]\nkind = \"managed\"\n{carries}\n[[journeys]]\nname = \"read\"\nshare = 1\n[[faults]]\n\
             kind = \"load-surge\"\nfactor = {factor}\nat = \"10m\"\nduration = \"1m\"\n"
        ));
        change(&own.source.levers(&own.header.resolved), Kind::ServiceCapacity)
    };
    let rate = "requests-per-second = 100";
    assert_eq!(managed(rate, 3.0), one("regions.us-east-1.compute.requests-per-second", "200"));
    assert_eq!(managed(rate, 1.2), None, "72 of 100 are carried");
    let concurrency = "concurrency = 10\nresponse-time = \"100ms\"";
    assert_eq!(managed(concurrency, 3.0), one("regions.us-east-1.compute.concurrency", "20"));
}
