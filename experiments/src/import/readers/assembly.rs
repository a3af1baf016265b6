//! Cloud assemblies of the CDK: a folder with a manifest, which knows the region of each stack.

use std::path::Path;

use super::{Hints, Reading, cloudformation};
use crate::import::input::{self, Spot};
use crate::import::region::is_region;
use crate::import::trouble::Trouble;

pub(super) fn read(folder: &Path, number: usize, hints: &Hints) -> Result<Reading, Trouble> {
    let path = folder.join("manifest.json");
    let label = path.display().to_string();
    let document = input::json(&label, &input::text(&path)?)?;
    let root = Spot::root(&label, &document);
    let mut whole = Reading::default();
    let mut stacks = 0;
    for (name, artifact) in root.get("artifacts")?.fields()? {
        match artifact.get("type")?.text()? {
            Some("aws:cloudformation:stack") => {}
            // The stages of an app are assemblies within the assembly.
            Some("cdk:cloud-assembly") => {
                let inner = artifact.get("properties")?.get("directoryName")?.must()?;
                let inner = within(folder, inner, &label)?;
                merge(&mut whole, read(&inner, number, hints)?);
                stacks += 1;
                continue;
            }
            _ => continue,
        }
        stacks += 1;
        let environment = artifact.get("environment")?.text()?.unwrap_or_default();
        let region = environment.rsplit('/').next().filter(|it| is_region(it));
        let region = hints.regions.get(name).map(String::as_str).or(region);
        let file = within(folder, artifact.get("properties")?.get("templateFile")?.must()?, &label)?;
        let template = file.display().to_string();
        let document = cloudformation::document(&template, &input::text(&file)?)?;
        let flag = format!("--region {name}=eu-west-1");
        let stack = cloudformation::Stack { label: &label, input: number, name, region, flag: &flag };
        merge(&mut whole, cloudformation::read(&template, &document, &stack, hints)?);
    }
    if stacks == 0 {
        return Err(Trouble::new(format!("{label} names no stack")));
    }
    Ok(whole)
}

/// A file that the manifest names. It lies in the assembly: manifests of strangers read nothing else.
fn within(folder: &Path, name: &str, label: &str) -> Result<std::path::PathBuf, Trouble> {
    let plain = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if plain { Ok(folder.join(name)) } else { Err(Trouble::new(format!("{label} names a file outside of its folder"))) }
}

fn merge(whole: &mut Reading, part: Reading) {
    let Reading { resources, unresolved, exports, remarks } = part;
    whole.resources.extend(resources);
    whole.unresolved.extend(unresolved);
    for (name, leads) in exports {
        whole.exports.entry(name).or_default().extend(leads);
    }
    whole.remarks.extend(remarks);
}
