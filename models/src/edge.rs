//! What stands between clients and the regions' endpoints, if anything does.

use sim_core::settings::{Key, Section};

use crate::aws::global_accelerator;
use crate::clients;

const EDGE: Key = Key::optional("edge", "what stands between clients and the regions; without it DNS leads them there");
const KIND: Key = Key::required("kind", "the service at the edge");

/// The services at the edge.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    /// Leads clients to regions, in place of DNS.
    pub accelerator: Option<global_accelerator::Parameters>,
}

/// What the edge refers to.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Names of the regions.
    pub regions: &'a [String],
    /// Round-trip times: row = population, column = region.
    pub round_trips: &'a [Vec<f64>],
}

#[derive(Clone, Copy)]
enum Kind {
    GlobalAccelerator,
}

impl Edge {
    /// Reads `[edge]`.
    pub fn read(root: &mut Section<'_>, around: Surroundings<'_>) -> Self {
        let mut edge = Self::default();
        let Some(mut section) = root.section(&EDGE) else { return edge };
        match section.choice(&KIND, &[("global-accelerator", Kind::GlobalAccelerator)]) {
            Kind::GlobalAccelerator => {
                let Surroundings { regions, round_trips } = around;
                edge.accelerator = Some(global_accelerator::Parameters::read(&mut section, regions, round_trips));
            }
        }
        edge
    }

    /// Whether clients find the regions without Route 53, so that `[dns]` may be missing and means nothing.
    pub const fn replaces_dns(&self) -> bool {
        self.accelerator.is_some()
    }

    /// A population as whatever leads it to the regions sees it.
    pub fn followers(&self, clients: &clients::Parameters) -> clients::Parameters {
        if self.accelerator.is_some() { clients.without_cache() } else { clients.clone() }
    }
}
