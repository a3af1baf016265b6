//! What stands before the members of a service in a region, a file (or folder) for each service of AWS.

pub mod api_gateway;
pub mod load_balancer;
