//! A writer that moves within its region, and those who keep the address that it had.

use super::*;

/// Applications keep an address for up to 20 s.
fn cached() -> Parameters {
    Parameters { endpoint_ttl: SimDuration::from_secs(20), ..three_regions() }
}

#[test]
fn every_region_keeps_the_former_address_for_a_time_of_its_own() {
    let mut bench = Bench::new(&cached());
    bench.zone(100.0, R[0], 0, true);
    for region in RegionId::all(3) {
        assert_eq!(bench.write(129.9, region), Err(Cause::Promotion));
    }
    for region in RegionId::all(3) {
        assert_eq!(bench.write(130.001, region), Err(Cause::EndpointUpdate));
    }
    bench.log.run_until(at(150.0));
    let mut times: Vec<f64> = Vec::new();
    for region in RegionId::all(3) {
        assert_eq!(bench.write(150.0, region), Ok(R[0]));
        times.extend(bench.raised(|signal| signal == Signal::AddressUpdated(region)));
    }
    assert!(times.iter().all(|at| (130.0..150.0).contains(at)) && times.len() == 3, "{times:?}");
    assert!(times[0] != times[1] && times[1] != times[2], "one draw for each: {times:?}");
    assert_eq!(bench.loss(200.0), Loss::default(), "nothing is lost");
    // It lives in the second zone now, and stays there.
    bench.zone(200.0, R[0], 0, false);
    bench.zone(300.0, R[0], 0, true);
    assert_eq!(bench.write(301.0, R[0]), Ok(R[0]));
    assert_eq!(bench.raised(|signal| signal == Signal::FailedOver(R[0])), [130.0]);
}

#[test]
fn a_proxy_and_copies_that_forward_wait_for_no_address() {
    let mut bench = Bench::new(&Parameters { proxy: true, ..cached() });
    bench.zone(100.0, R[0], 0, true);
    assert_eq!([R[0], R[1], R[2]].map(|region| bench.write(130.001, region)), [Ok(R[0]); 3]);
    let mut bench = Bench::new(&Parameters { forwards_writes: true, ..cached() });
    bench.zone(100.0, R[0], 0, true);
    let own = Err(Cause::EndpointUpdate);
    assert_eq!([R[0], R[1], R[2]].map(|region| bench.write(130.001, region)), [own, Ok(R[0]), Ok(R[0])]);
}

#[test]
fn a_second_failover_begins_before_the_first_ones_address_arrived() {
    let mut bench = Bench::new(&Parameters { endpoint_ttl: SimDuration::from_secs(3_600), ..parameters() });
    bench.zone(100.0, R[0], 0, true);
    bench.log.run_until(at(131.0));
    bench.zone(131.0, R[0], 1, true);
    assert_eq!(bench.write(160.9, R[0]), Err(Cause::Promotion));
    assert_eq!(bench.write(161.1, R[0]), Err(Cause::EndpointUpdate));
    // An hour after the second one all have followed that one; what was drawn for the first means nothing.
    bench.log.run_until(at(3_761.0));
    assert_eq!(bench.write(3_761.0, R[0]), Ok(R[0]));
    assert_eq!(bench.raised(|signal| signal == Signal::AddressUpdated(R[0])).len(), 1);
}

#[test]
fn without_readable_standbys_the_region_cannot_read_while_its_writer_moves() {
    for readable in [true, false] {
        let mut bench = Bench::new(&Parameters { standby_reads: readable, ..cached() });
        bench.zone(100.0, R[0], 0, true);
        let expected = if readable { Ok(R[0]) } else { Err(Cause::Promotion) };
        assert_eq!(
            (bench.read(129.0, R[0]), bench.read(129.0, R[1])),
            (expected, Ok(R[1])),
            "others have copies of their own"
        );
        assert_eq!(bench.read(130.1, R[0]), Ok(R[0]));
    }
    // Without a standby at all the zone has to come back.
    let alone = Parameters { standby_reads: false, in_region_failover: None, ..cached() };
    let mut bench = Bench::new(&alone);
    bench.zone(100.0, R[0], 0, true);
    assert_eq!(bench.read(200.0, R[0]), Err(Cause::Decision));
    // A region without a copy asks the nearest that answers.
    let place = Place { regions: vec![R[0], R[1]], writer: R[0], zone: Some(0) };
    let mut bench = Bench::new(&Parameters { place, ..alone });
    assert_eq!(bench.read(50.0, R[2]), Ok(R[0]));
    bench.zone(100.0, R[0], 0, true);
    assert_eq!(bench.read(200.0, R[2]), Ok(R[1]));
}

#[test]
fn a_former_writer_behind_a_partition_moves_within_its_region_as_well() {
    let mut bench = Bench::new(&Parameters { regional_endpoint: true, ..parameters() });
    bench.change(100.0, |world| assert!(world.set_cut(R[0], R[1], true)));
    assert!(bench.promote(110.0, Promotion::Failover));
    assert_eq!(bench.write(200.0, R[0]), Ok(R[0]));
    bench.zone(300.0, R[0], 0, true);
    assert_eq!(bench.write(329.0, R[0]), Err(Cause::Promotion));
    assert_eq!((bench.write(331.0, R[0]), bench.write(331.0, R[1])), (Ok(R[0]), Ok(R[1])));
}
