//! The experiment file: from a path and `--set` arguments to one tree, and from problems to messages.
//!
//! [`load`] reads a file and whatever it `extends`, applies `--set`, reads the observations that distributions name,
//! and hands over one tree whose every value knows where it was written. What the values *mean* is the models'
//! business: they read the tree through [`sim_settings`], and [`render`] shows their problems as it shows ours.

mod empirical;
mod extends;
mod failure;
mod render;
mod resolved;
mod set;
mod sources;
#[cfg(test)]
mod tests;

use std::path::Path;

use sim_settings::Node;

pub use failure::Failure;
pub use render::render;
pub(crate) use resolved::{key_text, value_text};
pub use set::{Origin, Setting};
pub use sources::Sources;

/// Larger files are refused: the largest honest experiment is a thousandth of this.
pub const SIZE_LIMIT: u64 = 16 << 20;

/// The parser drops what it rejects by recursion, and hostile files nest deeper than a main thread's stack is tall.
const STACK: usize = 64 << 20;

/// An experiment as written, whole and in one piece.
#[derive(Debug)]
pub struct Loaded {
    /// Everything that was written, merged. The order of keys is that of `resolved`.
    pub node: Node,
    /// The texts that the tree's places point into.
    pub sources: Sources,
    /// The same tree as TOML: no `extends`, no `--set`, no files beside it. Loads again to the same tree.
    pub resolved: String,
}

/// Loads the experiment at `path` and applies `settings` in order.
///
/// # Errors
/// All problems of the files and the arguments at once, or the reason why the file cannot be read.
pub fn load(path: &Path, settings: &[Setting]) -> Result<Loaded, Failure> {
    on_a_tall_stack(|| {
        let mut reading = extends::Reading::default();
        let node = reading.file(path).map_err(|unreadable| Failure::outside(path, &unreadable))?;
        finish(reading, node, settings)
    })
}

/// Loads an experiment from a text that a results file or a test holds; `name` stands for it in messages.
///
/// # Errors
/// All problems of the text and the arguments at once.
pub fn load_text(name: &str, text: &str, settings: &[Setting]) -> Result<Loaded, Failure> {
    on_a_tall_stack(|| {
        let mut reading = extends::Reading::default();
        let source = reading.sources.add(name.to_owned(), text.to_owned(), Path::new("").to_owned());
        let node = reading.parsed(source);
        finish(reading, node, settings)
    })
}

fn finish(reading: extends::Reading, mut node: Node, settings: &[Setting]) -> Result<Loaded, Failure> {
    let extends::Reading { mut sources, mut problems, .. } = reading;
    // A tree that could not be parsed lacks things for reasons of its own: nothing else about it is worth saying.
    if !problems.is_empty() {
        return Err(Failure::Problems { problems, sources, node: None });
    }
    problems = set::apply(&mut node, settings, &mut sources);
    problems.extend(empirical::read_files(&mut node, &sources));
    if !problems.is_empty() {
        return Err(Failure::Problems { problems, sources, node: Some(node) });
    }
    let node = resolved::canonical(node);
    let resolved = resolved::text(&node);
    Ok(Loaded { node, sources, resolved })
}

fn on_a_tall_stack<T: Send>(work: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("load".to_owned()).stack_size(STACK);
        let handle = thread.spawn_scoped(scope, work);
        let handle =
            handle.map_err(|error| Failure::Outside(format!("cannot start a thread to read with: {error}")))?;
        handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
