//! Readers: one for each kind of input. All of them fill the same list of resources.

mod address;
mod assembly;
mod cloudformation;
mod hcl;
mod links;
mod plan;
mod policy;
mod references;
mod regions;
mod state;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::input;
use super::resource::Resource;
use super::trouble::Trouble;

pub(in crate::import) use policy::{Disruption, Policy};

/// What the command line says about the inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// `--region KEY=REGION`: the regions of providers or stacks that the inputs do not tell.
    pub regions: BTreeMap<String, String>,
    /// `--param NAME=VALUE` and `--param REGION/NAME=VALUE`: parameters of templates.
    pub parameters: BTreeMap<String, String>,
    /// `--var-file FILE`: values of variables, for drafts.
    pub variables: Vec<PathBuf>,
}

/// An input as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file or a folder whose kind its content tells.
    Path(PathBuf),
    /// `--preview`: a folder with source of Terraform, from which a draft is made.
    Source(PathBuf),
    /// `--stack REGION=FILE`: a template that is deployed to a region.
    Stack {
        /// The region.
        region: String,
        /// The template.
        path: PathBuf,
    },
}

impl Input {
    /// Its path.
    pub fn path(&self) -> &Path {
        match self {
            Self::Path(path) | Self::Source(path) | Self::Stack { path, .. } => path,
        }
    }
}

/// What kind of input was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) enum Kind {
    /// A plan of Terraform or `OpenTofu`.
    Plan,
    /// A state of Terraform or `OpenTofu`.
    State,
    /// A template of `CloudFormation`.
    Template,
    /// A cloud assembly of the CDK.
    Assembly,
    /// Source of Terraform.
    Source,
}

impl Kind {
    /// In words.
    pub(in crate::import) const fn words(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::State => "state: what is deployed, not what is planned",
            Self::Template => "template",
            Self::Assembly => "cloud assembly",
            Self::Source => "drafted from source, not from a plan",
        }
    }
}

/// What an input holds.
#[derive(Debug, Default)]
pub(in crate::import) struct Reading {
    /// The resources.
    pub(in crate::import) resources: Vec<Resource>,
    /// Why the region of a provider or a stack is not known, by its key.
    pub(in crate::import) unresolved: BTreeMap<String, Unresolved>,
    /// What the names lead to under which stacks export values.
    pub(in crate::import) exports: BTreeMap<String, Vec<String>>,
    /// Remarks on the input as a whole, for the person who imports.
    pub(in crate::import) remarks: Vec<String>,
}

/// Why a region is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct Unresolved {
    /// The reason, a main clause.
    pub(in crate::import) reason: String,
    /// The flag that answers.
    pub(in crate::import) flag: String,
}

/// Reads an input. `number` is its place among the inputs, and `label` its name in messages.
///
/// # Errors
/// When it cannot be read, is of no known kind, or its frame is not what it should be.
pub(in crate::import) fn read(
    input: &Input,
    number: usize,
    label: &str,
    hints: &Hints,
) -> Result<(Kind, Reading), Trouble> {
    let path = input.path();
    if let Input::Source(folder) = input {
        return Ok((Kind::Source, hcl::read(folder, number, label, hints)?));
    }
    if path.is_dir() {
        if path.join("manifest.json").is_file() {
            return Ok((Kind::Assembly, assembly::read(path, number, hints)?));
        }
        let shown = path.display();
        return Err(if hcl::is_source(path) {
            Trouble::new(format!("{shown} holds source of Terraform, and source alone leaves much open")).hint(
                "plan it first:\n  terraform plan -out plan.bin\n  terraform show -json plan.bin > plan.json\n\
                 or let --preview make a draft of the source",
            )
        } else {
            Trouble::new(format!("{shown} is a folder without a cloud assembly (manifest.json)"))
        });
    }
    let text = input::text(path)?;
    let whole = path.display().to_string();
    if let Input::Stack { region, .. } = input {
        let document = cloudformation::document(&whole, &text)?;
        let stack = cloudformation::Stack { label, input: number, name: label, region: Some(region), flag: "" };
        return Ok((Kind::Template, cloudformation::read(&whole, &document, &stack, hints)?));
    }
    if !text.trim_start().starts_with('{') {
        let document = cloudformation::document(&whole, &text)?;
        if document.get("Resources").is_none() {
            return Err(unknown(path));
        }
        return Err(without_region(path));
    }
    let document = input::json(&whole, &text)?;
    let has = |key: &str| document.get(key).is_some_and(|value| !value.is_null());
    if has("resource_changes") || has("planned_values") || (has("format_version") && has("configuration")) {
        return Ok((Kind::Plan, plan::read(&whole, &document, number, label, hints)?));
    }
    if has("format_version") || (has("version") && has("terraform_version")) {
        return Ok((Kind::State, state::read(&whole, &document, number, label, hints)?));
    }
    if document.get("Resources").is_some() {
        return Err(without_region(path));
    }
    Err(unknown(path))
}

/// The regions of the providers of a source, as far as it tells, by their keys: `--source`.
///
/// # Errors
/// When the source cannot be read.
pub(in crate::import) fn source_regions(folder: &Path) -> Result<BTreeMap<String, String>, Trouble> {
    hcl::regions(folder)
}

/// Reads a policy of Resilience Hub.
///
/// # Errors
/// When it cannot be read, or is none.
pub(in crate::import) fn read_policy(path: &Path) -> Result<Policy, Trouble> {
    let text = input::text(path)?;
    let label = path.display().to_string();
    let document = input::json(&label, &text)?;
    policy::read(&label, &document)
}

/// The policies that resources of the inputs are.
///
/// # Errors
/// Never for now; a policy that cannot be read is left to the questions.
pub(in crate::import) fn policy_of(resource: &Resource) -> Option<Policy> {
    policy::of(resource)
}

fn unknown(path: &Path) -> Trouble {
    Trouble::new(format!("{} is no plan, no state and no template: it lacks their keys at the top", path.display()))
        .hint("a plan is what `terraform show -json FILE` or `tofu show -json FILE` prints")
}

fn without_region(path: &Path) -> Trouble {
    let path = path.display();
    Trouble::new(format!("{path} is a template, and a template has no region"))
        .hint(format!("say where it is deployed: --stack eu-west-1={path}"))
}
