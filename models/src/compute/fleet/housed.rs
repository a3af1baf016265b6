//! Members on hosts: each needs room on one, and waits in the order of its birth until there is some.

use sim_core::component::{Component, Context};

use super::{HostEvent, HostState, Members, Place, Pool, Signal, Stage};

/// The parts of a fleet that house its members.
#[derive(Debug)]
pub(crate) struct House<'a> {
    pub(crate) members: &'a mut Members,
    pub(crate) pool: &'a mut Pool,
    pub(crate) place: &'a Place,
}

/// A fleet whose members run on hosts of a pool.
pub(crate) trait Housed: Component<Event: From<HostEvent>, Signal = Signal> {
    /// What houses the members, if hosts do.
    fn house(&mut self) -> Option<House<'_>>;

    /// Starts a member that has its room.
    fn launch(&mut self, member: usize, ctx: &mut Context<'_, Self::Event, Signal>);

    /// Starts a member, now or when it has room and the control plane is there.
    fn attempt_on_host(&mut self, member: usize, ctx: &mut Context<'_, Self::Event, Signal>) {
        let Some(House { members, pool, place }) = self.house() else { return };
        members.change(member, |it| it.waits = true);
        if !place.control_up {
            return;
        }
        if members.of(member).host.is_none() {
            let Some(host) = pool.hosts.with_room(|zone| members.populated(zone)) else {
                pool.lacks_room(ctx);
                return;
            };
            pool.hosts.occupy(host);
            let zone = pool.hosts.of(host).zone;
            members.change(member, |it| (it.host, it.zone) = (Some(host), zone));
        }
        members.change(member, |it| it.waits = false);
        self.launch(member, ctx);
    }

    /// Members that wait are housed as far as there is room, the one that has waited longest first.
    fn house_waiting(&mut self, ctx: &mut Context<'_, Self::Event, Signal>) {
        while let Some(member) = self.house().and_then(|house| house.members.first_waiting()) {
            self.attempt_on_host(member, ctx);
            if self.house().is_some_and(|house| house.members.of(member).waits) {
                return;
            }
        }
    }

    /// Whether a member's host runs.
    fn has_host(&mut self, member: usize) -> bool {
        self.house().is_some_and(|House { members, pool, .. }| {
            let host = members.of(member).host;
            host.is_some_and(|host| pool.hosts.of(host).state == HostState::Ready)
        })
    }

    /// A member gives its place on a host back.
    fn leave_host(&mut self, member: usize) {
        let Some(House { members, pool, .. }) = self.house() else { return };
        if let Some(host) = members.of(member).host {
            pool.hosts.vacate(host);
            members.change(member, |it| it.host = None);
        }
    }

    /// Something happens to a host.
    fn on_host(&mut self, event: HostEvent, ctx: &mut Context<'_, Self::Event, Signal>) {
        let Some(House { members, pool, place }) = self.house() else { return };
        let waiting = members.waiting();
        if pool.handle(event, waiting, place, ctx) {
            self.house_waiting(ctx);
        }
    }

    /// The region's launch rate lets a host go on.
    fn host_granted(&mut self, host: usize, born: u64, ctx: &mut Context<'_, Self::Event, Signal>) {
        if let Some(House { pool, place, .. }) = self.house() {
            pool.granted(host, born, place, ctx);
        }
    }

    /// The hosts of a zone are gone for good: members that were on their way there look for another host.
    fn remove_hosts(&mut self, zone: usize, ctx: &mut Context<'_, Self::Event, Signal>) {
        let Some(places) = self.house().map(|house| house.members.places()) else { return };
        for member in 0..places {
            let starts = self.house().is_some_and(|house| {
                let it = house.members.of(member);
                it.stage == Stage::Ordered && it.zone == zone
            });
            if starts {
                self.leave_host(member);
            }
        }
        if let Some(House { pool, .. }) = self.house() {
            pool.hosts.remove_zone(zone);
            pool.keep_least(ctx);
        }
    }
}
