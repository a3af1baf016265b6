//! Distributions that this process has worked out: the points of a sweep share nearly all of them.
//!
//! What is kept is what would be worked out again, to the bit, so nothing depends on it but time.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sim_core::random::Distribution;

use super::grid::Law;

/// The most distributions of files, and the most sums, that are kept: some ten megabytes. Then all of them go.
const MOST: usize = 256;

/// A sum, and its parts. They are kept with it, so that no other law can come to lie where they are.
#[derive(Debug)]
struct Sum {
    _parts: [Arc<Law>; 2],
    sum: Arc<Law>,
}

#[derive(Debug, Default)]
struct Known {
    /// Distributions, their lowest values, and what lies above.
    given: Vec<(Distribution, f64, Option<Arc<Law>>)>,
    /// By where the parts lie in memory.
    sums: BTreeMap<[usize; 2], Sum>,
}

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The lowest value of a distribution, and what lies above it; nothing if all values are the same.
pub(super) fn law_of(distribution: &Distribution) -> (f64, Option<Arc<Law>>) {
    law_in(&KNOWN, distribution)
}

/// The sum of two independent durations.
pub(super) fn sum_of(one: &Arc<Law>, other: &Arc<Law>) -> Arc<Law> {
    sum_in(&KNOWN, one, other)
}

fn law_in(known: &Mutex<Known>, distribution: &Distribution) -> (f64, Option<Arc<Law>>) {
    // It is worked out without the lock: others need not wait.
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |(own, ..): &&(Distribution, f64, Option<Arc<Law>>)| own == distribution;
    if let Some((_, lowest, law)) = lock().given.iter().find(same) {
        return (*lowest, law.clone());
    }
    let (lowest, law) = Law::of(distribution);
    let law = law.map(Arc::new);
    let mut known = lock();
    if known.given.len() >= MOST {
        known.given.clear();
    }
    known.given.push((distribution.clone(), lowest, law.clone()));
    (lowest, law)
}

fn sum_in(known: &Mutex<Known>, one: &Arc<Law>, other: &Arc<Law>) -> Arc<Law> {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let key = [one, other].map(|law| Arc::as_ptr(law).addr());
    if let Some(found) = lock().sums.get(&key) {
        return Arc::clone(&found.sum);
    }
    let sum = Arc::new(one.plus(other));
    let mut known = lock();
    if known.sums.len() >= MOST {
        known.sums.clear();
    }
    known.sums.insert(key, Sum { _parts: [Arc::clone(one), Arc::clone(other)], sum: Arc::clone(&sum) });
    sum
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use sim_core::random::Distribution;

    use super::{Known, MOST, law_in, sum_in};
    use crate::latency::grid::Law;

    #[test]
    fn what_is_kept_is_what_would_be_worked_out_again() {
        let known = Mutex::new(Known::default());
        let uniform = |high: usize| Distribution::uniform(0.001, 0.002 * high as f64).expect("a range");
        let law = |high: usize| law_in(&known, &uniform(high)).1.expect("it is no constant");
        let again = |high: usize| Law::of(&uniform(high)).1.expect("it is no constant");
        let checked = |one: usize, other: usize| {
            assert_eq!(*sum_in(&known, &law(one), &law(other)), again(one).plus(&again(other)), "{one} and {other}");
        };
        checked(1, 2);
        checked(1, 2);
        // More than are kept: the first are gone, and come out as they were.
        let first = law(1);
        for high in 1..=MOST + 40 {
            sum_in(&known, &first, &law(high));
        }
        let kept = known.lock().expect("nothing failed");
        assert!(kept.given.len() <= MOST && kept.sums.len() <= MOST, "some were let go");
        drop(kept);
        assert!(!Arc::ptr_eq(&first, &law(1)), "the first was worked out anew");
        checked(1, 2);
        checked(MOST + 39, MOST + 40);
        let (one, other) = (law(3), law(4));
        assert!(Arc::ptr_eq(&sum_in(&known, &one, &other), &sum_in(&known, &one, &other)), "it is worked out once");
    }
}
