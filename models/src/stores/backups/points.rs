//! The points in time to which a store can be restored in one trial. Times are seconds from the start of the trial.
//!
//! Whole backups start at phase + k x `every`, for all whole numbers k, and hold the state at their start. What they hold is
//! of no use while the store was corrupt: such points are passed over.

/// The points of one region in one trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Points {
    /// The phase of whole backups, the time between them, and how long after its start each is complete in this region.
    pub(super) whole: Option<(f64, f64, f64)>,
    /// The age of the newest point of continuous backups in this region.
    pub(super) age: Option<f64>,
    /// What was complete here before this instant is gone.
    pub(super) wiped: f64,
}

/// A stretch of time [from, until) in which the store was corrupt, or no backup was made.
pub(super) type Bad = (f64, f64);

impl Points {
    /// The newest point that was complete before this instant, outside of the bad stretches.
    pub(super) fn newest(&self, before: f64, bad: &[Bad]) -> Option<f64> {
        let whole = self.whole.and_then(|(phase, every, complete)| {
            let start = |k: f64| phase + k * every;
            let mut k = libm::floor((before - complete - phase) / every);
            while let Some(&(from, _)) = bad.iter().find(|&&(from, until)| (from..until).contains(&start(k))) {
                // The last that started before.
                k = (libm::ceil((from - phase) / every) - 1.0).min(k - 1.0);
            }
            (start(k) + complete >= self.wiped).then(|| start(k))
        });
        let continuous = self.age.and_then(|age| {
            let mut point = before - age;
            while let Some(&(from, _)) = bad.iter().find(|&&(from, until)| from < point && point < until) {
                point = from;
            }
            (point + age >= self.wiped).then_some(point)
        });
        whole.into_iter().chain(continuous).max_by(f64::total_cmp)
    }
}

/// Stretches of time whose writes a restore gave up: (from, until), later ones last.
#[derive(Debug, Default)]
pub(super) struct GivenUp(Vec<(f64, f64)>);

impl GivenUp {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The store is as it was at a point: all that came from then until this instant, later than all others, is given up.
    /// What had been given up by then and was still there at the point is back, and the rest counts once.
    pub(super) fn add(&mut self, point: f64, until: f64) {
        while self.0.last().is_some_and(|(_, earlier)| *earlier > point) {
            self.0.pop();
        }
        self.0.push((point, until));
    }

    pub(super) fn each(&self) -> &[(f64, f64)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Points = Points { whole: Some((100.0, 1_000.0, 50.0)), age: None, wiped: f64::NEG_INFINITY };

    #[test]
    fn a_backup_counts_once_it_is_complete() {
        for (before, expected) in [(1_149.0, 100.0), (1_150.0, 1_100.0), (1_000.0, 100.0), (149.0, -900.0)] {
            assert_eq!(WHOLE.newest(before, &[]), Some(expected), "{before}");
        }
    }

    #[test]
    fn what_was_made_while_the_store_was_corrupt_is_of_no_use() {
        assert_eq!(WHOLE.newest(5_000.0, &[(1_050.0, 4_200.0)]), Some(100.0));
        assert_eq!(WHOLE.newest(5_000.0, &[(3_000.0, 3_500.0)]), Some(4_100.0));
        assert_eq!(WHOLE.newest(5_000.0, &[(900.0, 2_000.0), (2_050.0, 4_500.0)]), Some(100.0));
        let continuous = Points { whole: None, age: Some(300.0), ..WHOLE };
        assert_eq!(continuous.newest(5_000.0, &[]), Some(4_700.0));
        assert_eq!(continuous.newest(5_000.0, &[(4_000.0, 4_800.0)]), Some(4_000.0));
        let both = Points { age: Some(300.0), ..WHOLE };
        assert_eq!((both.newest(5_000.0, &[]), both.newest(1_160.0, &[])), (Some(4_700.0), Some(1_100.0)));
    }

    #[test]
    fn backups_go_with_the_region_that_keeps_them() {
        assert_eq!(Points { wiped: 2_000.0, ..WHOLE }.newest(2_000.0, &[]), None);
        assert_eq!(Points { wiped: 2_000.0, ..WHOLE }.newest(2_200.0, &[]), Some(2_100.0));
        let none = Points { whole: None, age: None, ..WHOLE };
        assert_eq!(none.newest(5_000.0, &[]), None);
    }

    /// The age of the newest whole backup is uniform between its duration and that plus the time between two.
    #[test]
    fn a_restore_point_is_as_old_as_the_phase_says() {
        let mut ages: Vec<f64> = (0..1_000)
            .map(|step| {
                let points = Points { whole: Some((f64::from(step), 1_000.0, 50.0)), ..WHOLE };
                7_000.0 - points.newest(7_000.0, &[]).expect("there are backups")
            })
            .collect();
        ages.sort_by(f64::total_cmp);
        for (step, age) in ages.iter().enumerate() {
            assert_eq!(*age, 50.0 + step as f64);
        }
    }

    #[test]
    fn what_two_restores_give_up_counts_once() {
        let mut given_up = GivenUp::default();
        given_up.add(100.0, 200.0);
        given_up.add(300.0, 400.0);
        assert_eq!(given_up.each(), [(100.0, 200.0), (300.0, 400.0)]);
        given_up.add(350.0, 500.0);
        assert_eq!(given_up.each(), [(100.0, 200.0), (350.0, 500.0)]);
        given_up.add(50.0, 600.0);
        assert_eq!(given_up.each(), [(50.0, 600.0)]);
    }
}
