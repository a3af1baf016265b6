//! Import: from the code of an infrastructure to an experiment.
//!
//! Readers fill one list of resources, whatever the input is. Mappers, one for each family of AWS services, say what of it an
//! experiment can say, and one writer writes the file. Every resource is used, asked about or left out with a reason, and what
//! no code of infrastructure says stands in the file as a question with a default: the file always runs, and it never looks
//! finished.

mod aws;
mod draft;
mod graph;
mod input;
mod layout;
mod readers;
mod region;
mod resource;
mod system;
#[cfg(test)]
mod tests;
mod tree;
mod trouble;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use draft::Fate;
pub use readers::{Hints, Input};
use readers::{Policy, Unresolved};
use resource::{Id, Inventory, Resource};
pub use system::Form;
use system::System;
pub use trouble::Trouble;
pub use writer::Question;
use writer::Said;

/// What the command line says about an import.
pub struct Options<'a> {
    /// Regions and parameters that the inputs lack.
    pub hints: Hints,
    /// `--service`: the DNS name, where the inputs have several.
    pub service: Option<String>,
    /// `--source`: folders whose source tells regions that plans do not.
    pub sources: Vec<PathBuf>,
    /// `--policy`: a policy of Resilience Hub.
    pub policy: Option<PathBuf>,
    /// The value of a path, as TOML, if somebody has said it.
    pub answers: &'a dyn Fn(&str) -> Option<String>,
    /// A better guess for the value of a path that is asked about: the question stays.
    pub guesses: &'a dyn Fn(&str) -> Option<String>,
    /// The name of the experiment.
    pub name: String,
    /// The name of the file, for those that extend it.
    pub file: String,
    /// How tiers are written.
    pub form: Form,
    /// Whether only the list of resources is wanted, also of inputs that make no experiment.
    pub list_only: bool,
}

/// What became of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It says something in the file.
    Used,
    /// The file asks about it.
    Asked,
    /// It says nothing, for a reason.
    LeftOut,
}

impl Outcome {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Asked => "asked",
            Self::LeftOut => "left out",
        }
    }
}

/// A resource and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its address.
    pub address: String,
    /// Its type, in the words of Terraform.
    pub kind: String,
    /// Its region, if it is known.
    pub region: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What it is used as, the question, or the reason.
    pub detail: String,
}

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The experiment.
    pub toml: String,
    /// What it leaves open.
    pub questions: Vec<Question>,
    /// Every resource that is deployed, in the order of addresses.
    pub rows: Vec<Row>,
    /// Experiments that extend the first, one for each disruption of a policy: a word for the file's name, and the text.
    pub files: Vec<(String, String)>,
    /// Remarks on the inputs.
    pub remarks: Vec<String>,
    /// Paths that answers were found for.
    pub answered: BTreeSet<String>,
    /// The guesses in the file, by their paths.
    pub guessed: BTreeMap<String, String>,
}

impl Imported {
    /// How many resources there are of an outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// The totals in one sentence.
    pub fn totals(&self) -> String {
        let [used, asked, left] = [Outcome::Used, Outcome::Asked, Outcome::LeftOut].map(|outcome| self.count(outcome));
        let resources = if self.rows.len() == 1 { "resource" } else { "resources" };
        format!("{} {resources}: {used} used, {asked} asked about, {left} left out", self.rows.len())
    }
}

/// Imports inputs that are one system together.
///
/// # Errors
/// When an input cannot be read, or a region that matters is not known.
pub fn import(inputs: &[Input], options: &Options<'_>) -> Result<Imported, Trouble> {
    let labels = labels(inputs);
    let mut resources = Vec::new();
    let mut unresolved: BTreeMap<(usize, String), Unresolved> = BTreeMap::new();
    let mut exports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut remarks = Vec::new();
    let mut kinds = Vec::new();
    let mut hints = options.hints.clone();
    for folder in &options.sources {
        // What the command line says stands above what a source says.
        for (key, region) in readers::source_regions(folder)? {
            hints.regions.entry(key).or_insert(region);
        }
    }
    for (number, (input, label)) in inputs.iter().zip(&labels).enumerate() {
        let (kind, reading) = readers::read(input, number, label, &hints)?;
        kinds.push((label.clone(), kind));
        resources.extend(reading.resources);
        unresolved.extend(reading.unresolved.into_iter().map(|(key, why)| ((number, key), why)));
        for (name, leads) in reading.exports {
            exports.entry(name).or_default().extend(leads);
        }
        remarks.extend(reading.remarks);
    }
    imported(&mut resources, &exports);
    regions_known(&resources, &unresolved)?;
    let inventory = Inventory::new(resources, &labels);
    let mut system = System::new(&inventory, options.service.clone(), options.form);
    let given = options.policy.as_deref().map(readers::read_policy).transpose()?;
    system.policies.extend(given.map(|policy| (policy, None)));
    aws::map(&mut system);
    if system.serving.is_empty() && !options.list_only {
        return Err(nothing(&system, &kinds));
    }
    let first = system.policies.first().cloned();
    if let Some((policy, from)) = &first {
        let from: Vec<Id> = from.iter().copied().collect();
        limits_of(&mut system, policy, &from);
        if policy.targets.iter().any(|target| target.rpo == Some(0.0)) {
            remarks.push(format!(
                "policy {} allows no data loss (RPO 0): only a store that commits in two regions keeps that",
                draft::visible(&policy.name)
            ));
        }
    }
    let tables = layout::tables(&system, &options.name);
    let text = writer::write(&tables, &inventory, &Said { answers: options.answers, guesses: options.guesses });
    let mut files = Vec::new();
    let answered = text.answered;
    if let Some((policy, from)) = &first {
        let from: Vec<Id> = from.iter().copied().collect();
        for (word, tables) in layout::disruptions(&system, policy, &options.name, &options.file, &from) {
            let text = writer::write(&tables, &inventory, &Said { answers: &|_| None, guesses: &|_| None });
            files.push((word, text.toml));
        }
    }
    let rows = rows(&system);
    let mut result = Imported {
        toml: String::new(),
        questions: text.questions,
        rows,
        files,
        remarks,
        answered,
        guessed: text.guessed,
    };
    result.toml = format!("{}{}", head(&kinds, &result), text.toml);
    Ok(result)
}

/// The first lines of the file.
fn head(kinds: &[(String, readers::Kind)], result: &Imported) -> String {
    let mut named: Vec<String> =
        kinds.iter().map(|(label, kind)| format!("{} ({})", draft::visible(label), kind.words())).collect();
    named.sort();
    let mut head =
        format!("# Imported from {}.\n# {}; `mrsim import --explain` lists them.\n", named.join(", "), result.totals());
    if !result.questions.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            head,
            "# No code of infrastructure answers the lines with a QUESTION. The file runs with guesses in their place: say what is\n\
             # true, and take the comment away."
        );
    }
    head.push('\n');
    head
}

/// Names of inputs, each its own: files by their names, templates with their regions.
fn labels(inputs: &[Input]) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let short: Vec<String> = inputs
        .iter()
        .map(|input| match input {
            Input::Path(path) | Input::Source(path) => name(path),
            Input::Stack { region, path } => {
                let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
                format!("{stem}@{region}")
            }
        })
        .collect();
    let alike = |label: &String| short.iter().filter(|other| *other == label).count() > 1;
    inputs
        .iter()
        .zip(&short)
        .map(|(input, label)| if alike(label) { input.path().display().to_string() } else { label.clone() })
        .collect()
}

/// Lets values that one stack exports and another imports lead to what they are.
fn imported(resources: &mut [Resource], exports: &BTreeMap<String, Vec<String>>) {
    for resource in resources {
        let mut more = Vec::new();
        resource.links.retain(|link| {
            let Some(name) = link.target.strip_prefix("export:") else { return true };
            let leads = exports.get(name).into_iter().flatten();
            more.extend(
                leads.map(|target| resource::Link { attribute: link.attribute.clone(), target: target.clone() }),
            );
            false
        });
        resource.links.extend(more);
    }
}

/// Refuses an import in which something that matters has no region: a guess would be a deployment that is not there.
fn regions_known(resources: &[Resource], unresolved: &BTreeMap<(usize, String), Unresolved>) -> Result<(), Trouble> {
    let mut without: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
    for resource in resources.iter().filter(|it| !it.data && it.region.is_none() && aws::is_relevant(&it.kind)) {
        without.entry((resource.input, resource.provider.as_str())).or_default().push(&resource.address);
    }
    let mut reasons = Vec::new();
    let mut flags = BTreeSet::new();
    for ((input, provider), addresses) in &without {
        let shown = draft::visible(addresses.first().copied().unwrap_or_default());
        let count = match addresses.len() {
            1 => shown,
            more => format!("{shown} and {} more", more - 1),
        };
        if let Some(Unresolved { reason, flag }) = unresolved.get(&(*input, (*provider).to_owned())) {
            reasons.push(format!("{reason} ({count})"));
            flags.insert(flag.clone());
        } else {
            reasons.push(format!("the region of provider `{provider}` is not known ({count})"));
            flags.insert(format!("--region {provider}=eu-west-1"));
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let flags: Vec<String> = flags.into_iter().collect();
    Err(Trouble::new(reasons.join("\n       ")).hint(format!("say it: {}", flags.join(" "))))
}

fn nothing(system: &System<'_>, kinds: &[(String, readers::Kind)]) -> Trouble {
    let count = system.inventory.all().filter(|(_, it)| !it.data).count();
    let names: Vec<String> = kinds.iter().map(|(label, _)| draft::visible(label)).collect();
    Trouble::new(format!("none of the {count} resources in {} serves requests or keeps data", names.join(", ")))
        .hint("an experiment takes a group, a service, a function, a database, a table, a record with a policy or a bucket that replicates; --explain lists what there is")
}

/// The limits of a policy for the loss of a region, which is what the file's fault is.
fn limits_of(system: &mut System<'_>, policy: &Policy, from: &[Id]) {
    let target = policy.targets.iter().find(|target| target.disruption == readers::Disruption::Region);
    if let Some(target) = target {
        system.objectives = layout::limits(target.rto, target.rpo, from);
    }
}

fn rows(system: &System<'_>) -> Vec<Row> {
    let deployed = system.inventory.all().filter(|(_, resource)| !resource.data);
    deployed
        .map(|(id, resource)| {
            let (outcome, detail) = match system.fates.of(id) {
                Some(Fate::Used(what)) => (Outcome::Used, what.clone()),
                Some(Fate::Asked(question)) => (Outcome::Asked, question.clone()),
                Some(Fate::Left(reason)) => (Outcome::LeftOut, reason.clone()),
                None => (Outcome::LeftOut, String::new()),
            };
            Row {
                address: draft::visible(&resource.address),
                kind: draft::visible(&resource.kind),
                region: resource.region.clone(),
                outcome,
                detail: draft::visible(&detail),
            }
        })
        .collect()
}
