"""The documents of mrsim as classes: what `--format json` prints, and what results folders keep.

Made by experiments/python/generate.py from docs/results.schema.json; do not edit it. A key such as `recovery-time` is the
field `recovery_time`. Times are seconds. None stands for a value that is censored, or that the trials cannot support: then
`refused` beside it says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class RunDocument:
    """The results of a run."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    description: str
    """One sentence about it."""
    version: str
    """The program's version."""
    hash: str
    """Digest of `resolved`."""
    seed: int
    """The master seed."""
    trials: int
    """Trials that ran."""
    first_trial: int
    """The number of the first trial."""
    trials_asked: int
    """Trials that were asked for."""
    complete: bool
    """Whether all trials that were asked for ran, or as many as the precision needed."""
    command: str
    """The command that runs the same trials again, from the folder of the results."""
    horizon: float
    """The horizon in seconds."""
    up_when: float
    """Share of requests that must succeed for a journey to count as up."""
    interval_level: float
    """The level of every interval."""
    faults: list[str]
    """A sentence per fault."""
    recurring: bool
    """Whether faults recur: then recovery times are those of outages, not of trials."""
    objectives: list[ObjectiveDocument]
    """The objectives in file order, those on availability last."""
    availability: AvailabilityDocument
    """The availability of all journeys together."""
    worst: Worst
    """The worst journey and the worst store of each trial."""
    journeys: dict[str, JourneyDocument]
    """The journeys by name, in file order."""
    stores: dict[str, StoreDocument]
    """The stores by name, in file order."""
    populations: dict[str, PopulationDocument]
    """The populations of clients by name, in file order."""
    parts: dict[str, dict[str, MeanEstimate]] = field(default_factory=dict)
    """Where services call each other: mean failed requests of a trial by the part behind the fronts that failed them,
    such as `payment@eu-west-1`, and by cause. Parts and causes that failed none are left out."""
    links: dict[str, DistributionDocument] = field(default_factory=dict)
    """Writes that refer to such as are missing, by the names of the two stores with a dot between them."""
    milestones: dict[str, MilestoneDocument]
    """Milestones, by the names of their columns without the unit."""
    nervousness: NervousDocument | None = None
    """What checks make of blips, where faults include some."""
    latency: LatencyDocument
    """The mean latency of served requests."""
    findings: list[FindingDocument]
    """The findings of `mrsim check` about the file."""
    assumed: list[AssumedFigure]
    """Assumed figures in use."""
    figures: list[SourcedFigure]
    """Every figure in use and where it comes from."""
    unknown: Unknown | None = None
    """What is not known of the figures and what it changes, if the run looked."""
    questions: list[OpenQuestion]
    """What the file asks, as `mrsim import` writes it, and nobody has answered."""
    resolved: str
    """The experiment as resolved from file, `extends` and `--set`."""
    cost: CostDocument | None = None
    """What a month costs and what goes wrong costs, if the file gives prices."""


@dataclass(frozen=True, kw_only=True)
class ObjectiveDocument:
    """An objective and its outcome."""

    name: str
    """`rto.p99`, `rpo.p99.9`, `availability`; of a single journey or store `checkout.rto.p99`, `orders.rpo.p99`."""
    quantile: float | None
    """Its quantile; `null` of availability, which is about the mean."""
    limit: float
    """The limit: seconds, or the share of the time of availability."""
    estimate: float | None
    """The estimate."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    refused: str | None = None
    """Why there is no estimate."""
    censored: float
    """Share of values that are censored."""
    probability: Estimate
    """The chance that one incident, or one trial, stays within the limit."""
    verdict: Verdict
    """The verdict."""
    without_planned: float | None = None
    """The longest planned downtime of a trial in seconds, if the verdict is only so good because recovery times leave
    planned downtime out."""
    no_writer_at_the_end: dict[str, Estimate] = field(default_factory=dict)
    """Of data loss: stores that nobody could write to at the end, and in which share of the trials."""
    budget_seconds: float | None = None
    """Of availability: seconds down that the objective allows in a trial."""
    budget_used: Estimate | None = None
    """Of availability: the mean share of them that a trial uses."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate with the ends of its interval, or the reason why there is none. Without `refused`, `null` is a
    value beyond the watched time: JSON has no infinity."""

    estimate: float | None
    """The estimate."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    refused: str | None = None
    """Why there is no estimate."""


@dataclass(frozen=True, kw_only=True)
class AvailabilityDocument:
    """The availability of a journey, or of all journeys together."""

    outages: DistributionDocument
    """Outages a trial."""
    time_up: Estimate
    """Mean share of the time in which it was up."""
    nines: Estimate
    """The same as a number of nines, 3 for 99.9 %: `null` for all of the time."""
    requests: Estimate
    """Mean share of requests that succeeded."""


@dataclass(frozen=True, kw_only=True)
class DistributionDocument:
    """The distribution of a figure over trials, or over outages where faults come again and again."""

    trials: int
    """How many trials have the figure."""
    censored: float
    """Share of values that are censored."""
    quantiles: dict[str, Estimate]
    """Quantiles by their names: `p50`, `p99.9`."""
    mean: MeanEstimate
    """The mean."""
    outages: int | None = None
    """How many outages have the figure, where it is one of outages."""


@dataclass(frozen=True, kw_only=True)
class MeanEstimate:
    """A mean."""

    estimate: float | None
    """The estimate."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    refused: str | None = None
    """Why there is no estimate."""
    standard_error: float | None
    """Its standard error."""


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The worst of each trial."""

    recovery_time: DistributionDocument
    """Seconds until every journey is up for good."""
    loss_seconds: DistributionDocument
    """Data loss in seconds of the worst store."""


@dataclass(frozen=True, kw_only=True)
class JourneyDocument:
    """A journey."""

    recovery_time: DistributionDocument
    """Seconds from the start of the clock until it was up for good; where faults recur, of each outage."""
    downtime: DistributionDocument
    """Seconds down."""
    failed_requests: DistributionDocument
    """Requests that failed."""
    lost_traffic: DistributionDocument
    """Seconds of full traffic lost."""
    degraded_requests: DistributionDocument
    """Requests that were served without a soft need."""
    offered_requests: DistributionDocument
    """Requests offered."""
    causes: dict[str, CauseDocument]
    """The share of each cause, in the order of the stages."""
    availability: AvailabilityDocument
    """Its availability."""
    up_within_recovery: MeanEstimate
    """Mean seconds up within the recovery time."""
    first_back: DistributionDocument | None = None
    """Seconds from the start of the clock until it was first up for five minutes, or to the horizon."""
    planned: DistributionDocument | None = None
    """Seconds of the downtime that were planned, which are no part of the recovery time."""
    latency: PhasesDocument | None = None
    """Mean latency of the requests that succeed, in seconds, by phase of each trial."""
    latency_percentiles: PercentilesByPhase | None = None
    """Percentiles of what its requests take, over all of all trials, where that is asked for."""


@dataclass(frozen=True, kw_only=True)
class CauseDocument:
    """The share of one cause in a journey."""

    failed_requests: MeanEstimate
    """Mean failed requests."""
    recovery_seconds: MeanEstimate
    """Mean seconds of the recovery time with this cause dominant."""


@dataclass(frozen=True, kw_only=True)
class PhasesDocument:
    """Mean latency of requests that succeed, in seconds: one value a trial."""

    before: DistributionDocument
    """Before the clock started."""
    during: DistributionDocument
    """From then until the journey was up for good, or to the horizon; where faults recur, while it was down."""
    after: DistributionDocument
    """After that."""


@dataclass(frozen=True, kw_only=True)
class PercentilesByPhase:
    """Percentiles of what requests that succeed take, over all requests of all trials."""

    before: PercentilesDocument
    """Before the clock started."""
    during: PercentilesDocument
    """From then until the journey was up for good, or to the horizon; where faults recur, while it was down."""
    after: PercentilesDocument
    """After that."""


@dataclass(frozen=True, kw_only=True)
class PercentilesDocument:
    """Percentiles of one phase."""

    requests: float
    """Mean number of requests of a trial."""
    values: dict[str, Estimate]
    """By name, such as `p99`, in seconds."""


@dataclass(frozen=True, kw_only=True)
class StoreDocument:
    """A store."""

    loss_seconds: DistributionDocument
    """Age in seconds of the oldest acknowledged write that is missing."""
    loss_count: LossCount
    """The fate of acknowledged writes."""
    at_risk: DistributionDocument
    """Seconds in which a copy got no new writes."""
    no_writer: int
    """Trials that ended without a copy that takes writes: the writer was away, and no other had its place."""
    queue: QueueDocument | None = None
    """What waited in it, if it is a queue."""


@dataclass(frozen=True, kw_only=True)
class LossCount:
    """Numbers of acknowledged writes."""

    lost: DistributionDocument
    """Lost for good."""
    stranded: DistributionDocument
    """Back with their region."""
    overwritten: DistributionDocument
    """Back, and replaced by newer writes."""
    delayed: DistributionDocument
    """Arrived late and not missing."""


@dataclass(frozen=True, kw_only=True)
class QueueDocument:
    """What waited in a queue."""

    backlog_max: DistributionDocument
    """The most messages that waited at once, in all regions together."""
    age_max: DistributionDocument
    """Seconds: the largest age of a message that waited."""
    caught_up: DistributionDocument
    """Seconds from the start of the clock until the backlog was back at its level then."""
    delay_mean: DistributionDocument
    """Seconds that the messages of a trial waited on average."""
    delay_p99: DistributionDocument
    """Seconds that 99 % of the messages of a trial waited at most."""


@dataclass(frozen=True, kw_only=True)
class PopulationDocument:
    """A population of clients, over all its journeys."""

    failed_requests: DistributionDocument
    """Requests that failed."""
    offered_requests: DistributionDocument
    """Requests offered."""
    latency_percentiles: PercentilesByPhase | None = None
    """Percentiles of what they take, over all of all trials, where that is asked for."""


@dataclass(frozen=True, kw_only=True)
class MilestoneDocument:
    """An instant that not every trial has to reach."""

    happened: Estimate
    """Share of trials in which it happened."""
    time: DistributionDocument
    """Seconds from the start of the clock, over the trials in which it happened."""


@dataclass(frozen=True, kw_only=True)
class NervousDocument:
    """What checks make of blips, and of what is real, where faults include blips."""

    false_failovers_a_year: Estimate
    """False failovers in a year without any fault but blips."""
    noticed_p95: Estimate
    """Seconds from the first real fault within which 95 % of the trials with one notice it."""


@dataclass(frozen=True, kw_only=True)
class LatencyDocument:
    """The mean latency of served requests, in seconds."""

    before: DistributionDocument
    """Before the clock started."""
    after: DistributionDocument
    """At the end of the trial, of all journeys together: what a journey waits for until then is in its own `latency`,
    which is over all of its time."""
    parts: dict[str, dict[str, float]]
    """When all is well, mean seconds of each part of a request, by journey."""
    leaves_out: list[str]
    """Parts whose time is not given: they take none."""


@dataclass(frozen=True, kw_only=True)
class FindingDocument:
    """A finding about a setting of the file."""

    kind: str
    """The kind of mistake: a stable name such as `alarm-cannot-fire`."""
    path: str
    """The setting's key path as `--set` takes it."""
    message: str
    """The mistake and its reason."""
    change: str
    """The suggested change."""


@dataclass(frozen=True, kw_only=True)
class AssumedFigure:
    """A figure without a published source that this experiment uses: a default, or what the file calls assumed."""

    path: str
    """The key path, such as `dns.propagation`."""
    value: str
    """The value in use, as one would write it in the file."""
    source: str
    """The reason for this value."""
    band: str | None = None
    """The values that would not surprise an expert, and why these."""


@dataclass(frozen=True, kw_only=True)
class SourcedFigure:
    """A figure of the file, or a default in its place, and where it comes from."""

    path: str
    """The key path, such as `dns.propagation`."""
    value: str
    """The value in use, as one would write it in the file."""
    written: bool
    """Whether the file writes it."""
    provenance: str
    """`documented`, `measured`, `assumed` or `convention` of a default; `yours` if the file says where it comes from;
    `unsourced` if it does not."""
    source: str | None = None
    """What is known of the source."""
    observations: int | None = None
    """How many observations it rests on, if that is known."""
    band: str | None = None
    """The values that would not surprise an expert, and why these, of a guess."""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The outcome of running an experiment with many sets of its uncertain figures."""

    sets: int
    """How many sets of figures ran."""
    trials: int
    """How many trials each of them ran, the same ones."""
    objectives: list[Judged]
    """The objectives, or the p99 of the recovery time where there are none."""
    figures: list[Varied]
    """The figures that were varied, in the order of the file."""
    probed: int
    """Trials in which each figure was tried by itself at both ends of what is believed of it, to see whether it
    matters."""
    choices: list[str]
    """Guesses that are choices and no numbers: they were not varied."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An objective under what is not known."""

    name: str
    """`rto.p99`, `availability`."""
    by_chance: Ends
    """Where the quantile lies by chance alone, if the figures are what the file says; in seconds, or a share."""
    with_unknown: Ends
    """Where it lies with what is not known of the figures as well."""
    refused: str | None = None
    """Why there are no such intervals."""
    condition: Condition | None = None
    """The assumption without which the objective is not met, if it is met by chance alone."""
    chance_share: float
    """The part of the variance between the sets that is chance, and no matter of figures."""
    shares: list[Share]
    """The figures by their shares of the rest of the variance, the largest first."""
    after: After | None = None
    """What measuring the first of them would do."""


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The ends of an interval; nothing where an end is beyond the watched time."""

    low: float | None
    """Lower end."""
    high: float | None
    """Upper end."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """The assumption that a verdict hangs on."""

    path: str
    """The figure's key path."""
    limit: str | None
    """Up to which value, or from which on, the objective is met, as one writes it; nothing where no value of this
    figure alone decides."""
    at_most: bool
    """Whether larger values are the bad ones."""
    median: bool
    """Whether the value is the median of a distribution."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """The share of a figure in the variance of an objective's quantile."""

    path: str
    """The figure's key path."""
    share: float
    """By itself, whatever the others are: the first-order index of Sobol."""
    error: float
    """Standard error of that."""
    total: float | None = None
    """With everything that it does together with others: the total index. With `--ledger full`."""
    total_error: float | None = None
    """Standard error of that."""


@dataclass(frozen=True, kw_only=True)
class After:
    """What further observations of a figure would do to an interval, if they come out as the file has it."""

    path: str
    """The figure's key path."""
    observations: int
    """How many observations."""
    interval: Ends
    """Where the quantile would lie then."""


@dataclass(frozen=True, kw_only=True)
class Varied:
    """A figure that was varied."""

    path: str
    """Its key path."""
    also: list[str] = field(default_factory=list)
    """Other keys that rest on the same guess, and were varied with it."""
    belief: str
    """What is believed of it: a band, or so many observations."""
    low: float
    """The lowest value that was tried, of a distribution its median; seconds, or plain."""
    high: float
    """The highest value that was tried."""
    idle: bool
    """Whether neither end of what is believed of it changed any of the trials in which it was tried by itself."""
    held: int = 0
    """In how many sets it kept its own value, since the one that was drawn does not go together with other
    settings."""


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question that a file leaves open."""

    path: str
    """The key whose value is a guess; empty where the comment stands by itself."""
    question: str
    """The question, as the comment has it."""


@dataclass(frozen=True, kw_only=True)
class CostDocument:
    """What a deployment costs in a month, and what goes wrong costs."""

    currency: str
    """The currency."""
    monthly: float
    """The sum of all lines that have a price."""
    unpriced: list[str]
    """The keys of prices that are missing: the sum is at least so much."""
    lines: list[LineDocument]
    """The lines."""
    trial: MeanEstimate | None = None
    """The mean cost of what goes wrong in a trial, if the file gives values."""
    trials_a_year: float | None = None
    """How many trials make a year, where faults come at a rate."""


@dataclass(frozen=True, kw_only=True)
class LineDocument:
    """What is counted."""

    key: str
    """The key of its price."""
    what: str
    """What is counted."""
    count: float
    """How many a month."""
    price: float | None
    """The price of one; nothing if it is missing."""
    monthly: float | None
    """The cost of a month; nothing if the price is missing."""


@dataclass(frozen=True, kw_only=True)
class ComparisonDocument:
    """The results of a comparison."""

    schema_version: int
    """The version of this document's shape."""
    version: str
    """The program's version."""
    seed: int
    """The seed of all candidates."""
    trials: int
    """Trials of each."""
    first_trial: int
    """The first of them."""
    trials_asked: int
    """How many were asked for."""
    complete: bool
    """Whether all that were asked for ran."""
    interval_level: float
    """The level of every interval."""
    command: str
    """The command that runs it again, from the folder of the results."""
    warnings: list[str]
    """Remarks on the candidates' files."""
    notes: list[str]
    """Notes: differences between the candidates that a comparison must allow for."""
    figures: list[str]
    """The compared figures, by name."""
    baseline: str
    """The name of the candidate that the others are held against."""
    candidates: list[CandidateDocument]
    """The candidates, the baseline first."""
    comparisons: list[AgainstDocument]
    """Each other candidate against the baseline."""
    ranking: RankingDocument | None
    """Which candidate is first, with three or more."""


@dataclass(frozen=True, kw_only=True)
class CandidateDocument:
    """A candidate by itself."""

    name: str
    """Its name, unique among the candidates."""
    file: str
    """Its file, as the user wrote it."""
    hash: str
    """Digest of `resolved`."""
    watched: float
    """For how many seconds after the fault a censored trial was watched at least."""
    figures: dict[str, FigureDocument]
    """The compared figures, by name."""
    resolved: str
    """The experiment as resolved from file, `extends` and `--set`."""
    objectives: list[ObjectiveDocument]
    """Its objectives, held against its own trials; with recurring faults without those on recovery times, which are
    about outages."""


@dataclass(frozen=True, kw_only=True)
class FigureDocument:
    """A figure of one candidate."""

    estimate: float | None
    """The estimate."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    refused: str | None = None
    """Why there is no estimate."""
    censored: float
    """Share of trials whose value is censored."""


@dataclass(frozen=True, kw_only=True)
class AgainstDocument:
    """A candidate against the baseline."""

    candidate: str
    """The candidate's name."""
    verdict: str
    """The verdict, as a sentence."""
    differences: dict[str, DifferenceDocument]
    """Its figures minus the baseline's, by name."""
    in_trials: dict[str, WinsDocument]
    """In which share of trials it has less, by `rto`, `rpo` and `availability`."""
    settings: list[Differing]
    """The settings in which its file differs."""
    pull_request: str
    """One sentence for a pull request."""


@dataclass(frozen=True, kw_only=True)
class KnownDifference:
    """A difference as far as it is known."""

    estimate: float | None
    """The estimate, where it is known outright."""
    at_least: float | None
    """A lower bound of the estimate."""
    at_most: float | None
    """An upper bound of the estimate."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    excludes_zero: bool
    """Whether the interval lies on one side of zero."""
    conservative: bool
    """Whether such intervals hold the truth at least as often as they say, instead of just as often."""
    method: MethodWord
    """How the interval is made."""


@dataclass(frozen=True, kw_only=True)
class WinsDocument:
    """In which shares of trials a candidate has less than the baseline, the same, or more."""

    less: Estimate
    """Less."""
    same: Estimate
    """The same."""
    more: Estimate
    """More."""
    unknown: Estimate
    """Both are censored, or one of them before the other's value."""


@dataclass(frozen=True, kw_only=True)
class Differing:
    """A key that two candidates set differently."""

    key: str
    """Its path, as `--set` takes it."""
    baseline: str | None
    """The baseline's value as TOML; nothing where it does not set it."""
    candidate: str | None
    """The candidate's."""


@dataclass(frozen=True, kw_only=True)
class RankingDocument:
    """The candidates by one figure."""

    figure: str
    """Which figure."""
    order: list[str]
    """Names of the candidates, the best first."""
    settled: list[bool]
    """For each but the last, whether its lead on the next one is beyond doubt."""
    sentence: str
    """The same as a sentence."""


@dataclass(frozen=True, kw_only=True)
class SweepDocument:
    """The results of a sweep."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    description: str
    """One sentence about it."""
    version: str
    """The program's version."""
    hash: str
    """Digest of `resolved`."""
    seed: int | None
    """The seed of all points; `null` where it is what is varied."""
    design: Design
    """How the points are laid out."""
    axes: list[str]
    """The keys that are varied."""
    held_against: int
    """The number of the point that the others are held against."""
    command: str
    """The command that runs it again, from the folder of the results."""
    notes: list[str]
    """Notes: differences between the points that a comparison must allow for, and the meaning of a change of a
    recovery time."""
    warnings: list[str]
    """Remarks about the points, each once."""
    points_asked: int
    """How many points there are, done or not."""
    complete: bool
    """Whether all of them are done."""
    interval_level: float
    """The level of every interval."""
    points: list[PointDocument]
    """The points that are done."""
    resolved: str
    """The experiment as resolved from file, `extends` and `--set`, without the points' settings."""


@dataclass(frozen=True, kw_only=True)
class PointDocument:
    """A point."""

    point: int
    """Its number, counted from 0."""
    is_base: bool
    """Whether it is the point that the others are held against, or the same in other words."""
    settings: dict[str, str]
    """Its settings, as `--set` takes them."""
    hash: str
    """Digest of its resolved experiment."""
    seed: int
    """Its seed."""
    trials: int
    """Its trials."""
    watched: float
    """For how many seconds a censored trial was watched at least."""
    figures: list[PointFigure]
    """Its figures."""
    availability: PointAvailability | None
    """The share of the time in which all journeys are up, if any point has an objective on it."""
    own_availability: dict[str, PointAvailability] = field(default_factory=dict)
    """The same of single journeys, by name, if any point has an objective on theirs."""
    nervousness: NervousDocument | None = None
    """What checks make of blips, where the point's faults include some."""


@dataclass(frozen=True, kw_only=True)
class PointFigure:
    """One figure of a point."""

    name: str
    """`rto.p99`."""
    value: Estimate
    """The quantile in seconds."""
    at_least: list[float] | None = None
    """Where the quantile or an end of its interval is censored: what these three are at least, in seconds."""
    change: Change | None = None
    """That minus the base point's."""
    censored: float
    """Share of censored trials."""
    limit: float | None
    """The limit in seconds, if it is an objective."""
    chance: Estimate | None
    """The chance that one incident stays within the limit."""
    verdict: Verdict | None
    """The verdict."""
    no_writer_at_the_end: dict[str, Estimate] = field(default_factory=dict)
    """If it is an objective on data loss: stores that nobody could write to at the end, and in which share of the
    trials."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure of a point minus that of the base point, over pairs of trials. An end that censored trials leave open
    is missing, and so is an estimate that is not known outright."""

    at_least: float | None
    """What is known of the estimate: at least this,"""
    at_most: float | None
    """and at most that. The same where it is known outright."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    conservative: bool
    """Whether such intervals hold the truth at least as often as they say, instead of just as often."""
    refused: str | None = None
    """Why there is none."""


@dataclass(frozen=True, kw_only=True)
class PointAvailability:
    """How available a point, or a journey of it, is."""

    value: Estimate
    """The mean share of the time in which all journeys are up, or the single one."""
    change: Change | None = None
    """That minus the base point's."""
    objective: float | None
    """The share that is asked for, if that is an objective of the point."""
    chance: Estimate | None
    """The chance that a trial stays within what that leaves to be down."""
    verdict: Verdict | None
    """The verdict."""


@dataclass(frozen=True, kw_only=True)
class AdviceDocument:
    """What to change."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    file: str
    """The file, as the user wrote it."""
    version: str
    """The program's version."""
    hash: str
    """Digest of `resolved`."""
    seed: int
    """The master seed."""
    trials: int
    """Trials of the file as it is, and of the levers that are left in the end."""
    interval_level: float
    """The level of every interval."""
    objectives: list[ObjectiveDocument]
    """The objectives of the file as it is."""
    wanted: list[str]
    """The names of the figures that levers are ranked by: those that have to get better."""
    levers: list[TurnedDocument]
    """The levers, the best first."""
    best_pair: SetDocument | None
    """The best pair, if any two help together."""
    smallest_set: SetDocument | None
    """The smallest set that meets all objectives, if one was found."""
    nearest_set: SetDocument | None
    """Without such a set: the one of those that were tried that comes nearest."""
    sets_tried: int | None
    """Without such a set: how many were tried over all trials, levers alone among them."""
    refused: dict[str, str]
    """Levers that were not tried, with the reason."""
    trials_alone: int
    """Trials of all levers by themselves."""
    trials_grid: int
    """What these would have been had every lever run all trials."""
    trials_all: int
    """All trials of the search."""
    resolved: str
    """The experiment as resolved from file, `extends` and `--set`."""


@dataclass(frozen=True, kw_only=True)
class TurnedDocument:
    """A lever."""

    kind: str
    """The sort of lever: a stable name such as `dns-ttl`."""
    title: str
    """The step in words."""
    effect: str
    """`helps`, `trades`, `open`, `same` or `harms`."""
    changes: list[ChangeDocument]
    """What it changes in the file."""
    trials: int
    """Its trials: levers that fall out of the search early have fewer."""
    differences: dict[str, DifferenceDocument]
    """Its figures minus the file's, by name."""
    objectives: list[ObjectiveDocument] | None
    """Its own objectives, if it ran all trials."""
    monthly_cost_more: MoreDocument | None
    """By how much a month costs more than with the file as it is, if there are prices."""
    findings: list[FindingDocument]
    """What `mrsim check` finds with it and not without it."""


@dataclass(frozen=True, kw_only=True)
class ChangeDocument:
    """A change of the file."""

    key: str
    """The key's path, as `--set` takes it."""
    before: str | None
    """The value in use, as TOML; nothing where there is none."""
    after: str
    """The new value, as TOML."""
    written: bool
    """Whether the file writes the key."""
    file: str | None
    """The file that writes it, or the nearest table around it."""
    line: int | None
    """The line there, from 1."""


@dataclass(frozen=True, kw_only=True)
class MoreDocument:
    """A difference of costs."""

    amount: float
    """The difference of all lines that have a price."""
    unpriced: list[str]
    """Keys of missing prices of what the two differ in, and names of what they differ in that no price counts."""


@dataclass(frozen=True, kw_only=True)
class SetDocument:
    """Levers together."""

    levers: list[int]
    """Their numbers in the list of levers, from 0."""
    differences: dict[str, DifferenceDocument]
    """Their figures minus the file's, by name."""
    objectives: list[ObjectiveDocument] | None
    """The objectives with them."""
    monthly_cost_more: MoreDocument | None
    """By how much a month costs more than with the file as it is, if there are prices."""


@dataclass(frozen=True, kw_only=True)
class SolutionDocument:
    """The best design."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    file: str
    """The file, as the user wrote it."""
    version: str
    """The program's version."""
    seed: int
    """The master seed."""
    targets: list[ChanceTargetDocument]
    """What designs must meet."""
    confidence: float
    """How sure verdicts on chances are."""
    minimize: str
    """What shall be small: `cost`, `recovery` or `loss`."""
    figure: str
    """The name of the front's figure."""
    designs: list[SolvedDocument]
    """Every design."""
    best: int | None
    """The number of the best design that is sure, from 0."""
    next_undecided: int | None
    """The number of the next better one that is undecided."""
    front: list[int]
    """Numbers of the designs that no other beats in cost and figure, the cheapest first."""
    trials_all: int
    """Trials of all designs."""
    trials_grid: int
    """What they would have been without dropping any."""
    resolved: str
    """The experiment as resolved from file, `extends` and `--set`."""


@dataclass(frozen=True, kw_only=True)
class ChanceTargetDocument:
    """A chance that must be reached."""

    of: str
    """`rto`, `rpo`, `availability` or `caught-up`; of one journey, store or queue with its name before that, such as
    `checkout.rto`."""
    limit: float
    """The limit: seconds at most, or the share of the time at least."""
    chance: float
    """The least chance."""


@dataclass(frozen=True, kw_only=True)
class SolvedDocument:
    """One design."""

    file: str
    """Its file."""
    sets: dict[str, str]
    """What it sets."""
    trials: int
    """Its trials."""
    standing: str
    """`sure`, `undecided`, `left` (another was sure to be better) or `hopeless`."""
    chances: list[Estimate]
    """The chance of each target, with ends that hold over all looks."""
    figure: Estimate
    """The front's figure, in seconds."""
    monthly_cost: float | None
    """The cost of a month, of all that has a price."""
    unpriced: list[str]
    """Keys of prices that are missing, and names of what designs differ in that no price counts."""
    no_writer_at_the_end: dict[str, Estimate] = field(default_factory=dict)
    """With a target on data loss: stores that nobody could write to at the end, and in which share of the trials."""


@dataclass(frozen=True, kw_only=True)
class RareDocument:
    """A small chance."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    file: str
    """The file, as the user wrote it."""
    version: str
    """The program's version."""
    seed: int
    """The master seed."""
    over: str
    """`recovery` or `loss`."""
    of: str | None
    """The journey or store; `null` is the worst of all."""
    limit: float
    """The limit in seconds."""
    chance: Estimate
    """The chance of a trial to exceed the limit, with its 95 % interval."""
    standard_error: float | None
    """Its standard error."""
    plain: Estimate
    """What the starts alone say, as plain trials, without any assumption."""
    levels: list[LevelDocument]
    """The levels, the limit last."""
    starts: int
    """Starts: plain trials from which trees grow."""
    roots: int
    """Starts whose trees came beyond the limit."""
    largest_part: float | None
    """The largest part that one start has in the estimate."""
    trials_pilot: int
    """Trials of the pilot, from which the levels come."""
    trials_all: int
    """Trials of all trees, starts among them."""
    trials_plain: float | None
    """Plain trials that would have the same standard error."""
    usual: bool
    """Whether plain trials would say as much for the same work."""
    stages: dict[str, float]
    """Of the trials beyond the limit, what of the recovery was spent with each cause failing most, in seconds (mean),
    then `up`; empty of losses and where faults recur."""
    resolved: str
    """The experiment as resolved from file, `extends` and `--set`."""


@dataclass(frozen=True, kw_only=True)
class LevelDocument:
    """A level."""

    exceeds: float
    """What has to be exceeded, in seconds."""
    tried: int
    """Trials that tried: starts, or steps from trials beyond the level before."""
    reached: int
    """Trials that exceed it."""


@dataclass(frozen=True, kw_only=True)
class CalibrationDocument:
    """The results of a calibration."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    version: str
    """The program's version."""
    list_: str
    """The list of keys and sources."""
    keys: list[KeyDocument]
    """The keys in the order of the list."""


@dataclass(frozen=True, kw_only=True)
class KeyDocument:
    """A key and what became of it."""

    key: str
    """Its path."""
    toml: str | None
    """The line of an experiment; of a refused key a guess, if there is one."""
    refused: str | None = None
    """Why there is no distribution."""
    from_: str
    """The files."""
    kind: str
    """`incident`, `drill` or `metric`."""
    family: str | None
    """The family of the distribution."""
    observations: int
    """Independent observations that it is worth."""
    values: int
    """Values that were read."""
    stopped: int
    """Those of them that ended too soon."""
    quantiles: list[QuantileDocument]
    """Quantiles in seconds."""
    next_p99: float | None
    """The value in seconds that the next observation exceeds once in a hundred times, all that is open taken into
    account."""
    anderson_darling: float | None
    """Statistic of Anderson and Darling."""
    p: float | None
    """Share of samples of the law that fit as badly or worse."""
    remarks: list[RemarkDocument]
    """What a reader must know."""


@dataclass(frozen=True, kw_only=True)
class QuantileDocument:
    """A quantile."""

    name: str
    """`p50`, `p99`."""
    value: float | None
    """Its value in seconds."""
    low: float | None
    """Lower end of its interval of 95 %."""
    high: float | None
    """Upper end."""
    seen: float | None
    """The same quantile of the observations themselves."""


@dataclass(frozen=True, kw_only=True)
class RemarkDocument:
    """A remark."""

    kind: str
    """A stable name, such as `averages`."""
    words: str
    """A sentence without its full stop."""


@dataclass(frozen=True, kw_only=True)
class DrillDocument:
    """Predictions of a drill, and a measured one over them."""

    schema_version: int
    """The version of this document's shape."""
    experiment: str
    """The experiment's name."""
    version: str
    """The program's version."""
    hash: str
    """Digest of the experiment."""
    seed: int
    """The master seed."""
    trials: int
    """Trials that the bands rest on."""
    horizon: float
    """The length of a trial in seconds."""
    marks: list[BandDocument]
    """Instants, counted from the fault."""
    spans: list[BandDocument]
    """Durations between two marks."""
    limits: list[str]
    """What the drill cannot show."""
    placeholders: list[str]
    """Names to be filled in."""
    drills: int | None
    """Drills that were measured."""
    ruled_out_below: float | None
    """The least coverage of a band of 95 % that so many drills inside of it leave possible."""


@dataclass(frozen=True, kw_only=True)
class BandDocument:
    """Predictions of a mark or a span."""

    mark: str
    """The mark, or the mark at which the span ends."""
    from_: str | None = None
    """The mark at which the span begins."""
    words: str
    """What it is."""
    p5: float | None
    """5th percentile in seconds over trials in which it happens."""
    p50: float | None
    """Median."""
    p95: float | None
    """95th percentile."""
    never: float
    """Share of trials in which it does not happen."""
    measured: list[MeasuredDocument] = field(default_factory=list)
    """What was measured."""
    verdict: str | None = None
    """What the measurements of a span say."""
    p: float | None = None
    """The probability that measurements of the predicted law lie as far to one side."""
    p_adjusted: float | None = None
    """The same with regard to how many spans are looked at."""
    power: float | None = None
    """The chance that as many drills would show durations that are twice as long as predicted."""


@dataclass(frozen=True, kw_only=True)
class MeasuredDocument:
    """A measurement."""

    drill: str
    """The drill."""
    low: float
    """Seconds, at least."""
    high: float | None
    """Seconds, at most; `null` for one that was stopped."""
    place: float | None
    """The share of predictions below it."""


@dataclass(frozen=True, kw_only=True)
class CheckDocument:
    """A valid file: what in it will not work, what is assumed, and the file as resolved."""

    file: str
    """The file."""
    name: str
    """The experiment's name."""
    hash: str
    """Digest of the experiment: equal experiments have equal ones."""
    findings: list[Finding]
    """Settings that will not do what the author expects."""
    notes: list[Finding]
    """Assumptions that are neither figures nor mistakes."""
    assumed: list[AssumedFigure]
    """Assumed figures in use."""
    figures: list[SourcedFigure]
    """All other figures, with their sources."""
    questions: list[OpenQuestion]
    """Questions that the file leaves open; guesses stand for the answers."""
    resolved: str
    """The file with `extends` and `--set` applied: it stands alone, and gives the same trials anywhere."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A setting that cannot work, or that works differently than it seems: the file runs, and its results mislead a
    reader who does not know."""

    kind: str
    """The kind of mistake: a stable name such as `alarm-cannot-fire`."""
    file: str
    """The file, or the argument of the command line."""
    line: int
    """Line, from 1."""
    column: int
    """Column in characters, from 1."""
    path: str
    """The setting's key path as `--set` takes it, such as `alarms.orders-down.above`."""
    message: str
    """The problem and its reason."""
    change: str
    """Advice."""


#: The outcome of an objective.
Verdict = Literal['met', 'missed', 'undecided', 'not-judged']


#: A difference, or why there is none.
DifferenceDocument = KnownDifference | Estimate


#: How the interval of a difference is made.
MethodWord = Literal['student', 'linear', 'joint-ranks']


#: The layout of the points.
Design = Literal['grid', 'one-at-a-time', 'latin-hypercube', 'sobol']
