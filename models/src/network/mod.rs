//! Places and the paths between them: regions of AWS and places of one's own, their round-trip times and distances.

mod places;

use std::sync::LazyLock;

use sim_settings::form::Listed;

pub use places::{PLACES, Partition};

use sim_settings::{KeyDefault, Mark};

use crate::about::About;
use crate::sources::{cited, pages};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Network",
    modelled: "median round-trip time per pair of regions, each direction by itself; data centres of one's own and other clouds, \
         by their coordinates; round trips that the file gives; paths that a partition cuts",
    not_modelled: "jitter, packet loss, path changes, bandwidth",
    sources: "cloudping.co, medians over the year to October 2025 for 32 regions (measured); other regions: a fit over \
         these pairs against great-circle distance, ln rtt = -2.627 + 0.848 ln km, which misses measured pairs by 24 % \
         (one standard deviation), and at least 3 ms (assumed): cables do not follow great circles, so that a fit errs \
         low more often than high",
};

/// The built-in places, as names that every file may use.
#[derive(Debug, Clone, Copy)]
pub enum Known {}

impl Listed for Known {
    fn names() -> Vec<&'static str> {
        PLACES.iter().map(|place| place.name).collect()
    }
}

/// One place: a region of AWS, or a data centre of one's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The region's code; empty outside of AWS.
    pub name: &'static str,
    /// The partition that it belongs to; none outside of AWS.
    pub partition: Option<Partition>,
    /// How many zones one account sees there.
    pub zones: usize,
    latitude: f64,
    longitude: f64,
}

/// What counts as the round trip without a measurement or a figure of one's own.
pub(crate) const ESTIMATED_ROUND_TRIP: KeyDefault = KeyDefault::Value {
    text: "exp(-2.627 + 0.848 ln km) ms, at least 3 ms",
    mark: Mark::Assumed,
    source: cited!(
        "no measurement of a region: a fit over measured pairs against distance, which errs by 24 % and more often on the \
         fast side",
        pages::CLOUDPING
    ),
};

/// Measured round trips in seconds, if there is a measurement: row = from, column = to, in the order of [`PLACES`].
static MEASURED: LazyLock<Vec<Option<f64>>> = LazyLock::new(|| {
    let mut table = vec![None; PLACES.len() * PLACES.len()];
    let lines = include_str!("round-trips-2025.csv").lines().filter(|line| !line.starts_with('#'));
    for line in lines.skip(1) {
        let mut cells = line.split(',');
        let mut place = || cells.next().and_then(index).expect("a row of the table names two regions of the list");
        let (from, to) = (place(), place());
        let milliseconds = cells.next().and_then(|cell| cell.parse::<f64>().ok());
        let milliseconds = milliseconds.expect("a row of the table ends with a number");
        table[from * PLACES.len() + to] = Some(milliseconds / 1_000.0);
    }
    table
});

/// The shortest round trip of a pair that nobody measured, in seconds.
const SHORTEST: f64 = 0.003;

fn index(name: &str) -> Option<usize> {
    PLACES.iter().position(|place| place.name == name)
}

/// The built-in place with this region code.
pub fn place(name: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.name == name)
}

/// Names of all built-in places.
pub fn place_names() -> Vec<String> {
    PLACES.iter().map(|place| place.name.to_owned()).collect()
}

impl Place {
    /// A place that is no region of AWS, by its coordinates in degrees, with so many zones.
    pub const fn own(latitude: f64, longitude: f64, zones: usize) -> Self {
        Self { name: "", partition: None, zones, latitude, longitude }
    }

    /// Whether it is a region of AWS.
    pub const fn is_aws(&self) -> bool {
        self.partition.is_some()
    }

    /// Round-trip time to another place, in seconds: measured, or estimated from the distance.
    pub fn round_trip(&self, to: &Place) -> f64 {
        self.measured_round_trip(to).unwrap_or_else(|| {
            let fitted = libm::exp(-2.627 + 0.848 * libm::log(self.distance_km(to))) / 1_000.0;
            fitted.max(SHORTEST)
        })
    }

    /// Median round-trip time to another place in seconds, if somebody measured it.
    pub fn measured_round_trip(&self, to: &Place) -> Option<f64> {
        let cell = index(self.name).zip(index(to.name));
        cell.and_then(|(from, to)| MEASURED[from * PLACES.len() + to])
    }

    /// Great-circle distance in kilometres (haversine formula, mean Earth radius 6371 km).
    pub fn distance_km(&self, to: &Place) -> f64 {
        let (lat1, lat2) = (self.latitude.to_radians(), to.latitude.to_radians());
        let half = |a: f64, b: f64| {
            let s = libm::sin((b - a) / 2.0);
            s * s
        };
        let h = half(lat1, lat2)
            + libm::cos(lat1) * libm::cos(lat2) * half(self.longitude.to_radians(), to.longitude.to_radians());
        2.0 * 6_371.0 * libm::asin(libm::sqrt(h).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> &'static Place {
        place(name).expect("a built-in region")
    }

    #[test]
    fn round_trips_follow_the_published_rows() {
        for (from, to, milliseconds) in [
            ("us-east-1", "eu-west-1", 69.56),
            ("eu-west-1", "us-east-1", 69.64),
            ("us-east-1", "us-east-1", 5.35),
            ("af-south-1", "ap-south-1", 270.65),
        ] {
            assert_eq!(known(from).round_trip(known(to)), milliseconds / 1_000.0, "{from} {to}");
        }
    }

    #[test]
    fn thirty_two_regions_have_a_whole_row_and_the_others_none() {
        let without = |place: &&Place| PLACES.iter().all(|to| place.measured_round_trip(to).is_none());
        let none: Vec<&str> = PLACES.iter().filter(without).map(|place| place.name).collect();
        let expected = [
            "sa-west-1",
            "me-west-1",
            "ap-southeast-6",
            "ap-east-2",
            "us-gov-east-1",
            "us-gov-west-1",
            "cn-north-1",
            "cn-northwest-1",
            "eusc-de-east-1",
        ];
        assert_eq!(none, expected);
        let full = |place: &&Place| PLACES.iter().filter(|to| place.measured_round_trip(to).is_some()).count() == 32;
        assert_eq!(PLACES.iter().filter(full).count(), 32);
    }

    #[test]
    fn a_pair_without_a_measurement_follows_the_fit_and_is_never_below_three_milliseconds() {
        // Auckland is 2,160 km from Sydney: exp(-2.627) 2160^0.848 = 48.6 ms.
        let (from, to) = (known("ap-southeast-6"), known("ap-southeast-2"));
        assert!((from.distance_km(to) - 2_160.0).abs() < 20.0, "{}", from.distance_km(to));
        assert!((from.round_trip(to) - 0.0486).abs() < 0.0005, "{}", from.round_trip(to));
        assert_eq!(from.round_trip(from), 0.003);
        // Ohio's government region beside Ohio.
        assert_eq!(known("us-gov-east-1").round_trip(known("us-east-2")), 0.003);
    }

    #[test]
    fn the_fit_is_within_its_stated_error_of_the_measured_pairs() {
        let mut squares = Vec::new();
        for from in &PLACES {
            for to in PLACES.iter().filter(|to| to.name > from.name) {
                let Some((there, back)) = from.measured_round_trip(to).zip(to.measured_round_trip(from)) else {
                    continue;
                };
                let fitted = -2.627 + 0.848 * from.distance_km(to).ln();
                squares.push(((f64::midpoint(there, back) * 1_000.0).ln() - fitted).powi(2));
            }
        }
        assert_eq!(squares.len(), 496);
        let deviation = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
        assert!((deviation - 0.244).abs() < 0.005, "{deviation}");
    }

    #[test]
    fn a_place_of_ones_own_is_as_far_as_its_coordinates_say() {
        let (here, frankfurt) = (Place::own(50.1, 8.7, 1), known("eu-central-1"));
        assert_eq!((here.distance_km(frankfurt), here.round_trip(frankfurt)), (0.0, 0.003));
        // Vienna is 598 km from Frankfurt (great circle of the two city centres).
        let vienna = Place::own(48.2, 16.4, 2);
        assert!((vienna.distance_km(frankfurt) - 598.0).abs() < 15.0, "{}", vienna.distance_km(frankfurt));
        let expected = libm::exp(-2.627 + 0.848 * libm::log(vienna.distance_km(frankfurt))) / 1_000.0;
        assert_eq!((vienna.round_trip(frankfurt), frankfurt.round_trip(&vienna)), (expected, expected));
        assert!(!vienna.is_aws() && vienna.measured_round_trip(frankfurt).is_none());
    }

    #[test]
    fn every_region_has_at_least_two_zones() {
        assert!(PLACES.iter().all(|place| (2..=6).contains(&place.zones)));
        let zones = ["us-east-1", "us-west-1", "us-west-2", "eu-west-1"].map(|name| known(name).zones);
        assert_eq!(zones, [6, 2, 4, 3]);
    }

    #[test]
    fn dublin_is_about_465_km_from_london() {
        // Great-circle distance between the two city centres as atlases give it: 464 km.
        let distance = known("eu-west-1").distance_km(known("eu-west-2"));
        assert!((distance - 464.0).abs() < 15.0, "{distance}");
    }
}
