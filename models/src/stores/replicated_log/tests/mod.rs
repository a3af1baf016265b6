//! A log alone, with constants for all times.

mod detachment;
mod in_region;
mod rebuilds;

use sim_core::component::Harness;
use sim_core::time::SimDuration;

use super::*;
use crate::cause::Cause;
use crate::ids::{R, RegionId};

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(seconds)
}

/// Two regions, the writer in the first; a promotion takes 60 s, and the name follows 10 s later; a copy is built anew in
/// 100 s.
pub(crate) fn parameters() -> Parameters {
    Parameters {
        place: Place { regions: vec![R[0], R[1]], writer: R[0], zone: Some(0) },
        replication_lag: constant(2.0),
        promotion_time: constant(60.0),
        regional_endpoint: false,
        endpoint_update: constant(10.0),
        endpoint_ttl: SimDuration::ZERO,
        zonal: true,
        in_region_failover: Some(constant(30.0)),
        switch_over_time: Some(constant(20.0)),
        detach_time: Some(constant(90.0)),
        rebuild_time: constant(100.0),
        fences: true,
        proxy: false,
        standby_reads: true,
        forwards_writes: false,
        apply_rate: None,
        rpo_bound: None,
    }
}

/// A log in up to three regions that acknowledges 10 writes per second, and the places around it.
struct Bench {
    log: Harness<ReplicatedLog>,
    world: World,
}

impl Bench {
    fn new(parameters: &Parameters) -> Self {
        let regions = ["us-east-1", "eu-west-1", "ap-south-1"].map(str::to_owned);
        let site = Site { path: "stores/orders", regions: &regions, zones: &[3; 3], seed: 1 };
        let mut bench = Self {
            log: Harness::new(ReplicatedLog::new(parameters, site)),
            world: World::new(&[3; 3], &vec![vec![0.0; 3]; 3]),
        };
        bench.log.call(|log, _| log.begin(0_u64.into()));
        bench.acknowledge([10.0, 0.0]);
        bench
    }

    /// Until `seconds`, then something happens to the places.
    fn change(&mut self, seconds: f64, what: impl FnOnce(&mut World)) {
        self.log.run_until(at(seconds));
        what(&mut self.world);
        let world = &self.world;
        self.log.call(|log, ctx| log.world_changed(world, ctx));
    }

    fn acknowledge(&mut self, rates: [f64; 2]) {
        self.log.call(|log, ctx| log.acknowledges(&[rates[0], rates[1], 0.0], ctx.now()));
    }

    fn promote(&mut self, seconds: f64, how: Promotion) -> bool {
        self.promote_to(R[1], seconds, how)
    }

    fn promote_to(&mut self, to: RegionId, seconds: f64, how: Promotion) -> bool {
        self.log.run_until(at(seconds));
        let world = &self.world;
        self.log.call(|log, ctx| log.promote(Attempt { how, to, effective: true }, world, ctx))
    }

    /// Replication between these pairs of regions stops or goes on.
    fn stall(&mut self, seconds: f64, pairs: &[(RegionId, RegionId)], begins: bool) {
        self.log.run_until(at(seconds));
        self.log.call(|log, _| {
            for &(a, b) in pairs {
                log.stalls(a, b, begins);
                log.stalls(b, a, begins);
            }
        });
        self.change(seconds, |_| ());
    }

    fn zone(&mut self, seconds: f64, region: RegionId, zone: usize, begins: bool) {
        self.change(seconds, |world| assert!(world.set_zone_out(region, zone, begins)));
    }

    fn complete(&mut self, seconds: f64) -> bool {
        self.log.run_until(at(seconds));
        self.log.component().complete()
    }

    /// When signals of this kind were raised, in seconds.
    fn raised(&self, is: impl Fn(Signal) -> bool) -> Vec<f64> {
        self.log.signals().iter().filter(|(_, signal)| is(*signal)).map(|(at, _)| at.as_secs_f64()).collect()
    }

    fn write(&mut self, seconds: f64, region: RegionId) -> Result<RegionId, Cause> {
        self.log.run_until(at(seconds));
        let write = self.log.component().access(0, Access::Write, region, &self.world);
        if write.share == 1.0 { Ok(write.at) } else { Err(write.cause) }
    }

    fn read(&mut self, seconds: f64, region: RegionId) -> Result<RegionId, Cause> {
        self.log.run_until(at(seconds));
        let read = self.log.component().access(0, Access::Read, region, &self.world);
        if read.share == 1.0 { Ok(read.at) } else { Err(read.cause) }
    }

    /// When promotions to a region failed, in seconds.
    fn failed(&self, region: RegionId) -> Vec<f64> {
        self.raised(|signal| matches!(signal, Signal::PromotionFailed { to, .. } if to == region))
    }

    fn loss(&mut self, seconds: f64) -> Loss {
        self.log.run_until(at(seconds));
        self.log.call(|log, ctx| log.loss(ctx.now()))
    }
}

#[test]
fn a_lost_writer_is_decided_about_then_promoted_over_then_followed() {
    let mut bench = Bench::new(&parameters());
    assert_eq!(bench.write(50.0, R[1]), Ok(R[0]), "writes cross to the writer");
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert_eq!(bench.write(149.0, R[1]), Err(Cause::Decision));
    assert!(bench.promote(150.0, Promotion::Failover));
    assert_eq!(bench.write(209.0, R[1]), Err(Cause::Promotion));
    assert_eq!(bench.write(211.0, R[1]), Err(Cause::EndpointUpdate));
    assert_eq!(bench.write(221.0, R[1]), Ok(R[1]));
    // Up to (100 s - 2 s of lag) is at the copy; 10 writes per second were acknowledged until 100 s.
    assert_eq!(bench.loss(400.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
}

#[test]
fn without_a_promotion_the_tail_is_stranded_while_the_region_is_out_and_lost_if_it_is_destroyed() {
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    let stranded = Loss { seconds: 2.0, stranded: 20.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(200.0), stranded, "the copy lacks two seconds, and no other writer is there");
    bench.change(300.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.loss(300.0), Loss::default(), "nothing is missing once it is back");
    bench.acknowledge([10.0, 0.0]);
    bench.change(400.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    bench.log.call(|log, _| log.destroyed(R[0]));
    assert_eq!(bench.loss(500.0), Loss { lost: 20.0, stranded: 0.0, ..stranded });
}

#[test]
fn a_partitioned_writer_acknowledges_what_will_be_lost_until_its_side_follows_the_new_one() {
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(150.0, Promotion::Failover));
    assert_eq!(bench.write(219.0, R[0]), Ok(R[0]), "its own side still writes to it");
    assert_eq!(bench.write(221.0, R[0]), Err(Cause::NoPath), "it follows a writer that it cannot reach");
    bench.acknowledge([0.0, 0.0]);
    // From 98 s to 220 s, where the last region turned away from it; rates were told at 221 s.
    assert_eq!(bench.loss(400.0), Loss { seconds: 122.0, lost: 1_220.0, ..Loss::default() });
}

#[test]
fn with_regional_endpoints_the_old_side_keeps_its_writer_until_the_partition_ends() {
    let mut bench = Bench::new(&Parameters { regional_endpoint: true, ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(150.0, Promotion::Failover));
    assert_eq!(bench.write(399.0, R[0]), Ok(R[0]));
    bench.change(400.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!(bench.write(400.0, R[0]), Ok(R[1]));
    bench.acknowledge([0.0, 10.0]);
    assert_eq!(bench.loss(500.0), Loss { seconds: 302.0, lost: 3_020.0, ..Loss::default() });
}

#[test]
fn a_writer_that_lost_its_zone_fails_over_within_its_region() {
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_zone_out(R[0], 0, true)));
    assert_eq!(bench.write(129.0, R[1]), Err(Cause::Promotion));
    assert_eq!(bench.write(131.0, R[1]), Ok(R[0]));
    assert_eq!(bench.loss(400.0), Loss::default());
}

#[test]
fn a_switchover_loses_nothing_and_a_promotion_that_is_not_needed_is_not_begun() {
    let mut bench = Bench::new(&parameters());
    assert!(!bench.promote(100.0, Promotion::Failover));
    assert!(bench.promote(100.0, Promotion::SwitchOver));
    assert_eq!(bench.write(119.0, R[0]), Err(Cause::Promotion));
    bench.acknowledge([0.0, 0.0]);
    assert_eq!(bench.write(131.0, R[0]), Ok(R[1]));
    assert_eq!(bench.loss(400.0), Loss::default());
}

#[test]
fn without_a_standby_a_writer_is_away_until_its_zone_is_back() {
    let mut bench = Bench::new(&Parameters { in_region_failover: None, ..parameters() });
    bench.change(100.0, |world| assert!(world.set_zone_out(R[0], 0, true)));
    assert_eq!(bench.write(199.0, R[1]), Err(Cause::Decision));
    bench.change(200.0, |world| assert!(world.set_zone_out(R[0], 0, false)));
    assert_eq!(bench.write(200.0, R[1]), Ok(R[0]));
    bench.change(300.0, |world| assert!(world.set_zone_out(R[0], 0, true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(310.0, Promotion::Failover));
    assert_eq!(bench.write(375.0, R[0]), Err(Cause::EndpointUpdate), "the former writer does not answer");
    assert_eq!(bench.write(381.0, R[0]), Ok(R[1]));
    assert_eq!(bench.loss(400.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
}

#[test]
fn a_former_writer_that_is_not_fenced_takes_writes_that_are_lost_until_everybody_was_repointed() {
    let mut bench = Bench::new(&Parameters { fences: false, switch_over_time: None, ..parameters() });
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(150.0, Promotion::Failover));
    bench.change(205.0, |world| assert!(world.set_out(R[0], false)));
    bench.acknowledge([10.0, 0.0]);
    assert_eq!(bench.write(215.0, R[0]), Ok(R[0]), "the region is back, and so is its writer");
    assert_eq!(bench.read(215.0, R[0]), Ok(R[0]), "who writes there reads there");
    assert_eq!(bench.write(221.0, R[0]), Ok(R[1]), "repointed 10 s after the promotion of 210 s");
    bench.acknowledge([0.0, 10.0]);
    // A replica is built beside it from 210 s on; those who were led to the new writer wait for that.
    assert_eq!(bench.read(301.0, R[0]), Err(Cause::Dependency));
    assert_eq!(bench.read(311.0, R[0]), Ok(R[0]));
    // From 98 s until 100 s, and from 205 s until 220 s.
    assert_eq!(bench.loss(400.0), Loss { seconds: 122.0, lost: 20.0 + 150.0, ..Loss::default() });
    assert!(!bench.promote(500.0, Promotion::SwitchOver), "there is no planned way back");
}

#[test]
fn a_copy_that_applies_less_than_is_written_falls_behind() {
    let mut bench = Bench::new(&Parameters { apply_rate: Some(8.0), ..parameters() });
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(150.0, Promotion::Failover));
    // 100 s x (10 - 8) writes wait. They are the last 20 s of writing, and the draw of 2 s comes on top.
    assert_eq!(bench.loss(400.0), Loss { seconds: 22.0, lost: 220.0, ..Loss::default() });
}

#[test]
fn a_copy_catches_up_after_a_partition_at_the_rate_that_writes_leave_over() {
    let mut bench = Bench::new(&Parameters { apply_rate: Some(50.0), ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    bench.change(200.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    bench.change(210.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(250.0, Promotion::Failover));
    // 100 s x 10 were held back, 10 s x (50 - 10) caught up. The other 600 are the last 60 s of writing, and 2 s are drawn.
    assert_eq!(bench.loss(400.0), Loss { seconds: 62.0, lost: 620.0, ..Loss::default() });
}

#[test]
fn what_waits_to_be_applied_is_as_old_as_it_was_written_however_the_rate_of_writes_has_changed() {
    // Nothing is on its way. 8 of 10 are applied until 100 s, and 8 of 40 until 150 s: of 3,000 writes 1,200 were, which is
    // the number that had been written 5 s after the rate rose.
    let mut bench = Bench::new(&Parameters { apply_rate: Some(8.0), replication_lag: constant(0.0), ..parameters() });
    bench.log.run_until(at(100.0));
    bench.acknowledge([40.0, 0.0]);
    bench.change(150.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(200.0, Promotion::Failover));
    assert_eq!(bench.loss(400.0), Loss { seconds: 45.0, lost: 3_000.0 - 1_200.0, ..Loss::default() });
}

#[test]
fn a_writer_with_a_bound_stalls_while_no_copy_is_within() {
    let mut bench = Bench::new(&Parameters { rpo_bound: Some(20.0), ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    // The copy was 2 s behind at 100 s, so it is 20 s behind at 118 s.
    assert_eq!(bench.write(117.9, R[0]), Ok(R[0]));
    assert_eq!(bench.write(118.1, R[0]), Err(Cause::Dependency));
    bench.change(160.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!(bench.write(160.0, R[0]), Ok(R[0]));
    // One that heals in time does not stall, nor does the event that was meant for it.
    bench.change(200.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    bench.change(210.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!(bench.write(300.0, R[0]), Ok(R[0]));
    assert_eq!(bench.raised(|signal| signal == Signal::CommitsHeld(R[0])), [118.0]);
    assert_eq!(bench.raised(|signal| signal == Signal::CommitsGoOn(R[0])), [160.0]);
}

#[test]
fn a_bounded_writer_that_was_promoted_over_stays_stalled() {
    let mut bench = Bench::new(&Parameters { rpo_bound: Some(20.0), ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.write(117.9, R[0]), Ok(R[0]));
    bench.log.run_until(at(118.0));
    bench.acknowledge([0.0, 0.0]);
    assert_eq!(bench.write(119.0, R[0]), Err(Cause::Dependency));
    assert_eq!(bench.write(171.0, R[0]), Err(Cause::Dependency), "promoted over at 170 s, and still without a copy");
    assert_eq!(bench.write(181.0, R[1]), Ok(R[1]));
    assert_eq!(bench.loss(400.0), Loss { seconds: 20.0, lost: 200.0, ..Loss::default() });
}

#[test]
fn a_copy_that_the_new_writer_never_reached_lacks_all_that_it_took() {
    // Cut off from 100 s on, the second region promotes its copy (170 s) and goes out at 400 s; nobody brought what it
    // took to the first one, which is promoted back.
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    bench.log.run_until(at(180.0));
    bench.acknowledge([0.0, 10.0]);
    bench.change(400.0, |world| assert!(world.set_out(R[1], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote_to(R[0], 400.0, Promotion::Failover));
    // The copy there holds nothing of it: the promotion takes its time and fails.
    bench.log.run_until(at(600.0));
    assert_eq!(bench.failed(R[0]), [460.0]);
    // Promoted over: 10 writes per second from 98 s to 180 s. With the second region: 10 per second from 180 s on, where
    // it was the writer from 170 s on.
    let stranded = Loss { seconds: 230.0, lost: 820.0, stranded: 2_200.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(600.0), stranded);
    bench.log.call(|log, _| log.destroyed(R[1]));
    assert_eq!(bench.loss(600.0), Loss { lost: 820.0 + 2_200.0, stranded: 0.0, ..stranded });
}

#[test]
fn a_promoted_copy_does_not_stall_for_want_of_copies() {
    let mut bench = Bench::new(&Parameters { rpo_bound: Some(20.0), ..parameters() });
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.write(400.0, R[1]), Ok(R[1]));
}

#[test]
fn regions_that_forward_writes_wait_for_no_endpoint() {
    let mut bench = Bench::new(&Parameters { forwards_writes: true, ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert_eq!(bench.write(140.0, R[1]), Err(Cause::Decision), "a forwarded write needs the path");
    assert!(bench.promote(150.0, Promotion::Failover));
    assert_eq!(bench.write(211.0, R[1]), Ok(R[1]));
    assert_eq!(bench.write(211.0, R[0]), Ok(R[0]), "its copy knows only the writer on its own side");
    bench.change(300.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!(
        bench.write(300.0, R[0]),
        Err(Cause::Dependency),
        "its copy is built anew, and forwards nothing meanwhile"
    );
    assert_eq!(bench.write(401.0, R[0]), Ok(R[1]));
}

fn three_regions() -> Parameters {
    Parameters { place: Place { regions: vec![R[0], R[1], R[2]], writer: R[0], zone: Some(0) }, ..parameters() }
}

/// The first region goes out at 100 s, the second takes over (170 s), is written to from 180 s on and goes out at 400 s,
/// the third takes over.
fn one_after_the_other(bench: &mut Bench) {
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(110.0, Promotion::Failover));
    bench.log.run_until(at(180.0));
    bench.acknowledge([0.0, 10.0]);
    assert!(!bench.complete(200.0));
    bench.change(400.0, |world| assert!(world.set_out(R[1], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote_to(R[2], 410.0, Promotion::Failover));
}

#[test]
fn a_copy_that_a_stall_keeps_from_the_new_writer_lacks_all_that_it_took() {
    let mut bench = Bench::new(&three_regions());
    bench.stall(50.0, &[(R[1], R[2])], true);
    assert!(bench.complete(60.0), "both follow the first region");
    one_after_the_other(&mut bench);
    // 98 s to 100 s of the first. The second was the writer from 170 s on and took 10 per second from 180 s on: nothing of
    // it arrived, the third cannot be promoted, and all of it is stranded.
    let stranded = Loss { seconds: 230.0, lost: 20.0, stranded: 2_200.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(600.0), stranded);
    assert_eq!(bench.failed(R[2]), [470.0]);
}

#[test]
fn a_copy_that_is_kept_from_both_writers_lacks_the_end_of_the_first_ones_log_as_well() {
    let mut bench = Bench::new(&three_regions());
    bench.stall(40.0, &[(R[0], R[2]), (R[1], R[2])], true);
    one_after_the_other(&mut bench);
    // The first region holds its own writes; where it is destroyed, the third lacks everything from 38 s on: 62 s of the
    // first, of which the second lacked two, and 220 s of the second.
    let all = Loss { seconds: 230.0, lost: 20.0, stranded: 2_200.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(600.0), all);
    bench.log.call(|log, _| log.destroyed(R[0]));
    assert_eq!(bench.loss(600.0), Loss { seconds: 362.0, lost: 620.0, ..all });
}

#[test]
fn a_copy_that_the_new_writer_reaches_starts_from_what_that_one_has() {
    let mut bench = Bench::new(&three_regions());
    bench.stall(40.0, &[(R[0], R[2])], true);
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(110.0, Promotion::Failover));
    bench.log.run_until(at(180.0));
    bench.acknowledge([0.0, 10.0]);
    bench.change(400.0, |world| assert!(world.set_out(R[1], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote_to(R[2], 410.0, Promotion::Failover));
    // Two seconds each.
    assert_eq!(bench.loss(600.0), Loss { seconds: 2.0, lost: 20.0 + 20.0, ..Loss::default() });
}

#[test]
fn a_switchover_whose_source_dies_fails_and_what_the_copy_lacked_is_lost() {
    let mut bench = Bench::new(&Parameters { apply_rate: Some(8.0), ..parameters() });
    // 100 s x (10 - 8) writes wait, 25 s of work, and writing is stopped for 25 + 20 s.
    assert!(bench.promote(100.0, Promotion::SwitchOver));
    bench.acknowledge([0.0, 0.0]);
    bench.log.run_until(at(110.0));
    bench.log.call(|log, _| log.destroyed(R[0]));
    bench.change(110.0, |world| assert!(world.set_out(R[0], true)));
    assert_eq!(bench.write(144.0, R[1]), Err(Cause::Promotion), "a failed step takes its full time");
    assert_eq!(bench.write(146.0, R[1]), Err(Cause::Decision));
    assert_eq!(bench.failed(R[1]), [145.0]);
    // 10 s x 8 were applied; the other 120 are the last 12 s of writing, 2 s were drawn: it lacks everything since 86 s.
    assert_eq!(bench.loss(400.0), Loss { seconds: 14.0, lost: 140.0, no_writer: true, ..Loss::default() });
}

#[test]
fn a_switchover_fails_if_either_end_or_the_way_between_does_not_stay_well() {
    type Blow = fn(&mut Bench, f64, bool);
    let blows: [(Blow, bool); 4] = [
        (|bench, at, begins| bench.change(at, |world| assert!(world.set_cut(R[0], R[1], begins))), true),
        (|bench, at, begins| bench.stall(at, &[(R[0], R[1])], begins), true),
        (|bench, at, begins| bench.change(at, |world| assert!(world.set_out(R[1], begins))), true),
        (|bench, at, begins| bench.stall(at, &[(R[0], R[2])], begins), false),
    ];
    for (index, (blow, fails)) in blows.into_iter().enumerate() {
        let mut bench = Bench::new(&three_regions());
        assert!(bench.promote(100.0, Promotion::SwitchOver));
        bench.acknowledge([0.0, 0.0]);
        blow(&mut bench, 105.0, true);
        blow(&mut bench, 110.0, false);
        bench.log.run_until(at(121.0));
        assert_eq!(bench.failed(R[1]).len(), usize::from(fails), "{index}");
        assert_eq!(bench.write(131.0, R[0]), Ok(R[usize::from(!fails)]), "{index}: writes go on");
        assert_eq!(bench.loss(400.0), Loss::default());
    }
    let mut bench = Bench::new(&three_regions());
    bench.change(50.0, |world| assert!(world.set_out(R[2], true)));
    assert!(!bench.promote(100.0, Promotion::SwitchOver), "all clusters have to be well");
}

#[test]
fn a_writer_fails_over_to_a_zone_that_is_up_or_waits_for_one() {
    let mut bench = Bench::new(&parameters());
    bench.zone(100.0, R[0], 0, true);
    bench.zone(105.0, R[0], 1, true);
    assert_eq!(bench.write(129.0, R[0]), Err(Cause::Promotion));
    assert_eq!(bench.write(131.0, R[0]), Ok(R[0]), "in the third zone");
    bench.zone(200.0, R[0], 0, false);
    assert_eq!(bench.write(201.0, R[0]), Ok(R[0]), "the first one is nothing to it any more");
    // The third goes, and the first before the writer is there: nothing is left until the second is back.
    bench.zone(300.0, R[0], 2, true);
    bench.zone(310.0, R[0], 0, true);
    assert_eq!(bench.write(331.0, R[0]), Err(Cause::Decision));
    bench.zone(400.0, R[0], 1, false);
    assert_eq!(bench.write(429.0, R[0]), Err(Cause::Promotion));
    assert_eq!(bench.write(431.0, R[0]), Ok(R[0]));
    assert_eq!(bench.loss(500.0), Loss::default());
}

#[test]
fn a_writer_whose_zones_are_all_gone_is_away_and_can_be_promoted_over() {
    let mut bench = Bench::new(&parameters());
    for zone in 0..3 {
        bench.zone(100.0, R[0], zone, true);
    }
    bench.acknowledge([0.0, 0.0]);
    assert_eq!(bench.write(1_000.0, R[0]), Err(Cause::Decision));
    assert!(bench.promote(1_000.0, Promotion::Failover));
    assert_eq!(bench.write(1_071.0, R[0]), Ok(R[1]));
    // The copy was cut off from it when its last zone went.
    assert_eq!(bench.loss(2_000.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
    // Its own zone back would have been enough.
    let mut bench = Bench::new(&parameters());
    for zone in 0..3 {
        bench.zone(100.0, R[0], zone, true);
    }
    bench.zone(200.0, R[0], 0, false);
    assert_eq!(bench.write(200.0, R[0]), Ok(R[0]));
}

#[test]
fn a_copy_is_promoted_in_a_zone_that_is_up_and_not_at_all_without_one() {
    let mut bench = Bench::new(&parameters());
    bench.zone(50.0, R[1], 0, true);
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.write(181.0, R[1]), Ok(R[1]));
    bench.change(200.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.write(201.0, R[1]), Ok(R[1]), "nothing has happened to its zone");
    bench.zone(300.0, R[1], 1, true);
    assert_eq!(bench.write(301.0, R[1]), Err(Cause::Promotion), "this is its zone");

    let mut bench = Bench::new(&parameters());
    for zone in 0..3 {
        bench.zone(50.0, R[1], zone, true);
    }
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.write(200.0, R[1]), Err(Cause::Decision));
    assert_eq!(bench.failed(R[1]), [170.0]);
}

#[test]
fn the_failover_of_a_former_writer_does_not_end_that_of_the_present_one() {
    let mut bench = Bench::new(&Parameters { in_region_failover: Some(constant(600.0)), ..parameters() });
    bench.zone(100.0, R[0], 0, true);
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.write(181.0, R[1]), Ok(R[1]));
    // The first failover would have ended at 700 s.
    bench.zone(690.0, R[1], 0, true);
    assert_eq!(bench.write(1_289.0, R[1]), Err(Cause::Promotion));
    assert_eq!(bench.write(1_291.0, R[1]), Ok(R[1]));
}

#[test]
fn a_destruction_takes_along_what_was_there_and_nothing_that_came_later() {
    let mut bench = emptied(&parameters());
    assert!(bench.promote(300.0, Promotion::Failover));
    // Its copy is whole at 460 s; the writer moves back to it as planned.
    assert!(bench.promote_to(R[0], 500.0, Promotion::SwitchOver));
    assert_eq!(bench.write(531.0, R[1]), Ok(R[0]));
    bench.acknowledge([10.0, 0.0]);
    let lost = Loss { seconds: 2.0, lost: 20.0, ..Loss::default() };
    assert_eq!(bench.loss(590.0), lost);
    bench.change(600.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    let stranded = Loss { stranded: 20.0, no_writer: true, ..lost };
    assert_eq!(bench.loss(700.0), stranded, "this outage destroys nothing");
    bench.log.call(|log, _| log.destroyed(R[0]));
    assert_eq!(bench.loss(800.0), Loss { lost: 40.0, stranded: 0.0, ..stranded });
}

/// The writer's region is destroyed at 100 s, and back at 200 s.
fn emptied(parameters: &Parameters) -> Bench {
    let mut bench = Bench::new(parameters);
    bench.log.call(|log, _| log.destroyed(R[0]));
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    bench.change(200.0, |world| assert!(world.set_out(R[0], false)));
    bench
}

#[test]
fn a_writer_whose_data_were_destroyed_stays_away_until_another_copy_is_promoted() {
    let mut bench = emptied(&parameters());
    assert_eq!([R[0], R[1]].map(|region| bench.write(250.0, region)), [Err(Cause::Decision); 2]);
    assert_eq!([R[0], R[1]].map(|region| bench.read(250.0, region)), [Err(Cause::Dependency), Ok(R[1])]);
    assert!(!bench.complete(250.0));
    let lost = Loss { seconds: 2.0, lost: 20.0, ..Loss::default() };
    assert_eq!(bench.loss(250.0), Loss { no_writer: true, ..lost });
    // A zone more or less is nothing to a writer that is gone.
    bench.zone(260.0, R[0], 0, true);
    bench.zone(280.0, R[0], 0, false);
    assert_eq!(bench.raised(|signal| matches!(signal, Signal::FailsOver(_) | Signal::FailedOver(_))), []);
    assert!(!bench.promote(290.0, Promotion::SwitchOver), "there is no writer to move");
    assert!(bench.promote(300.0, Promotion::Failover));
    assert_eq!((bench.write(359.0, R[0]), bench.write(371.0, R[0])), (Err(Cause::Promotion), Ok(R[1])));
    // From 360 s on its copy is built anew from the new writer.
    assert_eq!((bench.read(459.0, R[0]), bench.read(461.0, R[0])), (Err(Cause::Dependency), Ok(R[0])));
    assert!(bench.complete(461.0));
    assert_eq!(bench.loss(500.0), lost);

    // Nothing is built from a writer that has nothing, and a copy can be a cluster of its own.
    let mut bench = emptied(&three_regions());
    bench.change(210.0, |world| assert!(world.set_out(R[2], true)));
    bench.change(220.0, |world| assert!(world.set_out(R[2], false)));
    assert!(!bench.complete(250.0));
    assert!(bench.promote(300.0, Promotion::Detach));
    bench.log.run_until(at(391.0));
    bench.log.call(Service::repoint);
    assert_eq!([R[0], R[1]].map(|region| bench.write(392.0, region)), [Ok(R[1]); 2]);
    assert_eq!(bench.read(1_000.0, R[0]), Err(Cause::Dependency), "no cluster builds that copy");
    assert_eq!(bench.loss(1_000.0), lost);
}

#[test]
fn where_no_copy_is_left_everything_is_lost() {
    let alone = Place { regions: vec![R[0]], writer: R[0], zone: Some(0) };
    let mut bench = Bench::new(&Parameters { place: alone, ..parameters() });
    bench.log.call(|log, _| log.destroyed(R[0]));
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    let all = Loss { seconds: f64::INFINITY, lost: 1_000.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(400.0), all);
    bench.change(400.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.write(500.0, R[0]), Err(Cause::Decision), "its region is back, and nothing of it");
    assert_eq!(bench.loss(600.0), all);

    // The copy was destroyed first; it lacks all that came before as much as what came after.
    let mut bench = Bench::new(&parameters());
    bench.log.call(|log, _| log.destroyed(R[1]));
    bench.change(50.0, |world| assert!(world.set_out(R[1], true)));
    bench.log.run_until(at(100.0));
    bench.log.call(|log, _| log.destroyed(R[0]));
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert_eq!(bench.loss(400.0), Loss { seconds: f64::INFINITY, lost: 1_000.0, no_writer: true, ..Loss::default() });
}
