//! The folder of `--out`.
//!
//! No file is lost unasked: the folder must be new or empty, files appear whole or not at all, and a file that appeared
//! meanwhile is not overwritten. `--force` takes a folder that holds nothing but results of this program. The folder is
//! claimed before the run, so that a path that cannot be written fails at once and not after an hour.
//!
//! While there is work, [`UNFINISHED`] stands in the folder and names it. If the process is killed, the file shows that
//! the folder holds a part, and the same command goes on from the [`CHECKPOINT`], if there is one, or begins again. Work
//! that was asked to stop leaves the results of what was finished, and the same command goes on as well.
//!
//! Long work may continue in its folder ([`Folder::claim_or_resume`]): a manifest tells which work that is.

mod contents;
#[cfg(test)]
mod tests;
mod writing;

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use contents::{Found, HEAD, STOPPED, found, only_results, remove_leftovers, remove_results, remove_work};
use writing::{finished, temporary};

use crate::exit::Failure;

pub use contents::{CHECKPOINT, PART, TRIALS, UNFINISHED};
pub use writing::write_new;

/// A folder that this process may fill.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    created: Vec<PathBuf>,
    written: Cell<bool>,
    /// Whether [`UNFINISHED`] names this work.
    begun: Cell<bool>,
    /// Whether the folder had a part of the same work when it was claimed.
    continues: bool,
    /// The work that [`UNFINISHED`] names; nothing if a manifest does that.
    work: Option<String>,
    /// Whether it holds results that will be removed before the first file is written.
    replaces: Cell<bool>,
    /// The lock that keeps other processes from continuing here.
    lock: RefCell<Option<fs::File>>,
    /// Whether files that exist may be overwritten.
    resumed: bool,
}

impl Folder {
    /// Makes the folder if it does not exist and tests that it can be written. `work` names what will be made in it: a
    /// folder with a part of the same work, left by a process that was killed, is begun again. With `force` a folder is
    /// taken that holds nothing but results of this program. Old files are removed when the first new one is written.
    ///
    /// # Errors
    /// When it holds something else, is no folder, or cannot be made or written.
    pub fn claim(path: &Path, work: &str, force: bool) -> Result<Self, Failure> {
        let work = format!("{HEAD}{work}\n");
        let (replaces, continues) = match found(path, &work)? {
            Found::Nothing => (false, false),
            Found::Same => (true, true),
            Found::Other if force => {
                only_results(path)?;
                (true, false)
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
        (folder.work, folder.replaces, folder.continues) = (Some(work), Cell::new(replaces), continues);
        if replaces {
            // Another process may still be writing there.
            folder.lock_if_there(UNFINISHED)?;
        }
        Ok(folder)
    }

    /// Makes the folder if it does not exist and tests that it can be written.
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
            continues: false,
            work: None,
            replaces: Cell::new(false),
            lock: RefCell::new(None),
            resumed: false,
        };
        temporary(path).map_err(|error| failed("write to folder", &error))?;
        Ok(folder)
    }

    /// Takes the lock of a file of the folder, if the file exists.
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
            // File systems of clusters may have no locks. There, as anywhere, two jobs with one folder are a mistake of
            // who starts them; files still appear whole or not at all.
            Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
            Err(fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Marks the folder as unfinished. Old results stay until there are new ones.
    fn mark(&self) -> Result<(), Failure> {
        let Some(work) = self.work.as_ref().filter(|_| !self.begun.get()) else { return Ok(()) };
        let mark = self.path.join(UNFINISHED);
        let failed =
            |what: &str, error: &io::Error| Failure::failed(format!("failed to {what} `{}`: {error}", mark.display()));
        if self.replaces.get() && !self.continues {
            // The work that these files are of is overwritten.
            self.lock.borrow_mut().take();
            remove_work(&self.path).map_err(|error| failed("remove", &error))?;
        }
        if !(self.continues && mark.exists()) {
            write_new(&mark, |out| out.write_all(work.as_bytes())).map_err(|error| failed("write", &error))?;
        }
        // Another process may have gone on with the same work since this one looked.
        if self.lock.borrow().is_none() {
            self.lock_if_there(UNFINISHED)?;
        }
        let _ = fs::remove_file(self.path.join(STOPPED));
        remove_leftovers(&self.path);
        self.begun.set(true);
        Ok(())
    }

    /// Before the first file: marks the folder as unfinished and removes old results.
    fn begin(&self) -> Result<(), Failure> {
        self.mark()?;
        if self.replaces.get() {
            self.empty()?;
        }
        Ok(())
    }

    /// Removes the old results.
    fn empty(&self) -> Result<(), Failure> {
        self.replaces.set(false);
        remove_results(&self.path)
            .map_err(|error| Failure::failed(format!("failed to empty `{}`: {error}", self.path.display())))
    }

    /// The path of a file that grows while the work goes on, such as [`CHECKPOINT`]. The folder is marked as unfinished
    /// from now on.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn growing(&self, name: &str) -> Result<PathBuf, Failure> {
        self.mark()?;
        Ok(self.path.join(name))
    }

    /// Keeps what there is to go on from, even if no result comes of this process.
    pub fn keep(&self) {
        self.written.set(true);
    }

    /// Marks the folder as one with the results of what was finished when the work was stopped. The same work may still
    /// go on from its checkpoint.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn stop(&self) -> Result<(), Failure> {
        let (from, to) = (self.path.join(UNFINISHED), self.path.join(STOPPED));
        fs::rename(&from, &to)
            .map_err(|error| Failure::failed(format!("failed to rename `{}`: {error}", from.display())))
    }

    /// Marks the folder as finished.
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub fn finish(&self) -> Result<(), Failure> {
        remove_work(&self.path).map_err(|error| {
            Failure::failed(format!("failed to remove `{}`: {error}", self.path.join(UNFINISHED).display()))
        })
    }

    /// Claims a folder, or continues in one whose `manifest` has just these bytes. `what` names the work in one word,
    /// for messages.
    ///
    /// One process at a time: the manifest is locked while the folder is claimed, and the lock ends with the process.
    /// Files that a killed process left unfinished are removed.
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
        // The manifest already tells that the work may be unfinished.
        (folder.work, folder.resumed) = (None, true);
        folder.lock_if_there(manifest)?;
        if ours {
            folder.written.set(true);
        } else {
            if folder.replaces.get() {
                folder.lock.borrow_mut().take();
                folder.empty()?;
                remove_work(path)
                    .map_err(|error| Failure::failed(format!("failed to empty `{}`: {error}", path.display())))?;
            }
            folder.write(manifest, |out| out.write_all(bytes))?;
            folder.lock_if_there(manifest)?;
        }
        remove_leftovers(path);
        Ok(folder)
    }

    /// Makes a folder within, if it does not exist.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<(), Failure> {
        let path = self.path.join(name);
        fs::create_dir_all(&path)
            .map_err(|error| Failure::failed(format!("failed to create folder `{}`: {error}", path.display())))
    }

    /// The text of a file, if the file exists.
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

    /// The path as the command line gave it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file under `name`, whole or not at all. Work that continues may overwrite its own files.
    ///
    /// # Errors
    /// When it cannot be written or, unless the work continues, already exists.
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
    /// A run without results leaves no empty folder behind.
    fn drop(&mut self) {
        if !self.written.get() {
            // Errors do not matter here, and a folder that holds something is not removed. What an earlier process kept to
            // go on from stays.
            if self.begun.get() && !self.continues {
                let _ = remove_work(&self.path);
            }
            self.created.iter().all(|folder| fs::remove_dir(folder).is_ok());
        }
    }
}
