//! How long messages wait until they are consumed, over a whole trial.

/// Messages whose waits are spread evenly between two times.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    low: f64,
    high: f64,
    messages: f64,
}

/// The waits of all messages that were consumed.
#[derive(Debug, Clone, Default)]
pub(super) struct Delays {
    /// Of those that waited.
    spreads: Vec<Spread>,
    /// How many did not wait.
    at_once: f64,
}

impl Delays {
    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.spreads.clear();
        self.at_once = 0.0;
    }

    /// So many messages waited between these times, spread evenly, in seconds.
    pub(super) fn add(&mut self, one: f64, other: f64, messages: f64) {
        let (low, high) = (one.min(other).max(0.0), one.max(other).max(0.0));
        if messages <= 0.0 {
        } else if high == 0.0 {
            self.at_once += messages;
        } else {
            self.spreads.push(Spread { low, high, messages });
        }
    }

    fn all(&self) -> f64 {
        self.at_once + self.spreads.iter().map(|spread| spread.messages).sum::<f64>()
    }

    /// The mean wait in seconds; none if nothing was consumed.
    pub(super) fn mean(&self) -> Option<f64> {
        let all = self.all();
        let waits: f64 = self.spreads.iter().map(|it| it.messages * f64::midpoint(it.low, it.high)).sum();
        (all > 0.0).then(|| waits / all)
    }

    /// The wait that this share of messages does not exceed, in seconds; none if nothing was consumed.
    pub(super) fn quantile(&self, p: f64) -> Option<f64> {
        let wanted = p * self.all();
        if self.all() <= 0.0 {
            return None;
        }
        if wanted <= self.at_once {
            return Some(0.0);
        }
        let below = |wait: f64| {
            let share = |it: &Spread| match wait {
                _ if wait >= it.high => 1.0,
                _ if wait <= it.low => 0.0,
                _ => (wait - it.low) / (it.high - it.low),
            };
            self.at_once + self.spreads.iter().map(|it| it.messages * share(it)).sum::<f64>()
        };
        let (mut low, mut high) = (0.0, self.spreads.iter().map(|it| it.high).fold(0.0, f64::max));
        // Sixty halvings of a day are far below a nanosecond.
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if below(middle) < wanted { low = middle } else { high = middle }
        }
        Some(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_weighed_by_their_messages() {
        let mut delays = Delays::default();
        assert_eq!((delays.mean(), delays.quantile(0.99)), (None, None));
        // 60 at once, 40 evenly between 0 and 20 s.
        delays.add(0.0, 0.0, 60.0);
        delays.add(20.0, 0.0, 40.0);
        assert_eq!(delays.mean(), Some(4.0));
        assert_eq!(delays.quantile(0.5), Some(0.0));
        // Of those 40 a share of 39/40 is below 19.5 s.
        assert!((delays.quantile(0.99).expect("there are some") - 19.5).abs() < 1e-9);
        delays.begin();
        assert_eq!(delays.mean(), None);
    }
}
