//! Which control plane or data plane each action of a runbook needs, and where that is: one table, [`Plane::of`].

use super::{Action, Means};
use crate::control_planes::{Editing, Part, Plane, Seat, Seats};
use crate::ids::StoreId;

/// The five regions of an ARC cluster: five redundant endpoints (documented); which regions, remembered.
const CLUSTER: [&str; 5] = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"];
/// Regions whose API turns the dials of access points (documented).
const ROUTING_API: [&str; 5] = ["us-east-1", "us-west-2", "ap-southeast-2", "ap-northeast-1", "eu-west-1"];

impl Plane {
    /// The table: the plane that an action needs. People and time need none.
    pub fn of(action: &Action, editing: Editing, stores: impl Fn(StoreId) -> &'static str) -> Option<Self> {
        let control = |service, seat| Some(Self { service, part: Part::Control, seat });
        let data = |service, seat| Some(Self { service, part: Part::Data, seat });
        let fixed = |regions, may_be_out| Seat::Fixed { regions, may_be_out };
        match action {
            // Applications are one's own, and so are what tells them where to write, what refuses requests at their edge, and
            // the pipeline that deploys them.
            Action::Approve(_)
            | Action::Wait(_)
            | Action::Repoint { .. }
            | Action::Shed { .. }
            | Action::Admit { .. }
            | Action::Rollback { .. } => None,
            Action::Promote { store, to, .. } | Action::Restore { store, to } => {
                control(stores(*store), Seat::Region(*to))
            }
            Action::Scale { to, .. } => control("EC2 Auto Scaling", Seat::Region(*to)),
            Action::ScaleStore { store, to, .. } => control(stores(*store), Seat::Region(*to)),
            // The API that starts shifts stands in each region (remembered); the shift itself is data plane.
            Action::ZonalShift { to, .. } => data("ARC zonal shift", Seat::Region(*to)),
            Action::Shift { means: Means::RecordEdit, .. } => match editing {
                Editing::Route53(partition) => control("Route 53", fixed(partition.homes(), 0)),
                Editing::Elsewhere => None,
            },
            // Remembered; turning dials needs it, failover does not.
            Action::Shift { means: Means::TrafficDial, .. } => control("Global Accelerator", fixed(&["us-west-2"], 0)),
            // A quorum of three of five (remembered).
            Action::Readmit { .. } if editing == Editing::Elsewhere => None,
            Action::Shift { means: Means::RoutingControl, .. } | Action::Readmit { .. } => {
                data("Route 53 ARC", fixed(&CLUSTER, 2))
            }
            Action::Shift { means: Means::AccessPoint, .. } => data("S3", fixed(&ROUTING_API, 4)),
        }
    }
}

impl Seats {
    /// The seats of the plane that an action needs; none where there is no action, or where it needs no plane.
    pub fn new(action: Option<&Action>, editing: Editing, regions: &[String]) -> Self {
        // Which service a store is does not change where its control plane stands.
        let Some(plane) = action.and_then(|action| Plane::of(action, editing, |_| "")) else {
            return Self::default();
        };
        let edits = matches!(action, Some(Action::Shift { means: Means::RecordEdit, .. }));
        Self::of(plane, edits, regions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;
    use crate::network::Partition;
    use crate::stores::Promotion;
    use crate::world::World;

    const EDITING: Editing = Editing::Route53(Partition::Commercial);
    const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];

    fn names() -> Vec<String> {
        REGIONS.map(str::to_owned).to_vec()
    }

    fn world() -> World {
        World::new(&[3; 4], &vec![vec![0.1; 4]; 4])
    }

    fn answers(action: &Action, world: &World) -> bool {
        Seats::new(Some(action), EDITING, &names()).answer(world)
    }

    fn shift(means: Means) -> Action {
        Action::Shift { means, to: R[2], share: 1.0, record: None }
    }

    #[test]
    fn the_table_reads_aloud() {
        let words = |action: &Action| {
            Plane::of(action, EDITING, |_| "RDS").map(|plane| plane.words(|region| REGIONS[region.index()]))
        };
        let promote = Action::Promote { how: Promotion::Failover, store: StoreId::new(0), to: R[2] };
        for (action, expected) in [
            (promote, "RDS's control plane in eu-west-1"),
            (Action::Scale { desired: 3, to: R[2], service: None }, "EC2 Auto Scaling's control plane in eu-west-1"),
            (shift(Means::RecordEdit), "Route 53's control plane in us-east-1"),
            (shift(Means::TrafficDial), "Global Accelerator's control plane in us-west-2"),
            (shift(Means::RoutingControl), "Route 53 ARC's data plane, 3 of its 5 regions"),
            (Action::Readmit { region: R[2], record: None }, "Route 53 ARC's data plane, 3 of its 5 regions"),
            (shift(Means::AccessPoint), "S3's data plane, 1 of its 5 regions"),
        ] {
            assert_eq!(words(&action).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_control_plane_goes_with_its_region_or_by_itself_and_a_data_plane_does_not() {
        let mut world = world();
        world.set_control_out(R[0], true);
        assert!(!answers(&shift(Means::RecordEdit), &world) && answers(&shift(Means::RoutingControl), &world));
        assert!(answers(&shift(Means::TrafficDial), &world), "that is elsewhere");
        world.set_control_out(R[0], false);
        world.set_out(R[0], true);
        assert!(!answers(&shift(Means::RecordEdit), &world));
        assert!(answers(&Action::Scale { desired: 3, to: R[2], service: None }, &world));
        world.set_control_out(R[2], true);
        assert!(!answers(&Action::Scale { desired: 3, to: R[2], service: None }, &world));
    }

    /// An outage that an action waits for is one that it waits for: the two say the same of every action and region.
    #[test]
    fn an_action_waits_for_control_planes_that_it_does_not_get_past() {
        let promote = Action::Promote { how: Promotion::Failover, store: StoreId::new(0), to: R[2] };
        for action in [promote, shift(Means::RecordEdit), shift(Means::RoutingControl), shift(Means::TrafficDial)] {
            for region in R {
                let mut world = world();
                world.set_control_out(region, true);
                let mut waits = !answers(&action, &world);
                // Once edits are redirected they wait where they are redirected to, if the first place is out as well.
                world.redirect_edits(true);
                world.set_control_out(R[0], true);
                waits |= !answers(&action, &world) && region == R[1];
                let seats = Seats::new(Some(&action), EDITING, &names());
                assert_eq!(seats.waits_for_control_in(region), waits, "{action:?} {region:?}");
            }
        }
    }

    #[test]
    fn records_elsewhere_are_edited_whatever_becomes_of_aws_and_each_partition_has_a_home_of_its_own() {
        let seats = |editing, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let mut world = World::new(&vec![3; names.len()], &vec![vec![0.1; names.len()]; names.len()]);
            world.set_out(R[0], true);
            Seats::new(Some(&shift(Means::RecordEdit)), editing, &names).answer(&world)
        };
        assert!(!seats(EDITING, &REGIONS) && seats(Editing::Elsewhere, &REGIONS));
        let gov = ["us-gov-west-1", "us-gov-east-1"];
        assert!(!seats(Editing::Route53(Partition::GovCloud), &gov));
        assert!(seats(Editing::Route53(Partition::GovCloud), &[gov[1], gov[0]]));
    }

    #[test]
    fn a_cluster_survives_two_regions_and_the_routing_api_four() {
        let mut world = world();
        for (region, cluster) in [(R[0], true), (R[1], true), (R[2], false), (R[3], false)] {
            world.set_out(region, true);
            assert_eq!(answers(&shift(Means::RoutingControl), &world), cluster, "{region:?}");
            assert!(answers(&shift(Means::AccessPoint), &world), "the fifth is not one of the deployment's");
        }
    }

    #[test]
    fn redirected_edits_need_the_region_that_they_are_redirected_to() {
        let mut world = world();
        world.set_out(R[0], true);
        world.redirect_edits(true);
        assert!(answers(&shift(Means::RecordEdit), &world));
        world.set_control_out(R[1], true);
        assert!(!answers(&shift(Means::RecordEdit), &world));
    }
}
