//! `mrsim trace`: what happened in one trial, when, and what it did to the journeys.

use std::io::{self, Write};

use models::aws::cloud_watch::State;
use models::aws::{auto_scaling, load_balancer};
use models::deployment::{Happening, Observer, Topology};
use models::flow::Flow;
use models::runbooks;
use models::stores::{Loss, Signal};
use sim_core::time::SimTime;

use super::simulation::Simulation;
use super::words;
use crate::report::units::percent;
use crate::run::Experiment;

/// Writes the timeline of one trial.
pub(super) fn narrate(experiment: &Experiment<Simulation>, trial: u64, out: &mut dyn Write) -> io::Result<()> {
    let topology = experiment.source.topology();
    let mut narrator = Narrator {
        topology,
        clock: None,
        pending: Vec::new(),
        lines: Vec::new(),
        success: Vec::new(),
        losses: Vec::new(),
    };
    experiment.source.watch(trial, &mut narrator);
    let header = &experiment.header;
    writeln!(out, "{}, trial {trial}, seed {}", header.name, header.seed)?;
    let journeys: Vec<&str> = topology.journeys.iter().map(|journey| journey.name.as_str()).collect();
    writeln!(out, "{:>12}  {:>12}  {}  what happened", "time", "since fault", columns(&journeys))?;
    for Line { at, success, text } in &narrator.lines {
        let since = match narrator.clock {
            Some(clock) if *at >= clock => format!("+{}", at.since(clock)),
            _ => String::new(),
        };
        let cells: Vec<String> = success.iter().map(|share| format!("{} %", percent(*share))).collect();
        let cells: Vec<String> =
            cells.iter().zip(&journeys).map(|(cell, name)| format!("{cell:>width$}", width = width(name))).collect();
        writeln!(out, "{:>12}  {since:>12}  {}  {text}", at.to_string(), cells.join("  "))?;
    }
    for (store, loss) in topology.stores.iter().zip(&narrator.losses) {
        if *loss != Loss::default() {
            writeln!(
                out,
                "{}: oldest missing write {:.3} s; lost {:.0}, stranded {:.0}, overwritten {:.0}, delayed {:.0}",
                store.name, loss.seconds, loss.lost, loss.stranded, loss.overwritten, loss.delayed
            )?;
        }
    }
    Ok(())
}

fn width(name: &str) -> usize {
    name.chars().count().max(7)
}

fn columns(journeys: &[&str]) -> String {
    let cells: Vec<String> = journeys.iter().map(|name| format!("{name:>width$}", width = width(name))).collect();
    cells.join("  ")
}

struct Line {
    at: SimTime,
    success: Vec<f64>,
    text: String,
}

struct Narrator<'a> {
    topology: &'a Topology,
    clock: Option<SimTime>,
    pending: Vec<(SimTime, String)>,
    lines: Vec<Line>,
    success: Vec<f64>,
    losses: Vec<Loss>,
}

impl Narrator<'_> {
    fn region(&self, region: usize) -> &str {
        &self.topology.regions[region].name
    }

    /// Moves what is pending and happened at such instants to the lines, under the present flows.
    fn tell(&mut self, now: impl Fn(SimTime) -> bool) {
        let (told, later) = std::mem::take(&mut self.pending).into_iter().partition(|(at, _)| now(*at));
        self.pending = later;
        let told: Vec<(SimTime, String)> = told;
        self.lines.extend(told.into_iter().map(|(at, text)| Line { at, success: self.success.clone(), text }));
    }

    fn describe(&self, what: Happening) -> Option<String> {
        Some(match what {
            Happening::FaultBegan { fault, zone } => {
                let text = words::fault(&self.topology.faults[fault], self.topology);
                let drawn = zone.filter(|_| text.contains("one zone"));
                let zone = drawn.map(|zone| format!(" (zone {})", words::zone_letter(zone))).unwrap_or_default();
                format!("FAULT {text}{zone}")
            }
            Happening::FaultEnded(fault) => {
                format!("fault {} is over: {}", fault + 1, words::fault(&self.topology.faults[fault], self.topology))
            }
            Happening::HealthTurned { region, healthy } => {
                let verdict = if healthy { "healthy" } else { "unhealthy" };
                format!("health check of {} turns {verdict}", self.region(region))
            }
            Happening::AnswerChanged { population } => {
                let name = &self.topology.clients[population].name;
                if self.topology.edge.accelerator.is_some() {
                    format!("the accelerator leads {name} elsewhere from now on")
                } else {
                    format!("DNS answers {name} differently from now on")
                }
            }
            Happening::Target { region, signal } => self.target(region, signal),
            Happening::Group { region, signal } => self.group(region, signal),
            Happening::Store { store, signal } => self.store(store, signal)?,
            Happening::Alarm { alarm, state } => {
                let state = match state {
                    State::Ok => "is OK",
                    State::Alarm => "FIRES",
                    State::InsufficientData => "has insufficient data",
                };
                format!("alarm {} {state}", self.topology.alarms[alarm].name)
            }
            Happening::Runbook { runbook, signal } => self.runbook(runbook, signal)?,
            Happening::Journey { journey, up } => {
                let state = if up { "is UP" } else { "is DOWN" };
                format!("{} {state}", self.topology.journeys[journey].name)
            }
        })
    }

    fn target(&self, region: usize, signal: load_balancer::Signal) -> String {
        let (target, what) = match signal {
            load_balancer::Signal::InService(target) => (target, "passes its first probe and serves"),
            load_balancer::Signal::Left(target) => (target, "leaves the rotation"),
            load_balancer::Signal::Returned(target) => (target, "is back in rotation"),
        };
        format!("{}: instance {target} {what}", self.region(region))
    }

    fn group(&self, region: usize, signal: auto_scaling::Signal) -> String {
        let what = match signal {
            auto_scaling::Signal::Ordered(instance) => format!("orders instance {instance}"),
            auto_scaling::Signal::LaunchFailed(instance) => {
                format!("cannot launch instance {instance}: insufficient capacity")
            }
            auto_scaling::Signal::Launched(instance) => format!("instance {instance} has started"),
            auto_scaling::Signal::Terminated(instance) => format!("instance {instance} is terminated"),
            auto_scaling::Signal::Resized(desired) => format!("wants {desired} instances"),
        };
        format!("{}: {what}", self.region(region))
    }

    fn store(&self, store: usize, signal: Signal) -> Option<String> {
        let what = match signal {
            Signal::Changed => return None,
            Signal::PromotionBegan(to) => format!("a promotion in {} is under way", self.region(to)),
            Signal::Promoted(to) => format!("{} is the writer", self.region(to)),
            Signal::PromotionFailed(to) => format!("the promotion in {} failed", self.region(to)),
            Signal::EndpointUpdated(region) => format!("{} writes to the new writer", self.region(region)),
            Signal::Directed(to) => format!("requests go to {}", self.region(to)),
        };
        Some(format!("{}: {what}", self.topology.stores[store].name))
    }

    fn runbook(&self, runbook: usize, signal: runbooks::Signal) -> Option<String> {
        let runbook = &self.topology.runbooks[runbook];
        let step = |step: usize| words::action(&runbook.steps[step].action, self.topology);
        let what = match signal {
            runbooks::Signal::Started => "starts".to_owned(),
            runbooks::Signal::StepBegan(index) => format!("begins: {}", step(index)),
            runbooks::Signal::StepWaits(index) => {
                format!("waits for a region to run in or a control plane: {}", step(index))
            }
            runbooks::Signal::StepFailed(index) => format!("failed: {}", step(index)),
            runbooks::Signal::StepDone(index) => format!("done: {}", step(index)),
            runbooks::Signal::StepSkipped(index) => format!("does not need to: {}; the writer answers", step(index)),
            runbooks::Signal::Finished => "is finished".to_owned(),
            runbooks::Signal::Stopped => "gives up".to_owned(),
            runbooks::Signal::Promote { .. } | runbooks::Signal::TakesEffect(_) => return None,
        };
        Some(format!("runbook {} {what}", runbook.name))
    }
}

impl Observer for Narrator<'_> {
    fn began(&mut self, clock: Option<(usize, SimTime)>) {
        self.clock = clock.map(|(_, start)| start);
    }

    fn settled(&mut self, now: SimTime, flow: &Flow) {
        // What happened before this instant without a change of flow met the flows of then.
        self.tell(|at| at < now);
        self.success = flow.journeys.iter().map(models::flow::JourneyFlow::success).collect();
        self.tell(|_| true);
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        if let Some(text) = self.describe(what) {
            self.pending.push((now, text));
        }
    }

    fn ended(&mut self, _: SimTime, losses: &[Loss]) {
        self.tell(|_| true);
        self.losses = losses.to_vec();
    }
}
