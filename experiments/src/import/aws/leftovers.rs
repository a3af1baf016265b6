//! What no mapper has used: each with the reason, so that nothing is left out in silence.

use crate::import::system::System;

/// Types whose region decides what the file says. Without it they cannot be imported.
const REGIONAL: [&str; 17] = [
    "aws_autoscaling_group",
    "aws_cloudwatch_metric_alarm",
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_dynamodb_table",
    "aws_dynamodb_table_replica",
    "aws_ecs_service",
    "aws_eks_cluster",
    "aws_elasticache_replication_group",
    "aws_alb",
    "aws_lambda_function",
    "aws_lb",
    "aws_memorydb_cluster",
    "aws_neptune_cluster",
    "aws_rds_cluster",
    "aws_s3_bucket_replication_configuration",
    "aws_apigatewayv2_api",
];

/// Whether a resource of this type means nothing without its region.
pub(in crate::import) fn is_relevant(kind: &str) -> bool {
    REGIONAL.contains(&kind)
}

/// Beginnings of types and why they say nothing, in the order of precedence. The second column is the same family in
/// `CloudFormation`.
const REASONS: [(&[&str], &str); 15] = [
    (
        &["aws_lb", "aws_alb", "aws_elb", "AWS::ElasticLoadBalancing"],
        "nothing that serves clients is behind it, as far as the inputs tell",
    ),
    (
        &["aws_autoscaling", "aws_appautoscaling", "AWS::AutoScaling", "AWS::ApplicationAutoScaling"],
        "what it scales is not in the file",
    ),
    (
        &["aws_launch_", "AWS::EC2::LaunchTemplate"],
        "what an instance is made of; only detailed monitoring matters, and it is off",
    ),
    (
        &["aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_neptune_cluster_instance"],
        "its cluster is not in the file",
    ),
    (
        &["aws_db_", "aws_rds_", "aws_docdb_", "aws_elasticache_", "AWS::RDS", "AWS::ElastiCache", "AWS::DocDB"],
        "a setting of a database that changes no recovery",
    ),
    (&["aws_s3", "AWS::S3"], "a bucket without replication to another region fails over nowhere"),
    (&["aws_route53_zone", "aws_route53", "AWS::Route53"], "it leads no clients by itself"),
    (
        &["aws_ecs", "aws_ecr", "AWS::ECS", "AWS::ECR", "aws_eks", "AWS::EKS"],
        "what tasks and pods are made of, and where they run",
    ),
    (
        &[
            "aws_vpc",
            "aws_subnet",
            "aws_route",
            "aws_internet",
            "aws_nat",
            "aws_eip",
            "aws_security_group",
            "aws_network",
            "aws_ec2_",
            "aws_vpn",
            "aws_dx",
            "aws_default",
            "aws_main_route",
            "aws_egress",
            "aws_flow",
            "AWS::EC2",
        ],
        "networks: a loss of a region or of a zone takes them with it",
    ),
    (
        &[
            "aws_iam",
            "AWS::IAM",
            "aws_lambda_permission",
            "AWS::Lambda::Permission",
            "aws_sns_topic_policy",
            "aws_sqs_queue_policy",
        ],
        "permissions",
    ),
    (
        &[
            "aws_kms",
            "aws_secretsmanager",
            "aws_ssm",
            "AWS::KMS",
            "AWS::SecretsManager",
            "AWS::SSM",
            "aws_acm",
            "AWS::CertificateManager",
            "aws_wafv2",
            "AWS::WAF",
        ],
        "keys, secrets, parameters and certificates: a service of `kind = \"managed\"` that others call, where requests or launches need it",
    ),
    (
        &[
            "aws_cloudwatch",
            "aws_sns",
            "aws_cloudtrail",
            "aws_config",
            "aws_xray",
            "aws_synthetics",
            "aws_chatbot",
            "AWS::Logs",
            "AWS::CloudWatch",
            "AWS::SNS",
            "AWS::Events",
            "AWS::Synthetics",
        ],
        "logs, dashboards and messages: nothing waits for them",
    ),
    (
        &["aws_lambda", "AWS::Lambda", "aws_api_gateway", "aws_apigatewayv2", "AWS::ApiGateway", "AWS::Serverless"],
        "a part of functions and gateways that changes no recovery",
    ),
    (
        &[
            "aws_fis",
            "aws_resiliencehub",
            "aws_route53recovery",
            "aws_arc",
            "aws_backup",
            "AWS::FIS",
            "AWS::ResilienceHub",
            "AWS::Route53Recovery",
            "AWS::ARC",
            "AWS::Backup",
        ],
        "it tests or watches a recovery and is no part of it",
    ),
    (
        &["aws_globalaccelerator", "aws_cloudfront", "AWS::GlobalAccelerator", "AWS::CloudFront"],
        "a part of an edge that changes no recovery",
    ),
];

pub(super) fn map(system: &mut System<'_>) {
    let all: Vec<_> = system.inventory.all().filter(|(_, it)| !it.data).map(|(id, _)| id).collect();
    for id in all {
        if system.fates.has(id) {
            continue;
        }
        let kind = system.inventory.get(id).kind.clone();
        // Records and checks of names that are not taken are told by their mappers; some have no name at all.
        let reason = REASONS
            .iter()
            .find(|(starts, _)| starts.iter().any(|start| kind.starts_with(start)))
            .map(|(_, reason)| *reason);
        let foreign = !(kind.starts_with("aws_") || kind.starts_with("awscc_") || kind.starts_with("AWS::"));
        match reason {
            Some(reason) => system.fates.left(id, reason),
            None if foreign => system.fates.left(id, "not a resource of AWS"),
            None => system.fates.left(id, "mrsim knows no part that this type would be"),
        }
    }
}
