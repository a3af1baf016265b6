//! What fronts, tiers and copies of stores shed together.
//!
//! Fronts, tiers and copies of stores that have a capacity shed f = 1 - goodput(L) / L. All f are found together, from the last
//! instant's: under the present f all loads are worked out, and then each f moves half of the way to what its load says, until none
//! moves by more than 1e-12. The way decides which fixed point is reached where there are several. Its end is looked for by Newton's
//! method now and then; where it is found, and what loads say leads there from all points between, the rest of the way is left out.

use super::Assembly;
use super::tiers::Inner;
use crate::ids::CellId;

/// A share that moves by less than this has arrived.
const ARRIVED: f64 = 1e-12;
/// A share below this is none.
const NONE: f64 = 1e-13;
/// A bound on the rounds: the last one counts then.
const MOST_ROUNDS: usize = 10_000;
/// The most shares, and the most steps, with which the end of the way is looked for.
const MOST_ACTIVE: usize = 12;
const MOST_STEPS: usize = 30;
/// Each step has to bring what loads say closer to where shares are by this factor: elsewhere the method does not converge.
const CLOSER: f64 = 0.7;
/// Where a step brings them closer by this factor, the next one may do with the same slopes.
const WELL: f64 = 0.2;
/// A small part of a share, by which slopes are measured.
const STEP: f64 = 1e-7;

/// Shares that are shed, and what loads say of them: fronts, tiers, then meters.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Where they stand.
    stand: Vec<f64>,
    says: Vec<f64>,
    /// Where the fixed point may be.
    probe: Vec<f64>,
    probe_says: Vec<f64>,
    other_says: Vec<f64>,
    found: Vec<f64>,
    /// The shares that anything is shed of.
    active: Vec<usize>,
    /// The equations of a step of Newton's method, row by row, each followed by a row of the inverse.
    equations: Vec<f64>,
}

impl Search {
    pub(super) fn new(shares: usize) -> Self {
        let none = || vec![0.0; shares];
        let most = shares.min(MOST_ACTIVE);
        Self {
            stand: none(),
            says: none(),
            probe: none(),
            probe_says: none(),
            other_says: none(),
            found: none(),
            active: Vec::with_capacity(shares),
            equations: Vec::with_capacity(2 * most * most),
        }
    }

    /// The shares that are not 0, or not to be.
    fn find_active(&mut self) {
        self.active.clear();
        let any =
            self.stand.iter().zip(&self.says).enumerate().filter(|(_, (stand, says))| **stand > 0.0 || **says > 0.0);
        self.active.extend(any.map(|(share, _)| share));
    }

    /// How what loads say changes with one share: a column of the equations.
    fn note_slopes(&mut self, column: usize, step: f64) {
        let count = self.active.len();
        for (row, &share) in self.active.iter().enumerate() {
            let slope = (self.other_says[share] - self.probe_says[share]) / step;
            let one = f64::from(u8::from(row == column));
            self.equations[2 * row * count + column] = one - slope;
            self.equations[(2 * row + 1) * count + column] = one;
        }
    }

    /// Solves the equations for every right side.
    fn invert(&mut self) -> bool {
        invert(&mut self.equations, self.active.len())
    }

    /// How far what loads say is from where shares may be, at most.
    fn apart(&self) -> f64 {
        self.probe.iter().zip(&self.probe_says).map(|(probe, says)| (says - probe).abs()).fold(0.0, f64::max)
    }

    /// A step of Newton's method.
    fn step(&mut self) {
        let count = self.active.len();
        self.other_says.copy_from_slice(&self.probe);
        for (row, &share) in self.active.iter().enumerate() {
            let inverse = &self.equations[(2 * row + 1) * count..(2 * row + 2) * count];
            let gap = |&other: &usize| self.probe_says[other] - self.other_says[other];
            let step: f64 = self.active.iter().map(gap).zip(inverse).map(|(gap, part)| gap * part).sum();
            self.probe[share] = settled((self.other_says[share] + step).clamp(0.0, 1.0));
        }
    }
}

/// Inverts a matrix by the elimination of Gauss and Jordan with pivots: each row is followed by one of the unit matrix, which
/// becomes a row of the inverse. Returns whether there is one.
fn invert(rows: &mut [f64], count: usize) -> bool {
    let width = 2 * count;
    for column in 0..count {
        let size = |row: usize, rows: &[f64]| rows[row * width + column].abs();
        let pivot =
            (column..count).fold(column, |best, row| if size(row, rows) > size(best, rows) { row } else { best });
        if size(pivot, rows) < 1e-9 {
            return false;
        }
        for place in 0..width {
            rows.swap(pivot * width + place, column * width + place);
        }
        let scale = rows[column * width + column];
        for place in 0..width {
            rows[column * width + place] /= scale;
        }
        for row in (0..count).filter(|&row| row != column) {
            let factor = rows[row * width + column];
            for place in 0..width {
                rows[row * width + place] -= factor * rows[column * width + place];
            }
        }
    }
    true
}

impl Assembly {
    /// Whether what fronts, tiers and copies shed is not what the present loads say.
    pub(super) fn sheds_otherwise(&mut self) -> bool {
        let mut search = std::mem::take(&mut self.search);
        self.load_tiers();
        self.read_shares(&mut search.stand);
        self.say_shares(&mut search.says);
        let otherwise = !near(&search.stand, &search.says, ARRIVED);
        self.search = search;
        otherwise
    }

    /// Finds what fronts, tiers and copies shed together; returns whether anything moved.
    pub(super) fn shed_together(&mut self) -> bool {
        let mut search = std::mem::take(&mut self.search);
        self.load_tiers();
        self.read_shares(&mut search.stand);
        let mut moved = false;
        let mut leap = 0;
        for round in 0..MOST_ROUNDS {
            self.say_shares(&mut search.says);
            // Rounding of the flows that follow leaves what was found where it is.
            let arrived = if moved { ARRIVED / 2.0 } else { ARRIVED };
            if near(&search.stand, &search.says, arrived) {
                break;
            }
            moved = true;
            if round == leap {
                // The end of the way is looked for now and then, and else walked to.
                leap = 2 * leap + 2;
                if self.leap(&mut search) {
                    break;
                }
            }
            for (share, says) in search.stand.iter_mut().zip(&search.says) {
                *share = settled(f64::midpoint(*share, *says));
            }
            self.set_shares(&search.stand);
        }
        self.search = search;
        // Where loads are not counted alone, the last look was at whole flows.
        if moved && self.solver.is_direct() {
            self.look_again();
        }
        moved
    }

    /// Looks for the fixed point that the way from here ends at, and goes there. Where it is not found, shares stay unset.
    fn leap(&mut self, search: &mut Search) -> bool {
        // Without feedback the end is what the loads say.
        search.probe.copy_from_slice(&search.says);
        self.set_shares(&search.probe);
        self.say_shares(&mut search.probe_says);
        if near(&search.probe, &search.probe_says, ARRIVED / 2.0) {
            return true;
        }
        search.find_active();
        if search.active.is_empty() || search.active.len() > MOST_ACTIVE {
            return false;
        }
        search.probe.copy_from_slice(&search.stand);
        search.probe_says.copy_from_slice(&search.says);
        let mut apart = f64::INFINITY;
        let mut known = false;
        for _ in 0..MOST_STEPS {
            let before = std::mem::replace(&mut apart, search.apart());
            if apart > CLOSER * before {
                return false;
            }
            // Slopes hold for several steps, as long as these go well.
            known &= apart < WELL * before;
            if !known && !self.look_at_slopes(search) {
                return false;
            }
            known = true;
            search.step();
            self.set_shares(&search.probe);
            self.say_shares(&mut search.probe_says);
            if near(&search.probe, &search.probe_says, ARRIVED / 2.0) {
                return self.leads_there(search);
            }
        }
        false
    }

    /// How what loads say changes with each share; `false` where that gives no direction.
    fn look_at_slopes(&mut self, search: &mut Search) -> bool {
        search.equations.clear();
        search.equations.resize(2 * search.active.len() * search.active.len(), 0.0);
        for column in 0..search.active.len() {
            let share = search.active[column];
            let own = search.probe[share];
            // Inwards, so that both points have a meaning.
            let step = if own > 0.5 { -STEP } else { STEP };
            search.probe[share] = own + step;
            self.set_shares(&search.probe);
            self.say_shares(&mut search.other_says);
            search.probe[share] = own;
            search.note_slopes(column, step);
        }
        search.invert()
    }

    /// Whether the way from where shares stand leads to the fixed point that was found: everywhere between them what loads say
    /// points there. Another fixed point between them would turn it round.
    fn leads_there(&mut self, search: &mut Search) -> bool {
        search.found.copy_from_slice(&search.probe);
        for part in [0.25, 0.5, 0.75] {
            for ((probe, stand), found) in search.probe.iter_mut().zip(&search.stand).zip(&search.found) {
                *probe = stand + part * (found - stand);
            }
            self.set_shares(&search.probe);
            self.say_shares(&mut search.probe_says);
            let between = search.probe.iter().zip(&search.probe_says).zip(&search.found);
            // How far all say to go, along the way.
            let along: f64 = between.map(|((probe, says), found)| (says - probe) * (found - probe)).sum();
            if along <= 0.0 {
                return false;
            }
        }
        self.set_shares(&search.found);
        true
    }

    fn read_shares(&self, shares: &mut [f64]) {
        let (cells, meters) = shares.split_at_mut(self.solver.overload.len());
        cells.copy_from_slice(&self.solver.overload);
        self.meters.read(meters);
    }

    /// Loads under these shares.
    fn set_shares(&mut self, shares: &[f64]) {
        let (cells, meters) = shares.split_at(self.solver.overload.len());
        self.solver.overload.copy_from_slice(cells);
        self.meters.set(meters);
        self.look_at_loads();
    }

    /// What the present loads say of each share.
    fn say_shares(&mut self, shares: &mut [f64]) {
        let (cells, meters) = shares.split_at_mut(self.solver.overload.len());
        cells.fill(0.0);
        for (place, share) in cells.iter_mut().enumerate().take(self.topology.places()) {
            *share = self.solver.overload_of_front(place);
        }
        for &Inner { cell, .. } in &self.tiers.inner {
            let front = &self.solver.flow.fronts[cell.index()];
            if !front.dead {
                cells[cell.index()] = front.overload(self.solver.flow.load[cell.index()]);
            }
        }
        self.meters.say(self.solver.flow.metered(), meters);
    }

    /// What would be asked of a tier behind the fronts that had room for all of it.
    pub(super) fn demand_behind(&mut self, cell: CellId) -> f64 {
        let own = std::mem::replace(&mut self.solver.overload[cell.index()], 0.0);
        if own == 0.0 {
            return self.solver.flow.load[cell.index()];
        }
        self.look_at_loads();
        let demand = self.solver.flow.load[cell.index()];
        self.solver.overload[cell.index()] = own;
        self.look_again();
        demand
    }

    /// Loads under the present shares. What else flows say is that of other shares until [`Self::look_again`] is called.
    fn look_at_loads(&mut self) {
        if !self.solver.is_direct() {
            return self.look_again();
        }
        self.tiers.loads_only = true;
        self.update_chains();
        self.tiers.loads_only = false;
        self.solver.count();
        if self.queues.any() {
            self.consume();
        }
        self.load_tiers();
    }

    /// Flows under the present shares.
    pub(super) fn look_again(&mut self) {
        self.update_chains();
        self.solver.places_changed();
        self.solve_flows();
        self.load_tiers();
    }
}

/// A share that is as good as none is none.
fn settled(share: f64) -> f64 {
    if share < NONE { 0.0 } else { share }
}

/// Whether no share would move any more.
fn near(stand: &[f64], says: &[f64], arrived: f64) -> bool {
    stand.iter().zip(says).all(|(stand, says)| (says - stand).abs() < arrived)
}
