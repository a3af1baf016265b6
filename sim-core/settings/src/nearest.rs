//! The known name that somebody probably meant.

/// Longer names are not compared: nobody's typo, and the cost grows with the square.
const LONGEST: usize = 64;

/// The known name closest to `wrong`, if one is close enough to be a likely slip.
///
/// Close enough means at most a third of its letters wrong, missing, added or swapped, or that one name
/// contains the other whole. Ties go to the earlier name.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.is_empty() || wrong.len() > LONGEST {
        return None;
    }
    let lowered = wrong.to_lowercase().replace('_', "-");
    let candidates = known.into_iter().filter(|name| name.len() <= LONGEST && *name != wrong);
    let scored = candidates.filter_map(|name| {
        let known = name.to_lowercase();
        let length = known.chars().count().max(lowered.chars().count());
        let steps = distance(&lowered, &known);
        let contained = lowered.len().min(known.len()) >= 4 && (known.contains(&lowered) || lowered.contains(&known));
        // Contained names rank after every true slip.
        if steps * 3 <= length { Some((steps, name)) } else { contained.then_some((LONGEST + steps, name)) }
    });
    scored.min_by_key(|(steps, _)| *steps).map(|(_, name)| name)
}

/// Letters to change, add, remove or swap with their neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut steps = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                steps = steps.min(before[j - 2] + 1);
            }
            row.push(steps);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_recognised() {
        let known = ["ttl", "policy", "health-check", "requests-per-second"];
        assert_eq!(nearest("tll", known), Some("ttl"));
        assert_eq!(nearest("polciy", known), Some("policy"));
        assert_eq!(nearest("health_check", known), Some("health-check"));
        assert_eq!(nearest("Requests-Per-Second", known), Some("requests-per-second"));
        assert_eq!(nearest("requests", known), Some("requests-per-second"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn a_swap_is_one_step() {
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn endless_names_cost_nothing() {
        let long = "x".repeat(1_000_000);
        assert_eq!(nearest(&long, ["ttl", long.as_str()]), None);
    }
}
