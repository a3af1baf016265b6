//! Examples at the end of `--help`, a few per command.

use crate::exit;

/// Examples of the program as a whole.
pub(super) const PROGRAM: &str = "\
Examples:
  mrsim init warm-standby                                a file to begin with
  mrsim check warm-standby.toml                          what it says, and what is assumed
  mrsim run warm-standby.toml                            the verdict
  mrsim run experiments/*.toml --out results             keep every trial, charts and reports
  mrsim compare warm-standby.toml active-active.toml     how two designs differ
  mrsim sweep warm-standby.toml --vary dns.ttl=10s,60s,300s     what another setting gives
  mrsim advise warm-standby.toml                         what to change, and what it buys
  mrsim rare warm-standby.toml --recovery-over 2h        how likely what hardly ever happens is
  mrsim trace warm-standby.toml --percentile 99          the story of a bad day
  mrsim explain dns.health-check.interval                what a key means";

pub(super) const RUN: &str = "\
Examples:
  mrsim run active-active.toml
  mrsim run active-active.toml --set dns.ttl=30s --trials 100_000
  mrsim run active-active.toml --set runbooks.promote-orders.steps.0.approve=30s
  mrsim run active-active.toml --precision 0.02          as many trials as it takes
  mrsim run active-active.toml --out results/first       keep everything; read report.html
  mrsim run active-active.toml --shard 3/16 --out parts/3      one part of many: see mrsim merge
  mrsim run experiments/*.toml --format json | jq .objectives";

pub(super) const IMPORT: &str = "\
Examples:
  mrsim import plan.json                                 writes plan.toml
  mrsim import plan.json --explain                       what became of each resource, and why
  mrsim import us.json eu.json -o shop.toml              a root for each region, one system
  mrsim import --stack us-east-1=a.yaml --stack eu-west-1=b.yaml -o shop.toml
  mrsim import cdk.out -o shop.toml
  mrsim import plan.json --region aws.west=eu-west-1 --answers answers.toml --strict
  mrsim import plan.json --policy policy.json -o shop.toml";

pub(super) const COMPARE: &str = "\
Examples:
  mrsim compare main.toml branch.toml
  mrsim compare main.toml a.toml b.toml --trials 100_000 --out comparison
  mrsim compare main.toml branch.toml --fail-if-worse rto.p99 --fail-if-worse rpo.p99
  mrsim compare main.toml branch.toml --markdown > comment.md
  mrsim compare before.plan.json after.plan.json --answers answers.toml --markdown > comment.md";

pub(super) const SWEEP: &str = "\
Examples:
  mrsim sweep time-to-live.toml                          what the [sweep] table of the file says
  mrsim sweep shop.toml --vary dns.ttl=10s,30s,60s,300s --out sweeps/ttl
  mrsim sweep shop.toml --vary dns.ttl=10s,60s --vary compute.instances.desired=4,8,12
  mrsim sweep shop.toml --vary dns.ttl=10s,60s --vary dns.policy=latency,simple --design one-at-a-time
  mrsim sweep shop.toml --vary 'dns.ttl=10s..300s' --vary 'compute.kappa=0..1' --design sobol --points 64";

pub(super) const ADVISE: &str = "\
Examples:
  mrsim advise active-active.toml
  mrsim advise active-active.toml --trials 10_000        narrower intervals
  mrsim advise active-active.toml --full                 every step over all trials
  mrsim advise active-active.toml --format markdown > advice.md
  mrsim advise active-active.toml --format json | jq '.levers[0]'";

pub(super) const SOLVE: &str = "\
Examples:
  mrsim solve shop.toml                                  what the [solve] table of the file says
  mrsim solve shop.toml --trials 50_000                  decides more designs
  mrsim solve shop.toml --out solution                   with the chart of cost and recovery time
  mrsim solve shop.toml --format json | jq '.designs[.best]'

A [solve] table:
  [solve]
  vary = { \"compute.instances.desired\" = \"6..12\", \"dns.ttl\" = [\"10s\", \"60s\"] }
  targets = [ { recovery = \"15m\", chance = 0.99 } ]";

pub(super) const RARE: &str = "\
Examples:
  mrsim rare active-active.toml --recovery-over 1h
  mrsim rare active-active.toml --recovery-over 1h --journey checkout
  mrsim rare active-active.toml --loss-over 5min --store orders
  mrsim rare active-active.toml --recovery-over 1h --trials 20_000      a narrower interval
  mrsim rare active-active.toml --recovery-over 1h --format json | jq .chance";

pub(super) const CHECK: &str = "\
Examples:
  mrsim check active-active.toml
  mrsim check experiments/*.toml
  mrsim check active-active.toml --strict                for a pipeline: exit code 3 if anything is found
  mrsim check active-active.toml --format json | jq .findings
  mrsim check active-active.toml --set dns.policy=failover --set dns.primary=us-east-1";

pub(super) const CALIBRATE: &str = "\
Examples:
  mrsim calibrate shop.toml --plan > fetch.sh            what to measure first, and the commands
  mrsim calibrate shop.toml --from calibrate.toml        what the exports say
  mrsim calibrate shop.toml --from calibrate.toml -o shop.calibrated.toml
  mrsim calibrate shop.toml --from calibrate.toml --out calibrated       with charts";

pub(super) const DRILL: &str = "\
Examples:
  mrsim drill shop.toml                                  when each step should come, and how long it should take
  mrsim drill shop.toml --out drill                      templates, plan, sheet and bands for the day
  mrsim drill shop.toml --measured drill.csv             what the drill says of the predictions
  mrsim calibrate shop.toml --from drill/calibrate.toml  the drill's times, back into the experiment";

pub(super) const TRACE: &str = "\
Examples:
  mrsim trace active-active.toml --percentile 99         a bad day: the trial at the p99
  mrsim trace active-active.toml --percentile 50         an ordinary one
  mrsim trace active-active.toml --trial 4711            row 4711 of trials.csv
  mrsim trace active-active.toml --trial 4711 --set dns.ttl=30s      the same day with another TTL";

pub(super) const MERGE: &str = "\
Examples:
  mrsim merge parts/* --out results/first                what one process would have made
  mrsim merge parts/* --format json | jq .objectives

The parts come from commands that differ in --shard and --out alone, on any machines:
  mrsim run shop.toml --shard 1/2 --out parts/1
  mrsim run shop.toml --shard 2/2 --out parts/2";

pub(super) const REPORT: &str = "\
Examples:
  mrsim report results/first                             writes results/first/report.html
  mrsim report results/first -o first.html
  mrsim report sweeps/ttl -o ttl.html                    the page of a comparison or a sweep

`mrsim run`, `compare` and `sweep` have written it already with --out DIR; this is for folders that lack it.";

pub(super) const EXPLAIN: &str = "\
Examples:
  mrsim explain dns.health-check.interval
  mrsim explain stores.orders.promotion-time             names in the path may be yours, or be left out
  mrsim explain compute                                  a table: its keys
  mrsim explain | grep lag                               all keys";

pub(super) const SCHEMA: &str = "\
Examples:
  mrsim schema > mrsim.schema.json
  mrsim schema --results > results.schema.json           of what programs read: summary.json and the like

Editors that know TOML complete and check an experiment whose first line is
  #:schema ./mrsim.schema.json";

pub(super) const INIT: &str = "\
Examples:
  mrsim init                                             writes shop-in-three-regions.toml
  mrsim init --list                                      what there is to begin with
  mrsim init pilot-light -o shop.toml
  mrsim init warm-standby -o - | less";

pub(super) const COMPLETIONS: &str = "\
Examples:
  mrsim completions bash > ~/.local/share/bash-completion/completions/mrsim
  mrsim completions zsh > ~/.zfunc/_mrsim                with fpath+=~/.zfunc before compinit
  mrsim completions fish > ~/.config/fish/completions/mrsim.fish";

pub(super) const MAN: &str = "\
Examples:
  mrsim man | man -l -                                   read the page
  mrsim man run > mrsim-run.1                            the page of a command";

/// Examples, and the exit codes of a command.
pub(super) fn with_exit_codes(examples: &str, command: &str) -> String {
    format!("{examples}\n\n{}", exit::help(command))
}
