//! The newest datapoints that an alarm has.

/// Which of the newest datapoints that arrived breach.
#[derive(Debug, Clone, Default)]
pub(super) struct Points {
    /// Oldest first; `None` is missing.
    points: Vec<Option<bool>>,
    /// Which period's the last one is.
    newest: u64,
}

impl Points {
    /// Before the start, when nothing breached.
    pub(super) fn begin(&mut self, range: usize) {
        self.newest = 0;
        self.points.clear();
        self.points.resize(range, Some(false));
    }

    pub(super) fn copy(&mut self, other: &Self) {
        self.newest = other.newest;
        self.points.clone_from(&other.points);
    }

    /// A datapoint arrives. One that was overtaken takes its own place; until it arrives it is missing.
    pub(super) fn arrives(&mut self, period: u64, breach: Option<bool>) {
        while self.newest < period {
            self.newest += 1;
            self.points.remove(0);
            self.points.push(None);
        }
        let behind = (self.newest - period) as usize;
        if let Some(place) = self.points.len().checked_sub(behind + 1) {
            self.points[place] = breach;
        }
    }

    /// Datapoints up to this period arrived, which say what all of these say.
    pub(super) fn skip_to(&mut self, period: u64) {
        self.newest = period;
    }

    /// Oldest first; `None` is missing.
    pub(super) fn all(&self) -> &[Option<bool>] {
        &self.points
    }

    pub(super) fn are_all(&self, breach: Option<bool>) -> bool {
        self.points.iter().all(|point| *point == breach)
    }
}
