//! The service that runs the application in a region, as the file describes it.
//!
//! A kind of compute is a service with a file of its own, a variant here, and one in the deployment, where the services
//! at work meet the others.

use sim_settings::form::{OneOf, Words};
use sim_settings::{Key, Keys as _, Listing, Section, Word, keys};

use crate::about::About;
use crate::aws::{auto_scaling, lambda};

keys! {
    /// The keys of `[compute]`; the others go with the kind.
    pub(crate) struct ComputeKeys {
        const KIND: Key<OneOf<Kind>> = Key::required("kind", "the service that runs the application");
    }
}

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

/// The kinds of compute, and how each is read.
enum Kind {}

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
            "lambda",
            |section| Parameters::Lambda(lambda::Parameters::read(section)),
            "a Lambda function",
        )
        .with(&[Listing::Keys(lambda::FunctionKeys::KEYS)]),
    ];
}

impl Parameters {
    /// The descriptions of the services that run applications.
    pub const ABOUT: &[&About] = &[&auto_scaling::ABOUT, &lambda::ABOUT];

    /// The description of the service.
    pub const fn about(&self) -> &'static About {
        match self {
            Self::AutoScaling(_) => &auto_scaling::ABOUT,
            Self::Lambda(_) => &lambda::ABOUT,
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
