//! What people have done to a record: shifts by routing controls and by edits, and regions that were let back.
//!
//! They are kept in the order in which they were given, since one can show in answers before an earlier one does. What holds
//! for an endpoint is read off that list. A shift holds out the endpoints of other regions, until somebody lets their region
//! back. A shift of a share does so in that share of the traffic, and leaves the rest to what was before it.

use crate::ids::RegionId;

/// By what operators shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Routing controls: endpoints of other regions count as unhealthy.
    Controls,
    /// Edits: they are not in the record any more.
    Edits,
}

impl By {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Controls, Self::Edits];
}

/// Which step of people a command belongs to: all its records share the traffic alike.
pub(super) type StepNumber = u32;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    Shift { by: By, to: RegionId, share: f64 },
    Readmit(RegionId),
}

/// What one step does to one record.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Command {
    step: StepNumber,
    /// Whether DNS sees it.
    seen: bool,
    act: Act,
}

impl Command {
    /// Its means, region and share, if it is a shift.
    fn shift(&self) -> Option<(By, RegionId, f64)> {
        match self.act {
            Act::Shift { by, to, share } => Some((by, to, share)),
            Act::Readmit(_) => None,
        }
    }

    /// Whether it is a shift of a share.
    fn is_part(&self) -> bool {
        self.shift().is_some_and(|(_, _, share)| share < 1.0)
    }
}

/// What people have done to one record, in the order in which they did it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Steered {
    commands: Vec<Command>,
}

impl Steered {
    /// Nobody has done anything yet.
    pub(super) fn clear(&mut self) {
        self.commands.clear();
    }

    /// Somebody shifts. Returns whether anything differs from the last shift by the same means, and from whoever was let back
    /// since.
    pub(super) fn shift(&mut self, step: StepNumber, by: By, to: RegionId, share: f64) -> bool {
        let same = |command: &Command| command.act == Act::Shift { by, to, share };
        let other = |command: &Command| command.shift().is_some_and(|(other, ..)| other != by);
        let again = self.commands.iter().rev().find(|command| !other(command)).is_some_and(same);
        self.commands.push(Command { step, seen: false, act: Act::Shift { by, to, share } });
        !again
    }

    /// Somebody lets a region back. Returns whether a shift held its endpoints out, in a share of the traffic at least.
    pub(super) fn readmit(&mut self, step: StepNumber, region: RegionId) -> bool {
        let held = By::ALL.into_iter().any(|by| self.fold(by, region, |_| true, |_, before, whole| before || whole));
        self.commands.push(Command { step, seen: false, act: Act::Readmit(region) });
        held
    }

    /// DNS sees what a step did to a record with endpoints of these homes before any edit. What is covered by it counts no more:
    /// by a whole shift all before it by the same means, by a shift of a share the last one, if that was a share to the same
    /// region. A shift whose regions are all let back is none any more.
    pub(super) fn see(&mut self, step: StepNumber, homes: &(impl Iterator<Item = RegionId> + Clone)) {
        let Some(at) = self.commands.iter().position(|command| command.step == step) else { return };
        self.commands[at].seen = true;
        if let Some((by, to, share)) = self.commands[at].shift() {
            let means = |command: &Command| command.shift().is_some_and(|(other, ..)| other == by);
            let part =
                |command: &Command| command.is_part() && command.shift().is_some_and(|(_, other, _)| other == to);
            let last = self.commands[..at].iter().rposition(means);
            let mut number = 0;
            self.commands.retain(|command| {
                let covered =
                    number < at && means(command) && (share >= 1.0 || (Some(number) == last && part(command)));
                number += 1;
                !covered
            });
        }
        for number in (0..self.commands.len()).rev() {
            let command = self.commands[number];
            let Some((_, to, _)) = command.shift().filter(|_| command.seen) else { continue };
            let back = |home: RegionId| {
                self.commands[number..].iter().any(|later| later.seen && later.act == Act::Readmit(home))
            };
            if !homes.clone().any(|home| home != to && !back(home)) {
                self.commands.remove(number);
            }
        }
        let first = self.commands.iter().position(|command| command.shift().is_some() || !command.seen);
        self.commands.drain(..first.unwrap_or(self.commands.len()));
    }

    /// Whether endpoints of a region are held out by one means as far as the commands count that `counts` says. `part` says of a shift of a share whether
    /// they are held out after it, by its step, by whether they were before, and whether they would be if it were whole.
    fn fold(
        &self,
        by: By,
        home: RegionId,
        counts: impl Fn(&Command) -> bool,
        part: impl Fn(StepNumber, bool, bool) -> bool,
    ) -> bool {
        self.commands.iter().filter(|command| counts(command)).fold(false, |before, command| match command.act {
            Act::Shift { by: other, .. } if other != by => before,
            Act::Shift { to, share, .. } if share >= 1.0 => home != to,
            Act::Shift { to, .. } => part(command.step, before, home != to),
            Act::Readmit(region) => before && region != home,
        })
    }

    /// Whether endpoints of a region are held out by one means in all traffic, as far as DNS sees it.
    pub(super) fn is_out(&self, by: By, home: RegionId) -> bool {
        self.fold(by, home, |command| command.seen, |_, before, whole| before && whole)
    }

    /// Whether they will be once DNS sees all that was done.
    pub(super) fn will_be_out(&self, by: By, home: RegionId) -> bool {
        self.fold(by, home, |_| true, |_, before, whole| before && whole)
    }

    /// Whether they are in the traffic that shifts of a share take along if they are of these steps.
    pub(super) fn is_out_with(&self, by: By, home: RegionId, steps: &[StepNumber]) -> bool {
        let part = |step: StepNumber, before, whole| if steps.contains(&step) { whole } else { before };
        self.fold(by, home, |command| command.seen, part)
    }

    /// The region whose endpoint is in the record for those that an edit took out, in that traffic.
    pub(super) fn edited_to(&self, steps: &[StepNumber]) -> Option<RegionId> {
        let counts = |command: &&Command| command.seen && (!command.is_part() || steps.contains(&command.step));
        let shifts = self.commands.iter().rev().filter(counts).filter_map(Command::shift);
        shifts.filter(|(by, ..)| *by == By::Edits).map(|(_, to, _)| to).next()
    }

    /// Where a step leads a share, and which, if it does and DNS sees it.
    pub(super) fn part(&self, step: StepNumber) -> Option<(RegionId, f64)> {
        let own = self.commands.iter().find(|command| command.step == step && command.seen && command.is_part());
        own.and_then(Command::shift).map(|(_, to, share)| (to, share))
    }

    /// Steps whose shift of a share DNS sees, each with its means and that share.
    pub(super) fn parts(&self) -> impl Iterator<Item = (StepNumber, By, f64)> + '_ {
        let seen = self.commands.iter().filter(|command| command.seen && command.is_part());
        seen.filter_map(|command| command.shift().map(|(by, _, share)| (command.step, by, share)))
    }
}
