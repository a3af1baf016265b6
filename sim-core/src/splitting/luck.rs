//! Numbers of trials that nobody has used yet.

/// Gives out numbers of trials, each once. Streams know a trial by its number, so that a new number is new luck.
#[derive(Clone, Debug)]
pub struct Luck {
    next: u64,
}

/// From here on numbers belong to trees: runs count their trials from 0 and do not come this far.
const TREES: u64 = 1 << 63;

/// How many numbers a tree has for itself.
const OF_A_TREE: u64 = 1 << 32;

impl Luck {
    /// That of a pilot: no tree uses its numbers.
    pub const fn of_pilot() -> Self {
        Self { next: TREES - OF_A_TREE }
    }

    /// That of the tree from this start.
    ///
    /// # Panics
    ///
    /// If the number of the start is not below 2^31.
    pub const fn of_start(start: u64) -> Self {
        assert!(start < TREES / OF_A_TREE, "starts are numbered below 2^31");
        Self { next: TREES + start * OF_A_TREE }
    }

    /// The next number. A tree has four thousand million of them: years of work.
    pub const fn fresh(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pilots_and_trees_share_no_numbers() {
        let first = [Luck::of_pilot(), Luck::of_start(0), Luck::of_start(1), Luck::of_start((1 << 31) - 1)];
        let first: Vec<u64> = first.into_iter().map(|mut luck| luck.fresh()).collect();
        assert!(first.windows(2).all(|pair| pair[1] - pair[0] >= OF_A_TREE), "{first:?}");
        assert!(first[3].checked_add(OF_A_TREE - 1).is_some());
    }
}
