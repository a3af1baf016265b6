//! Names and trees of records at random: what holds of each of them.

use std::fmt::Write as _;

use models::cause::Cause;
use mrsim::run::Trials as _;
use sim_core::random::{Stream, StreamId};

use crate::lab::{open, opened, row};

/// So many trees; each is the same every time.
const TREES: u64 = 120;
const TRIALS: u64 = 2;
const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

/// Draws of one tree.
struct Draws(Stream);

impl Draws {
    fn new(tree: u64) -> Self {
        let mut stream = Stream::new(StreamId::new(14, "random-trees", "text"));
        stream.begin(tree);
        Self(stream)
    }

    fn up_to(&mut self, most: usize) -> usize {
        ((self.0.uniform() * (most + 1) as f64) as usize).min(most)
    }

    fn of<'a>(&mut self, options: &[&'a str]) -> &'a str {
        options[self.up_to(options.len() - 1)]
    }

    fn flag(&mut self) -> bool {
        self.up_to(1) == 1
    }
}

/// Records that lead down: the first ones to endpoints and pages alone, each later one to records before it as well. The names lead
/// to the last two.
fn records(draws: &mut Draws) -> String {
    let mut text = String::new();
    let count = 3 + draws.up_to(2);
    let policies = ["failover", "weighted", "latency", "geolocation", "multivalue", "simple"];
    let mut used = [false; 6];
    let mut led_to = vec![false; count];
    for record in 0..count {
        let last = record + 2 >= count;
        let policy = if record == 0 { draws.of(&policies) } else { draws.of(&policies[..4]) };
        let mut answers = Vec::new();
        let number = if policy == "simple" { 1 } else { 2 + draws.up_to(1) };
        let mut left: Vec<&str> = REGIONS.to_vec();
        let mut crowds = vec!["america", "europe", "default"];
        for (answer, nearest) in REGIONS.into_iter().enumerate().take(number) {
            let unled = (0..record).find(|below| !led_to[*below]);
            let to_record = policy != "multivalue" && policy != "simple" && record > 0;
            let mut keys = match (unled, draws.up_to(3)) {
                (Some(below), _) if to_record && last => {
                    led_to[below] = true;
                    format!("to = \"r{below}\"")
                }
                (_, 0) if to_record => {
                    let below = draws.up_to(record - 1);
                    led_to[below] = true;
                    format!("to = \"r{below}\"")
                }
                (_, 1) if answer > 0 && policy != "multivalue" && policy != "simple" => "static = \"sorry\"".to_owned(),
                _ => {
                    let place = draws.up_to(left.len() - 1);
                    format!("to = \"{}\"", left.remove(place))
                }
            };
            let page = keys.starts_with("static");
            if draws.flag() {
                let check = draws.up_to(4);
                used[check] = true;
                write!(keys, ", health-check = \"c{check}\"").expect("a text takes it");
            }
            if !page && draws.up_to(2) == 0 {
                write!(keys, ", evaluate-target-health = {}", draws.flag()).expect("a text takes it");
            }
            match policy {
                "weighted" => write!(keys, ", weight = {}", draws.of(&["0", "1", "3"])),
                "latency" => write!(keys, ", region = \"{nearest}\""),
                "geolocation" => write!(keys, ", location = \"{}\"", crowds.remove(0)),
                _ => Ok(()),
            }
            .expect("a text takes it");
            answers.push(format!("{{ {keys} }}"));
        }
        let failback = draws.of(&["automatic", "automatic", "manual"]);
        writeln!(
            text,
            "[records.r{record}]\npolicy = \"{policy}\"\nfailback = \"{failback}\"\nanswers = [{}]",
            answers.join(", ")
        )
        .expect("a text takes it");
    }
    let ttl = draws.of(&["0s", "30s", "5m"]);
    for (name, record) in [("www", count - 1), ("api", count - 2)] {
        writeln!(text, "[names.{name}]\nrecord = \"r{record}\"\nttl = \"{ttl}\"").expect("a text takes it");
    }
    // Checks on endpoints, one that is turned round, and one that goes by two others.
    let sharp = "interval = \"10s\"\nfailure-threshold = 2";
    for (check, used) in used.iter().enumerate().take(4) {
        if *used || check < 2 {
            let inverted = if check == 3 { "\ninverted = true" } else { "" };
            writeln!(text, "[health-checks.c{check}]\nendpoint = \"{}\"\n{sharp}{inverted}", REGIONS[check % 3])
                .expect("a text takes it");
        }
    }
    let needed = 1 + draws.up_to(1);
    writeln!(
        text,
        "[health-checks.c4]\nkind = \"calculated\"\nchildren = [\"c0\", \"c1\"]\nhealthy-children = {needed}"
    )
    .expect("a text takes it");
    writeln!(text, "[[alarms]]\nname = \"watched\"\nmetric = {{ health-check = \"c4\" }}\nabove = 0")
        .expect("a text takes it");
    text
}

fn text(tree: u64) -> String {
    let draws = &mut Draws::new(tree);
    let mut text = "name = \"tree\"\nhorizon = \"1h\"\n".to_owned();
    for region in REGIONS {
        writeln!(text, "[regions.{region}]").expect("a text takes it");
    }
    text += "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 2, desired = 3, max = 6 }\nrequests-per-second = 100\n";
    text += "[dns]\ntarget-health-lost = \"90s\"\n";
    text += &records(draws);
    for (name, near, rate) in [("america", "us-east-1", 90), ("europe", "eu-west-1", 60), ("asia", "us-west-2", 30)] {
        writeln!(text, "[[clients]]\nname = \"{name}\"\nnear = \"{near}\"\nrequests-per-second = {rate}\ncohorts = 8")
            .expect("a text takes it");
    }
    for (name, at, share) in [("look", "www", 0.7), ("order", "api", 0.3)] {
        writeln!(text, "[[journeys]]\nname = \"{name}\"\nat = \"{at}\"\nshare = {share}").expect("a text takes it");
    }
    if draws.flag() {
        let (means, to) = (draws.of(&["arc", "record-edit"]), draws.of(&REGIONS));
        writeln!(
            text,
            "[[runbooks]]\nname = \"move\"\non = {{ operator = \"4m\" }}\nhosted-in = \"eu-west-1\"\n\
             steps = [{{ shift = \"{means}\", to = \"{to}\" }}, {{ wait = \"10m\" }}, {{ readmit = \"us-east-1\" }}]"
        )
        .expect("a text takes it");
    }
    for (fault, at) in ["10m", "18m"].into_iter().enumerate() {
        let region = REGIONS[draws.up_to(2)];
        let kind = draws.of(&["region-outage", "gray-failure", "instance-failures"]);
        let how = match kind {
            "gray-failure" => "error = 0.6\nduration = \"6m\"",
            "instance-failures" => "probability = 1.0\nduration = \"6m\"",
            _ => "duration = \"6m\"",
        };
        writeln!(text, "[[faults]] # {fault}\nkind = \"{kind}\"\nregion = \"{region}\"\nat = \"{at}\"\n{how}")
            .expect("a text takes it");
    }
    text
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// What a trial fails is what its populations and its journeys fail, by its causes; and nobody fails more than is offered.
#[test]
fn requests_are_conserved_in_every_tree() {
    for tree in 0..TREES {
        let text = text(tree);
        let source = open(&text).source;
        for trial in 0..TRIALS {
            let values = row(&source, trial);
            let get = |name: &str| values[source.columns().named(name).unwrap_or_else(|| panic!("no {name}"))];
            let near = |one: f64, other: f64, what: &str| {
                assert!((one - other).abs() <= 1e-9 * (1.0 + one.abs()), "{what}: {one} and {other}\n{text}");
            };
            let journeys = ["look", "order"].map(|journey| {
                let failed = get(&format!("journey.{journey}.failed"));
                let causes = Cause::ALL.iter().map(|cause| get(&format!("journey.{journey}.cause.{}", cause.name())));
                near(causes.sum(), failed, "causes");
                assert!(failed <= get(&format!("journey.{journey}.offered")) * (1.0 + 1e-9), "{text}");
                failed
            });
            let crowds = ["america", "europe", "asia"].map(|crowd| get(&format!("population.{crowd}.failed")));
            near(journeys.iter().sum(), crowds.iter().sum(), "populations");
        }
    }
}

/// Whether every probe and every expiry is an event of its own makes no difference, to the last bit.
#[test]
fn every_tree_is_the_same_eagerly() {
    for tree in 0..TREES {
        let text = text(tree);
        let (lazy, eager) = (opened(&text, false).source, opened(&text, true).source);
        for trial in 0..TRIALS {
            assert_eq!(bits(&row(&lazy, trial)), bits(&row(&eager, trial)), "tree {tree}, trial {trial}\n{text}");
        }
    }
}

/// Where nobody keeps an answer, a population in two halves is the same population: all but what is told of it.
#[test]
fn halves_of_a_population_see_the_same_tree() {
    for tree in 0..TREES {
        let one = text(tree).replace("ttl = \"30s\"", "ttl = \"0s\"").replace("ttl = \"5m\"", "ttl = \"0s\"");
        let half = "near = \"eu-west-1\"\nrequests-per-second = 60\ncohorts = 8\n";
        let twin = "near = \"eu-west-1\"\nrequests-per-second = 30\ncohorts = 8\n[[clients]]\nname = \"twin\"\nnear = \"eu-west-1\"\n\
             requests-per-second = 30\ncohorts = 8\n";
        // Where clients go from address to address, populations are counted one by one, and sums are rounded in another order.
        let one_by_one = one.contains("multivalue");
        let two = one.replace(half, twin).replace("location = \"europe\"", "location = [\"europe\", \"twin\"]");
        let (one, two) = (open(&one).source, open(&two).source);
        for trial in 0..TRIALS {
            let (whole, halves) = (row(&one, trial), row(&two, trial));
            for (name, value) in one.columns().names().iter().zip(&whole) {
                if name.starts_with("population.europe.") {
                    continue;
                }
                let other = halves[two.columns().named(name).expect("the column is still there")];
                let near = one_by_one && (value - other).abs() <= 1e-12 * value.abs();
                let same = value.to_bits() == other.to_bits() || (value.is_nan() && other.is_nan()) || near;
                assert!(same, "tree {tree}, trial {trial}: {name} is {value:?} and {other:?}");
            }
        }
    }
}

/// The trees are of all sorts: one that always answers alike would show nothing.
#[test]
fn trees_are_of_all_sorts() {
    let texts: Vec<String> = (0..TREES).map(text).collect();
    for word in [
        "failover",
        "weighted",
        "latency",
        "geolocation",
        "multivalue",
        "simple",
        "manual",
        "static",
        "inverted",
        "to = \"r0\"",
        "evaluate-target-health = true",
        "evaluate-target-health = false",
        "arc",
        "record-edit",
        "gray-failure",
        "region-outage",
        "instance-failures",
    ] {
        let count = texts.iter().filter(|text| text.contains(word)).count();
        assert!(count >= 10, "{word} in {count} of {TREES}");
    }
}
