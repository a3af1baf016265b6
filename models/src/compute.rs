//! What runs the application in a region, whichever service it is, as the file describes it.
//!
//! A kind of compute is a service with a file of its own, a variant here, and one in the deployment, where the services
//! at work meet the others.

use sim_settings::{Key, Section};

use crate::about::About;
use crate::aws::{auto_scaling, lambda};

const KIND: Key = Key::required("kind", "the service that runs the application");

/// Zones of a region whose compute does not say: the examples of AWS use three (assumed).
pub const ZONES: usize = 3;

/// The compute of a region.
#[allow(clippy::large_enum_variant, reason = "one exists per region, and none is moved in a trial")]
#[derive(Debug, Clone, PartialEq)]
pub enum Parameters {
    /// Instances behind a load balancer.
    AutoScaling(auto_scaling::Parameters),
    /// A function. Lambda itself stands in several zones, and nothing has to be probed.
    Lambda(lambda::Parameters),
}

impl Parameters {
    /// What each service that runs applications says of itself.
    pub const ABOUT: &[&About] = &[&auto_scaling::ABOUT, &lambda::ABOUT];

    /// What the service says of itself.
    pub const fn about(&self) -> &'static About {
        match self {
            Self::AutoScaling(_) => &auto_scaling::ABOUT,
            Self::Lambda(_) => &lambda::ABOUT,
        }
    }

    /// Reads `[compute]`.
    pub fn read(section: &mut Section<'_>) -> Self {
        type Reader = fn(&mut Section<'_>) -> Parameters;
        let readers: [(&str, Reader); 2] = [
            ("ec2-auto-scaling", |section| Parameters::AutoScaling(auto_scaling::Parameters::read(section))),
            ("lambda", |section| Parameters::Lambda(lambda::Parameters::read(section))),
        ];
        section.choice(&KIND, &readers)(section)
    }

    /// Number of zones that it stands in.
    pub const fn zones(&self) -> usize {
        match self {
            Self::AutoScaling(group) => group.zones,
            Self::Lambda(_) => ZONES,
        }
    }

    /// The group of instances, if it has some.
    pub const fn group(&self) -> Option<&auto_scaling::Parameters> {
        match self {
            Self::AutoScaling(group) => Some(group),
            Self::Lambda(_) => None,
        }
    }

    /// The function, if it is one.
    pub const fn function(&self) -> Option<&lambda::Parameters> {
        match self {
            Self::AutoScaling(_) => None,
            Self::Lambda(function) => Some(function),
        }
    }
}
