//! Which part of the work a shard does.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Shard `index` of `of`, counted from 1 as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Split {
    index: u64,
    of: u64,
}

/// More shards than this are a slip of the finger.
const MOST: u64 = 1_000_000;

impl Split {
    /// Shard `index` of `of`, from 1; nothing where there is no such shard.
    pub fn new(index: u64, of: u64) -> Option<Self> {
        ((1..=MOST).contains(&of) && (1..=of).contains(&index)).then_some(Self { index, of })
    }

    /// Reads `3/16`.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || "must be the number of the shard, counted from 1, and how many there are, such as 3/16".to_owned();
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let (index, of) = (number(index)?, number(of)?);
        if of > MOST {
            return Err(format!("must be one of at most {MOST} shards"));
        }
        Self::new(index, of).ok_or_else(|| match index {
            0 => "is shard 0, and shards are counted from 1".to_owned(),
            _ => format!("is shard {index}, and there are {of}"),
        })
    }

    /// The path of its part: `{shard}` in the text of `out` stands for the number of the shard, since not every scheduler
    /// has a shell that could put it in.
    pub fn placed(self, out: &Path) -> PathBuf {
        match out.to_str() {
            Some(text) => PathBuf::from(text.replace("{shard}", &self.index.to_string())),
            None => out.to_owned(),
        }
    }

    /// How many shards there are.
    pub const fn of(self) -> u64 {
        self.of
    }

    /// The part of `trials` that is this shard's: as even as it can be, and none of them empty while there are as many
    /// trials as shards.
    pub fn range(self, trials: u64) -> Range<u64> {
        let until = |shard: u64| u64::try_from(u128::from(trials) * u128::from(shard) / u128::from(self.of));
        let until = |shard| until(shard).expect("a share of a number is no larger");
        until(self.index - 1)..until(self.index)
    }

    /// Whether a point of a sweep is this shard's. Neighbours go to different shards: they take about as long.
    pub const fn has(self, point: usize) -> bool {
        point as u64 % self.of == self.index - 1
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl From<Split> for String {
    fn from(split: Split) -> Self {
        split.to_string()
    }
}

impl TryFrom<String> for Split {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::Split;

    proptest! {
        #[test]
        fn shards_cover_all_trials_once_and_evenly(trials in 0_u64..10_000_000_000, of in 1_u64..300) {
            let mut next = 0;
            for index in 1..=of {
                let range = Split::new(index, of).expect("there is one").range(trials);
                prop_assert_eq!(range.start, next);
                prop_assert!((trials / of..=trials / of + 1).contains(&(range.end - range.start)));
                next = range.end;
            }
            prop_assert_eq!(next, trials);
        }

        #[test]
        fn every_point_has_one_shard(point in 0_usize..10_000, of in 1_u64..300) {
            let owners = (1..=of).filter(|index| Split::new(*index, of).expect("there is one").has(point)).count();
            prop_assert_eq!(owners, 1);
        }
    }

    #[test]
    fn a_shard_is_written_as_it_is_read() {
        let split = Split::parse("3/16").expect("it is one");
        assert_eq!((split.to_string().as_str(), Split::parse("16/16").is_ok()), ("3/16", true));
        assert_eq!(split.placed(Path::new("parts/{shard}")), Path::new("parts/3"));
        for (text, told) in [
            ("0/4", "is shard 0, and shards are counted from 1"),
            ("5/4", "is shard 5, and there are 4"),
            ("3", "such as 3/16"),
            ("a/4", "such as 3/16"),
            ("1/0", "is shard 1, and there are 0"),
            ("-1/4", "such as 3/16"),
            ("1/2/3", "such as 3/16"),
            ("1/99999999", "at most 1000000 shards"),
        ] {
            let error = Split::parse(text).expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
