//! Files that appear whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// How names of files begin that are not finished.
pub(super) const BEGUN: &str = ".mrsim-";

/// Writes a file that must not be there yet, whole or not at all. Its folder must be there.
///
/// # Errors
/// When it cannot be written, or is there already ([`io::ErrorKind::AlreadyExists`]).
pub fn write_new(path: &Path, content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    finished(folder, content)?.persist_noclobber(path)?;
    Ok(())
}

/// A file with all of its content, and as yet without its name.
pub(super) fn finished(
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
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
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
