//! Newton's method that cannot get lost.

/// A Newton step of this relative size is the last: the error left is its square.
const CLOSE: f64 = 1e-8;
/// A bracket of this relative size is as good as a point.
const NARROW: f64 = 4e-16;
/// More than enough for bisection alone.
const STEPS: usize = 300;

/// The root of an increasing function between `low` and `high` (both finite, not negative), given value and slope.
///
/// Newton's step is taken while it stays inside the bracket and shrinks fast enough, otherwise the bracket is halved. If
/// the function is above zero everywhere the result is `low`; if below, `high`.
pub(crate) fn increasing_root(low: f64, high: f64, guess: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (low, high);
    let mut x = if guess > low && guess < high { guess } else { middle(low, high) };
    let (mut last, mut before) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..STEPS {
        let (value, slope) = f(x);
        if value == 0.0 {
            return x;
        }
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        if high - low <= NARROW * high {
            return high;
        }
        let step = value / slope;
        let newton = x - step;
        if step.abs() <= CLOSE * x {
            // Rounding may have put it on the wrong side of an end that is as close.
            return newton.max(low).min(high);
        }
        // Written so that a NaN falls through to halving.
        let trusted = newton > low && newton < high && step.abs() < before / 2.0;
        let next = if trusted { newton } else { middle(low, high) };
        before = last;
        last = (next - x).abs();
        x = next;
    }
    x
}

/// Between two numbers, on a logarithmic scale when they are far apart.
fn middle(low: f64, high: f64) -> f64 {
    if high <= 4.0 * low {
        low + (high - low) / 2.0
    } else if low > 0.0 {
        libm::sqrt(low) * libm::sqrt(high)
    } else {
        high / 1024.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_from_bad_guesses_and_over_flat_stretches() {
        let cube = |x: f64| (x * x * x - 2.0, 3.0 * x * x);
        for guess in [0.0, 1e-9, 1.0, 99.0] {
            let root = increasing_root(0.0, 100.0, guess, cube);
            assert!((root - 2.0_f64.cbrt()).abs() < 1e-15, "{guess}: {root}");
        }
        // Flat between 1 and 10: the slope is of no use there.
        let stairs = |x: f64| if x < 1.0 { (x - 2.0, 1.0) } else { ((x - 10.0).max(0.0) - 1.0, 0.0) };
        let root = increasing_root(0.0, 100.0, 5.0, stairs);
        assert!((root - 11.0).abs() < 1e-14, "{root}");
    }

    #[test]
    fn a_function_without_a_root_gives_an_end() {
        assert!(increasing_root(1.0, 2.0, 1.5, |_| (1.0, 0.0)) < 1.0 + 1e-15);
        assert!(increasing_root(1.0, 2.0, 1.5, |_| (-1.0, 0.0)) > 2.0 - 1e-15);
    }
}
