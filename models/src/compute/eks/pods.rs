//! The life of pods: ordered, housed, restarted, evicted.

use sim_core::component::Context;
use sim_core::time::SimDuration;

use super::{Deployment, Event, Signal};
use crate::compute::fleet::{Failure, HostState, House, Housed, Notice, Stage};

impl Deployment {
    /// A pod fails by one thing more; returns whether it fares worse than before.
    pub fn fail(
        &mut self,
        pod: usize,
        failure: Failure,
        _together: &mut Option<SimDuration>,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        let before = self.members.of(pod).failure();
        self.members.change(pod, |it| it.fails_by(failure));
        self.note(ctx.now());
        if before >= Some(failure) {
            return false;
        }
        match failure {
            Failure::Application => {
                let delay = self.restart.draw_duration();
                self.notice_in(pod, delay, ctx);
            }
            // The pods of a silent node are the node's matter.
            Failure::Impaired => self.forgive(pod, ctx),
            Failure::Terminated => {
                self.forgive(pod, ctx);
                self.notice_in(pod, SimDuration::ZERO, ctx);
            }
        }
        true
    }

    /// One thing that a pod failed by is over. Returns whether it fares better than before.
    pub fn recover(&mut self, pod: usize, failure: Failure, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let mut it = self.members.of(pod);
        let before = it.failure();
        it.is_over(failure);
        let left = it.failure();
        self.members.change(pod, |it| it.is_over(failure));
        self.note(ctx.now());
        if left == before {
            return false;
        }
        match left {
            None => self.forgive(pod, ctx),
            // The node answers again, and finds the container dead.
            Some(Failure::Application) => {
                let delay = self.restart.draw_duration();
                self.notice_in(pod, delay, ctx);
            }
            Some(Failure::Impaired | Failure::Terminated) => {}
        }
        true
    }

    fn notice_in(&mut self, pod: usize, delay: SimDuration, ctx: &mut Context<'_, Event, Signal>) {
        let born = self.members.of(pod).born;
        let due = ctx.schedule_in(delay, Event::Noticed { pod: pod as u32, born });
        self.members.change(pod, |it| it.notice = Notice::Due(due));
    }

    fn forgive(&mut self, pod: usize, ctx: &mut Context<'_, Event, Signal>) {
        if let Notice::Due(due) = self.members.of(pod).notice {
            ctx.cancel(due);
            self.members.change(pod, |it| it.notice = Notice::None);
        }
    }

    /// A pod is found to be gone, or its container to be dead.
    pub(super) fn on_noticed(&mut self, pod: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.members.of(pod);
        if it.stage == Stage::Free || it.born != born {
            return;
        }
        self.members.change(pod, |it| it.notice = Notice::None);
        if it.failure() == Some(Failure::Terminated) {
            self.stop(pod, ctx);
            self.reconcile(ctx);
            return;
        }
        // The kubelet restarts the container in its place: nobody else has to be asked.
        let (zone, host) = (it.zone, it.host);
        self.members.remove(pod);
        ctx.signal(Signal::Terminated(pod));
        let successor = self.members.add(zone, false);
        self.members.change(successor, |it| it.host = host);
        ctx.signal(Signal::Ordered(successor));
        self.launch(successor, ctx);
        self.note(ctx.now());
    }

    /// A pod is deleted.
    fn stop(&mut self, pod: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.forgive(pod, ctx);
        self.leave_host(pod);
        let never_ran = self.members.of(pod).stage == Stage::Ordered;
        self.members.remove(pod);
        self.note(ctx.now());
        if !never_ran {
            ctx.signal(Signal::Terminated(pod));
        }
    }

    /// Brings the pods to the desired number, and houses those that wait.
    pub(super) fn reconcile(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if !self.place.control_up {
            return;
        }
        while self.members.count() > self.desired {
            let unfit = self.members.newest_ordered().or_else(|| self.members.first_failing());
            let Some(surplus) = unfit.or_else(|| self.members.youngest()) else { break };
            self.stop(surplus, ctx);
        }
        while self.members.count() < self.desired {
            let zones = &self.place.zones_up;
            let zone = self.members.roomiest(zones.len(), |zone| zones[zone]).unwrap_or(0);
            let pod = self.members.add(zone, false);
            self.members.change(pod, |it| it.waits = true);
            ctx.signal(Signal::Ordered(pod));
        }
        self.house_waiting(ctx);
    }

    fn is(&self, pod: usize, born: u64, stage: Stage) -> bool {
        let it = self.members.of(pod);
        it.born == born && it.stage == stage
    }

    /// A start that failed is tried again.
    pub(super) fn try_again(&mut self, pod: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        if self.is(pod, born, Stage::Ordered) {
            self.attempt_on_host(pod, ctx);
        }
    }

    /// A pod is ready, unless its node went out meanwhile: on a silent one it goes on trying, instead of one that is gone it
    /// looks for another one.
    pub(super) fn on_started(&mut self, pod: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        if !self.is(pod, born, Stage::Ordered) {
            return;
        }
        if self.place.region_up && self.has_host(pod) {
            self.members.change(pod, |it| (it.stage, it.failures) = (Stage::Registering, 0));
            self.note(ctx.now());
            ctx.signal(Signal::Launched(pod));
        } else {
            self.attempt_on_host(pod, ctx);
        }
    }

    /// A zone goes out or comes back, and its nodes fall silent or answer again; those that are gone stay away.
    pub fn set_zone(&mut self, zone: usize, up: bool, ctx: &mut Context<'_, Event, Signal>) {
        // Another service of the region may stand in more zones.
        let Some(own) = self.place.zones_up.get_mut(zone) else { return };
        *own = up;
        for node in 0..self.pool.hosts.places() {
            let it = self.pool.hosts.of(node);
            if it.zone == zone && !up && it.state == HostState::Ready {
                self.lose_node(node, ctx);
            }
        }
        if up {
            self.pool.hosts.set_zone(zone, true);
            self.reconcile(ctx);
        }
    }

    /// A node falls silent.
    pub(super) fn lose_node(&mut self, node: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.pool.hosts.set(node, HostState::Lost);
        let losses = self.pool.hosts.of(node).losses;
        ctx.schedule_in(self.parameters.evicted_after, Event::Evict { node: node as u32, losses });
    }

    /// The nodes of a zone are gone for good.
    pub fn lose_hosts(&mut self, zone: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.remove_hosts(zone, ctx);
    }

    /// Pods of a node that is still silent are ordered anew, unless so much is silent that nobody believes it.
    pub(super) fn on_evict(&mut self, node: usize, losses: u32, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.pool.hosts.of(node);
        if it.state != HostState::Lost || it.losses != losses {
            return;
        }
        let mut zones = 0..self.place.zones_up.len();
        let hosts = &self.pool.hosts;
        let withheld = if self.parameters.evicts_lost_zones {
            zones.all(|zone| hosts.in_zone(zone) == 0)
        } else {
            hosts.zone_is_lost(it.zone)
        };
        if withheld || !self.place.control_up {
            ctx.schedule_in(self.parameters.evicted_after, Event::Evict { node: node as u32, losses });
            return;
        }
        for pod in 0..self.members.places() {
            if self.members.of(pod).host == Some(node) && self.members.of(pod).stage != Stage::Free {
                self.stop(pod, ctx);
            }
        }
        self.reconcile(ctx);
    }
}

impl Housed for Deployment {
    fn house(&mut self) -> Option<House<'_>> {
        Some(House { members: &mut self.members, pool: &mut self.pool, place: &self.place })
    }

    /// Starts a pod that has its room: it fails for want of what it needs.
    fn launch(&mut self, pod: usize, ctx: &mut Context<'_, Event, Signal>) {
        let born = self.members.of(pod).born;
        if self.needs_failing > 0.0 && self.needs.uniform() < self.needs_failing {
            ctx.signal(Signal::LaunchFailed(pod));
            ctx.schedule_in(self.parameters.launch_retry, Event::TryAgain { pod: pod as u32, born });
        } else {
            ctx.schedule_in(self.launch_time.draw_duration(), Event::Started { pod: pod as u32, born });
        }
    }
}
