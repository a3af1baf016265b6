//! Where figures of AWS come from: the pages that sources of defaults name, each in one place.
//!
//! A default that is documented or measured, or that is assumed because its page says too little, names its page; what
//! has no page says "no published figure". [`cited!`] joins words and page to the one text that reports print.

/// The pages. Each statement was read on its page or in the public copy of the guide.
pub(crate) mod pages {
    pub(crate) const ACCELERATOR_FAILOVER: &str = "https://intro-to-global-accelerator.workshop.aws/en/failover.html";
    pub(crate) const ACCELERATOR_GROUPS: &str =
        "https://docs.aws.amazon.com/global-accelerator/latest/api/API_CreateEndpointGroup.html";
    pub(crate) const AURORA_AVAILABILITY: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html";
    pub(crate) const AURORA_ENDPOINTS: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-connecting.html";
    pub(crate) const AURORA_FAILOVER: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html";
    pub(crate) const AURORA_FORWARDING: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-write-forwarding.html";
    pub(crate) const AURORA_GLOBAL: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html";
    pub(crate) const BALANCER_METRICS: &str =
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html";
    pub(crate) const CLOUDPING: &str = "https://www.cloudping.co";
    pub(crate) const CLOUDFRONT_DISTRIBUTION: &str =
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-values-specify.html";
    pub(crate) const CLOUDFRONT_ERRORS: &str =
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html";
    pub(crate) const CLOUDWATCH_ALARMS: &str =
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html";
    pub(crate) const CLOUDWATCH_CONCEPTS: &str =
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html";
    pub(crate) const CLOUDWATCH_PUBLISHING: &str =
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html";
    pub(crate) const CLUSTER_AUTOSCALER: &str =
        "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md";
    pub(crate) const DOCUMENTDB_FAILOVER: &str =
        "https://docs.aws.amazon.com/goto/WebAPI/docdb-2014-10-31/FailoverGlobalCluster";
    pub(crate) const DSQL_RESILIENCE: &str =
        "https://docs.aws.amazon.com/aurora-dsql/latest/userguide/disaster-recovery-resiliency.html";
    pub(crate) const DYNAMODB_BACKUP: &str =
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CreateBackup.html";
    pub(crate) const DYNAMODB_GLOBAL: &str =
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html";
    pub(crate) const EC2_LAUNCH: &str =
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html";
    pub(crate) const EC2_THROTTLE: &str = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html";
    pub(crate) const ECS_CAPACITY_PROVIDER: &str =
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html";
    pub(crate) const ECS_CONTAINER_CHECK: &str =
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html";
    pub(crate) const ECS_REPLACEMENT: &str =
        "https://docs.aws.amazon.com/AmazonECS/latest/userguide/deployment-type-ecs.html";
    pub(crate) const ECS_SCALING: &str =
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html";
    pub(crate) const ECS_THROTTLE: &str =
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html";
    pub(crate) const EKS_DISRUPTION: &str =
        "https://docs.aws.amazon.com/eks/latest/best-practices/hybrid-nodes-kubernetes-pod-failover.html";
    pub(crate) const EFS_REPLICATION: &str = "https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html";
    pub(crate) const ELASTICACHE_FAILOVER: &str =
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html";
    pub(crate) const ELASTICACHE_GLOBAL: &str =
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Console.html";
    pub(crate) const ELASTICACHE_WORKSHOP: &str =
        "https://disaster-recovery.workshop.aws/en/services/databases/elasticache/global-datastore.html";
    pub(crate) const FARGATE_PULL: &str = "https://elasticscale.com/blog/reduce-aws-fargate-pull-times-with-soci";
    pub(crate) const FARGATE_THROTTLE: &str = "https://docs.aws.amazon.com/AmazonECS/latest/userguide/throttling.html";
    pub(crate) const KARPENTER_SETTINGS: &str = "https://karpenter.sh/docs/reference/settings/";
    pub(crate) const KUBERNETES_HPA: &str =
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/";
    pub(crate) const KUBERNETES_PROBES: &str =
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/";
    pub(crate) const KUBERNETES_TAINTS: &str =
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/";
    pub(crate) const LAMBDA_COLD_STARTS: &str =
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html";
    pub(crate) const LAMBDA_PROVISIONED: &str =
        "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html";
    pub(crate) const LAMBDA_QUOTA: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-scaling.html";
    pub(crate) const LAMBDA_SCALING: &str = "https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html";
    pub(crate) const METRICS_SERVER: &str = "https://github.com/kubernetes-sigs/metrics-server/blob/master/FAQ.md";
    pub(crate) const NETWORK_CHECKS: &str =
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html";
    pub(crate) const MEMORYDB_REGIONS: &str = "https://docs.aws.amazon.com/memorydb/latest/devguide/multi-region.html";
    pub(crate) const RDS_MULTI_AZ: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html";
    pub(crate) const RDS_REPLICAS: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html";
    pub(crate) const RDS_SNAPSHOT_COPY: &str =
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CopySnapshot.html";
    pub(crate) const ROUTE53_ALIAS: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html";
    pub(crate) const ROUTE53_CHECK_API: &str =
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html";
    pub(crate) const ROUTE53_CHECK_VALUES: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html";
    pub(crate) const ROUTE53_CHOOSES: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html";
    pub(crate) const ROUTE53_EDITS: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-creating.html";
    pub(crate) const ROUTE53_PROBLEMS: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html";
    pub(crate) const ROUTE53_RECOVERY: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html";
    pub(crate) const ROUTE53_SOA: &str = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html";
    pub(crate) const ROUTE53_TARGET_HEALTH: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html";
    pub(crate) const ROUTE53_METRICS: &str =
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html";
    pub(crate) const S3_FAILOVER: &str =
        "https://aws.amazon.com/blogs/aws/new-failover-controls-for-amazon-s3-multi-region-access-points/";
    pub(crate) const S3_PERFORMANCE: &str =
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html";
    pub(crate) const S3_TIME_CONTROL: &str =
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html";
    pub(crate) const SDK_RETRIES: &str = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html";
    pub(crate) const SCALING_CHECKS: &str =
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html";
    pub(crate) const SCALING_METRICS: &str =
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/enable-as-instance-metrics.html";
    pub(crate) const SCALING_WARM_POOLS: &str =
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html";
    pub(crate) const SCALING_WARM_UP: &str =
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html";
    pub(crate) const STATIC_STABILITY: &str = "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html";
    pub(crate) const TARGET_CHECKS: &str =
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html";
    pub(crate) const TTL_STUDY: &str = "https://ttl-violation-study.github.io";
}

/// Words and the page that has them, as one text: `the default of the API, https://..`.
macro_rules! cited {
    ($words:expr, $page:expr) => {{
        const LENGTH: usize = $words.len() + ", ".len() + $page.len();
        const BYTES: [u8; LENGTH] = $crate::sources::joined::<LENGTH>($words, $page);
        const TEXT: &str = match ::core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("two texts with a comma between them are a text"),
        };
        TEXT
    }};
}
pub(crate) use cited;

/// `words`, a comma and `page`, which are `LENGTH` bytes together.
pub(crate) const fn joined<const LENGTH: usize>(words: &str, page: &str) -> [u8; LENGTH] {
    let parts = [words.as_bytes(), b", ", page.as_bytes()];
    let mut bytes = [0; LENGTH];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            bytes[at] = parts[part][index];
            at += 1;
            index += 1;
        }
        part += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn words_and_page_read_as_one_text() {
        assert_eq!(
            cited!("HealthCheckIntervalSeconds", pages::TARGET_CHECKS),
            format!("HealthCheckIntervalSeconds, {}", pages::TARGET_CHECKS)
        );
    }
}
