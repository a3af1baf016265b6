//! Places and the paths between them: AWS regions, their round-trip times and distances.

use crate::about::About;

/// What is modelled of it.
pub const ABOUT: About = About {
    name: "Network",
    modelled: "mean round-trip time per pair of regions; paths that a partition cuts",
    not_modelled: "jitter, packet loss, path changes, bandwidth",
    sources: "cloudping.co, averages of about 2022 (documented); coordinates are those of the cities that AWS names for \
         its regions, to a tenth of a degree (assumed good enough to rank distances)",
};

/// One AWS region that the built-in tables know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The region's code.
    pub name: &'static str,
    latitude: f64,
    longitude: f64,
    round_trip_ms: [u16; 17],
}

/// The regions of the built-in table; row = from, column = to, in this order.
#[rustfmt::skip]
pub const PLACES: [Place; 17] = [
    Place { name: "us-east-1", latitude: 38.9, longitude: -77.5, round_trip_ms: [4, 13, 62, 64, 15, 70, 76, 92, 111, 186, 211, 199, 146, 174, 114, 232, 160] },
    Place { name: "us-east-2", latitude: 40.0, longitude: -83.0, round_trip_ms: [12, 4, 53, 52, 25, 79, 86, 102, 121, 197, 200, 187, 133, 161, 124, 242, 170] },
    Place { name: "us-west-1", latitude: 37.4, longitude: -121.9, round_trip_ms: [62, 50, 3, 22, 79, 128, 147, 151, 173, 227, 171, 139, 108, 128, 171, 292, 220] },
    Place { name: "us-west-2", latitude: 45.8, longitude: -119.7, round_trip_ms: [63, 51, 22, 3, 60, 119, 128, 140, 156, 217, 161, 140, 97, 120, 174, 274, 211] },
    Place { name: "ca-central-1", latitude: 45.5, longitude: -73.6, round_trip_ms: [14, 24, 79, 60, 2, 70, 78, 92, 107, 187, 210, 197, 143, 172, 125, 225, 162] },
    Place { name: "eu-west-1", latitude: 53.3, longitude: -6.3, round_trip_ms: [69, 79, 128, 119, 70, 1, 13, 27, 42, 120, 181, 256, 201, 230, 176, 158, 95] },
    Place { name: "eu-west-2", latitude: 51.5, longitude: -0.1, round_trip_ms: [76, 86, 147, 128, 78, 13, 1, 17, 32, 111, 171, 265, 210, 238, 186, 148, 87] },
    Place { name: "eu-central-1", latitude: 50.1, longitude: 8.7, round_trip_ms: [91, 102, 151, 141, 92, 26, 17, 2, 22, 110, 158, 249, 223, 223, 204, 162, 87] },
    Place { name: "eu-north-1", latitude: 59.3, longitude: 18.1, round_trip_ms: [112, 121, 175, 159, 108, 41, 33, 22, 2, 130, 178, 295, 243, 242, 215, 179, 105] },
    Place { name: "ap-south-1", latitude: 19.1, longitude: 72.9, round_trip_ms: [185, 194, 228, 218, 186, 120, 111, 110, 131, 1, 54, 145, 126, 124, 298, 162, 35] },
    Place { name: "ap-southeast-1", latitude: 1.35, longitude: 103.8, round_trip_ms: [213, 200, 172, 162, 209, 182, 171, 157, 177, 58, 4, 93, 69, 69, 322, 205, 85] },
    Place { name: "ap-southeast-2", latitude: -33.9, longitude: 151.2, round_trip_ms: [198, 187, 138, 140, 198, 256, 264, 249, 294, 146, 93, 1, 109, 141, 312, 412, 176] },
    Place { name: "ap-northeast-1", latitude: 35.7, longitude: 139.7, round_trip_ms: [146, 135, 108, 98, 144, 201, 211, 223, 243, 123, 68, 104, 4, 34, 257, 358, 161] },
    Place { name: "ap-northeast-2", latitude: 37.6, longitude: 127.0, round_trip_ms: [174, 162, 128, 118, 172, 229, 238, 223, 241, 126, 70, 142, 33, 2, 285, 385, 156] },
    Place { name: "sa-east-1", latitude: -23.5, longitude: -46.6, round_trip_ms: [113, 124, 173, 174, 125, 177, 186, 204, 215, 297, 322, 311, 256, 285, 1, 343, 273] },
    Place { name: "af-south-1", latitude: -33.9, longitude: 18.4, round_trip_ms: [231, 241, 290, 273, 224, 158, 146, 159, 176, 155, 201, 411, 353, 381, 342, 3, 143] },
    Place { name: "me-south-1", latitude: 26.1, longitude: 50.6, round_trip_ms: [160, 170, 220, 212, 163, 96, 87, 85, 105, 35, 87, 179, 162, 159, 271, 147, 1] },
];

/// The built-in place with this region code.
pub fn place(name: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.name == name)
}

/// Names of all built-in places.
pub fn place_names() -> Vec<String> {
    PLACES.iter().map(|place| place.name.to_owned()).collect()
}

impl Place {
    /// Mean round-trip time to another place, in seconds.
    pub fn round_trip(&self, to: &Place) -> f64 {
        let column = PLACES.iter().position(|place| place.name == to.name).expect("every place is in the table");
        f64::from(self.round_trip_ms[column]) / 1_000.0
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
        assert_eq!(known("us-east-1").round_trip(known("eu-west-1")), 0.070);
        assert_eq!(known("eu-west-1").round_trip(known("us-east-1")), 0.069);
        assert_eq!(known("sa-east-1").round_trip(known("ap-southeast-1")), 0.322);
    }

    #[test]
    fn dublin_is_about_465_km_from_london() {
        // Great-circle distance between the two city centres as atlases give it: 464 km.
        let distance = known("eu-west-1").distance_km(known("eu-west-2"));
        assert!((distance - 464.0).abs() < 15.0, "{distance}");
    }
}
