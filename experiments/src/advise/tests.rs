//! The search over made-up levers whose effects are known.

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use sim_core::random::Mix;

use super::{Advice, Ask, Effect, Ladder, Smallest, Untried, advise};
use crate::exit::Failure;
use crate::header::{Indicator, Objective, Of};
use crate::levers::{Change, Kind, Lever};
use crate::run::synthetic::Synthetic;
use crate::run::{Experiment, Open, Overrides, Stop, Trials};
use measure::outage::Outage;
use measure::{Columns, Trial};

/// A lever: by how many seconds it makes recovery shorter, and loss larger.
#[derive(Debug, Clone, Copy)]
struct Known {
    name: &'static str,
    faster: f64,
    lossier: f64,
}

/// Of 100 s of recovery 10 s are allowed, and 10 s of loss.
const BEFORE: f64 = 100.0;
const LIMIT: f64 = 10.0;

const LOSSY: Known = Known { name: "lossy", faster: 60.0, lossier: 20.0 };
const HALF: Known = Known { name: "half", faster: 50.0, lossier: 0.0 };
const QUARTER: Known = Known { name: "quarter", faster: 25.0, lossier: 0.0 };
const FIFTH: Known = Known { name: "fifth", faster: 20.0, lossier: 0.0 };
/// Trials fail with it.
const TORN: Known = Known { name: "torn", faster: 90.0, lossier: 0.0 };
/// The file refuses it.
const REFUSED: Known = Known { name: "refused", faster: 90.0, lossier: 0.0 };

/// Opens whatever it is asked for with these levers.
struct Tuning(&'static [Known]);

/// Trials that are the same but for the levers that are turned.
struct Tuned {
    inner: Synthetic,
    levers: &'static [Known],
    turned: Vec<Known>,
}

impl Open for Tuning {
    type Source = Tuned;

    fn open(&self, _: &Path, overrides: &Overrides) -> Result<Experiment<Tuned>, Failure> {
        let settings = format!("{:?}", overrides.varied);
        let is = |known: &&Known| settings.contains(&format!("levers.{}=", known.name));
        let turned: Vec<Known> = self.0.iter().filter(is).copied().collect();
        if turned.iter().any(|known| known.name == REFUSED.name) {
            return Err(Failure::usage("not like this"));
        }
        let mut inner = Synthetic::typical();
        let objective = |indicator| Objective { indicator, of: Of::Worst, quantile: 0.5, limit: LIMIT };
        inner.header.objectives = [Indicator::Rto, Indicator::Rpo].map(objective).to_vec();
        Ok(Experiment {
            header: inner.header.clone(),
            trials: 100,
            findings: Vec::new(),
            notes: Vec::new(),
            sweep: None,
            solve: None,
            source: Tuned { inner, levers: self.0, turned },
        })
    }

    fn trace(&self, _: &Experiment<Tuned>, _: u64, _: &mut dyn io::Write) -> io::Result<()> {
        Ok(())
    }
}

impl Trials for Tuned {
    type Worker = Trial;

    fn columns(&self) -> &Columns {
        self.inner.columns()
    }

    fn worker(&self) -> Trial {
        self.inner.worker()
    }

    fn run(&self, worker: &mut Trial, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>) {
        self.inner.run(worker, trial, row, outages);
        assert!(self.turned.iter().all(|known| known.name != TORN.name), "torn apart");
        let mut set = |name: &str, value: f64| row[self.columns().named(name).expect("a column")] = value;
        let sum = |of: fn(&Known) -> f64| self.turned.iter().map(of).sum::<f64>();
        set("worst.recovery_s", (BEFORE - sum(|known| known.faster)).max(0.0));
        set("worst.loss_s", sum(|known| known.lossier));
    }

    fn run_mixed(&self, worker: &mut Trial, mix: &Mix, row: &mut [f64], outages: &mut Vec<Outage>) {
        self.inner.run_mixed(worker, mix, row, outages);
    }

    fn levers(&self, _: &str) -> Vec<Lever> {
        let lever = |known: &Known| {
            let change = Change { key: format!("levers.{}", known.name), value: "1".to_owned(), now: None };
            Lever { kind: Kind::DnsTtl, title: known.name.to_owned(), changes: vec![change], presumes: Vec::new() }
        };
        self.levers.iter().map(lever).collect()
    }
}

fn advised(levers: &'static [Known]) -> Advice {
    let answer = advise(&Ask {
        open: &Tuning(levers),
        path: Path::new("tuned.toml"),
        overrides: &Overrides::default(),
        ladder: Ladder { first: 50, last: 100, keep: levers.len() },
        threads: NonZeroUsize::MIN,
        stop: &Stop::new(),
        progress: &|_| (),
        failed: &|error, _| Failure::failed(error.to_string()),
    });
    answer.unwrap_or_else(|failure| panic!("{}", failure.message))
}

fn titles(advice: &Advice, levers: &[usize]) -> Vec<String> {
    let mut titles: Vec<String> = levers.iter().map(|&lever| advice.turned[lever].lever.title.clone()).collect();
    titles.sort();
    titles
}

/// The best pair is fast and loses too much, and so does everything together: 50, 25 and 20 of the 100 s are what is needed.
#[test]
fn a_step_that_spoils_an_objective_spoils_no_set() {
    let advice = advised(&[LOSSY, HALF, QUARTER, FIFTH]);
    let lossy = advice.turned.iter().find(|turned| turned.lever.title == LOSSY.name).expect("it was tried");
    assert_eq!(lossy.effect, Effect::Trades);
    let pair = advice.pair.as_ref().expect("two help together");
    assert_eq!(titles(&advice, &pair.levers), ["half", "lossy"]);
    let Smallest::Found(set) = &advice.smallest else { panic!("{:?}", advice.smallest) };
    assert_eq!(titles(&advice, &set.levers), ["fifth", "half", "quarter"]);
}

/// Without the fifth, 25 s are left or 20 s are lost: one objective is missed either way, and all three do not mend that.
#[test]
fn where_no_set_does_the_nearest_is_told() {
    let advice = advised(&[LOSSY, HALF, QUARTER]);
    let Smallest::None { nearest: Some(nearest), tried } = &advice.smallest else { panic!("{:?}", advice.smallest) };
    assert_eq!(nearest.outcome.standing().missed, 1);
    // Each alone, in pairs, and all three.
    assert_eq!(*tried, 3 + 3 + 1);
    assert_eq!(advice.first().map(|turned| turned.lever.title.as_str()), Some("half"));
}

#[test]
fn a_step_that_fails_does_not_end_the_search() {
    let advice = advised(&[TORN, HALF, QUARTER, FIFTH, REFUSED]);
    let Smallest::Found(set) = &advice.smallest else { panic!("{:?}", advice.smallest) };
    assert_eq!(titles(&advice, &set.levers), ["fifth", "half", "quarter"]);
    let mut untried: Vec<(&str, &Untried)> =
        advice.refused.iter().map(|one| (one.lever.title.as_str(), &one.why)).collect();
    untried.sort_by_key(|(title, _)| *title);
    let [(_, Untried::Refused(refused)), (_, Untried::Failed(failed))] = untried.as_slice() else {
        panic!("{untried:?}")
    };
    assert!(refused.contains("not like this") && failed.contains("torn apart"), "{refused} {failed}");
    assert!(advice.turned.iter().all(|turned| turned.lever.title != TORN.name));
}
