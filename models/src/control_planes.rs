//! Control planes and data planes, where they stand, and whether they do what they are asked. Which of them an action of a runbook
//! needs is a table of the runbooks, [`Plane::of`].
//!
//! A control plane changes resources and stands in one region. A data plane does the service's work, and its parts
//! stand in several. Running resources go on without their control plane; changes wait for it.

use crate::about::About;
use crate::ids::RegionId;
use crate::network::Partition;
use crate::world::World;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Control planes",
    modelled: "a region's control planes go with the region, or by themselves; actions wait for the plane that they need; \
         planes of which some seats are enough; record edits that are redirected to us-west-2 (accelerated recovery)",
    not_modelled: "control planes that answer a share of calls, and limits on their calls",
    sources: "guides of AWS (Route 53, ARC, access points, control planes of global services): documented unless a row of \
         the table says otherwise",
};

/// Where edits of DNS records are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editing {
    /// With Route 53, whose control plane stands in the home region of a partition.
    Route53(Partition),
    /// With somebody else: no control plane of AWS is needed.
    Elsewhere,
}

impl Editing {
    /// Whether routing controls can lead away from an answer: they are health checks of Route 53 and, of all partitions, a
    /// service of the commercial one.
    pub const fn has_routing_controls(self) -> bool {
        matches!(self, Self::Route53(Partition::Commercial))
    }

    /// The region whose control plane takes edits, if that is one of AWS.
    pub const fn region(self) -> Option<&'static str> {
        match self {
            Self::Route53(partition) => Some(partition.home()),
            Self::Elsewhere => None,
        }
    }
}

/// Which part of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The part that changes resources.
    Control,
    /// The part that does the service's work.
    Data,
}

/// Where a plane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// In the region of the deployment that the action is about.
    Region(RegionId),
    /// In these regions, wherever the deployment is; so many of them may be out.
    Fixed {
        /// Their codes.
        regions: &'static [&'static str],
        /// How many may be out.
        may_be_out: usize,
    },
}

/// A part of a service that an action speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plane {
    /// The service.
    pub service: &'static str,
    /// Which part of it.
    pub part: Part,
    /// Where that is.
    pub seat: Seat,
}

/// Where records of the commercial partition are edited.
pub const RECORDS: &str = Partition::Commercial.home();
/// Where they are edited once edits are redirected.
pub const RECORDS_REDIRECTED: &str = "us-west-2";
impl Plane {
    /// The plane in words; `name` names the regions of the deployment.
    pub fn words<'a>(&self, name: impl Fn(RegionId) -> &'a str) -> String {
        let Self { service, part, seat } = self;
        let part = match part {
            Part::Control => "control plane",
            Part::Data => "data plane",
        };
        match *seat {
            Seat::Region(region) => format!("{service}'s {part} in {}", name(region)),
            Seat::Fixed { regions: [only], .. } => format!("{service}'s {part} in {only}"),
            Seat::Fixed { regions, may_be_out } => {
                format!("{service}'s {part}, {} of its {} regions", regions.len() - may_be_out, regions.len())
            }
        }
    }
}

/// The seats of a plane among the regions of a deployment: nothing strikes the others.
#[derive(Debug, Clone, Default)]
pub struct Seats {
    regions: Vec<RegionId>,
    may_be_out: usize,
    /// Whether a region that is up is enough, whatever became of its control planes.
    data: bool,
    /// Whether it is where records are edited.
    edits: bool,
    /// Where that is redirected to, if that is one of the regions.
    redirected_to: Option<RegionId>,
}

impl Seats {
    /// The seats of a plane; `edits` says that it is where records are edited.
    pub(crate) fn of(plane: Plane, edits: bool, regions: &[String]) -> Self {
        let Plane { part, seat, .. } = plane;
        let place = |name: &str| regions.iter().position(|own| own == name).map(RegionId::new);
        let (seats, may_be_out) = match seat {
            Seat::Region(region) => (vec![region], 0),
            Seat::Fixed { regions: fixed, may_be_out } => {
                (fixed.iter().filter_map(|name| place(name)).collect(), may_be_out)
            }
        };
        Self { regions: seats, may_be_out, data: part == Part::Data, edits, redirected_to: place(RECORDS_REDIRECTED) }
    }

    /// Whether an outage of this region's control planes alone can make the action wait.
    pub fn waits_for_control_in(&self, region: RegionId) -> bool {
        !self.data && (self.regions.contains(&region) || self.edits && self.redirected_to == Some(region))
    }

    /// Whether the plane does what it is asked at this instant.
    pub fn answer(&self, world: &World) -> bool {
        let up = |&region: &RegionId| if self.data { world.up(region) } else { world.control_up(region) };
        let redirected = self.edits && world.edits_redirected() && self.redirected_to.as_ref().is_none_or(up);
        redirected || self.regions.iter().filter(|region| !up(region)).count() <= self.may_be_out
    }
}
