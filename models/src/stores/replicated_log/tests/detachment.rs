//! Copies that become clusters of their own, and how applications come to use them.

use super::*;

/// Three regions; the first is out from 100 s on, and the second is detached from 110 s to 200 s.
fn detached() -> Bench {
    let mut bench = Bench::new(&three_regions());
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    bench.acknowledge([0.0, 0.0]);
    assert!(bench.promote(110.0, Promotion::Detach));
    bench
}

fn repoint(bench: &mut Bench, seconds: f64) {
    bench.log.run_until(at(seconds));
    bench.log.call(Service::repoint);
}

#[test]
fn no_region_writes_to_a_detached_copy_before_it_is_told() {
    let mut bench = detached();
    assert_eq!([R[1], R[2]].map(|region| bench.write(199.0, region)), [Err(Cause::Promotion); 2]);
    assert_eq!([R[1], R[2]].map(|region| bench.write(3_000.0, region)), [Err(Cause::EndpointUpdate); 2]);
    assert_eq!(bench.raised(|signal| signal == Signal::Detached(R[1])), [200.0]);
    repoint(&mut bench, 3_000.0);
    assert_eq!([R[1], R[2]].map(|region| bench.write(3_000.0, region)), [Ok(R[1]); 2]);
    assert_eq!(
        [R[1], R[2]].map(|region| bench.read(3_000.0, region)),
        [Ok(R[1]), Ok(R[2])],
        "other copies stay readable, and old"
    );
    assert!(!bench.complete(3_000.0));
    // The first region was not told. It writes to its own cluster when it is back, until somebody tells it.
    bench.change(4_000.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!([R[0], R[1], R[2]].map(|region| bench.write(4_000.0, region)), [Ok(R[0]), Ok(R[1]), Ok(R[1])]);
    repoint(&mut bench, 4_100.0);
    assert_eq!(bench.write(4_100.0, R[0]), Ok(R[1]));
    assert_eq!(bench.raised(|signal| signal == Signal::Repointed), [3_000.0, 4_100.0]);
}

#[test]
fn what_the_former_cluster_holds_alone_is_stranded_or_lost_if_it_is_destroyed() {
    let mut bench = detached();
    bench.log.run_until(at(200.0));
    // Its tail of 2 s, whether it is back or not.
    assert_eq!(bench.loss(300.0), Loss { seconds: 2.0, stranded: 20.0, ..Loss::default() });
    repoint(&mut bench, 300.0);
    bench.acknowledge([0.0, 10.0]);
    bench.change(400.0, |world| assert!(world.set_out(R[0], false)));
    bench.acknowledge([10.0, 10.0]);
    bench.log.run_until(at(450.0));
    bench.acknowledge([0.0, 10.0]);
    // From 98 s on: 2 s, and 50 s after its return.
    let stranded = Loss { seconds: 352.0, stranded: 520.0, ..Loss::default() };
    assert_eq!(bench.loss(500.0), stranded);
    bench.log.call(|log, _| log.destroyed(R[0]));
    assert_eq!(bench.loss(500.0), Loss { lost: 520.0, stranded: 0.0, ..stranded });
    bench.change(500.0, |world| assert!(world.set_out(R[0], true)));
    bench.change(600.0, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.write(600.0, R[0]), Err(Cause::EndpointUpdate), "the former cluster is gone for good");
    assert_eq!(bench.loss(700.0), Loss { lost: 520.0, stranded: 0.0, ..stranded });
}

#[test]
fn regions_that_reach_the_old_writer_keep_it_during_a_detachment_and_after_it() {
    let mut bench = Bench::new(&three_regions());
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Detach));
    assert_eq!(
        [R[0], R[1], R[2]].map(|region| bench.write(150.0, region)),
        [Ok(R[0]), Err(Cause::Promotion), Ok(R[0])]
    );
    assert_eq!(
        [R[0], R[1], R[2]].map(|region| bench.write(250.0, region)),
        [Ok(R[0]), Err(Cause::EndpointUpdate), Ok(R[0])]
    );
    // Told, the third region goes along, and the first, which does not reach the new cluster, does not.
    repoint(&mut bench, 300.0);
    assert_eq!([R[0], R[1], R[2]].map(|region| bench.write(300.0, region)), [Ok(R[0]), Ok(R[1]), Ok(R[1])]);
    // Nothing stops the old one when the partition ends.
    bench.change(400.0, |world| assert!(world.set_cut(R[0], R[1], false)));
    assert_eq!(bench.write(1_000.0, R[0]), Ok(R[0]));
    assert!(!bench.complete(1_000.0), "two clusters live on");
    assert_eq!(bench.loss(1_000.0), Loss { seconds: 902.0, stranded: 9_020.0, ..Loss::default() });
    // A region that cannot reach the cluster that it was told of is without one.
    bench.change(1_100.0, |world| assert!(world.set_cut(R[1], R[2], true)));
    assert_eq!(bench.write(1_100.0, R[2]), Err(Cause::NoPath));
}

#[test]
fn a_detached_cluster_has_no_copies_and_another_copy_can_be_detached_from_the_old_one() {
    let mut bench = detached();
    repoint(&mut bench, 200.0);
    bench.acknowledge([0.0, 10.0]);
    bench.change(300.0, |world| assert!(world.set_out(R[1], true)));
    bench.acknowledge([0.0, 0.0]);
    // All that the second cluster took from 200 s to 300 s is with it, and the first one's tail with that.
    let stranded = Loss { seconds: 100.0, stranded: 20.0 + 1_000.0, no_writer: true, ..Loss::default() };
    assert_eq!(bench.loss(310.0), stranded);
    assert!(bench.promote_to(R[2], 310.0, Promotion::Failover));
    bench.log.run_until(at(371.0));
    assert_eq!(bench.failed(R[2]), [370.0], "no copy of its own is there");
    assert!(bench.promote_to(R[2], 400.0, Promotion::Detach));
    repoint(&mut bench, 491.0);
    assert_eq!(bench.write(491.0, R[2]), Ok(R[2]));
    // The third copy lacks what the first took from 98 s on as well, and all that the second took.
    assert_eq!(bench.loss(600.0), Loss { seconds: 202.0, stranded: 20.0 + 1_000.0, ..Loss::default() });
}

#[test]
fn a_bounded_writer_goes_on_once_its_last_copy_is_a_cluster_of_its_own() {
    let mut bench = Bench::new(&Parameters { rpo_bound: Some(20.0), ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Detach));
    assert_eq!(bench.write(118.1, R[0]), Err(Cause::Dependency));
    assert_eq!(bench.write(201.0, R[0]), Ok(R[0]), "no copy is left to wait for");
}

#[test]
fn applications_are_told_of_nothing_that_was_not_detached() {
    let mut bench = Bench::new(&parameters());
    repoint(&mut bench, 50.0);
    bench.change(100.0, |world| assert!(world.set_out(R[0], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    repoint(&mut bench, 175.0);
    assert_eq!(bench.write(176.0, R[1]), Err(Cause::EndpointUpdate), "the name follows by itself, 10 s later");
    assert!(bench.raised(|signal| signal == Signal::Repointed).is_empty());
}
