//! Retries and overload: attempts per request, and the share of them that a region without room for all fails.

use super::{Front, Held, Room, Solver};

/// Sum of q^i for i below `attempts`: attempts per request.
pub fn attempts_per_request(q: f64, attempts: u32) -> f64 {
    let mut sum = 1.0;
    let mut power = 1.0;
    for _ in 1..attempts {
        power *= q;
        sum += power;
    }
    sum
}

/// Attempts per request as of [`attempts_per_request`], and how steeply they grow with q.
fn tries_and_slope(q: f64, attempts: u32) -> (f64, f64) {
    let (mut sum, mut slope, mut power) = (1.0, 0.0, 1.0);
    for count in 1..attempts {
        slope += f64::from(count) * power;
        power *= q;
        sum += power;
    }
    (sum, slope)
}

/// A share that overload fails, the load that follows from it, and how steeply the load grows with it.
#[derive(Debug, Clone, Copy)]
struct Point {
    overload: f64,
    load: f64,
    slope: f64,
}

/// q^attempts.
pub fn all_fail(q: f64, attempts: u32) -> f64 {
    let mut power = q;
    for _ in 1..attempts {
        power *= q;
    }
    power
}

/// The share of attempts that is refused where so many per second get through, `load` being what a share makes of the
/// load: the f with load(f) (1 - f) = capacity. With a attempts that fail with q = 1 - s (1 - f) each, load(f) (1 - f) is
/// the sum of rate (1 - q^a) / s and falls in f: there is one such f, from wherever one comes. It is found by false
/// position with halved ends (the Illinois algorithm: M. Dowell and P. Jarratt, 1971).
pub(super) fn refused(capacity: f64, mut load: impl FnMut(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let (mut above, mut below) = (load(0.0) - capacity, -capacity);
    if above <= 0.0 {
        return 0.0;
    }
    let mut last = 0.0;
    while high - low > TOLERANCE {
        let f = (high * above - low * below) / (above - below);
        let excess = load(f) * (1.0 - f) - capacity;
        if excess.abs() <= TOLERANCE * capacity || f <= low || f >= high {
            return f;
        }
        if excess > 0.0 {
            (low, above) = (f, excess);
            below = if last > 0.0 { below / 2.0 } else { below };
        } else {
            (high, below) = (f, excess);
            above = if last < 0.0 { above / 2.0 } else { above };
        }
        last = excess;
    }
    high
}

/// The fixed point counts as reached when it moves less than this.
pub(super) const TOLERANCE: f64 = 1e-12;
/// A bound on the iterations. The map is monotone and bounded, so it converges; near a fold it may take long.
pub(super) const MOST_ITERATIONS: usize = 100_000;

impl Front {
    /// The least steepness of [`Front::overload`] between two loads.
    fn steepness(&self, one: f64, other: f64) -> f64 {
        let (low, high) = (one.min(other), one.max(other));
        if low <= self.capacity || self.capacity <= 0.0 {
            return 0.0;
        }
        // Above the floor goodput falls with the load, on it it stays; the floor is reached once and for all.
        let on_floor = 1.0 - self.kappa * (high / self.capacity - 1.0) <= self.floor;
        self.capacity * if on_floor { self.floor } else { 1.0 + self.kappa } / (high * high)
    }
}

impl Solver {
    /// Attempts per second that would reach live targets of a region if it had room for all of them.
    pub fn demand(&mut self, region: usize) -> f64 {
        if self.overload[region] == 0.0 {
            return self.flow.load[region];
        }
        if let Some(plan) = self.shape.edge.take() {
            let demand = self.demand_with(region, &|solver: &mut Self| solver.add_loads(&plan));
            self.shape.edge = Some(plan);
            return demand;
        }
        if let Some(walks) = self.walks.take() {
            let demand = self.demand_with(region, &|solver: &mut Self| solver.add_walking_loads(&walks));
            self.walks = Some(walks);
            return demand;
        }
        if let Some(waits) = self.waits.take() {
            let demand = self.demand_with(region, &|solver: &mut Self| solver.add_waiting_loads(&waits));
            self.waits = Some(waits);
            return demand;
        }
        if self.retrying { self.load_at(region, 0.0) } else { self.flow.load[region] }
    }

    /// What the present load of a front says of the share that overload fails, if that is found together with others; else
    /// that share.
    pub fn overload_of_front(&self, region: usize) -> f64 {
        let front = &self.flow.fronts[region];
        match front {
            _ if !self.joint() => self.overload[region],
            Front { dead: true, .. } => 0.0,
            _ => front.overload(self.flow.load[region]),
        }
    }

    /// Loads of the regions and the shares of them that overload fails, where what one region fails may load another: the
    /// fixed point over all of them at once. `add_loads` works out the loads under the present shares.
    pub(super) fn settle_loads(&mut self, add_loads: &impl Fn(&mut Self)) {
        if self.joint() {
            add_loads(self);
            return;
        }
        for _ in 0..MOST_ITERATIONS {
            add_loads(self);
            let mut moved = false;
            for region in 0..self.shape.regions {
                let (front, load) = (self.flow.fronts[region], self.flow.load[region]);
                let next = match front {
                    Front { dead: true, .. } => 0.0,
                    Front { ceiling: Some(_), capacity, .. }
                    | Front { held: Some(Held { room: Room::Full, .. }), capacity, .. } => {
                        let next = refused(capacity, |f| self.load_with(region, f, add_loads));
                        add_loads(self);
                        next
                    }
                    _ => front.overload(load),
                };
                // What has been reached stays as it is, however often it is solved for.
                if (next - self.overload[region]).abs() >= TOLERANCE {
                    self.overload[region] = next;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
    }

    /// The load of a region if it failed this share of what reaches its targets and the others what they do.
    fn load_with(&mut self, region: usize, overload: f64, add_loads: &impl Fn(&mut Self)) -> f64 {
        let own = std::mem::replace(&mut self.overload[region], overload);
        add_loads(self);
        self.overload[region] = own;
        self.flow.load[region]
    }

    /// What would be asked of a region that had room for all of it.
    fn demand_with(&mut self, region: usize, add_loads: &impl Fn(&mut Self)) -> f64 {
        let demand = self.load_with(region, 0.0, add_loads);
        add_loads(self);
        demand
    }

    /// Whether anybody who sends requests to a region makes more than one attempt.
    fn retries_at(&self, region: usize) -> bool {
        self.retrying && self.flow.ledger.crowds.at(region).any(|crowd| self.classes[crowd.class].attempts > 1)
    }

    /// Load of a region if everybody makes one attempt: what arrives and meets a live target.
    fn load_of_one_attempt(&self, region: usize) -> f64 {
        self.flow.ledger.crowds.arriving(region) * (1.0 - self.flow.fronts[region].dead_share)
    }

    /// Load of a live region while overload fails nothing.
    pub(super) fn load_without_overload(&self, region: usize) -> f64 {
        if self.retries_at(region) { self.load_at(region, 0.0) } else { self.load_of_one_attempt(region) }
    }

    /// Load of a region and the share of it that overload fails.
    pub(super) fn solve_overload(&mut self, region: usize) {
        let front = self.flow.fronts[region];
        if front.dead {
            self.flow.load[region] = 0.0;
            self.overload[region] = 0.0;
            return;
        }
        if !self.retries_at(region) {
            let load = self.load_of_one_attempt(region);
            self.flow.load[region] = load;
            self.overload[region] = front.overload(load);
            return;
        }
        if front.ceiling.is_some() {
            self.overload[region] = refused(front.capacity, |f| self.load_at(region, f));
            self.flow.load[region] = self.load_at(region, self.overload[region]);
            return;
        }
        let mut here = self.point(region, self.overload[region]);
        for _ in 0..MOST_ITERATIONS {
            let gap = front.overload(here.load) - here.overload;
            // What has been reached stays as it is, however often it is solved for.
            if gap.abs() < TOLERANCE {
                break;
            }
            here = self.step(region, here, gap);
        }
        self.flow.load[region] = here.load;
        self.overload[region] = here.overload;
    }

    /// A step from an overload f towards the next fixed point of the map F from the overload to that which follows from its
    /// load; `gap` is F(f) - f. Plain iteration would end there, too: the step passes over none.
    ///
    /// As if F went on as steeply as it is at f, the fixed point would lie at a guess (Newton's method). Between f and the
    /// guess, F is at least as steep as the lesser of the load's slopes at both (it is a sum of powers with positive
    /// factors) times the least steepness of the overload between both loads. With that bound m there is no fixed point
    /// closer to f than gap / (1 - m): so far the step may go.
    fn step(&self, region: usize, here: Point, gap: f64) -> Point {
        let front = &self.flow.fronts[region];
        let goes = |steepness: f64| {
            let length = if steepness < 1.0 { gap / (1.0 - steepness) } else { gap.signum() };
            (here.overload + length).clamp(0.0, 1.0)
        };
        let guess = self.point(region, goes(here.slope * front.steepness(here.load, here.load)));
        let safe = goes(here.slope.min(guess.slope) * front.steepness(here.load, guess.load));
        if (safe - here.overload).abs() < (guess.overload - here.overload).abs() {
            self.point(region, safe)
        } else {
            guess
        }
    }

    fn point(&self, region: usize, overload: f64) -> Point {
        let (load, slope) = self.load_and_slope(region, overload);
        Point { overload, load, slope }
    }

    /// Attempts that reach live targets of a region while overload fails the share `f`.
    pub(super) fn load_at(&self, region: usize, f: f64) -> f64 {
        self.load_and_slope(region, f).0
    }

    /// Attempts that reach live targets of a region while overload fails the share `f`, and how steeply they grow with it.
    fn load_and_slope(&self, region: usize, f: f64) -> (f64, f64) {
        let front = &self.flow.fronts[region];
        let alive = 1.0 - front.dead_share;
        let (mut attempts, mut slope) = (0.0, 0.0);
        for crowd in self.flow.ledger.crowds.at(region) {
            let (arriving, _) = self.flow.ledger.crowds.sends(crowd, region);
            let unshed = front.past_impairment() * alive;
            let most = self.classes[crowd.class].attempts;
            for (chain, share) in self.chains[crowd.set].row(region).iter().zip(self.shares.row(crowd.set)) {
                let full = unshed * chain.pass;
                let q = 1.0 - full * (1.0 - f);
                let (tries, steepness) = tries_and_slope(q, most);
                attempts += arriving * share * tries;
                slope += arriving * share * steepness * full;
            }
        }
        (attempts * alive, slope * alive)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Front, Shape, Solver};

    fn solver(front: Front, attempts: u32, offered: f64) -> Solver {
        let mut solver = Solver::new(Shape {
            regions: 1,
            journey_shares: vec![0.7, 0.3],
            attempts: vec![attempts],
            round_trips: vec![vec![0.05]],
            stores: 0,
            chain_sets: vec![0],
            ..Shape::default()
        });
        solver.flow.offered[0] = offered;
        solver.flow.shares.fill(1.0);
        solver.flow.fronts[0] = front;
        solver.chains[0][(0, 0)].pass = 1.0;
        solver.chains[0][(0, 1)].pass = 0.9;
        solver
    }

    proptest! {
        #[test]
        fn the_fixed_point_is_the_one_that_plain_iteration_ends_at(
            (attempts, kappa, floor) in (2..6_u32, 0.0..1.5_f64, prop_oneof![Just(0.0), 0.0..0.5_f64]),
            (offered, from, gray) in (20.0..300.0_f64, 0.0..=1.0_f64, prop_oneof![Just(0.0), 0.0..0.3_f64]),
        ) {
            let front = Front { capacity: 100.0, kappa, floor, gray, ..Front::default() };
            let mut solver = solver(front, attempts, offered);
            solver.overload[0] = from;
            solver.everything_changed();
            solver.solve();
            let mut f = from;
            for _ in 0..1_000_000 {
                let next = front.overload(solver.load_at(0, f));
                if (next - f).abs() < 1e-15 {
                    break;
                }
                f = next;
            }
            prop_assert!((solver.overload[0] - f).abs() < 1e-6, "{} and not {f}", solver.overload[0]);
        }
    }
}
