//! The folder that files must not lead out of: `--confined DIR`.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Which files an experiment may name: any file, or files below one folder.
#[derive(Debug, Default)]
pub(super) struct Confines(Option<Folder>);

#[derive(Debug)]
struct Folder {
    /// As the command line names it.
    named: PathBuf,
    /// Without links.
    real: PathBuf,
}

impl Confines {
    /// Files must lie in `confined`, if it is given.
    ///
    /// # Errors
    /// When there is no such folder, in a sentence.
    pub(super) fn new(confined: Option<&Path>) -> Result<Self, String> {
        let Some(named) = confined else { return Ok(Self(None)) };
        let folder = |real: PathBuf| if real.is_dir() { Ok(real) } else { Err(io::ErrorKind::NotADirectory.into()) };
        let real = named.canonicalize().and_then(folder);
        match real {
            Ok(real) => Ok(Self(Some(Folder { named: named.to_owned(), real }))),
            Err(error) => Err(format!("cannot keep to the folder {}: {error}", named.display())),
        }
    }

    /// Refuses a file outside the folder, with what should have been named instead. The message does not tell whether
    /// such a file exists.
    pub(super) fn hold(&self, file: &Path) -> Result<(), String> {
        let Some(folder) = &self.0 else { return Ok(()) };
        let inside = real(file).is_ok_and(|file| file.starts_with(&folder.real));
        if inside { Ok(()) } else { Err(format!("a file below {}, as --confined says", folder.named.display())) }
    }
}

/// A path without links and without `..`, as far as it exists; names that do not exist are kept at its end.
fn real(file: &Path) -> io::Result<PathBuf> {
    let mut path = std::env::current_dir()?;
    for part in file.components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => path.push(part),
        }
        // A link leads elsewhere, and `..` after it goes up from there.
        path = path.canonicalize().unwrap_or(path);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Confines;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let inside = home.path().join("inside");
        fs::create_dir_all(inside.join("deep")).expect("made");
        fs::write(inside.join("a.toml"), "").expect("written");
        fs::write(home.path().join("secret"), "").expect("written");
        let bounds = Confines::new(Some(&inside)).expect("it is there");
        for file in ["a.toml", "deep/../a.toml", "nowhere.toml", "./deep/none/../x"] {
            assert_eq!(bounds.hold(&inside.join(file)), Ok(()), "{file}");
        }
        let outside = ["../secret", "../nowhere", "deep/../../secret", "/etc/passwd", "nowhere/../../secret", ".."];
        for file in outside {
            let told = bounds.hold(&inside.join(file)).expect_err(file);
            assert!(told.starts_with("a file below ") && told.ends_with(", as --confined says"), "{told}");
        }
        // A folder whose name only begins with the same letters is another folder.
        fs::create_dir(home.path().join("inside-out")).expect("made");
        assert!(bounds.hold(&inside.join("../inside-out/x")).is_err());
        assert!(Confines::default().hold(&home.path().join("secret")).is_ok());
        assert!(
            Confines::new(Some(&inside.join("a.toml"))).is_err() && Confines::new(Some(&inside.join("no"))).is_err()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_where_it_leads_to() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let inside = home.path().join("inside");
        fs::create_dir(&inside).expect("made");
        fs::write(home.path().join("secret"), "").expect("written");
        std::os::unix::fs::symlink(home.path(), inside.join("out")).expect("linked");
        let bounds = Confines::new(Some(&inside)).expect("it is there");
        assert!(bounds.hold(&inside.join("out/secret")).is_err() && bounds.hold(&inside.join("out/nowhere")).is_err());
        assert!(bounds.hold(&inside.join("out/inside/x")).is_ok(), "it leads back in");
    }
}
