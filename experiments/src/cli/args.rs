//! The arguments, their help and their limits.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::answer::Answer;
use super::help;
use super::import::{HintArguments, ImportArguments};
use super::init::InitArguments;
use super::limits::{Limits, size};
use super::manual::{CompletionsArguments, ManArguments};
use super::report::ReportArguments;
use super::values::{index, number, percentile, precision, seconds, seed, sets, setting, starts, threads, trials};
use crate::compare::Figure;
use crate::run::{DEFAULT_MAX_TRIALS, LOOK_EVERY, Overrides};
use crate::shard::Asked;
use crate::units::whole;
use crate::variation::{Axis, Design};

/// Simulates failovers of multi-region AWS deployments.
///
/// An experiment file describes a deployment, the faults to fear and the objectives. `run` plays it thousands of times
/// and reports the distribution of recovery time and data loss against the objectives, and where the time went. No AWS
/// account is needed and nothing is deployed.
#[derive(Debug, Parser)]
#[command(name = "mrsim", version, after_help = help::with_exit_codes(help::PROGRAM, ""), max_term_width = 80)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write an experiment file to begin with.
    Init(InitArguments),
    /// Write an experiment file from the code of your infrastructure.
    ///
    /// Reads plans and states of Terraform and `OpenTofu`, templates of `CloudFormation` and assemblies of the CDK. Every
    /// resource is used, asked about or left out with a reason. What no such input says stands in the file as a guess
    /// beside a QUESTION; `check` and `run` count those that are open.
    Import(ImportArguments),
    /// Run experiments and report recovery time and data loss.
    Run(RunArguments),
    /// Compare experiments under common random numbers, each against the first.
    ///
    /// All candidates run the same trials under one seed: the outage at the same second, the same people with the same
    /// hesitation. Every difference is taken trial by trial, and its 95 % interval is far narrower than those of the
    /// candidates by themselves. The comparison covers the quantiles of the objectives of any of the files (p50 and p99
    /// of recovery time and data loss without any) and the means.
    Compare(CompareArguments),
    /// Run an experiment with many settings: grids, one at a time, or samples of ranges.
    ///
    /// Every point runs the same trials under the same seed. With --out each point is kept as soon as it is done: the
    /// same command, given again, continues a sweep that was killed, and ends with the same bytes.
    Sweep(SweepArguments),
    /// Say what to change: every step that an owner could take, what it buys, and the line of the file.
    ///
    /// Each step of an engineer (a reserve, a shorter approval, an alarm elsewhere) is tried alone over the same trials, by
    /// successive halving; then pairs, and the smallest set that meets all objectives.
    Advise(AdviseArguments),
    /// Find the best design among many: the cheapest that meets every target for sure.
    ///
    /// The table [solve] of the file says what may vary, what must hold and what shall be small. All designs race over the
    /// same trials; those that cannot win drop out.
    Solve(SolveArguments),
    /// How likely is what hardly ever happens: a recovery of more than an hour, a loss of more than five minutes.
    ///
    /// Chances down to one in a million and below, without bias and with an interval, from thousands of trials in place of
    /// millions: from trials that come far others are made that come further (splitting).
    Rare(RareArguments),
    /// Check experiment files without running them: settings that cannot work, the deployment in words, and the assumed
    /// figures in use.
    ///
    /// A finding is a setting of a valid file that cannot work, or that works differently than its author thinks: an
    /// alarm that cannot fire, a writer that nobody promotes. Each is told once, with its place, the reason, advice,
    /// and its kind.
    Check(CheckArguments),
    /// Turn measurements into distributions: metrics, incidents, executions and drills.
    ///
    /// A list names keys of the experiment and the exports that measure them. Each key gets a distribution with the number
    /// of independent observations behind it, and a report of how well it fits and of what was left out, guessed or taken
    /// at its worse end. --plan prints the commands that fetch what is missing.
    Calibrate(CalibrateArguments),
    /// Turn an experiment into a drill, and lay a measured drill over its predictions.
    ///
    /// Writes templates of fault injection, a plan of Region switch, a sheet to fill in, and bands: when each step of the
    /// recovery comes, and how long it takes. A sheet that was filled in is held against them, duration by duration, with
    /// the power of so few drills. What the drill cannot show is said.
    Drill(DrillArguments),
    /// Replay one trial and print its events, one by one.
    Trace(TraceArguments),
    /// Put the parts of shards together: the same files and the same verdict, byte for byte, as of one process.
    Merge(MergeArguments),
    /// Write the report of existing results.
    Report(ReportArguments),
    /// Explain a key of experiment files: meaning, form, range, default and its source.
    Explain(ExplainArguments),
    /// Print the JSON Schema of experiment files, for editors that complete and check them.
    Schema(SchemaArguments),
    /// Print a script that completes mrsim's commands and options in your shell.
    Completions(CompletionsArguments),
    /// Print the manual page.
    Man(ManArguments),
}

#[derive(Debug, Args)]
#[command(after_help = help::EXPLAIN)]
pub(super) struct ExplainArguments {
    /// The key's path, such as `dns.health-check.interval`; without it all keys are listed
    #[arg(value_name = "KEY")]
    pub(super) key: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = help::SCHEMA)]
pub(super) struct SchemaArguments {
    /// The schema of results instead: of what `run`, `compare` and `sweep` print with --format json and keep with --out
    #[arg(long)]
    pub(super) results: bool,
}

/// Options of every command that opens an experiment.
#[derive(Debug, Args)]
pub(super) struct Changes {
    /// Override a setting of the file, such as `dns.ttl=30s`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    sets: Vec<(String, String)>,
    /// Lay an incident over the file in place of its faults: one of mrsim's packs, such as october-2025, or the path of
    /// one; NAME@REGION strikes another region. What it strikes that the file lacks is said
    #[arg(long = "pack", value_name = "NAME")]
    packs: Vec<String>,
    /// Read no file outside this folder, whatever the experiment names by `extends` or `empirical`: for files of
    /// strangers
    #[arg(long, value_name = "DIR")]
    confined: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SeedAndEager {
    /// The master seed; the file's by default
    ///
    /// Equal seeds give equal trials, also across experiments that share components: `compare` uses one for all candidates.
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Run every periodic process, also where it cannot change anything: slower, same result
    #[arg(long)]
    eager: bool,
    /// Threads to run on; all processors by default. The result does not depend on it
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub(super) threads: Option<NonZeroUsize>,
    /// Print nothing on stderr but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::RUN, "run"))]
pub(super) struct RunArguments {
    /// Experiment files, run one after the other
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How many trials to run; the file's number by default
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true, conflicts_with = "precision")]
    pub(super) trials: Option<u64>,
    /// Run until each objective's quantile (the p99 of the recovery time without objectives) is known to ±R of itself
    #[arg(long, value_name = "R", value_parser = precision, allow_negative_numbers = true, long_help = precision_help())]
    pub(super) precision: Option<f64>,
    /// The most trials that --precision may run
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true, requires = "precision",
        default_value_t = DEFAULT_MAX_TRIALS)]
    pub(super) max_trials: u64,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    /// Keep every trial, the summary and the charts in this folder, which must be new or empty
    ///
    /// With several files each gets a folder of its own in it, named after the file. If the process is killed, the same
    /// command goes on where it was.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite the folder of --out if it holds nothing but results of mrsim
    #[arg(long, requires = "out")]
    pub(super) force: bool,
    /// Run one of so many parts of the trials, such as 3/16, into the folder of --out; `mrsim merge` puts them together
    #[arg(long, value_name = "I/N", value_parser = Asked::parse, requires = "out",
        conflicts_with_all = ["format", "strict", "parameters", "ledger"], long_help = SHARD)]
    pub(super) shard: Option<Asked>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Count an objective that the trials leave undecided as missed, and one that hangs on an assumption
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) sets: Sets,
}

/// Options of the commands that tell what is not known of the figures.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Sets {
    /// Run the same trials with K sets of the figures that are guesses or rest on few observations, and tell what is not known
    ///
    /// Guesses are drawn from their bands, measured figures from what their observations leave open. The report then has two
    /// intervals for each objective, by chance alone and with what is not known, and the figures by what they own of the
    /// difference. Without this option the files of --out have a small number of sets where the run is short enough.
    #[arg(long, value_name = "K", value_parser = sets, allow_negative_numbers = true)]
    pub(super) parameters: Option<u64>,
    /// How to divide what is not known among the figures
    #[arg(long, value_enum, requires = "parameters", default_value_t = Ledger::First)]
    pub(super) ledger: Ledger,
}

/// Ways to divide the variance among figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Ledger {
    /// What each figure does by itself, from the sets as they are
    #[default]
    First,
    /// Also what it does together with others, which takes K more sets for each figure; the cost is told before
    Full,
}

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::COMPARE, "compare"))]
pub(super) struct CompareArguments {
    /// Experiment files, or plans as `import` reads them; the first is the baseline
    #[arg(required = true, num_args = 2.., value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How many trials each candidate runs; the first file's number by default
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true)]
    pub(super) trials: Option<u64>,
    /// Exit with code 3 if this is worse than the baseline's beyond doubt: rto.p99, rpo.mean, availability; may be repeated
    ///
    /// Worse is larger, of availability smaller, and beyond doubt means that the 95 % interval of the difference excludes zero. What the trials
    /// cannot judge does not pass: a quantile that takes more trials, or trials of both that are not back when they end,
    /// are errors, with exit code 1.
    #[arg(long, value_name = "FIGURE", value_parser = Figure::named)]
    pub(super) fail_if_worse: Vec<Figure>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    hints: HintArguments,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    #[command(flatten)]
    pub(super) answer: Answer,
    /// The same as --format markdown
    #[arg(long, conflicts_with = "format")]
    pub(super) markdown: bool,
}

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::SWEEP, "sweep"))]
pub(super) struct SweepArguments {
    /// The experiment file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// A key to vary and its values, such as `dns.ttl=10s,30s`, or its range, such as `dns.ttl=10s..300s`; may be repeated
    ///
    /// Values are those that --set takes. Replaces the keys of the file's [sweep] table.
    #[arg(long, value_name = "KEY=VALUES", value_parser = Axis::parse)]
    pub(super) vary: Vec<Axis>,
    /// How the points are laid out; the file's design, or a grid, by default
    #[arg(long, value_enum)]
    pub(super) design: Option<Design>,
    /// How many points latin-hypercube and sobol have
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub(super) points: Option<u64>,
    /// How many trials each point runs; the file's number by default
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true)]
    pub(super) trials: Option<u64>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    /// Keep every point as soon as it is done, the tables and the charts in this folder
    ///
    /// It must be new or empty, or hold finished points of the same sweep.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite the folder of --out if it holds nothing but results of mrsim
    #[arg(long, requires = "out")]
    pub(super) force: bool,
    /// Run one of so many parts of the points, such as 3/16, into the folder of --out; `mrsim merge` puts them together
    #[arg(long, value_name = "I/N", value_parser = Asked::parse, requires = "out", conflicts_with = "format",
        long_help = SHARD)]
    pub(super) shard: Option<Asked>,
    /// What to print
    #[arg(long, value_enum, default_value_t = SweepFormat::Text)]
    pub(super) format: SweepFormat,
}

/// What `--shard` says in full.
const SHARD: &str = "Run one of so many parts, such as 3/16, into the folder of --out; `mrsim merge` puts them together\n\n\
    The parts together give the bytes that one process gives. A part has the same bytes whenever it is made; if its \
    process is killed, the same command goes on where it was. `auto` takes the shard from the job arrays of Slurm and AWS \
    Batch; `auto/16`, also from indexed jobs of Kubernetes and from GNU parallel, which do not tell how many there are. `{shard}` in \
    --out stands for the number of the shard. --parameters and --strict are for the merge.";

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::MERGE, "run"))]
pub(super) struct MergeArguments {
    /// The folders that `run` or `sweep` filled with --shard, in any order
    #[arg(required = true, value_name = "PART")]
    pub(super) parts: Vec<PathBuf>,
    /// Keep every trial, the summary and the charts in this folder, which must be new or empty: the same files, byte for
    /// byte, as of one process
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite the folder of --out if it holds nothing but results of mrsim
    #[arg(long, requires = "out")]
    pub(super) force: bool,
    /// What to print; csv is for parts of a sweep
    #[arg(long, value_enum, default_value_t = SweepFormat::Text)]
    pub(super) format: SweepFormat,
    /// Count an objective that the trials leave undecided as missed
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) sets: Sets,
    /// Threads for charts that run trials again; all processors by default. The result does not depend on it
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub(super) threads: Option<NonZeroUsize>,
    /// Print nothing on stderr but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// The most memory that trials may take, such as 4GB; by default the free memory of the machine
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<u64>,
}

/// Formats of `sweep`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SweepFormat {
    /// A table of each figure, for people
    Text,
    /// The same as Markdown, to be pasted into a pull request
    Markdown,
    /// One row a point, for spreadsheets
    Csv,
    /// A JSON document, for programs
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::CHECK, "check"))]
pub(super) struct CheckArguments {
    /// Experiment files
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) changes: Changes,
    /// What to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(super) format: CheckFormat,
    /// Exit with code 3 if there are findings
    #[arg(long)]
    pub(super) strict: bool,
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// Findings, the deployment in words, notes and the assumed figures, for people
    Text,
    /// A JSON document with findings, notes and assumed figures, for programs; of several experiments one on each line
    Json,
    /// The findings of all files as SARIF, for code hosts
    Sarif,
}

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::CALIBRATE, "calibrate"))]
pub(super) struct CalibrateArguments {
    /// The experiment file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The list of keys and of the exports that measure them
    #[arg(long, value_name = "LIST", required_unless_present = "plan")]
    pub(super) from: Option<PathBuf>,
    /// Print the commands that fetch what is missing, the most valuable first, as a script
    #[arg(long, conflicts_with_all = ["from", "write", "out"])]
    pub(super) plan: bool,
    /// Results of `mrsim run --parameters` by whose ledger --plan puts the most valuable first: a summary.json
    #[arg(long, value_name = "SUMMARY", requires = "plan")]
    pub(super) ledger: Option<PathBuf>,
    /// Write the experiment with the calibrated values; an existing file is left alone
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(super) write: Option<PathBuf>,
    /// Take averages and periods above a minute, which hide the tail; the report says so
    #[arg(long)]
    pub(super) accept_coarse: bool,
    #[command(flatten)]
    pub(super) changes: Changes,
    /// Keep the lines, the report and the charts in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite the folder of --out if it holds nothing but results of mrsim
    #[arg(long, requires = "out")]
    pub(super) force: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = CalibrationFormat::Text)]
    pub(super) format: CalibrationFormat,
}

/// Formats of `calibrate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CalibrationFormat {
    /// What each key rests on and how well its law fits, for people
    Text,
    /// The same as Markdown
    Markdown,
    /// The lines of the experiment alone
    Toml,
    /// A JSON document, for programs
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = help::with_exit_codes(help::DRILL, "drill"))]
pub(super) struct DrillArguments {
    /// The experiment file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// A drill that was measured: the sheet drill.csv filled in, or JSON of an execution of the plan
    #[arg(long, value_name = "FILE")]
    pub(super) measured: Option<PathBuf>,
    /// How many trials the bands rest on; the file's number by default
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true)]
    pub(super) trials: Option<u64>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    #[command(flatten)]
    pub(super) answer: Answer,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true), after_help = help::TRACE)]
pub(super) struct TraceArguments {
    /// The experiment file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The number of the trial
    #[arg(long, value_name = "N", group = "which", value_parser = index, allow_negative_numbers = true)]
    pub(super) trial: Option<u64>,
    /// Run the experiment and take the trial at this percentile of the worst recovery time
    #[arg(long, value_name = "P", group = "which", value_parser = percentile, allow_negative_numbers = true)]
    pub(super) percentile: Option<f64>,
    /// How many trials --percentile runs; the file's number by default
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true, conflicts_with = "trial")]
    pub(super) trials: Option<u64>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
}

#[derive(Debug, Args)]
#[command(after_help = help::ADVISE)]
pub(super) struct AdviseArguments {
    /// The experiment file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// How many trials the file as it is runs, and the steps that are left in the end; by default as few as its objectives
    /// take, and at least 5000
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true)]
    pub(super) trials: Option<u64>,
    /// Run every step over all trials, without halving: slower, with the narrowest interval for each
    #[arg(long)]
    pub(super) full: bool,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    #[command(flatten)]
    pub(super) answer: Answer,
}

#[derive(Debug, Args)]
#[command(after_help = help::SOLVE)]
pub(super) struct SolveArguments {
    /// The experiment file, with a table [solve]
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The most trials of a design; the file's number by default
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true)]
    pub(super) trials: Option<u64>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    #[command(flatten)]
    pub(super) answer: Answer,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("event").required(true), after_help = help::with_exit_codes(help::RARE, "rare"))]
pub(super) struct RareArguments {
    /// The experiment file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// How likely is a recovery of more than this, such as 1h
    ///
    /// Of the worst journey, unless --journey names one. Where faults recur: how likely a trial is to have an outage of more
    /// than this.
    #[arg(long, value_name = "TIME", group = "event", value_parser = seconds)]
    pub(super) recovery_over: Option<f64>,
    /// How likely is a data loss of more than this, such as 5min, of the worst store, unless --store names one
    #[arg(long, value_name = "TIME", group = "event", value_parser = seconds)]
    pub(super) loss_over: Option<f64>,
    /// The journey whose recovery it is
    #[arg(long, value_name = "NAME", conflicts_with = "loss_over")]
    pub(super) journey: Option<String>,
    /// The store whose loss it is
    #[arg(long, value_name = "NAME", conflicts_with = "recovery_over")]
    pub(super) store: Option<String>,
    /// How many plain trials to start from, 2000 by default; four times as many halve the interval
    #[arg(long, value_name = "N", value_parser = starts, allow_negative_numbers = true)]
    pub(super) trials: Option<u64>,
    #[command(flatten)]
    pub(super) changes: Changes,
    #[command(flatten)]
    pub(super) more: SeedAndEager,
    #[command(flatten)]
    pub(super) answer: Answer,
}

/// Formats of `run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// The verdict, for people
    Text,
    /// The same as Markdown, to be pasted into a pull request
    Markdown,
    /// A JSON document, for programs; of several experiments one on each line
    Json,
    /// The objectives of all experiments as tests, in an XML document, for CI systems
    Junit,
}

impl RunArguments {
    /// The rule of `--precision`: how precise, and after how many trials it gives up.
    pub(super) fn rule(&self) -> Option<(f64, u64)> {
        self.precision.map(|target| (target, self.max_trials))
    }

    pub(super) fn overrides(&self) -> Overrides {
        self.changes.overrides(&self.more, self.trials)
    }
}

impl CompareArguments {
    pub(super) fn overrides(&self) -> Overrides {
        let overrides = self.changes.overrides(&self.more, self.trials);
        Overrides {
            hints: self.hints.hints(),
            answers: self.hints.answers(),
            baseline: self.files.first().cloned(),
            ..overrides
        }
    }
}

impl Changes {
    /// The overrides of a command with these options.
    pub(super) fn overrides(&self, more: &SeedAndEager, trials: Option<u64>) -> Overrides {
        Overrides { seed: more.seed, trials, eager: more.eager, threads: more.threads, ..self.alone() }
    }

    /// The overrides of a command that runs no trials.
    pub(super) fn alone(&self) -> Overrides {
        Overrides {
            packs: self.packs.clone(),
            sets: self.sets.clone(),
            confined: self.confined.clone(),
            ..Overrides::default()
        }
    }
}

impl SeedAndEager {
    /// Whether the command line gives a seed.
    pub(super) const fn seeded(&self) -> bool {
        self.seed.is_some()
    }
}

impl SweepArguments {
    /// Whether the command line gives a number of trials.
    pub(super) const fn has_trials(&self) -> bool {
        self.trials.is_some()
    }

    pub(super) fn overrides(&self) -> Overrides {
        self.changes.overrides(&self.more, self.trials)
    }
}

impl MergeArguments {
    pub(super) fn limits(&self) -> Limits {
        Limits::of_memory(self.max_memory)
    }

    pub(super) fn overrides(&self) -> Overrides {
        Overrides { threads: self.threads, ..Overrides::default() }
    }
}

fn precision_help() -> String {
    format!(
        "Run until each objective's quantile (the p99 of the recovery time without objectives) is known to ±R of itself\n\n\
         R is half the 95 % interval over the estimate: 0.02 is ±2 %. The rule looks after every {} trials and stops at \
         the first look that satisfies it, or at --max-trials.",
        whole(LOOK_EVERY)
    )
}
