//! The service that runs the application in a region, as the file describes it.
//!
//! A kind of compute is a service with a file of its own, a variant here, and one in the deployment, where the services
//! at work meet the others.

pub mod auto_scaling;
pub mod ecs;
pub mod eks;
pub mod fleet;
pub mod lambda;

use sim_core::time::SimDuration;
use sim_settings::form::Table;
use sim_settings::form::{Among, Either, Number, OneOf, Rate, Sub, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Word, keys};

use self::fleet::Scaling;
use crate::about::About;

use crate::network::{Known, PLACES, Place};
use crate::work::{Work, WorkKeys};

keys! {
    /// The keys of `[compute]`; the others go with the kind.
    struct ComputeKeys {
        const KIND: Key<OneOf<Kind>> = Key::required("kind", "the service that runs the application");
    }
}

/// The keys of `[compute]`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ComputeTable {}

impl Table for ComputeTable {
    const LAYOUT: Layout = &[Listing::Keys(ComputeKeys::KEYS), Listing::Keys(WorkKeys::KEYS)];
}

keys! {
    /// A service that its owner does not scale.
    struct ManagedKeys {
        const CARRIES: Key<Option<Rate>> = Key::optional("requests-per-second", "requests per second that it carries in each region before it sheds", "it carries everything").above(0.0);
    }
}
keys! {
    /// A service outside AWS.
    struct ExternalKeys {
        const PLACE: Key<Either<Among<Known>, Sub<PointKeys>>> = Key::required("place", "where it stands: near a region, or at a latitude and longitude").example("\"us-east-1\"");
        const EXTERNAL_CARRIES: Key<Option<Rate>> = Key::optional("requests-per-second", "requests per second that it takes from this deployment before it sheds", "it takes everything").above(0.0);
    }
}
keys! {
    /// A point on Earth.
    struct PointKeys {
        const LATITUDE: Key<Number> = Key::required("latitude", "degrees north of the equator").at_least(-90.0).at_most(90.0);
        const LONGITUDE: Key<Number> = Key::required("longitude", "degrees east of Greenwich").at_least(-180.0).at_most(180.0);
    }
}

/// The description of services without a fleet of one's own, for pages and reports.
pub const MANAGED: About = About {
    name: "Managed and external services",
    modelled: "a service of AWS that its owner does not scale, one in each of its regions: it goes with its region and fails by an \
         impairment; a third party that no fault of AWS strikes; what either carries before it sheds",
    not_modelled: "throttling by bucket without a gateway, quotas of the account",
    sources: "",
};

/// Zones of a region whose compute does not say: the examples of AWS use three (assumed).
pub const ZONES: usize = 3;

/// The compute of a region.
#[allow(clippy::large_enum_variant, reason = "one exists per region, and none is moved in a trial")]
#[derive(Debug, Clone, PartialEq)]
pub enum Parameters {
    /// Instances behind a load balancer.
    AutoScaling(auto_scaling::Parameters),
    /// Tasks of ECS.
    Ecs(ecs::Parameters),
    /// Pods of a deployment on EKS.
    Eks(eks::Parameters),
    /// A function. Lambda itself stands in several zones, and nothing has to be probed.
    Lambda(lambda::Parameters),
    /// A service of AWS that its owner does not scale.
    Managed {
        /// Requests per second that it carries in each region.
        carries: f64,
    },
    /// A service outside AWS.
    External {
        /// Requests per second that it takes.
        carries: f64,
        /// Where it stands.
        place: Place,
    },
}

/// The kinds of compute, and how each is read.
pub(crate) enum Kind {}

impl Words for Kind {
    type Means = fn(&mut Section<'_>) -> Parameters;
    const WORDS: &'static [Word<Self::Means>] = &[
        Word::<Self::Means>::new(
            "ec2-auto-scaling",
            |section| Parameters::AutoScaling(auto_scaling::Parameters::read(section)),
            "instances in an EC2 Auto Scaling group behind a load balancer",
        )
        .with(&[Listing::Keys(auto_scaling::GroupKeys::KEYS)]),
        Word::<Self::Means>::new(
            "ecs",
            |section| Parameters::Ecs(ecs::Parameters::read(section)),
            "tasks of a service of ECS, on Fargate or on instances",
        )
        .with(&[Listing::Keys(ecs::ServiceKeys::KEYS)]),
        Word::<Self::Means>::new(
            "eks",
            |section| Parameters::Eks(eks::Parameters::read(section)),
            "pods of a deployment on EKS, with their nodes",
        )
        .with(&[Listing::Keys(eks::DeploymentKeys::KEYS)]),
        Word::<Self::Means>::new(
            "lambda",
            |section| Parameters::Lambda(lambda::Parameters::read(section)),
            "a Lambda function, whose concurrency grows with the load",
        )
        .with(&[Listing::Keys(lambda::FunctionKeys::KEYS)]),
        Word::<Self::Means>::new(
            "managed",
            |section| Parameters::Managed { carries: section.get(&CARRIES).unwrap_or(f64::INFINITY) },
            "a service of AWS that its owner does not scale, such as a key or identity service, in each of its regions",
        )
        .with(&[Listing::Keys(ManagedKeys::KEYS)]),
        Word::<Self::Means>::new("external", read_external, "a service outside AWS, in one place")
            .with(&[Listing::Keys(ExternalKeys::KEYS)]),
    ];
}

fn read_external(section: &mut Section<'_>) -> Parameters {
    let place = if section.node(&PLACE).is_some_and(|node| !node.entries().is_empty()) {
        let mut point = section.section_or_default(&PLACE.other());
        Place::own(point.get(&LATITUDE), point.get(&LONGITUDE), 1)
    } else {
        PLACES[section.name_among(&PLACE.one())]
    };
    Parameters::External { place, carries: section.get(&EXTERNAL_CARRIES).unwrap_or(f64::INFINITY) }
}

/// What fleets of instances, tasks and pods have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fleet {
    /// Fewest members.
    pub min: u64,
    /// Members at the start.
    pub desired: u64,
    /// Most members.
    pub max: u64,
    /// Requests per second of one member.
    pub requests_per_second: f64,
    /// Whether it follows its load.
    pub scales: bool,
    /// Goodput lost per unit of overload.
    pub kappa: f64,
    /// Share of capacity left under any overload.
    pub goodput_floor: f64,
}

impl Parameters {
    /// The descriptions of the services that run applications.
    pub const ABOUT: &[&About] = &[&auto_scaling::ABOUT, &ecs::ABOUT, &eks::ABOUT, &lambda::ABOUT, &MANAGED];

    /// The description of the service.
    pub const fn about(&self) -> &'static About {
        match self {
            Self::AutoScaling(_) => &auto_scaling::ABOUT,
            Self::Ecs(_) => &ecs::ABOUT,
            Self::Eks(_) => &eks::ABOUT,
            Self::Lambda(_) => &lambda::ABOUT,
            Self::Managed { .. } | Self::External { .. } => &MANAGED,
        }
    }

    /// Whether it carries a known number of requests per second, whatever is asked of it, if it works like this.
    pub fn carries_a_known_rate(&self, work: &Work) -> bool {
        match self {
            Self::AutoScaling(_) | Self::Ecs(_) | Self::Eks(_) => true,
            Self::Managed { carries } => carries.min(work.admits()).is_finite(),
            Self::Lambda(_) | Self::External { .. } => false,
        }
    }

    /// Whether there is a number of requests per second that it does not carry, however long it works on each.
    pub const fn has_a_capacity(&self) -> bool {
        match self {
            Self::AutoScaling(_) | Self::Ecs(_) | Self::Eks(_) | Self::Lambda(_) => true,
            Self::Managed { carries } | Self::External { carries, .. } => carries.is_finite(),
        }
    }

    /// Reads how long it works on a request, and what waits before it.
    pub(crate) fn read_work(&self, section: &mut Section<'_>) -> Work {
        let nothing_waits = "no such line: nothing waits where all are served";
        let queueless = match self {
            Self::Lambda(_) => {
                let expected = "no such line: a function refuses what exceeds its limit";
                Some(("a queue before a function".to_owned(), expected))
            }
            _ if !self.has_a_capacity() && !Work::limits(section) => {
                Some((format!("a queue before {} of unlimited capacity", self.noun()), nothing_waits))
            }
            _ if self.fleet().is_some_and(|fleet| fleet.kappa > 0.0) => {
                let found = "a queue beside `kappa`, which says what overload does without one";
                Some((found.to_owned(), "one of the two"))
            }
            _ => None,
        };
        Work::read(section, self.duration(), queueless)
    }

    /// What it is, in a word.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::AutoScaling(_) => "instances",
            Self::Ecs(_) => "tasks",
            Self::Eks(_) => "pods",
            Self::Lambda(_) => "a function",
            Self::Managed { .. } => "a managed service",
            Self::External { .. } => "an external service",
        }
    }

    /// Reads `[compute]`.
    pub fn read(section: &mut Section<'_>) -> Self {
        section.get(&KIND)(section)
    }

    /// Number of zones that it stands in.
    pub const fn zones(&self) -> usize {
        match self {
            Self::AutoScaling(group) => group.zones,
            Self::Ecs(service) => service.zones,
            Self::Eks(deployment) => deployment.zones,
            Self::Lambda(_) | Self::Managed { .. } | Self::External { .. } => ZONES,
        }
    }

    /// What it has in common with other fleets, if it is one.
    pub const fn fleet(&self) -> Option<Fleet> {
        // Fields of the same names, whose types have nothing else in common.
        macro_rules! fleet {
            ($it:expr) => {
                Some(Fleet {
                    min: $it.min,
                    desired: $it.desired,
                    max: $it.max,
                    requests_per_second: $it.requests_per_second,
                    scales: $it.scaling.is_some(),
                    kappa: $it.kappa,
                    goodput_floor: $it.goodput_floor,
                })
            };
        }
        match self {
            Self::AutoScaling(group) => fleet!(group),
            Self::Ecs(service) => fleet!(service),
            Self::Eks(deployment) => fleet!(deployment),
            Self::Lambda(_) | Self::Managed { .. } | Self::External { .. } => None,
        }
    }

    /// The utilisation that it scales to, if it does.
    pub fn target(&self) -> Option<f64> {
        match self {
            Self::AutoScaling(group) => group.scaling.map(|scaling| scaling.target),
            Self::Ecs(service) => service.scaling.map(|scaling| scaling.target),
            Self::Eks(deployment) => deployment.scaling.map(|scaling| scaling.target),
            Self::Lambda(_) | Self::Managed { .. } | Self::External { .. } => None,
        }
    }

    /// Members that its hosts have room for when there are as many as may be, where hosts are told apart.
    pub const fn room(&self) -> Option<u64> {
        match self {
            Self::Ecs(ecs::Parameters { room: ecs::Room::Instances(pool), .. })
            | Self::Eks(eks::Parameters { nodes: pool, .. }) => Some(pool.max.saturating_mul(pool.room)),
            _ => None,
        }
    }

    /// The size that scaling brings a fleet to under a load that stays, in requests per second.
    pub fn rests_at(&self, load: f64) -> Option<u64> {
        match self {
            Self::AutoScaling(group) => Some(group.rests_at(load)),
            Self::Ecs(service) => Some(service.rests_at(load)),
            Self::Eks(deployment) => Some(deployment.rests_at(load)),
            Self::Lambda(_) | Self::Managed { .. } | Self::External { .. } => None,
        }
    }

    /// Time in which a fleet under a load that stays makes its first step to a smaller size, at most; to a larger one it is
    /// less.
    pub fn shrinks_within(&self) -> SimDuration {
        match self {
            Self::Eks(eks::Parameters { scaling: Some(scaling), .. }) => {
                scaling.stabilisation + scaling.age + scaling.period
            }
            _ => self.tracking().map_or(SimDuration::ZERO, |scaling| scaling.shrinks_within()),
        }
    }

    /// Whether it launches on Fargate.
    pub const fn is_on_fargate(&self) -> bool {
        matches!(self, Self::Ecs(ecs::Parameters { room: ecs::Room::Fargate, .. }))
    }

    /// The group of instances, if it has some.
    pub const fn group(&self) -> Option<&auto_scaling::Parameters> {
        match self {
            Self::AutoScaling(group) => Some(group),
            _ => None,
        }
    }

    /// Target tracking on metrics of `CloudWatch`, if it scales by that.
    pub const fn tracking(&self) -> Option<Scaling> {
        match self {
            Self::AutoScaling(group) => group.scaling,
            Self::Ecs(service) => service.scaling,
            Self::Eks(_) | Self::Lambda(_) | Self::Managed { .. } | Self::External { .. } => None,
        }
    }

    /// How long an invocation takes on average, of a function, in seconds.
    pub fn duration(&self) -> Option<f64> {
        self.function().map(|function| function.duration)
    }

    /// The function, if it is one.
    pub const fn function(&self) -> Option<&lambda::Parameters> {
        match self {
            Self::Lambda(function) => Some(function),
            _ => None,
        }
    }
}
