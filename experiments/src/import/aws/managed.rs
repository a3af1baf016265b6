//! Services that requests use and that the file has no place for yet: asked about, or left out with the reason.

use super::functions::FUNCTION;
use crate::import::system::System;

/// Kinds that are asked about, one question for all of a sort.
const ASKED: [(&[&str], &str); 6] = [
    (
        &["aws_sqs_queue", "aws_kinesis_stream", "aws_msk_cluster", "aws_mq_broker"],
        "a queue or a stream: does a request wait for it, and which service works it off? (here: left out; a store of kind `queue` says both)",
    ),
    (
        &[
            "aws_api_gateway_rest_api",
            "aws_apigatewayv2_api",
            "aws_api_gateway_domain_name",
            "aws_apigatewayv2_domain_name",
        ],
        "an API gateway: does it stand before what serves, and which `gateway = { rate, burst }` has it? (here: left out)",
    ),
    (
        &["aws_backup_plan", "aws_backup_vault"],
        "backups: which store are they of, and how long does a restore take? (here: nothing is restored)",
    ),
    (
        &[
            "aws_cloudformation_stack",
            "aws_cloudformation_stack_set",
            "AWS::CloudFormation::Stack",
            "AWS::CloudFormation::StackSet",
        ],
        "a stack of its own: give its template with --stack REGION=FILE (here: left out)",
    ),
    (
        &["aws_efs_file_system", "aws_efs_replication_configuration", "aws_fsx_lustre_file_system"],
        "a file system: do requests need it, and in which regions is it? (here: left out)",
    ),
    (
        &[
            "aws_cognito_user_pool",
            "aws_opensearch_domain",
            "aws_elasticsearch_domain",
            "aws_redshift_cluster",
            "aws_dsql_cluster",
        ],
        "a service that requests may need: do they, and is it in each region? (here: left out)",
    ),
];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    for (kinds, question) in ASKED {
        let ids = inventory.of(kinds).into_iter().filter(|id| !system.fates.has(*id)).collect::<Vec<_>>();
        system.ask_all(&ids, question);
    }
    for id in inventory.of(&FUNCTION) {
        if !system.fates.has(id) {
            system.fates.left(id, "a function that neither answers requests nor fails over, as far as the inputs tell");
        }
    }
    for id in inventory.of(&["aws_instance"]) {
        if !system.fates.has(id) {
            system.ask(id, "an instance by itself: does it serve, and what if it is lost? (here: left out)");
        }
    }
}
