//! Promotions that stop the former writer, and the copies that are built anew from the new one.

use super::*;

/// The first region goes out at 100 s; the second is promoted from 110 s to 170 s.
fn promoted(bench: &mut Bench) {
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(110.0, Promotion::Failover));
}

#[test]
fn other_copies_are_unreadable_from_the_promotion_until_they_are_built_anew() {
    let mut bench = Bench::new(&three_regions());
    promoted(&mut bench);
    assert_eq!((bench.read(169.9, R[2]), bench.read(169.9, R[1])), (Ok(R[2]), Ok(R[1])));
    assert_eq!((bench.read(170.1, R[2]), bench.read(170.1, R[1])), (Err(Cause::Dependency), Ok(R[1])));
    assert_eq!((bench.read(269.9, R[2]), bench.read(270.1, R[2])), (Err(Cause::Dependency), Ok(R[2])));
    // The former writer's region is back at 300 s, and its copy 100 s later.
    bench.change(300.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.read(300.0, R[0]), Err(Cause::Dependency));
    assert!(!bench.complete(399.0) && bench.complete(401.0), "at risk until all copies are whole");
    assert_eq!(bench.read(401.0, R[0]), Ok(R[0]));
    assert_eq!(bench.raised(|signal| signal == Signal::AllRebuilt), [400.0]);
}

#[test]
fn a_rebuild_begins_anew_where_either_end_was_lost_and_takes_as_long_again() {
    for lost in [R[1], R[2]] {
        let mut bench = Bench::new(&three_regions());
        promoted(&mut bench);
        bench.change(200.0, |world| assert!(world.set_out(lost, true)));
        bench.change(250.0, |world| assert!(world.set_out(lost, false)));
        assert_eq!(bench.read(349.9, R[2]), Err(Cause::Dependency), "{lost:?} was lost");
        assert_eq!(bench.read(350.1, R[2]), Ok(R[2]));
    }
    // So it does where the way between them was, or the log was kept from it; the first region's outage is nothing to it.
    let mut bench = Bench::new(&three_regions());
    promoted(&mut bench);
    bench.change(200.0, |world| assert!(world.set_cut(R[1], R[2], true)));
    bench.change(210.0, |world| assert!(world.set_cut(R[1], R[2], false)));
    bench.stall(220.0, &[(R[1], R[2])], true);
    bench.stall(230.0, &[(R[1], R[2])], false);
    bench.change(240.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!((bench.read(329.9, R[2]), bench.read(330.1, R[2])), (Err(Cause::Dependency), Ok(R[2])));
}

#[test]
fn a_short_outage_without_a_promotion_needs_no_rebuild() {
    let mut bench = Bench::new(&three_regions());
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.change(160.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!([R[0], R[1], R[2]].map(|region| bench.read(160.0, region)), [Ok(R[0]), Ok(R[1]), Ok(R[2])]);
    assert!(bench.complete(160.0));
}

#[test]
fn a_copy_whose_data_were_destroyed_is_built_anew_when_its_region_is_back() {
    let mut bench = Bench::new(&parameters());
    bench.log.call(|log, _| log.destroyed(R[1]));
    bench.change(100.0, |world| assert!(world.set_out(R[1], true)));
    bench.change(200.0, |world| assert!(world.set_out(R[1], false)));
    assert_eq!((bench.read(299.0, R[1]), bench.read(301.0, R[1])), (Err(Cause::Dependency), Ok(R[1])));
}

/// The data of a former writer's region are old when it is back, whether the new writer is there to build from or not.
#[test]
fn a_former_writers_copy_is_not_read_when_its_region_is_back() {
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    bench.change(300.0, |world| assert!(world.set_out(R[1], true)));
    bench.change(400.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.read(401.0, R[0]), Err(Cause::Dependency));
    bench.change(500.0, |world| assert!(world.set_out(R[1], false)));
    assert_eq!((bench.read(599.0, R[0]), bench.read(601.0, R[0])), (Err(Cause::Dependency), Ok(R[0])));
    // Behind a partition it goes on for its own side, until its region goes as well.
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.read(300.0, R[0]), Ok(R[0]));
    bench.change(400.0, |world| assert!(world.set_out(R[0], true)));
    bench.change(500.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.read(501.0, R[0]), Err(Cause::Dependency));
}

#[test]
fn a_copy_that_is_not_whole_is_promoted_in_vain() {
    let mut bench = Bench::new(&three_regions());
    promoted(&mut bench);
    bench.log.run_until(at(180.0));
    bench.acknowledge([0.0, 10.0]);
    bench.change(200.0, |world| assert!(world.set_out(R[1], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote_to(R[2], 210.0, Promotion::Failover));
    assert_eq!(bench.write(269.0, R[2]), Err(Cause::Promotion));
    assert_eq!(bench.write(271.0, R[2]), Err(Cause::Decision));
    assert_eq!(bench.failed(R[2]), [270.0]);
    // The second writer had it from 170 s on and took 10 per second from 180 s to 200 s.
    let loss = Loss { seconds: 30.0, lost: 20.0, stranded: 200.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(300.0), loss);
    // Back, it is the writer, and the rebuild begins anew.
    bench.change(300.0, |world| assert!(world.set_out(R[1], false)));
    assert_eq!(
        (bench.write(300.0, R[2]), bench.read(399.0, R[2]), bench.read(401.0, R[2])),
        (Ok(R[1]), Err(Cause::Dependency), Ok(R[2]))
    );
    assert_eq!(bench.loss(500.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
}

#[test]
fn a_switchover_waits_until_its_copy_is_whole() {
    let mut bench = Bench::new(&three_regions());
    promoted(&mut bench);
    bench.change(200.0, |world| assert!(world.set_out(R[0], false)));
    assert!(bench.promote_to(R[0], 220.0, Promotion::SwitchOver));
    assert_eq!(bench.raised(|signal| signal == Signal::SwitchOverWaits(R[0])), [220.0]);
    assert!(bench.promote_to(R[0], 230.0, Promotion::SwitchOver), "a step that starts over waits for the same");
    assert_eq!(bench.write(299.0, R[0]), Ok(R[1]), "writes go on meanwhile");
    assert_eq!(bench.write(301.0, R[0]), Err(Cause::Promotion));
    assert_eq!(bench.write(331.0, R[0]), Ok(R[0]), "whole at 300 s, over at 320 s, the name 10 s later");
    assert_eq!(bench.raised(|signal| signal == Signal::SwitchOverWaits(R[0])).len(), 1);
    assert_eq!(bench.loss(400.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
    // One that cannot begin for another reason, once its copy is whole, fails then.
    let mut bench = Bench::new(&three_regions());
    promoted(&mut bench);
    bench.change(200.0, |world| assert!(world.set_out(R[0], false)));
    assert!(bench.promote_to(R[0], 220.0, Promotion::SwitchOver));
    bench.change(250.0, |world| assert!(world.set_out(R[2], true)));
    bench.log.run_until(at(400.0));
    assert_eq!(bench.failed(R[0]), [300.0], "the third region is out");
}

#[test]
fn a_promotion_stops_a_writer_that_it_reaches_again() {
    // A partition from 100 s to 160 s, while the second region is promoted from 110 s to 170 s.
    let healed = |parameters: &Parameters| {
        let mut bench = Bench::new(parameters);
        bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
        assert!(bench.promote(110.0, Promotion::Failover));
        assert_eq!(bench.write(159.0, R[0]), Ok(R[0]), "its own side still writes to it");
        bench.change(160.0, |world| assert!(world.set_cut(R[0], R[1], false)));
        bench
    };
    let mut bench = healed(&parameters());
    for region in RegionId::all(2) {
        assert_eq!(bench.write(161.0, region), Err(Cause::Promotion), "{region:?}");
    }
    bench.acknowledge([0.0, 0.0]);
    // A partition that comes back does not set it free.
    bench.change(165.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert_eq!(bench.write(166.0, R[0]), Err(Cause::Promotion));
    assert_eq!(bench.write(171.0, R[0]), Err(Cause::EndpointUpdate));
    bench.change(175.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!(bench.write(181.0, R[0]), Ok(R[1]));
    // The lag of 2 s before the cut, and 60 s of partition (rates were told at 161 s).
    assert_eq!(bench.loss(400.0), Loss { seconds: 63.0, lost: 630.0, ..Loss::default() });
    // Nothing stops a primary whose replica is promoted: it goes on until everybody was repointed, at 180 s.
    let mut bench = healed(&Parameters { fences: false, ..parameters() });
    assert_eq!((bench.write(161.0, R[0]), bench.write(161.0, R[1])), (Ok(R[0]), Ok(R[0])));
    assert_eq!((bench.write(179.0, R[0]), bench.write(181.0, R[0])), (Ok(R[0]), Ok(R[1])));
    bench.acknowledge([0.0, 10.0]);
    assert_eq!(bench.loss(400.0), Loss { seconds: 82.0, lost: 820.0, ..Loss::default() });
}

#[test]
fn a_promotion_over_a_writer_that_can_be_reached_stops_it_at_once_and_loses_its_lag() {
    let mut bench = Bench::new(&parameters());
    bench.log.call(|log, _| log.errs(R[0], true));
    assert!(bench.promote(100.0, Promotion::Failover));
    assert_eq!([R[0], R[1]].map(|region| bench.write(101.0, region)), [Err(Cause::Promotion); 2]);
    bench.acknowledge([0.0, 0.0]);
    // The copy was taken out of the log at 100 s; rates were told at 101 s.
    assert_eq!(bench.loss(400.0), Loss { seconds: 3.0, lost: 30.0, ..Loss::default() });
    // One that fails stops nothing.
    let mut bench = Bench::new(&parameters());
    bench.log.call(|log, _| log.errs(R[0], true));
    bench.log.run_until(at(100.0));
    let attempt = Attempt { how: Promotion::Failover, to: R[1], effective: false };
    assert!(bench.log.call(|log, ctx| log.promote(attempt, &bench.world, ctx)));
    assert_eq!(bench.write(101.0, R[0]), Ok(R[0]));
    assert!(bench.complete(101.0));
}

#[test]
fn a_former_writers_copy_is_readable_until_its_region_hears_of_the_new_one() {
    let mut bench = Bench::new(&parameters());
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.read(399.0, R[0]), Ok(R[0]));
    bench.change(400.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!((bench.read(401.0, R[0]), bench.read(501.0, R[0])), (Err(Cause::Dependency), Ok(R[0])));
}

#[test]
fn a_promotion_that_completes_while_its_target_is_out_counts() {
    let mut bench = Bench::new(&parameters());
    promoted(&mut bench);
    bench.change(150.0, |world| assert!(world.set_out(R[1], true)));
    bench.change(190.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.write(191.0, R[0]), Err(Cause::Decision), "the writer is in the second region, which is out");
    assert_eq!(bench.raised(|signal| signal == Signal::Promoted(R[1])), [170.0]);
    bench.change(300.0, |world| assert!(world.set_out(R[1], false)));
    assert_eq!(bench.write(300.0, R[0]), Ok(R[1]));
    assert_eq!(bench.loss(400.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
}

#[test]
fn a_writer_that_returns_to_its_first_region_is_charged_for_each_of_its_times_alone() {
    // The third copy gets nothing from 50 s on. The writer moves to the second region (120 s) and back (220 s), as planned;
    // then both regions are destroyed, and the third copy, which lacks everything from 48 s on, is all that there is.
    let mut bench = Bench::new(&three_regions());
    bench.stall(50.0, &[(R[0], R[2]), (R[1], R[2])], true);
    assert!(bench.promote_to(R[1], 100.0, Promotion::SwitchOver));
    bench.acknowledge([0.0, 0.0]);
    bench.log.run_until(at(130.0));
    bench.acknowledge([0.0, 10.0]);
    assert!(bench.promote_to(R[0], 200.0, Promotion::SwitchOver));
    bench.acknowledge([0.0, 0.0]);
    bench.log.run_until(at(230.0));
    bench.acknowledge([10.0, 0.0]);
    for region in RegionId::all(2) {
        bench.log.call(|log, _| log.destroyed(region));
        bench.change(300.0, |world| assert!(world.set_out(region, true)));
    }
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote_to(R[2], 310.0, Promotion::Failover));
    // Of the first region 48 s to 100 s and 230 s to 300 s, of the second 130 s to 200 s; each once.
    let lost = 10.0 * (52.0 + 70.0 + 70.0);
    assert_eq!(bench.loss(600.0), Loss { seconds: 252.0, lost, ..Loss::default() });
}
