//! AWS services, one file (or folder) each.

pub mod api_gateway;
pub mod aurora_dsql;
pub mod aurora_global;
pub mod auto_scaling;
pub mod cloud_front;
pub mod cloud_watch;
pub mod documentdb_global;
pub mod dynamodb_global;
pub mod ecs;
pub mod efs_replication;
pub mod eks;
pub mod elasticache_global;
pub mod fleet;
pub mod global_accelerator;
pub mod instance_session;
pub mod lambda;
pub mod load_balancer;
pub mod memorydb_multi_region;
pub mod queue;
pub mod rds_replica;
pub mod route53;
pub mod s3_replication;
pub mod sharded_relational;
