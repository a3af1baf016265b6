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

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::exit::Failure;

/// How names of files begin that are not finished.
const BEGUN: &str = ".mrsim-";
/// The file that stands in a folder while it is being filled.
pub const UNFINISHED: &str = "unfinished.txt";

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

/// What a folder holds before it is claimed.
enum Found {
    /// Nothing, or it is not there.
    Nothing,
    /// A part of the same work, left by a process that was killed.
    Same,
    /// Something else.
    Other,
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
            Self::remove_leftovers(path);
        }
        Ok(folder)
    }

    /// Removes what was being written when the process died.
    fn remove_leftovers(path: &Path) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(BEGUN) {
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

/// How the file begins that tells of a part.
const PART: &str = "What is here is a part: it is being written, or the process that wrote it was killed.\n\
    The same command begins again and overwrites it. It was making: ";

/// What a folder holds, next to `work`, which is to be made in it. What a process had begun that was killed before it had a
/// whole file is nothing.
fn found(path: &Path, work: &str) -> Result<Found, Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(Failure::usage(format!("`{}` is not a folder", path.display())));
        }
        Err(error) => return Err(Failure::failed(format!("failed to read folder `{}`: {error}", path.display()))),
    };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    if names.iter().all(|name| name.starts_with(BEGUN)) {
        Folder::remove_leftovers(path);
        return Ok(Found::Nothing);
    }
    let same = fs::read(path.join(UNFINISHED)).is_ok_and(|found| found == work.as_bytes());
    let ours = names.iter().all(|name| is_result(name));
    Ok(if same && ours { Found::Same } else { Found::Other })
}

/// Files by which a folder is known to be one of this program.
const SIGNS: [&str; 5] = ["summary.json", "comparison.json", "sweep.json", "manifest.json", UNFINISHED];
/// The other files that it writes under names of their own.
const NAMES: [&str; 9] = [
    "experiment.toml",
    "trials.csv",
    "trials.parquet",
    "outages.csv",
    "outages.parquet",
    "report.txt",
    "report.md",
    "report.html",
    "sweep.csv",
];
/// How the names of its charts begin.
const CHARTS: [&str; 5] = ["recovery-time", "data-loss", "where-the-time-went", "success-over-time", "availability"];
/// The folder in which a sweep keeps its points.
const POINTS: &str = "points";

/// Whether a file of this name in a folder of results is one of this program.
fn is_result(name: &str) -> bool {
    let candidate = name.strip_prefix("candidate-").and_then(|rest| rest.strip_suffix(".toml"));
    let candidate = candidate.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let chart = name.strip_suffix(".svg").or_else(|| name.strip_suffix(".png"));
    let chart = chart.is_some_and(|stem| CHARTS.iter().any(|chart| stem.starts_with(chart)));
    SIGNS.contains(&name) || NAMES.contains(&name) || candidate || chart || name == POINTS || name.starts_with(BEGUN)
}

/// Whether results of this program are all that a folder holds.
fn only_results(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |error: io::Error| Failure::failed(format!("failed to read folder `{shown}`: {error}"));
    let mut known = false;
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        known |= SIGNS.contains(&name.as_str());
        if !is_result(&name) {
            return Err(Failure::usage(format!("`{shown}` holds `{name}`, which mrsim did not write"))
                .hint("--force overwrites results of mrsim and nothing else: move it away, or name a new folder"));
        }
    }
    if known {
        return Ok(());
    }
    Err(Failure::usage(format!("`{shown}` is not a folder of results"))
        .hint("--force overwrites folders that mrsim filled and no others: name a new folder"))
}

/// Removes results of this program from a folder, and the sign that they are a part last.
fn remove_results(path: &Path) -> io::Result<()> {
    let mut names: Vec<String> =
        fs::read_dir(path)?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| is_result(name));
    names.sort_by_key(|name| name == UNFINISHED);
    for name in names {
        let place = path.join(&name);
        if name == POINTS && place.is_dir() {
            for point in fs::read_dir(&place)?.flatten() {
                let is_point = point.path().extension().is_some_and(|extension| extension == "json");
                if is_point {
                    fs::remove_file(point.path())?;
                }
            }
            // Whatever else is in it is not ours, and stays.
            fs::remove_dir(&place)?;
        } else {
            fs::remove_file(&place)?;
        }
    }
    Ok(())
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
    builder.prefix(BEGUN);
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
    use std::path::Path;

    use super::{Folder, UNFINISHED};
    use crate::exit::{Exit, Failure};

    fn claim(path: &Path) -> Result<Folder, Failure> {
        Folder::claim(path, "run of shop", false)
    }

    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).expect("listed").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_that_holds_something_is_refused_and_left_as_it_was() {
        let home = tempfile::tempdir().expect("a temporary folder");
        fs::write(home.path().join("trials.csv"), "precious").expect("written");
        let failure = claim(home.path()).expect_err("it is not empty");
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains("is not empty"), "{failure}");
        assert_eq!(fs::read_to_string(home.path().join("trials.csv")).expect("read"), "precious");
        let failure = claim(&home.path().join("trials.csv")).expect_err("it is a file");
        assert!(failure.to_string().contains("is not a folder"), "{failure}");
    }

    #[test]
    fn a_path_that_cannot_be_made_fails_at_once() {
        let home = tempfile::tempdir().expect("a temporary folder");
        fs::write(home.path().join("file"), "").expect("written");
        let failure = claim(&home.path().join("file/inside")).expect_err("a file holds no folder");
        assert!(failure.exit == Exit::Failed || failure.exit == Exit::Usage);
    }

    #[test]
    fn files_appear_whole_or_not_at_all() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = claim(&home.path().join("a/b")).expect("it is new");
        folder.write("one", |out| out.write_all(b"1")).expect("written");
        let failure = folder.write("two", |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failure.expect_err("it failed").to_string().contains("two`: disk full"));
        let failure = folder.write("one", |out| out.write_all(b"2"));
        assert!(failure.is_err(), "a file that is there is left alone");
        folder.finish().expect("finished");
        assert_eq!(names(folder.path()), ["one"]);
        assert_eq!(fs::read(folder.path().join("one")).expect("read"), b"1");
    }

    #[test]
    fn a_run_that_came_to_nothing_leaves_no_folder() {
        let home = tempfile::tempdir().expect("a temporary folder");
        drop(claim(&home.path().join("new")).expect("it is new"));
        assert!(!home.path().join("new").exists());
        drop(claim(&home.path().join("several/new/ones")).expect("it is new"));
        assert!(!home.path().join("several").exists());
        drop(claim(home.path()).expect("it is empty"));
        assert!(home.path().exists(), "what was there before stays");
    }

    #[test]
    fn work_goes_on_in_its_own_folder_alone() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("long");
        let claim = |bytes: &[u8]| Folder::claim_or_resume(&path, "manifest.json", bytes, "sweep", false);
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

    #[test]
    fn a_part_is_known_as_such_and_begun_again_by_the_same_work_alone() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("out");
        let folder = claim(&path).expect("it is new");
        folder.write("trials.csv", |out| out.write_all(b"1")).expect("written");
        assert_eq!(names(&path), ["trials.csv", UNFINISHED]);
        let failure = claim(&path).expect_err("it is being written");
        assert!(failure.to_string().contains("another process is writing"), "{failure}");
        drop(folder);
        let failure = Folder::claim(&path, "run of another", false).expect_err("it holds a part of something else");
        assert!(failure.to_string().contains("holds a part of other results"), "{failure}");
        let folder = claim(&path).expect("the same work begins again");
        assert_eq!(names(&path), ["trials.csv", UNFINISHED], "nothing goes before there is something new");
        folder.write("experiment.toml", |out| out.write_all(b"2")).expect("written");
        assert_eq!(names(&path), ["experiment.toml", UNFINISHED]);
        folder.finish().expect("finished");
        drop(folder);
        assert_eq!(names(&path), ["experiment.toml"]);
        assert!(claim(&path).is_err(), "what is whole is not overwritten");
    }

    #[test]
    fn force_overwrites_results_and_nothing_else() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("out");
        let forced = || Folder::claim(&path, "run of shop", true);
        let folder = forced().expect("it is new");
        for name in ["trials.csv", "recovery-time.svg", "summary.json"] {
            folder.write(name, |out| out.write_all(b"1")).expect("written");
        }
        folder.finish().expect("finished");
        drop(folder);
        fs::write(path.join("notes.md"), "mine").expect("written");
        let failure = forced().expect_err("somebody keeps notes there").to_string();
        assert!(failure.contains("holds `notes.md`, which mrsim did not write"), "{failure}");
        fs::remove_file(path.join("notes.md")).expect("removed");
        let folder = forced().expect("nothing but results");
        drop(folder);
        assert_eq!(names(&path).len(), 3, "a run that came to nothing overwrites nothing");
        let folder = forced().expect("nothing but results");
        folder.write("trials.csv", |out| out.write_all(b"2")).expect("written");
        folder.finish().expect("finished");
        assert_eq!(names(&path), ["trials.csv"]);
        drop(folder);
        let failure = forced().expect_err("this could be anything").to_string();
        assert!(failure.contains("is not a folder of results"), "{failure}");
    }

    #[test]
    fn a_forced_sweep_makes_room_for_itself() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("long");
        let claim = |bytes: &[u8], force| Folder::claim_or_resume(&path, "manifest.json", bytes, "sweep", force);
        let folder = claim(b"one", false).expect("it is new");
        folder.subfolder("points").expect("made");
        folder.write("points/0.json", |out| out.write_all(b"1")).expect("written");
        assert!(claim(b"two", true).expect_err("it is in use").to_string().contains("another process"));
        drop(folder);
        assert!(claim(b"two", false).is_err());
        let folder = claim(b"two", true).expect("forced");
        assert_eq!(names(folder.path()), ["manifest.json"]);
        drop(folder);
        let folder = claim(b"two", true).expect("the same goes on, forced or not");
        assert_eq!(folder.read("manifest.json"), Ok(Some("two".to_owned())));
    }
}
