//! The edge between clients and the regions' endpoints: `CloudFront`, Global Accelerator, both, or none.

use sim_settings::form::{OneOf, SubOrList, Words};
use sim_settings::{Key, Keys as _, Listing, Section, Value, Word, keys};

use crate::clients;
use crate::fronts::route53::zone::Endpoints;
use crate::fronts::{cloud_front, global_accelerator};
use crate::ids::PlaceId;
use crate::journeys::Journey;

keys! {
    /// The edge of a deployment.
    pub(crate) struct EdgeKeys {
        const EDGE: Key<Option<SubOrList<KindKeys>>> = Key::optional("edge", "what stands between clients and the regions: [edge], or [[edge]] for both kinds", "DNS leads clients to the regions");
    }
}
keys! {
    /// The keys of `[edge]`; the others go with the kind.
    struct KindKeys {
        const KIND: Key<OneOf<Kinds>> = Key::required("kind", "the service at the edge");
    }
}

/// The services at the edge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edge {
    /// Answers clients, in front of everything else.
    pub cloud_front: Option<cloud_front::Parameters>,
    /// Leads to regions, in place of DNS.
    pub accelerator: Option<global_accelerator::Parameters>,
    /// Whether the file has a `[dns]` that nobody asks.
    pub idle_dns: bool,
}

/// Names that the edge refers to.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Names of the regions.
    pub regions: &'a [String],
    /// The endpoints.
    pub endpoints: &'a Endpoints,
    /// The journeys.
    pub journeys: &'a [Journey],
    /// Round-trip times: row = population, column = region.
    pub round_trips: &'a [Vec<f64>],
}

#[derive(Clone, Copy)]
enum Kind {
    CloudFront,
    GlobalAccelerator,
}

/// The words for them.
enum Kinds {}

impl Words for Kinds {
    type Means = Kind;
    const WORDS: &'static [Word<Kind>] = &[
        Word::new("cloudfront", Kind::CloudFront, "CloudFront, which answers clients in front of everything else")
            .with(&[Listing::Keys(cloud_front::DistributionKeys::KEYS)]),
        Word::new(
            "global-accelerator",
            Kind::GlobalAccelerator,
            "Global Accelerator, which leads to regions in place of DNS",
        )
        .with(&[Listing::Keys(global_accelerator::AcceleratorKeys::KEYS)]),
    ];
}

impl Edge {
    /// Reads `[edge]`, or both kinds of `[[edge]]`.
    pub fn read(root: &mut Section<'_>, around: Surroundings<'_>) -> Self {
        let Surroundings { regions, endpoints, journeys, round_trips } = around;
        let mut edge = Self::default();
        let Some(node) = root.node(&EDGE) else { return edge };
        let sections = match &node.value {
            Value::Array(kinds) => {
                let one = |(index, node)| root.element(&EDGE, node, &format!("edge.{index}"));
                kinds.iter().enumerate().map(one).collect()
            }
            _ => vec![root.element(&EDGE, node, "edge")],
        };
        for mut section in sections {
            let again = match section.get(&KIND) {
                Kind::CloudFront => {
                    let read = cloud_front::Parameters::read(&mut section, endpoints, journeys);
                    edge.cloud_front.replace(read).is_some()
                }
                Kind::GlobalAccelerator => {
                    let read = global_accelerator::Parameters::read(&mut section, regions, endpoints, round_trips);
                    edge.accelerator.replace(read).is_some()
                }
            };
            if again {
                section.reject("kind", "this kind again", "each kind once", None);
            }
        }
        edge.idle_dns = edge.accelerator.is_some() && root.has("dns");
        if edge.origin_group().is_some() && edge.accelerator.is_some() {
            let hint = "the origins of a group are the regions' own names: drop one of the two";
            root.reject("edge", "an origin group beside an accelerator", "one of them", Some(hint.to_owned()));
        }
        edge
    }

    /// The services whose endpoints are origins of a group or behind an accelerator, as far as they are written.
    pub fn origins(root: &Section<'_>) -> Vec<String> {
        let node = root.written_node(EDGE.name);
        let kinds = node.map_or(&[][..], |node| match &node.value {
            Value::Array(kinds) => kinds,
            _ => std::slice::from_ref(node),
        });
        let lists = [cloud_front::ORIGIN_GROUP.name, global_accelerator::ENDPOINTS.name];
        let written = kinds.iter().flat_map(|kind| lists.into_iter().filter_map(|list| kind.get(list)));
        let groups = written.filter_map(|list| match &list.value {
            Value::Array(origins) => Some(origins),
            _ => None,
        });
        let origins = groups.flatten().filter_map(|origin| origin.text()?.split_once('@'));
        origins.map(|(service, _)| service.to_owned()).collect()
    }

    /// First and second origin, if clients reach the regions by an origin group.
    pub fn origin_group(&self) -> Option<(PlaceId, PlaceId)> {
        self.cloud_front.as_ref().and_then(|cloud_front| cloud_front.origin_group)
    }

    /// What clients are led to without Route 53, and by what: the origins of a group, or what an accelerator ever leads to.
    pub fn led_to(&self) -> Option<(&'static str, Vec<PlaceId>)> {
        let origins = self.origin_group().map(|(first, second)| ("the origin group", vec![first, second]));
        origins.or_else(|| Some(("the accelerator", self.accelerator.as_ref()?.led_to().collect())))
    }

    /// Whether clients find the regions without Route 53, so that `[dns]` may be missing.
    pub fn works_without_dns(&self) -> bool {
        self.accelerator.is_some() || self.origin_group().is_some()
    }

    /// A population as whatever leads it to the regions sees it.
    pub fn followers(&self, clients: &clients::Parameters) -> clients::Parameters {
        let behind = self.cloud_front.as_ref().map(|_| clients.behind_edge());
        let clients = behind.as_ref().unwrap_or(clients);
        if self.works_without_dns() { clients.without_cache() } else { clients.clone() }
    }
}
