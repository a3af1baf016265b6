//! Rows of finished trials in a file that grows: what a shard hands over, and what a killed process goes on from.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | `mrsim rows 2` and a newline, filled up with zeros |
//! | 32 | the identity of the work: the digest of what tells it from every other |
//! | 8, 8 | figures of a row; the number of the first trial |
//! | frames | trials, outages (4 bytes each), bytes of latencies (8 bytes), the figures and outages by their bits, how long requests took, and a digest of 32 bytes |
//! | the last frame | no trials, no outages, no latencies, and its digest |
//!
//! Numbers are little-endian. The digest of a frame covers all before it, so a frame that was cut, changed or moved is
//! noticed. A batch is one frame, wherever a process was killed: the bytes depend on the trials alone.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use models::latency::Law;

use super::frame::{self, HEAD, Head};
use crate::run::{Batch, Sink};

const MAGIC: &[u8; 16] = b"mrsim rows 2\n\0\0\0";
const DIGEST: usize = 32;
const START: usize = 16 + DIGEST + 16;

/// What the rows of a file are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The digest of what tells this work from every other.
    pub(super) identity: [u8; 32],
    /// Figures of a row.
    pub(super) width: usize,
    /// The number of the first trial.
    pub(super) first: u64,
}

impl Kind {
    /// Rows of the work that `identity` tells from every other.
    pub(super) fn new(identity: &[u8], width: usize, first: u64) -> Self {
        Self { identity: blake3::hash(identity).into(), width, first }
    }

    fn start(&self) -> Vec<u8> {
        let mut start = MAGIC.to_vec();
        start.extend(self.identity);
        start.extend((self.width as u64).to_le_bytes());
        start.extend(self.first.to_le_bytes());
        start
    }
}

/// The digest of a frame after those before it.
fn chained(before: &[u8; DIGEST], frame: &[u8]) -> [u8; DIGEST] {
    let mut digest = blake3::Hasher::new();
    digest.update(before).update(frame);
    digest.finalize().into()
}

/// The next part of a file of rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    /// A batch.
    Batch(Batch),
    /// The end: the work is done, and nothing follows.
    End,
    /// The file ends before the work is done.
    Cut,
    /// It was changed, or written in part.
    Damaged,
}

/// The frames of a file, one after the other.
#[derive(Debug)]
pub(super) struct Frames<R> {
    input: R,
    width: usize,
    /// Bytes of the file that were not read.
    left: u64,
    /// Bytes up to the last whole frame.
    whole: u64,
    digest: [u8; DIGEST],
    frame: Vec<u8>,
    /// Distributions of durations in the frames so far: each is written once.
    laws: Vec<Arc<Law>>,
}

impl Frames<BufReader<File>> {
    /// The frames of a file of this kind; nothing if it is of another kind or none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn open(path: &Path, kind: &Kind) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Self::new(BufReader::with_capacity(1 << 20, file), length, kind)
    }
}

impl<R: Read> Frames<R> {
    /// The frames of `length` bytes.
    fn new(mut input: R, length: u64, kind: &Kind) -> io::Result<Option<Self>> {
        let expected = kind.start();
        if length < START as u64 {
            return Ok(None);
        }
        let mut start = vec![0; START];
        input.read_exact(&mut start)?;
        let digest = blake3::hash(&start).into();
        let (left, whole) = (length - START as u64, START as u64);
        Ok((start == expected).then_some(Self {
            input,
            width: kind.width,
            left,
            whole,
            digest,
            frame: Vec::new(),
            laws: Vec::new(),
        }))
    }

    /// The next batch, or how the file ends.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        if self.left < (HEAD + DIGEST) as u64 {
            return Ok(Next::Cut);
        }
        let mut head = [0; HEAD];
        self.input.read_exact(&mut head)?;
        let found = Head::read(head);
        let body = found.body(self.width);
        // Before anything of that size is made: a damaged head may claim all memory there is.
        if self.left - ((HEAD + DIGEST) as u64) < body {
            return Ok(Next::Cut);
        }
        self.frame.clear();
        self.frame.extend(head);
        self.frame.resize(HEAD + body as usize, 0);
        self.input.read_exact(&mut self.frame[HEAD..])?;
        let mut digest = [0; DIGEST];
        self.input.read_exact(&mut digest)?;
        let size = self.frame.len() as u64 + DIGEST as u64;
        self.left -= size;
        let next = chained(&self.digest, &self.frame);
        if digest != next {
            return Ok(Next::Damaged);
        }
        if found.trials == 0 {
            return Ok(if self.left == 0 && found.outages == 0 && found.latencies == 0 {
                Next::End
            } else {
                Next::Damaged
            });
        }
        let Some(batch) = frame::read(found, &self.frame[HEAD..], self.width, &mut self.laws) else {
            return Ok(Next::Damaged);
        };
        self.whole += size;
        self.digest = next;
        Ok(Next::Batch(batch))
    }
}

/// A file of rows that is being written.
#[derive(Debug)]
pub struct Log {
    file: File,
    /// The path in messages.
    path: String,
    width: usize,
    digest: [u8; DIGEST],
    /// Whether the file has its end already.
    ended: bool,
    frame: Vec<u8>,
    /// Distributions of durations in the frames so far.
    laws: Vec<Arc<Law>>,
}

impl Log {
    /// Opens a file, or makes it. `known` gets the batches that are there already, in order, until it has enough; what
    /// follows the last whole batch, or a file of another kind, is overwritten. Where `known` says that these are no
    /// batches of this work, the file begins anew.
    ///
    /// # Errors
    /// The whole message.
    pub(super) fn open(
        path: &Path,
        kind: &Kind,
        known: &mut dyn FnMut(&Batch) -> Result<Known, String>,
    ) -> Result<Self, String> {
        let shown = path.display().to_string();
        let failed = |error: io::Error| format!("failed to write `{shown}`: {error}");
        let start = kind.start();
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let frames = Frames::new(BufReader::with_capacity(1 << 20, &file), length, kind).map_err(failed)?;
        let mut found = None;
        let mut laws = Vec::new();
        let mut ended = false;
        if let Some(mut frames) = frames {
            found = Some((frames.whole, frames.digest));
            loop {
                let batch = match frames.next().map_err(failed)? {
                    Next::Batch(batch) => batch,
                    next => {
                        ended = next == Next::End;
                        break;
                    }
                };
                let known = known(&batch)?;
                found = (known != Known::Foreign).then_some((frames.whole, frames.digest));
                laws = if known == Known::Foreign { Vec::new() } else { frames.laws.clone() };
                if known != Known::Taken {
                    break;
                }
            }
        }
        let (whole, digest) = found.unwrap_or((0, blake3::hash(&start).into()));
        if !ended {
            file.set_len(whole).and_then(|()| file.seek(SeekFrom::Start(whole))).map_err(failed)?;
        }
        if whole == 0 {
            file.write_all(&start).map_err(failed)?;
        }
        Ok(Self { file, path: shown, width: kind.width, digest, ended, frame: Vec::new(), laws })
    }

    /// Appends a batch.
    ///
    /// # Errors
    /// The whole message.
    pub(super) fn append(&mut self, batch: &Batch) -> Result<(), String> {
        if self.ended {
            return Err(format!("`{}` has an end before all of its trials are there: delete it", self.path));
        }
        self.frame.clear();
        frame::write(batch, self.width, &mut self.laws, &mut self.frame);
        self.write()
    }

    /// Writes the end: the work is done. The file is on the disk when this returns.
    ///
    /// # Errors
    /// The whole message.
    pub fn finish(mut self) -> Result<(), String> {
        if self.ended {
            return Ok(());
        }
        self.frame.clear();
        self.frame.extend([0; HEAD]);
        self.write()?;
        self.file.sync_all().map_err(|error| format!("failed to write `{}`: {error}", self.path))
    }

    fn write(&mut self) -> Result<(), String> {
        self.digest = chained(&self.digest, &self.frame);
        self.frame.extend(self.digest);
        // At once: what a killed process has in its own memory is lost.
        self.file.write_all(&self.frame).map_err(|error| format!("failed to write `{}`: {error}", self.path))
    }
}

/// What becomes of a batch that is in a file already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It was taken.
    Taken,
    /// It was taken, and no more are needed.
    Enough,
    /// It is not of this work.
    Foreign,
}

/// Rows that are kept in the file alone: a shard of any size takes the memory of a few batches.
impl Sink for Log {
    fn take(&mut self, batch: &Batch) -> Result<bool, String> {
        self.append(batch).map(|()| false)
    }

    fn bytes(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Frames, Kind, Known, Log, Next};
    use crate::run::Batch;
    use crate::shard::frame::tests::batch;

    const WIDTH: usize = 4;

    fn kind() -> Kind {
        Kind::new(b"this work", WIDTH, 100)
    }

    fn open(path: &Path, known: &mut Vec<Batch>) -> Log {
        Log::open(path, &kind(), &mut |batch| {
            known.push(batch.clone());
            Ok(Known::Taken)
        })
        .expect("it can be written")
    }

    fn whole(path: &Path) -> Vec<u8> {
        let mut log = open(path, &mut Vec::new());
        for index in 0..3 {
            log.append(&batch(100 + 25 * index, 25, WIDTH)).expect("written");
        }
        log.finish().expect("written");
        fs::read(path).expect("it is there")
    }

    fn frames(bytes: &[u8]) -> Vec<Next> {
        let mut frames = Frames::new(bytes, bytes.len() as u64, &kind()).expect("read").expect("of this kind");
        let mut found = Vec::new();
        loop {
            found.push(frames.next().expect("read"));
            if !matches!(found.last(), Some(Next::Batch(_))) {
                return found;
            }
        }
    }

    #[test]
    fn a_file_that_was_cut_anywhere_goes_on_and_ends_with_the_same_bytes() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let bytes = whole(&home.path().join("whole"));
        assert_eq!(frames(&bytes).last(), Some(&Next::End));
        let path = home.path().join("cut");
        for length in (0..bytes.len()).step_by(41) {
            fs::write(&path, &bytes[..length]).expect("written");
            let mut known = Vec::new();
            let mut log = open(&path, &mut known);
            assert!(known.len() <= 3);
            for index in known.len() as u64..3 {
                log.append(&batch(100 + 25 * index, 25, WIDTH)).expect("written");
            }
            log.finish().expect("written");
            assert!(fs::read(&path).expect("it is there") == bytes, "cut at {length}");
        }
    }

    #[test]
    fn a_change_of_any_byte_is_noticed() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let bytes = whole(&home.path().join("whole"));
        for place in (0..bytes.len()).step_by(53) {
            let mut changed = bytes.clone();
            changed[place] ^= 4;
            let found = Frames::new(&changed[..], changed.len() as u64, &kind()).expect("read");
            let Some(_) = found else {
                assert!(place < super::START);
                continue;
            };
            assert_ne!(frames(&changed).last(), Some(&Next::End), "changed at {place}");
        }
        let longer = [&bytes[..], b"and more"].concat();
        assert_eq!(frames(&longer).last(), Some(&Next::Damaged));
    }

    #[test]
    fn a_file_of_other_work_begins_anew() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("log");
        let bytes = whole(&path);
        let other = Kind::new(b"other work", WIDTH, 100);
        drop(Log::open(&path, &other, &mut |_| panic!("nothing of it is known")).expect("it can be written"));
        assert_eq!(fs::read(&path).expect("it is there").len(), super::START);
        fs::write(&path, &bytes).expect("written");
        drop(Log::open(&path, &kind(), &mut |_| Ok(Known::Foreign)).expect("it can be written"));
        assert_eq!(fs::read(&path).expect("it is there"), bytes[..super::START]);
    }
}
