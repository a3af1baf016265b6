//! Downhill by a simplex: for functions of two numbers whose slopes nobody wants to write.

/// Steps at most.
const STEPS: usize = 400;
/// The simplex is a point once its values agree to this.
const FLAT: f64 = 1e-12;

/// The place at which `f` is least, from `start` on, with a first step of this size.
///
/// J. A. Nelder and R. Mead, The Computer Journal 7 (1965), 308-313. It is begun anew once from where it ends, since a
/// simplex may collapse on the way.
pub(super) fn least(start: [f64; 2], step: f64, f: &dyn Fn([f64; 2]) -> f64) -> ([f64; 2], f64) {
    let first = descend(start, step, f);
    let second = descend(first.0, step / 5.0, f);
    if second.1 <= first.1 { second } else { first }
}

fn descend(start: [f64; 2], step: f64, f: &dyn Fn([f64; 2]) -> f64) -> ([f64; 2], f64) {
    // What is not a number is nowhere to go.
    let value = |at: [f64; 2]| {
        let value = f(at);
        (at, if value.is_nan() { f64::INFINITY } else { value })
    };
    let mut corners = [value(start), value([start[0] + step, start[1]]), value([start[0], start[1] + step])];
    for _ in 0..STEPS {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        let [best, middle, worst] = corners;
        if worst.1 - best.1 <= FLAT * (1.0 + best.1.abs()) && near(best.0, worst.0) {
            break;
        }
        let centre = [f64::midpoint(best.0[0], middle.0[0]), f64::midpoint(best.0[1], middle.0[1])];
        // The point on the line from the worst corner through the centre, so many times as far beyond.
        let along = |times: f64| {
            value([centre[0] + times * (centre[0] - worst.0[0]), centre[1] + times * (centre[1] - worst.0[1])])
        };
        let reflected = along(1.0);
        corners[2] = if reflected.1 < best.1 {
            let expanded = along(2.0);
            if expanded.1 < reflected.1 { expanded } else { reflected }
        } else if reflected.1 < middle.1 {
            reflected
        } else {
            let contracted = along(if reflected.1 < worst.1 { 0.5 } else { -0.5 });
            if contracted.1 < worst.1.min(reflected.1) {
                contracted
            } else {
                let half = |corner: [f64; 2]| {
                    value([f64::midpoint(best.0[0], corner[0]), f64::midpoint(best.0[1], corner[1])])
                };
                corners[1] = half(middle.0);
                half(worst.0)
            }
        };
    }
    corners.sort_by(|a, b| a.1.total_cmp(&b.1));
    corners[0]
}

fn near(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).abs() < 1e-9 * (1.0 + a[0].abs()) && (a[1] - b[1]).abs() < 1e-9 * (1.0 + a[1].abs())
}
