//! The keys of a runbook, and their reading: its triggers, its regions and its steps.

use sim_settings::form::{Flag, List, Names as NamesOf, SubOrList, Text};
use sim_settings::{Key, Section, keys};

use super::program::{Block, Step};
use super::step_spec::{Names, StepTable, read_steps};
use super::trigger::{On, StartTable, tables};
use crate::ids::RegionId;

keys! {
    /// The keys of `[[runbooks]]`.
    pub(crate) struct RunbookKeys {
        const NAME: Key<Text> = Key::required("name", "what the runbook is called").example("\"fail-over\"");
        const ON: Key<SubOrList<StartTable>> = Key::required("on", "what starts it; any of several");
        const HOSTED_IN: Key<NamesOf<RegionId>> = Key::required("hosted-in", "regions that its automation can run in, in order of preference");
        const STEPS: Key<List<StepTable>> = Key::required("steps", "what it does, in order");
        const STAND_DOWN: Key<Flag> = Key::convention(
            "stand-down",
            "whether it ends before a step that acts if the journeys that were down when it started are up again",
            "false",
            "automation does what it was told; an operator looks again in any case",
        );
    }
}

/// A runbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// What starts it.
    pub on: On,
    /// Where its automation can run.
    pub hosted_in: Vec<RegionId>,
    /// Its steps, numbered as the file writes them.
    pub steps: Vec<Step>,
    /// The order in which they are done.
    pub blocks: Vec<Block>,
    /// Whether it ends where the journeys that were down when it started are up again, whatever started it.
    pub stand_down: bool,
}

impl Parameters {
    /// Reads one `[[runbooks]]` entry.
    pub fn read(section: &mut Section<'_>, names: Names<'_>) -> Self {
        let mut alternatives = Vec::new();
        if let Some(node) = section.node(&ON) {
            let parts = tables(node, ON.name);
            if parts.is_empty() {
                section.reject(ON.name, "no trigger", "at least one", None);
            }
            for (name, node) in parts {
                let all = On::read(&mut section.element(&ON, node, &name), names);
                if !all.is_empty() {
                    alternatives.push(all);
                }
            }
        }
        let on = On(alternatives);
        let (steps, blocks) = read_steps(section, &STEPS, names);
        let stand_down = section.get(&STAND_DOWN);
        if on.is_noticed() && !stand_down && section.has(STAND_DOWN.name) {
            section.reject(
                STAND_DOWN.name,
                "false",
                "true, or no such line: an operator looks again in any case",
                None,
            );
        }
        Self {
            name: section.get(&NAME),
            stand_down,
            on,
            hosted_in: section.names(&HOSTED_IN, names.places),
            steps,
            blocks,
        }
    }

    /// Where a step stands in the file: its entry in `steps`, and within `parallel` its branch and its place in that.
    pub fn place(&self, step: usize) -> (usize, Option<(usize, usize)>) {
        let mut blocks = self.blocks.iter().enumerate();
        let found = blocks.find_map(|(index, block)| Some((index, block.place(step)?)));
        found.expect("every step is in a block")
    }

    /// The path of a step below its runbook, such as `steps.1`, or `steps.1.parallel.0.2` within branches side by side.
    pub fn step_path(&self, step: usize) -> String {
        match self.place(step) {
            (entry, None) => format!("steps.{entry}"),
            (entry, Some((branch, place))) => format!("steps.{entry}.parallel.{branch}.{place}"),
        }
    }
}
