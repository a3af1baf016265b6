//! Files that appear whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Names of unfinished files begin with this.
pub(super) const BEGUN: &str = ".mrsim-";

/// Writes a file that must not exist yet, whole or not at all. Its folder must exist.
///
/// # Errors
/// When it cannot be written, or already exists ([`io::ErrorKind::AlreadyExists`]).
pub fn write_new(path: &Path, content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    finished(folder, content)?.persist_noclobber(path)?;
    Ok(())
}

/// A file with all of its content, still under a temporary name.
pub(super) fn finished(
    folder: &Path,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut out = BufWriter::new(temporary(folder)?);
    content(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // Flushed to disk before it gets its name: after a crash there is the whole file or none.
    file.as_file().sync_all()?;
    Ok(file)
}

/// A file under a temporary name, in the folder itself: a rename must not cross file systems.
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(BEGUN);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Results are shared like any other file; the umask still applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
