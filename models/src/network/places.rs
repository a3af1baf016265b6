//! The regions of AWS: where they are, and which of them belong together.

use super::Place;

/// Regions that share accounts, names and global services with one another and with nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// The commercial regions.
    Commercial,
    /// AWS `GovCloud` (US).
    GovCloud,
    /// China.
    China,
    /// The AWS European Sovereign Cloud.
    Sovereign,
}

impl Partition {
    /// Its name in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commercial => "the commercial partition",
            Self::GovCloud => "GovCloud",
            Self::China => "China",
            Self::Sovereign => "the European Sovereign Cloud",
        }
    }

    /// The region that its global services are run from: where DNS records are edited and metrics of health checks are.
    /// Documented of us-east-1; of the others assumed by analogy.
    pub const fn home(self) -> &'static str {
        self.homes()[0]
    }

    /// The same as a list of one.
    pub(crate) const fn homes(self) -> &'static [&'static str] {
        match self {
            Self::Commercial => &["us-east-1"],
            Self::GovCloud => &["us-gov-west-1"],
            Self::China => &["cn-northwest-1"],
            Self::Sovereign => &["eusc-de-east-1"],
        }
    }
}

const fn at(name: &'static str, latitude: f64, longitude: f64, zones: usize) -> Place {
    apart(Partition::Commercial, name, latitude, longitude, zones)
}

const fn apart(partition: Partition, name: &'static str, latitude: f64, longitude: f64, zones: usize) -> Place {
    Place { name, partition: Some(partition), zones, latitude, longitude }
}

/// Every region of AWS. Coordinates are those of the metropolitan area that AWS names, to 50 or 100 km: AWS publishes no
/// better ones. Two regions (sa-west-1, me-west-1) are in the list of the SDK; that they are open is not known. The number
/// of zones is that which one account sees: six in us-east-1, four in us-west-2 and ap-northeast-2, two in us-west-1 (as
/// published lists have it), and three elsewhere, which is what AWS builds (assumed of the newer ones).
pub const PLACES: [Place; 41] = [
    at("us-east-1", 39.0, -77.5, 6),
    at("us-east-2", 40.0, -83.0, 3),
    at("us-west-1", 37.4, -121.9, 2),
    at("us-west-2", 45.8, -119.7, 4),
    at("ca-central-1", 45.5, -73.6, 3),
    at("ca-west-1", 51.0, -114.1, 3),
    at("mx-central-1", 20.6, -100.4, 3),
    at("sa-east-1", -23.5, -46.6, 3),
    at("sa-west-1", -33.4, -70.7, 3),
    at("eu-west-1", 53.3, -6.3, 3),
    at("eu-west-2", 51.5, -0.1, 3),
    at("eu-west-3", 48.9, 2.4, 3),
    at("eu-central-1", 50.1, 8.7, 3),
    at("eu-central-2", 47.4, 8.5, 3),
    at("eu-north-1", 59.3, 17.8, 3),
    at("eu-south-1", 45.5, 9.2, 3),
    at("eu-south-2", 41.6, -0.9, 3),
    at("il-central-1", 32.1, 34.8, 3),
    at("me-south-1", 26.1, 50.5, 3),
    at("me-central-1", 24.4, 54.5, 3),
    at("me-west-1", 24.7, 46.7, 3),
    at("af-south-1", -33.9, 18.4, 3),
    at("ap-south-1", 19.1, 72.9, 3),
    at("ap-south-2", 17.4, 78.5, 3),
    at("ap-southeast-1", 1.35, 103.8, 3),
    at("ap-southeast-2", -33.9, 151.2, 3),
    at("ap-southeast-3", -6.2, 106.8, 3),
    at("ap-southeast-4", -37.8, 145.0, 3),
    at("ap-southeast-5", 3.1, 101.7, 3),
    at("ap-southeast-6", -36.9, 174.8, 3),
    at("ap-southeast-7", 13.75, 100.5, 3),
    at("ap-east-1", 22.3, 114.2, 3),
    at("ap-east-2", 25.0, 121.5, 3),
    at("ap-northeast-1", 35.6, 139.7, 3),
    at("ap-northeast-2", 37.5, 127.0, 4),
    at("ap-northeast-3", 34.7, 135.5, 3),
    apart(Partition::GovCloud, "us-gov-east-1", 40.0, -83.0, 3),
    apart(Partition::GovCloud, "us-gov-west-1", 45.8, -119.7, 3),
    apart(Partition::China, "cn-north-1", 39.9, 116.4, 3),
    apart(Partition::China, "cn-northwest-1", 37.5, 105.2, 3),
    apart(Partition::Sovereign, "eusc-de-east-1", 52.4, 13.1, 3),
];
