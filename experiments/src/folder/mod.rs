//! The folder of `--out`.
//!
//! Nothing that was on disk is lost unasked: the folder must be new or empty, files appear whole or not at all, and one that
//! appeared meanwhile is left alone. `--force` takes a folder that holds nothing but results of this program. The folder is
//! claimed before the run, so that a path that cannot be written fails at once and not after an hour.
//!
//! While files are written, [`UNFINISHED`] stands among them and says what is being made: where the process was killed, the
//! folder is known to hold a part, and the same command begins it again.
//!
//! Work that takes long may go on in a folder of its own ([`Folder::claim_or_resume`]): a manifest tells whose it is.

mod contents;
#[cfg(test)]
mod tests;
mod writing;

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use contents::{Found, PART, found, only_results, remove_leftovers, remove_results};
use writing::{finished, temporary};

use crate::exit::Failure;

pub use contents::UNFINISHED;
pub use writing::write_new;

/// A folder that is ours to fill.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    created: Vec<PathBuf>,
    written: Cell<bool>,
    /// Whether the sign stands in it that it holds a part.
    begun: Cell<bool>,
    /// What is made in it, if a part of that is to be known as such.
    work: Option<String>,
    /// Whether it holds results that make room for these.
    replaces: Cell<bool>,
    /// Held while the folder is ours, where others could go on with it.
    lock: RefCell<Option<fs::File>>,
    /// Whether what is there may be written again.
    resumed: bool,
}

impl Folder {
    /// Makes the folder if it is not there and tries whether it can be written. `work` says what will be made in it: a folder
    /// that holds a part of the same, left by a process that was killed, is begun again. With `force` a folder is taken that
    /// holds nothing but results of this program. What was there goes when the first file is written.
    ///
    /// # Errors
    /// When it holds something else, is no folder, or cannot be made or written.
    pub fn claim(path: &Path, work: &str, force: bool) -> Result<Self, Failure> {
        let work = format!("{PART}{work}\n");
        let replaces = match found(path, &work)? {
            Found::Nothing => false,
            Found::Same => true,
            Found::Other if force => {
                only_results(path)?;
                true
            }
            Found::Other if path.join(UNFINISHED).is_file() => {
                return Err(Failure::usage(format!("`{}` holds a part of other results", path.display()))
                    .hint(format!("its {UNFINISHED} says of which; --force overwrites them, or name a new folder")));
            }
            Found::Other => {
                return Err(Failure::usage(format!("`{}` is not empty", path.display())).hint(
                    "results are never overwritten unasked: name a new folder, or take this one with --force, if mrsim filled it",
                ));
            }
        };
        let mut folder = Self::made(path)?;
        (folder.work, folder.replaces) = (Some(work), Cell::new(replaces));
        if replaces {
            // Whoever is still writing there is not to lose it.
            folder.lock_if_there(UNFINISHED)?;
        }
        Ok(folder)
    }

    /// Makes the folder if it is not there and tries whether it can be written.
    fn made(path: &Path) -> Result<Self, Failure> {
        let failed =
            |what: &str, error: &io::Error| Failure::failed(format!("failed to {what} `{}`: {error}", path.display()));
        let missing = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let created: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        fs::create_dir_all(path).map_err(|error| failed("create folder", &error))?;
        let folder = Self {
            path: path.to_owned(),
            created,
            written: Cell::new(false),
            begun: Cell::new(false),
            work: None,
            replaces: Cell::new(false),
            lock: RefCell::new(None),
            resumed: false,
        };
        temporary(path).map_err(|error| failed("write to folder", &error))?;
        Ok(folder)
    }

    /// Takes the lock of a file of the folder, if that is there.
    fn lock_if_there(&self, name: &str) -> Result<(), Failure> {
        let place = self.path.join(name);
        let failed = |error: io::Error| Failure::failed(format!("failed to lock `{}`: {error}", place.display()));
        let file = match fs::File::open(&place) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock() {
            Ok(()) => {
                *self.lock.borrow_mut() = Some(file);
                Ok(())
            }
            Err(fs::TryLockError::WouldBlock) => {
                Err(Failure::failed(format!("another process is writing to `{}`", self.path.display())))
            }
            Err(fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Before the first file: what was there goes, and what will be there is known as a part until it is whole.
    fn begin(&self) -> Result<(), Failure> {
        let Some(work) = self.work.as_ref().filter(|_| !self.begun.get()) else { return Ok(()) };
        if self.replaces.get() {
            self.empty()?;
        }
        let place = self.path.join(UNFINISHED);
        write_new(&place, |out| out.write_all(work.as_bytes()))
            .map_err(|error| Failure::failed(format!("failed to write `{}`: {error}", place.display())))?;
        self.begun.set(true);
        self.lock_if_there(UNFINISHED)
    }

    /// Removes the results that make room for these.
    fn empty(&self) -> Result<(), Failure> {
        self.replaces.set(false);
        self.lock.borrow_mut().take();
        remove_results(&self.path)
            .map_err(|error| Failure::failed(format!("failed to empty `{}`: {error}", self.path.display())))
    }

    /// Everything is written: the folder no longer holds a part.
    ///
    /// # Errors
    /// When the system does not let it be said.
    pub fn finish(&self) -> Result<(), Failure> {
        let place = self.path.join(UNFINISHED);
        match fs::remove_file(&place) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::failed(format!("failed to remove `{}`: {error}", place.display())))
            }
            _ => Ok(()),
        }
    }

    /// Claims a folder, or goes on with one whose `manifest` has just these bytes. `what` is in it, in one word.
    ///
    /// One process at a time: the manifest is locked while the folder is ours, and the lock goes with the process. What a
    /// process that was killed had half written is removed.
    ///
    /// # Errors
    /// When it holds something else, another process has it, or it cannot be made or written.
    pub fn claim_or_resume(
        path: &Path,
        manifest: &str,
        bytes: &[u8],
        what: &str,
        force: bool,
    ) -> Result<Self, Failure> {
        let ours = match fs::read(path.join(manifest)) {
            Ok(found) if found == bytes => true,
            Ok(_) if !force => {
                return Err(Failure::usage(format!("`{}` holds another {what}", path.display())).hint(format!(
                    "its {manifest} says which; a {what} goes on only with the same files, settings, seed, trials and \
                     version: name a new folder, or overwrite it with --force"
                )));
            }
            Ok(_) | Err(_) => false,
        };
        let mut folder = if ours { Self::made(path)? } else { Self::claim(path, what, force)? };
        // What goes on is known by its manifest, and needs no other sign that it is a part.
        (folder.work, folder.resumed) = (None, true);
        folder.lock_if_there(manifest)?;
        if ours {
            folder.written.set(true);
        } else {
            if folder.replaces.get() {
                folder.empty()?;
            }
            folder.write(manifest, |out| out.write_all(bytes))?;
            folder.lock_if_there(manifest)?;
        }
        if ours {
            remove_leftovers(path);
        }
        Ok(folder)
    }

    /// Makes a folder within, if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<(), Failure> {
        let path = self.path.join(name);
        fs::create_dir_all(&path)
            .map_err(|error| Failure::failed(format!("failed to create folder `{}`: {error}", path.display())))
    }

    /// The text of a file, if it is there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.path.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::failed(format!("failed to read `{}`: {error}", path.display()))),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file under `name`, whole or not at all. What goes on where it was killed may have written it before.
    ///
    /// # Errors
    /// When it cannot be written or, in a folder that is not gone on with, is there already.
    pub fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.begin()?;
        let path = self.path.join(name);
        let written = if self.resumed {
            finished(&self.path, content).and_then(|file| file.persist(&path).map(drop).map_err(Into::into))
        } else {
            write_new(&path, content)
        };
        written.map_err(|error| Failure::failed(format!("failed to write `{}`: {error}", path.display())))?;
        self.written.set(true);
        Ok(())
    }
}

impl Drop for Folder {
    /// A run that came to nothing leaves no empty folder behind.
    fn drop(&mut self) {
        if !self.written.get() {
            // It is only tidiness, and a folder that holds something is not removed.
            if self.begun.get() {
                let _ = fs::remove_file(self.path.join(UNFINISHED));
            }
            self.created.iter().all(|folder| fs::remove_dir(folder).is_ok());
        }
    }
}
