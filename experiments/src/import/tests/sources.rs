//! Templates and drafts: what can be worked out of them, and what is asked.

use super::{must_say, with};
use crate::import::Input;

/// Terraform's names for what a template says: the two say the same.
#[test]
fn a_template_for_each_of_two_regions() {
    const TEMPLATE: &str = "\
Parameters:
  Size: { Type: Number, Default: 4 }
  Primary: { Type: String, Default: us-east-1 }
Conditions:
  IsPrimary: !Equals [!Ref AWS::Region, !Ref Primary]
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '2'
      DesiredCapacity: !Ref Size
      MaxSize: '8'
      HealthCheckType: ELB
      TargetGroupARNs: [!Ref Targets]
      AvailabilityZones: [!Sub '${AWS::Region}a', !Sub '${AWS::Region}b']
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { HealthCheckIntervalSeconds: 15 }
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: { LoadBalancerArn: !Ref Balancer, DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }] }
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      Name: www.test.
      Type: A
      SetIdentifier: !Ref AWS::Region
      Failover: !If [IsPrimary, PRIMARY, SECONDARY]
      AliasTarget: { DNSName: !GetAtt Balancer.DNSName, EvaluateTargetHealth: true, HostedZoneId: !GetAtt Balancer.CanonicalHostedZoneID }
  Table:
    Type: AWS::DynamoDB::GlobalTable
    Condition: IsPrimary
    Properties: { TableName: carts, Replicas: [{ Region: us-east-1 }, { Region: us-west-2 }] }
";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.yaml");
    std::fs::write(&path, TEMPLATE).expect("written");
    let stack = |region: &str| Input::Stack { region: region.to_owned(), path: path.clone() };
    let imported = with(&[stack("us-east-1"), stack("us-west-2")], &[], &|_| None).expect("imports");
    must_say(
        &imported,
        &[
            "policy = \"failover\"",
            "primary = \"us-east-1\"   # app@us-east-1/Record",
            "secondary = \"us-west-2\"",
            "evaluate-target-health = true",
            "instances = { min = 2, desired = 4, max = 8 }",
            "target-health-check = { interval = \"15s\" }",
            "regions = [\"us-east-1\", \"us-west-2\"]   # app@us-east-1/Table",
        ],
    );
    let trouble = with(&[Input::Path(path.clone())], &[], &|_| None).expect_err("no region");
    assert!(trouble.hint.expect("advice").contains("--stack"));
}

/// What a draft works out: defaults, values of a file, `count` and `for_each`, blocks that are made, modules with providers of
/// their own; and what it does not know, it asks.
#[test]
fn a_draft_works_out_what_the_source_tells() {
    const ROOT: &str = r#"
variable "home" { default = "us-east-1" }
variable "copies" {}
variable "size" { default = 4 }
locals {
  names = { for region in var.copies : replace(region, "-", "_") => region }
  title = "shop-${lower("PROD")}"
}
provider "aws" { region = var.home }
provider "aws" {
  alias  = "dr"
  region = "us-west-2"
}
module "app" {
  source    = "./app"
  for_each  = { big = var.size * 2, small = var.size }
  size      = each.value
  name      = "${local.title}-${each.key}"
  providers = { aws = aws, aws.other = aws.dr }
}
resource "aws_dynamodb_table" "carts" {
  name = local.title
  dynamic "replica" {
    for_each = local.names
    content { region_name = replica.value }
  }
}
resource "aws_dynamodb_table" "unknown" {
  name = "unknown"
  dynamic "replica" {
    for_each = data.external.regions.result
    content { region_name = replica.value }
  }
}
module "elsewhere" { source = "terraform-aws-modules/vpc/aws" }
"#;
    const APP: &str = r#"
variable "size" {}
variable "name" {}
resource "aws_autoscaling_group" "g" {
  count            = var.name == "shop-prod-big" ? 1 : 0
  name             = var.name
  min_size         = 1
  desired_capacity = min(var.size, 6)
  max_size         = var.size
}
resource "aws_dynamodb_table" "own" {
  provider = aws.other
  count    = var.size > 4 ? 1 : 0
  name     = "${var.name}-own"
}
"#;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("app")).expect("made");
    for (name, text) in [("main.tf", ROOT), ("app/main.tf", APP), ("terraform.tfvars", "copies = [\"us-east-2\"]\n")] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let imported = with(&[Input::Source(folder.path().to_owned())], &[], &|_| None).expect("imports");
    must_say(
        &imported,
        &[
            // 4 x 2 = 8 at most, and 6 of them at first.
            "instances = { min = 1, desired = 6, max = 8 }   # module.app[\"big\"].aws_autoscaling_group.g[0]",
            "regions = [\"us-east-1\", \"us-east-2\"]   # aws_dynamodb_table.carts",
            "regions = [\"us-west-2\"]   # module.app[\"big\"].aws_dynamodb_table.own[0]",
            "regions = [\"us-east-1\"]   # QUESTION",
            "[stores.shop-prod]",
        ],
    );
    assert_eq!(imported.rows.len(), 4, "{:?}", imported.rows);
    assert!(imported.remarks.iter().any(|remark| remark.contains("module elsewhere comes from elsewhere")));
    std::fs::write(folder.path().join("main.tf"), "resource \"a\" {").expect("written");
    let trouble = with(&[Input::Source(folder.path().to_owned())], &[], &|_| None).expect_err("cut");
    assert!(trouble.message.contains("main.tf:1:"), "{trouble}");
}
