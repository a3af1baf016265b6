//! Regions that agree by majority: what has settled is in two of three of them.
//!
//! Modelled:      an access settles where its copy is up and reaches one more of the voters; a copy that is cut off from
//!                both others settles nothing.
//! Not modelled:  elections, slow voters; more than three voters.

use crate::ids::RegionId;
use crate::world::World;

/// How many regions vote.
pub const VOTERS: usize = 3;

/// The voters of a store, of which two have to agree.
#[derive(Debug, Clone)]
pub struct Quorum {
    voters: Vec<RegionId>,
    /// How many of them are up.
    up: usize,
}

impl Quorum {
    /// These regions agree.
    pub const fn new(voters: Vec<RegionId>) -> Self {
        Self { voters, up: VOTERS }
    }

    /// Starts a trial: all of them are up.
    pub const fn begin(&mut self) {
        self.up = VOTERS;
    }

    /// Regions went out or came back.
    pub fn world_changed(&mut self, world: &World) {
        self.up = self.voters.iter().filter(|&&voter| world.up(voter)).count();
    }

    /// Whether the copy in a region can settle an access with one more of the voters: two of three agree.
    pub fn agrees(&self, copy: RegionId, world: &World) -> bool {
        self.voters.iter().any(|&other| other != copy && world.reaches(copy, other))
    }

    /// Whether two voters are up, so that what has settled outlives the loss of one.
    pub const fn stands(&self) -> bool {
        self.up >= 2
    }
}

/// The voter that a copy hears of first, and how long that takes: the nearest of the others, by this round trip.
pub fn nearest_voter(
    voters: &[RegionId],
    copy: RegionId,
    round_trip: impl Fn(RegionId, RegionId) -> f64,
) -> Option<(RegionId, f64)> {
    let others = voters.iter().filter(|&&voter| voter != copy).map(|&voter| (voter, round_trip(copy, voter)));
    others.min_by(|(_, a), (_, b)| a.total_cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::place;

    /// A commit in any set of three regions waits for the smaller of two entries of the measured table.
    #[test]
    fn a_commit_waits_for_the_nearer_of_the_two_others() {
        let trip = |from: &str, to: &str| place(from).zip(place(to)).map(|(from, to)| from.round_trip(to));
        for (names, expected) in [
            // us-east-1 .. us-east-2, and the witness in Oregon: rows of the measured table, in milliseconds.
            (["us-east-1", "us-east-2", "us-west-2"], [15, 15, 51]),
            (["eu-west-1", "eu-west-2", "eu-central-1"], [14, 14, 18]),
        ] {
            let voters: Vec<RegionId> = RegionId::all(VOTERS).collect();
            for (copy, expected) in voters.iter().zip(expected) {
                let between = |from: RegionId, to: RegionId| {
                    trip(names[from.index()], names[to.index()]).expect("both are regions")
                };
                let (_, nearest) = nearest_voter(&voters, *copy, between).expect("there are two others");
                assert!((nearest * 1_000.0 - f64::from(expected)).abs() < 1.6, "{names:?} {copy:?}: {nearest}");
            }
        }
    }
}
