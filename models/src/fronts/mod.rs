//! What stands between clients and the services that they enter, a file (or folder) for each service of AWS.

pub mod cloud_front;
pub mod edge;
pub mod global_accelerator;
pub mod route53;
