//! What starts a runbook, asked.

use super::trigger::{On, Trigger};

impl On {
    /// All conditions, whichever alternative they belong to.
    pub fn triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.0.iter().flatten()
    }

    /// The trigger, if one alone starts it.
    pub fn only(&self) -> Option<&Trigger> {
        match self.0.as_slice() {
            [all] => <&[Trigger; 1]>::try_from(all.as_slice()).ok().map(|[only]| only),
            _ => None,
        }
    }

    /// Whether people can start it because they notice something.
    pub fn is_noticed(&self) -> bool {
        self.triggers().any(|trigger| matches!(trigger, Trigger::Operator { .. }))
    }
}
