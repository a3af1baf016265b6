//! Retries and overload: attempts per request, and the share of them that a region without room for all fails.

use super::{Front, Solver};

/// Sum of q^i for i below `attempts`: attempts per request.
pub(super) fn attempts_per_request(q: f64, attempts: u32) -> f64 {
    let mut sum = 1.0;
    let mut power = 1.0;
    for _ in 1..attempts {
        power *= q;
        sum += power;
    }
    sum
}

/// q^attempts.
pub(super) fn all_fail(q: f64, attempts: u32) -> f64 {
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
        if self.retrying { self.load_at(region, 0.0) } else { self.flow.load[region] }
    }

    /// Loads of the regions and the shares of them that overload fails, where what one region fails may load another: the
    /// fixed point over all of them at once. `add_loads` works out the loads under the present shares.
    pub(super) fn settle_loads(&mut self, add_loads: &impl Fn(&mut Self)) {
        for _ in 0..MOST_ITERATIONS {
            add_loads(self);
            let mut moved = false;
            for region in 0..self.shape.regions {
                let (front, load) = (self.flow.fronts[region], self.flow.load[region]);
                let next = match front {
                    Front { dead: true, .. } => 0.0,
                    Front { ceiling: Some(_), capacity, .. } => {
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

    /// Load of a region and the share of it that overload fails.
    pub(super) fn solve_overload(&mut self, region: usize) {
        let front = self.flow.fronts[region];
        if front.dead {
            self.flow.load[region] = 0.0;
            self.overload[region] = 0.0;
            return;
        }
        let retrying = self.retrying && self.crowds.at(region).any(|crowd| self.classes[crowd.class].attempts > 1);
        if !retrying {
            // One attempt each: what arrives and meets a live target.
            let arriving = self.crowds.arriving(region);
            let load = arriving * (1.0 - front.dead_share);
            self.flow.load[region] = load;
            self.overload[region] = front.overload(load);
            return;
        }
        if front.ceiling.is_some() {
            self.overload[region] = refused(front.capacity, |f| self.load_at(region, f));
            self.flow.load[region] = self.load_at(region, self.overload[region]);
            return;
        }
        let mut f = self.overload[region];
        for _ in 0..MOST_ITERATIONS {
            let load = self.load_at(region, f);
            let next = front.overload(load);
            self.flow.load[region] = load;
            // What has been reached stays as it is, however often it is solved for.
            if (next - f).abs() < TOLERANCE {
                break;
            }
            f = next;
        }
        self.overload[region] = f;
    }

    /// Attempts that reach live targets of a region while overload fails the share `f`.
    fn load_at(&self, region: usize, f: f64) -> f64 {
        let front = &self.flow.fronts[region];
        let alive = 1.0 - front.dead_share;
        let mut attempts = 0.0;
        for crowd in self.crowds.at(region) {
            let (arriving, _) = self.crowds.sends(crowd, region);
            let shed = self.shed(region, crowd.class, f);
            let served = (1.0 - front.gray) * alive * (1.0 - shed);
            let chains = self.chains[crowd.set].row(region).iter().zip(&self.shape.journey_shares);
            for (chain, share) in chains {
                let q = 1.0 - served * chain.pass;
                attempts += arriving * share * attempts_per_request(q, self.classes[crowd.class].attempts);
            }
        }
        attempts * alive
    }
}
