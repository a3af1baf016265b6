//! The folder of `--out`.
//!
//! Nothing that was on disk is lost: the folder must be new or empty, files appear whole or not at all, and one that
//! appeared meanwhile is left alone. There is no way to force it; a second run takes a second folder. The folder is
//! claimed before the run, so that a path that cannot be written fails at once and not after an hour.
//!
//! Work that takes long may go on in a folder of its own ([`Folder::claim_or_resume`]): a manifest tells whose it is.

use std::cell::Cell;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::exit::Failure;

/// How names of files begin that are not finished.
const UNFINISHED: &str = ".mrsim-";

/// A folder that is ours to fill.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    created: Vec<PathBuf>,
    written: Cell<bool>,
    /// Held while the folder is ours, where others could go on with it.
    lock: Option<fs::File>,
}

impl Folder {
    /// Makes the folder if it is not there and tries whether it can be written.
    ///
    /// # Errors
    /// When it holds something, is no folder, or cannot be made or written.
    pub fn claim(path: &Path) -> Result<Self, Failure> {
        let failed =
            |what: &str, error: &io::Error| Failure::failed(format!("failed to {what} `{}`: {error}", path.display()));
        let created = match fs::read_dir(path) {
            Ok(mut entries) => match entries.next() {
                None => Vec::new(),
                Some(_) => {
                    return Err(Failure::usage(format!("`{}` is not empty", path.display()))
                        .hint("results are never overwritten: name a new folder, or move this one away"));
                }
            },
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let missing = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
                let missing = missing.map(Path::to_owned).collect();
                fs::create_dir_all(path).map_err(|error| failed("create folder", &error))?;
                missing
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(Failure::usage(format!("`{}` is not a folder", path.display())));
            }
            Err(error) => return Err(failed("read folder", &error)),
        };
        let folder = Self { path: path.to_owned(), created, written: Cell::new(false), lock: None };
        temporary(path).map_err(|error| failed("write to folder", &error))?;
        Ok(folder)
    }

    /// Claims a folder, or goes on with one whose `manifest` has just these bytes. `what` is in it, in one word.
    ///
    /// One process at a time: the manifest is locked while the folder is ours, and the lock goes with the process. What a
    /// process that was killed had half written is removed.
    ///
    /// # Errors
    /// When it holds something else, another process has it, or it cannot be made or written.
    pub fn claim_or_resume(path: &Path, manifest: &str, bytes: &[u8], what: &str) -> Result<Self, Failure> {
        let place = path.join(manifest);
        let ours = match fs::read(&place) {
            Ok(found) if found == bytes => true,
            Ok(_) => {
                return Err(Failure::usage(format!("`{}` holds another {what}", path.display())).hint(format!(
                    "its {manifest} says which; a {what} goes on only with the same files, settings, seed, trials and \
                     version: name a new folder"
                )));
            }
            Err(_) => false,
        };
        let mut folder = if ours {
            Self { path: path.to_owned(), created: Vec::new(), written: Cell::new(true), lock: None }
        } else {
            // A process that was killed before it had a manifest leaves nothing but what it had begun.
            let begun = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with(UNFINISHED);
            if fs::read_dir(path).is_ok_and(|entries| entries.flatten().all(begun)) {
                Self::remove_leftovers(path);
            }
            let folder = Self::claim(path)?;
            folder.write(manifest, |out| out.write_all(bytes))?;
            folder
        };
        let failed = |error: io::Error| Failure::failed(format!("failed to lock `{}`: {error}", place.display()));
        let lock = fs::File::open(&place).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Failure::failed(format!("another process is writing to `{}`", path.display())));
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        if ours {
            Self::remove_leftovers(path);
        }
        folder.lock = Some(lock);
        Ok(folder)
    }

    /// Removes what was being written when the process died.
    fn remove_leftovers(path: &Path) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // If it stays it is in nobody's way but the eye's.
                let _ = fs::remove_file(entry.path());
            }
        }
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
        let path = self.path.join(name);
        let written = match self.lock {
            Some(_) => finished(&self.path, content).and_then(|file| file.persist(&path).map(drop).map_err(Into::into)),
            None => write_new(&path, content),
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
            self.created.iter().all(|folder| fs::remove_dir(folder).is_ok());
        }
    }
}

/// Writes a file that must not be there yet, whole or not at all. Its folder must be there.
///
/// # Errors
/// When it cannot be written, or is there already ([`ErrorKind::AlreadyExists`]).
pub fn write_new(path: &Path, content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    finished(folder, content)?.persist_noclobber(path)?;
    Ok(())
}

/// A file with all of its content, and as yet without its name.
fn finished(
    folder: &Path,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut out = BufWriter::new(temporary(folder)?);
    content(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // On disk before it has its name: a crash leaves the whole file or none.
    file.as_file().sync_all()?;
    Ok(file)
}

/// A file without a name that anybody would read, in the folder itself: a rename must not cross file systems.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Results are to be shared as any other file; the umask still applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use super::Folder;
    use crate::exit::Exit;

    #[test]
    fn a_folder_that_holds_something_is_refused_and_left_as_it_was() {
        let home = tempfile::tempdir().expect("a temporary folder");
        fs::write(home.path().join("trials.csv"), "precious").expect("written");
        let failure = Folder::claim(home.path()).expect_err("it is not empty");
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains("is not empty"), "{failure}");
        assert_eq!(fs::read_to_string(home.path().join("trials.csv")).expect("read"), "precious");
        let failure = Folder::claim(&home.path().join("trials.csv")).expect_err("it is a file");
        assert!(failure.to_string().contains("is not a folder"), "{failure}");
    }

    #[test]
    fn a_path_that_cannot_be_made_fails_at_once() {
        let home = tempfile::tempdir().expect("a temporary folder");
        fs::write(home.path().join("file"), "").expect("written");
        let failure = Folder::claim(&home.path().join("file/inside")).expect_err("a file holds no folder");
        assert!(failure.exit == Exit::Failed || failure.exit == Exit::Usage);
    }

    #[test]
    fn files_appear_whole_or_not_at_all() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::claim(&home.path().join("a/b")).expect("it is new");
        folder.write("one", |out| out.write_all(b"1")).expect("written");
        let failure = folder.write("two", |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failure.expect_err("it failed").to_string().contains("two`: disk full"));
        let failure = folder.write("one", |out| out.write_all(b"2"));
        assert!(failure.is_err(), "a file that is there is left alone");
        let names: Vec<_> =
            fs::read_dir(folder.path()).expect("listed").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names, ["one"]);
        assert_eq!(fs::read(folder.path().join("one")).expect("read"), b"1");
    }

    #[test]
    fn a_run_that_came_to_nothing_leaves_no_folder() {
        let home = tempfile::tempdir().expect("a temporary folder");
        drop(Folder::claim(&home.path().join("new")).expect("it is new"));
        assert!(!home.path().join("new").exists());
        drop(Folder::claim(&home.path().join("several/new/ones")).expect("it is new"));
        assert!(!home.path().join("several").exists());
        drop(Folder::claim(home.path()).expect("it is empty"));
        assert!(home.path().exists(), "what was there before stays");
    }

    #[test]
    fn work_goes_on_in_its_own_folder_alone() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("long");
        let claim = |bytes: &[u8]| Folder::claim_or_resume(&path, "manifest.json", bytes, "sweep");
        let folder = claim(b"one").expect("it is new");
        folder.write("part", |out| out.write_all(b"1")).expect("written");
        let failure = claim(b"one").expect_err("it is in use");
        assert!(failure.exit == Exit::Failed && failure.to_string().contains("another process"), "{failure}");
        drop(folder);
        fs::write(path.join(".mrsim-half"), "half").expect("written");
        let folder = claim(b"one").expect("it is ours");
        assert_eq!(folder.read("part"), Ok(Some("1".to_owned())));
        assert_eq!(folder.read("other"), Ok(None));
        assert!(!path.join(".mrsim-half").exists(), "what was half written is gone");
        folder.write("part", |out| out.write_all(b"2")).expect("what goes on may write again");
        drop(folder);
        let failure = claim(b"two").expect_err("it is another one");
        assert!(failure.exit == Exit::Usage && failure.to_string().contains("holds another sweep"), "{failure}");
        // Killed before it had a manifest.
        fs::remove_file(path.join("manifest.json")).and_then(|()| fs::remove_file(path.join("part"))).expect("removed");
        fs::write(path.join(".mrsim-half"), "half").expect("written");
        drop(claim(b"two").expect("nothing is there"));
    }
}
