//! Hints for prices, as comments: figures of somebody else, with their date and source, to be confirmed by the reader.

/// The comments that `mrsim init --prices` adds.
pub const PRICES: &str = r"
# PRICES, for the cost of a month and of an incident. mrsim ships none: these are hints, in USD for us-east-1 unless
# noted, quotients of sums in the test files of Infracost (Apache-2.0, commit 95ba4f49, files of July to November 2024),
# rounded. Confirm each on the price pages of AWS, then delete the first two characters of its line. Without a price a
# sum is told as `at least`. Not in any of them: reserved prices, discounts, and people.
#
# [prices]
# currency = 'USD'
# instance-hour = 0.0832             # t3.large; t3.medium 0.0416
# task-hour = 0.049                  # Fargate, 1 vCPU at 0.0405 and 2 GB at 0.0044
# function-second = 0.0000083        # 0.5 GB at 0.0000167 a GB-second
# provisioned-second = 0.0000021     # 0.5 GB; not of that source, and not checked
# load-balancer-hour = 0.0225        # ALB, without its capacity units
# gateway-request = 0.000001         # HTTP API; not of that source, and not checked
# accelerator-hour = 0.025           # Global Accelerator, without 0.015 a GB
# health-check-month = 0.50          # of an AWS endpoint, with the 30 s interval; 1 more for the fast one
# alarm-month = 0.10                 # high resolution 0.30
# routing-controls-hour = 2.50       # a cluster; not of that source, and not checked
# database-hour = 0.29               # Aurora db.r4.large
# cache-hour = 0.206                 # cache.r6g.large; not of that source, and not checked
# table-read = 0.000000125           # DynamoDB on demand, 0.125 a million
# table-write = 0.000000625          # 0.625 a million
# replicated-write = 0.000000625     # us-east-2; us-west-1 0.000000697
# distributed-access = 0.000004      # Aurora DSQL, half a unit; not of that source, and not checked
# message = 0.0000012                # SQS standard, three requests; not of that source, and not checked
# replicated-object = 0.000005       # a PUT; not of that source, and not checked
# transfer-gb = 0.02                 # between regions; us-east-1 to us-east-2 0.01
# storage-gb-month = 0.10            # Aurora; DynamoDB 0.25, S3 0.023
# backup-gb-month = 0.021            # Aurora; not of that source, and not checked
# failed-request = 0.05              # yours: what a failed request costs you
# down-minute = 100                  # yours: what a minute costs you in which a journey is down
# lost-write = 20                    # yours: what a lost write costs you
#
# [sizes]
# bytes-per-write = 1024
# stored-gb = 100
# database-instances = 2
# cache-nodes = 2
";
