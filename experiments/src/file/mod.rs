//! The experiment file: from a path and `--set` arguments to one tree, and from problems to messages.
//!
//! [`load`] reads a file and the files that it `extends`, applies `--set`, and reads the observations that
//! distributions name. The result is one tree in which every value knows where it was written. The models read the tree
//! through [`sim_settings`] and decide what the values mean; [`render`] shows their problems and those of this module
//! alike.

mod answers;
mod bounds;
mod empirical;
mod extends;
mod failure;
mod pack;
mod questions;
mod render;
mod resolved;
mod set;
mod sources;
#[cfg(test)]
mod tests;
mod view;
mod whereabouts;

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::exit::Failure;
use sim_settings::Node;

pub use answers::Answers;
use bounds::Confines;
pub use failure::LoadFailure;
pub use pack::{Lack, pack_names};
pub use questions::OpenQuestion;
pub use render::{rejected, render};
pub(crate) use resolved::{key_text, value_text};
pub(crate) use set::written;
pub use set::{Origin, Setting};
pub use sources::Sources;
pub use whereabouts::{Whereabouts, whereabouts};

/// Larger files are refused: the largest honest experiment has a thousandth of this.
pub const SIZE_LIMIT: u64 = 16 << 20;

/// The parser drops rejected values by recursion, and hostile files nest deeper than the stack of a main thread allows.
const STACK: usize = 64 << 20;

/// An experiment as written, whole and in one piece.
#[derive(Debug)]
pub struct Loaded {
    /// Everything that was written, merged. The order of keys is that of `resolved`.
    pub node: Node,
    /// The texts that the tree's places point into.
    pub sources: Sources,
    /// The same tree as TOML: no `extends`, no `--set`, no files beside it. Loads again to the same tree
    /// and the same questions.
    pub resolved: String,
    /// What packs strike and the design lacks.
    pub lacks: Vec<Lack>,
    /// What the texts leave open, in their order.
    pub questions: Vec<OpenQuestion>,
}

/// Loads the experiment at `path`, `-` being standard input, lays the packs over it that are named, and applies `settings`
/// in order. Where `confined` names a folder, everything that the file names must lie in it.
///
/// # Errors
/// All problems of the files and the arguments at once, or the reason why the file cannot be read.
pub fn load(
    path: &Path,
    packs: &[String],
    settings: &[Setting],
    confined: Option<&Path>,
) -> Result<Loaded, LoadFailure> {
    let work = || {
        let bounds = Confines::new(confined).map_err(LoadFailure::Outside)?;
        let mut reading = extends::Reading::new(bounds);
        let node = reading.file(path).map_err(|unreadable| LoadFailure::outside(path, &unreadable))?;
        packs.iter().for_each(|pack| reading.pack(pack));
        finish(reading, node, settings)
    };
    on_a_tall_stack(work).unwrap_or_else(|(_, error)| {
        Err(LoadFailure::System(format!("failed to start a thread to read {} with: {error}", path.display())))
    })
}

/// Refuses a file outside the folder to which the command line keeps, if it keeps to one.
///
/// # Errors
/// When the file lies elsewhere, or there is no such folder.
pub fn within(confined: Option<&Path>, file: &Path) -> Result<(), Failure> {
    let bounds = Confines::new(confined).map_err(Failure::usage)?;
    bounds.hold(file).map_err(|expected| Failure::usage(format!("`{}`: expected {expected}", file.display())))
}

/// Loads an experiment from a text that the program holds, as [`load`] does from a file; `name` stands for it in messages.
///
/// # Errors
/// All problems of the text and the arguments at once.
pub fn load_text(name: &str, text: &str, packs: &[String], settings: &[Setting]) -> Result<Loaded, LoadFailure> {
    let work = || {
        let mut reading = extends::Reading::new(Confines::default());
        let source = reading.sources.add(name.to_owned(), text.to_owned(), Path::new("").to_owned());
        let node = reading.parsed(source);
        packs.iter().for_each(|pack| reading.pack(pack));
        finish(reading, node, settings)
    };
    // A text that the program holds is not hostile, and needs no tall stack.
    on_a_tall_stack(work).unwrap_or_else(|(work, _)| work())
}

fn finish(reading: extends::Reading, mut node: Node, settings: &[Setting]) -> Result<Loaded, LoadFailure> {
    let extends::Reading { mut sources, mut problems, bounds, parsed, packs, .. } = reading;
    let mut lacks = Vec::new();
    for pack in packs {
        node = pack::lay(&node, pack, &mut problems, &mut lacks);
    }
    // A tree that could not be parsed lacks values for that reason alone: no other problem of it is worth reporting.
    if !problems.is_empty() {
        return Err(LoadFailure::Problems { problems, sources, node: None });
    }
    problems = set::apply(&mut node, settings, &mut sources);
    problems.extend(empirical::read_files(&mut node, &sources, &bounds));
    if !problems.is_empty() {
        return Err(LoadFailure::Problems { problems, sources, node: Some(node) });
    }
    let node = resolved::canonical(node);
    let questions = questions::of_all(parsed, &sources, &node);
    let resolved = resolved::text(&node) + &questions::comments_of(&questions);
    Ok(Loaded { node, sources, resolved, lacks, questions })
}

/// Does the work on a thread with a stack that no nesting fills. Where no thread can be started, the work comes back
/// undone with the reason.
fn on_a_tall_stack<T: Send, W: FnOnce() -> T + Send>(work: W) -> Result<T, (W, io::Error)> {
    let undone = Mutex::new(Some(work));
    let take = || undone.lock().unwrap_or_else(PoisonError::into_inner).take();
    let done = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("load".to_owned()).stack_size(STACK);
        let handle = thread.spawn_scoped(scope, || take().map(|work| work()))?;
        Ok(handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    match done {
        Ok(done) => Ok(done.expect("the thread takes the work that is there")),
        Err(error) => Err((take().expect("a thread that does not start takes nothing"), error)),
    }
}
