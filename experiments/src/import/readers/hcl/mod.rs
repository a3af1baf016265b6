//! The source of Terraform, without a plan: a draft. Variables have their defaults, modules are those beside the source, and
//! what only a provider or a module from elsewhere knows is not known.

mod evaluate;
mod functions;
mod module;
mod resources;

use std::collections::BTreeMap;
use std::path::Path;

use hcl_edit::structure::Body;

use super::{Hints, Reading};
use crate::import::input;
use crate::import::trouble::Trouble;
use module::Draft;

/// The resources that the source in a folder describes.
pub(super) fn read(folder: &Path, input: usize, label: &str, hints: &Hints) -> Result<Reading, Trouble> {
    let draft = Draft::new(folder, input, label, hints)?;
    let mut reading = Reading::default();
    draft.gather(&mut reading)?;
    Ok(reading)
}

/// Whether a folder holds source of Terraform.
pub(super) fn is_source(folder: &Path) -> bool {
    files(folder, ".tf").is_ok_and(|files| !files.is_empty())
}

/// The regions of the providers of the root module, as far as the source tells, by their keys.
pub(super) fn regions(folder: &Path) -> Result<BTreeMap<String, String>, Trouble> {
    let hints = Hints::default();
    let draft = Draft::new(folder, 0, "", &hints)?;
    Ok(draft.providers(0))
}

/// Files of a folder with an ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> Result<Vec<std::path::PathBuf>, Trouble> {
    let cannot = |error: std::io::Error| Trouble::new(format!("cannot read {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_file() && name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn body(path: &Path) -> Result<Body, Trouble> {
    let text = input::text(path)?;
    hcl_edit::parser::parse_body(&text).map_err(|error| {
        let place = error.location();
        let at = format!("{}:{}:{}", path.display(), place.line(), place.column());
        Trouble::new(format!("{at}: not HCL: {}", error.message()))
    })
}
