//! Experiments made of numbers: what properties run over.
//!
//! Every part of an experiment has a row of dials of its own, so that turning one dial changes one thing, and zero is
//! always the plainest choice: an example that fails is simplified until it says why it fails.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use crate::lab::Dice;

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];
const ROWS: usize = 29;
const DIALS: usize = 20;

/// The numbers of one experiment.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(Vec<u16>);

/// Numbers of any experiment.
pub(crate) fn numbers() -> impl Strategy<Value = Numbers> {
    proptest::collection::vec(any::<u16>(), ROWS * DIALS).prop_map(Numbers)
}

/// Runs a property over so many examples, the same ones every time; `PROPTEST_CASES` asks for more of them.
pub(crate) fn holds<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    match TestRunner::new_with_rng(config, rng).run(strategy, property) {
        Ok(()) => {}
        // The reason tells the experiment; its numbers tell nobody anything.
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(error) => panic!("{error}"),
    }
}

/// Peculiarities of an experiment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wish {
    /// No faults, and more capacity than anybody needs.
    pub(crate) calm: bool,
    /// Nothing but clients and a DNS whose records have this TTL and whose checks look at the front alone.
    pub(crate) only_dns: Option<u32>,
}

/// One part's dials.
struct Dials<'a>(std::slice::Iter<'a, u16>);

impl Dials<'_> {
    fn next(&mut self) -> usize {
        usize::from(*self.0.next().expect("a row has enough dials"))
    }

    fn of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.next() % options.len()]
    }

    fn flag(&mut self) -> bool {
        self.next() % 2 == 1
    }

    fn up_to(&mut self, most: usize) -> usize {
        self.next() % (most + 1)
    }

    fn region(&mut self, cast: &Cast) -> &'static str {
        REGIONS[self.up_to(cast.regions - 1)]
    }
}

/// A text line by line.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// The lines that the dials choose, one dial each.
    fn some(&mut self, dials: &mut Dials<'_>, lines: &[&str]) {
        for line in lines {
            if dials.flag() {
                self.add(line);
            }
        }
    }
}

/// The routing to the regions.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Edge {
    Dns,
    CloudFront,
    OriginGroup,
    Accelerator,
    Both,
}

/// How a store's writer moves, if it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Writer {
    None,
    Promoted,
    SwitchedOver,
}

/// Names that other parts refer to.
struct Cast {
    wish: Wish,
    regions: usize,
    /// The largest size of a group, if regions have one.
    compute: Option<usize>,
    /// How each store's writer moves.
    writers: Vec<Writer>,
    /// Stores with a backup, each with a region that keeps it.
    backed_up: Vec<(usize, &'static str)>,
    clients: usize,
    /// Regions that some access point may lead to.
    access_points: usize,
    edge: Edge,
    journeys: usize,
    alarms: usize,
    /// Services behind the fronts, each with whether it stands outside AWS.
    services: Vec<bool>,
    /// Whether journeys may send messages to a queue.
    queue: bool,
}

impl Numbers {
    /// The same numbers for the same seed, everywhere.
    pub(crate) fn of_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        Self((0..ROWS * DIALS).map(|_| (dice.uniform() * 65_536.0) as u16).collect())
    }

    fn row(&self, row: usize) -> Dials<'_> {
        Dials(self.0[row * DIALS..(row + 1) * DIALS].iter())
    }

    /// The experiment's text.
    pub(crate) fn text(&self, wish: Wish) -> String {
        let (mut dials, mut lines) = (self.row(0), Lines::default());
        let mut cast = Cast {
            wish,
            regions: 1 + dials.up_to(2),
            compute: None,
            writers: Vec::new(),
            backed_up: Vec::new(),
            clients: 0,
            access_points: 0,
            edge: Edge::Dns,
            journeys: 1 + dials.up_to(1),
            alarms: if wish.only_dns.is_some() { 0 } else { dials.up_to(2) },
            services: Vec::new(),
            queue: false,
        };
        let (clients, stores, runbooks) = (dials.up_to(2), dials.up_to(2), dials.up_to(2));
        let (stores, runbooks) = if wish.only_dns.is_some() { (0, 0) } else { (stores, runbooks) };
        cast.clients = 1 + clients;
        let faults = if wish.calm { 0 } else { dials.up_to(3) };
        lines.add("name = \"generated\"");
        lines.add(format!("seed = {}", dials.next()));
        lines.add(format!("horizon = \"{}\"", dials.of(&["40m", "90m"])));
        lines.add(dials.of(&["", "starts = \"any\"", "starts = \"fri 23:30\""]));
        lines.add(format!("objectives.up-when = {}", dials.of(&["0.99", "0.5", "1.0"])));
        lines.some(&mut dials, &["objectives.availability = 0.95"]);
        let delays = ["\"30s\"", "{ uniform = [\"10s\", \"50s\"] }", "{ exponential = { mean = \"70s\" } }"];
        lines.add(format!("cloudwatch.ingestion-delay = {}", dials.of(&delays)));
        for region in &REGIONS[..cast.regions] {
            lines.add(format!("[regions.{region}]"));
        }
        let computes = dials.flag() && wish.only_dns.is_none();
        // Stores come first: services need them.
        (0..stores).for_each(|store| self.store(store, &mut cast, &mut lines));
        let behind = if wish.only_dns.is_some() { 0 } else { self.row(24).of(&[0, 0, 0, 0, 1, 2]) };
        self.stack(computes, behind, &mut cast, &mut lines);
        self.dns(&cast, &mut lines);
        if wish.only_dns.is_none() {
            self.edge(&mut cast, &mut lines);
        }
        (0..cast.clients).for_each(|index| self.clients(index, &cast, &mut lines));
        (0..cast.journeys).for_each(|index| self.journey(index, &cast, &mut lines));
        (0..cast.alarms).for_each(|index| self.alarm(index, &cast, &mut lines));
        (0..runbooks).for_each(|index| self.runbook(index, &cast, &mut lines));
        (0..faults).for_each(|index| self.fault(index, &cast, &mut lines));
        self.corruption(&cast, &mut lines);
        if cast.wish.calm { lines.0 } else { self.waiting(lines.0) }
    }

    /// Requests may wait before instances that clients come to straight from DNS, and before a service that others call.
    fn waiting(&self, mut text: String) -> String {
        // The last dials of a row that turns few.
        let mut dials = self.row(28);
        for _ in 0..14 {
            dials.next();
        }
        let own = "[compute]\nkind = \"ec2-auto-scaling\"\n";
        let straight = !["multivalue", "cloudfront", "api-gateway", ".compute]"].iter().any(|part| text.contains(part));
        // Storms that stay are looked at every second, which takes its time: few of them, and none where each look is dear.
        if text.contains("lambda") || text.contains("api-gateway") {
            return text;
        }
        let seldom = [false, false, false, true];
        if dials.of(&seldom) && straight && text.contains(own) {
            let limit = dials.of(&["\"4s\"", "\"1m\"", "50"]);
            let order = dials.of(&["", ", order = \"lifo\""]);
            text =
                text.replace("kappa = 0.5\n", "").replace(own, &format!("{own}queue = {{ limit = {limit}{order} }}\n"));
        }
        let carries = "requests-per-second = 120\n";
        let held = text.match_indices(carries).next().map(|(at, _)| at).filter(|_| dials.of(&seldom));
        let Some(at) = held.filter(|_| !text.contains("launch-needs")) else { return text };
        let Some(name) = text[..at].rfind("[services.service-").map(|from| text[from..].chars().nth(18)) else {
            return text;
        };
        text.insert_str(at, "queue = { limit = \"5s\" }\n");
        let call = format!("call = \"service-{}\"", name.unwrap_or('0'));
        let mut whole = String::new();
        for (number, part) in text.split(&call).enumerate() {
            if number > 0 {
                let own = part.split('}').next().unwrap_or_default();
                whole.push_str(&call);
                whole.push_str(if own.contains("timeout") { "" } else { ", timeout = \"20s\"" });
            }
            whole.push_str(part);
        }
        whole
    }

    /// What regions run: a single service in the short form, or a graph with so many services behind the one that is entered.
    fn stack(&self, computes: bool, behind: usize, cast: &mut Cast, lines: &mut Lines) {
        let mut own = Lines::default();
        if computes {
            self.compute(cast, &mut own);
        }
        if behind == 0 {
            lines.0.push_str(&own.0);
            return;
        }
        let mut dials = self.row(24);
        dials.next();
        cast.services = (0..behind).map(|_| dials.of(&[false, false, false, true])).collect();
        let app = if computes { own.0 } else { "[compute]\nkind = \"managed\"\n".to_owned() };
        let app = app.replace(".compute]", ".services.app]").replace("[compute]", "[services.app]");
        let app = app.replace("[load-balancer", "[services.app.load-balancer");
        // Tables inside come last: the needs belong to the service itself.
        let of_app = format!("[services.app]\nneeds = {}\n", Self::needs_of(&mut dials, 0, cast));
        lines.0.push_str(&app.replacen("[services.app]\n", &of_app, 1));
        for index in 0..behind {
            self.service(index, cast, lines);
        }
        let mut dials = self.row(28);
        if !cast.wish.calm && dials.flag() {
            cast.queue = true;
            let carries = dials
                .of(&["kind = \"managed\"\nrequests-per-second = 25", "kind = \"managed\"\nrequests-per-second = 90"]);
            lines.add(format!("[services.worker]\n{carries}\nneeds = {}", needs(&mut dials, cast)));
            lines.add("[stores.jobs]\nkind = \"queue\"\nconsumed-by = \"worker\"");
            lines.some(&mut dials, &["regions = [\"us-east-1\"]"]);
        }
    }

    /// A service behind the fronts; each calls only those that come after it.
    fn service(&self, index: usize, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(25 + index);
        lines.add(format!("[services.service-{index}]"));
        if cast.services[index] {
            lines.add(format!("kind = \"external\"\nplace = \"{}\"", REGIONS[0]));
            if !cast.wish.calm {
                lines.some(&mut dials, &["requests-per-second = 150"]);
            }
            return;
        }
        let one = format!("regions = [\"{}\"]", REGIONS[0]);
        lines.add(dials.of(&["", "", one.as_str()]));
        let carries = if cast.wish.calm { "100_000" } else { dials.of(&["30", "60", "200"]) };
        match dials.of(&["instances", "tasks", "pods", "function", "managed"]) {
            "instances" => {
                lines.add(format!("kind = \"ec2-auto-scaling\"\nrequests-per-second = {carries}\nzones = 2"));
                lines.add("instances = { min = 2, desired = 4, max = 9 }\nlaunch-time = \"50s\"");
                // A goodput that falls under load is for the closed forms: its slow ways would make these tests slow.
                lines.some(&mut dials, &["scaling = { target-utilization = 0.6, metric = \"cpu\" }"]);
                lines.add(Self::front(&mut dials, cast));
            }
            "tasks" => {
                lines.add(format!("kind = \"ecs\"\nrequests-per-second = {carries}\nzones = 2"));
                lines.add("tasks = { min = 2, desired = 4, max = 9 }\nlaunch-time = \"50s\"");
                let room = "launch-type = \"ec2\"\ninstances = { desired = 3, max = 5, tasks-per-instance = 2 }";
                lines.add(dials.of(&["maximum-percent = 100", "maximum-percent = 150", room]));
                lines.some(&mut dials, &["scaling = { target-utilization = 0.6, period = \"20s\" }"]);
                lines.add(Self::front(&mut dials, cast));
            }
            "pods" => {
                lines.add(format!("kind = \"eks\"\nrequests-per-second = {carries}\nzones = 2"));
                lines.add("pods = { min = 2, desired = 4, max = 9 }\nlaunch-time = \"5s\"");
                lines.add("nodes = { desired = 3, max = 5, pods-per-node = 2, evict-lost-zones = true }");
                lines.some(&mut dials, &["scaling = { target-utilization = 0.6 }"]);
                lines.add(Self::front(&mut dials, cast));
            }
            "function" => {
                let limit = if cast.wish.calm { 1_000_000 } else { 300 };
                lines.add(format!("kind = \"lambda\"\nduration = \"400ms\"\naccount-limit = {limit}\nburst = {limit}"));
                if !cast.wish.calm {
                    lines.some(&mut dials, &["load-balancer = { kind = \"api-gateway\", rate = 150, burst = 1_000 }"]);
                }
            }
            _ => {
                lines.add("kind = \"managed\"");
                if !cast.wish.calm {
                    lines.some(&mut dials, &["requests-per-second = 120"]);
                }
            }
        }
        lines.add(format!("needs = {}", Self::needs_of(&mut dials, index + 1, cast)));
    }

    /// What stands in front of members.
    fn front(dials: &mut Dials<'_>, cast: &Cast) -> String {
        let competes = if cast.wish.calm { "" } else { ", probes-compete = true" };
        match dials.of(&["application", "application", "network", "none"]) {
            "none" => "load-balancer = { kind = \"none\" }".to_owned(),
            kind => format!("load-balancer = {{ kind = \"{kind}\"{} }}", dials.of(&["", competes])),
        }
    }

    /// Accesses to stores, and calls of services from this one on.
    fn needs_of(dials: &mut Dials<'_>, first: usize, cast: &Cast) -> String {
        let own = needs(dials, cast);
        let mut calls = Vec::new();
        for service in first..cast.services.len() {
            if dials.of(&[true, true, false]) || service == first {
                calls.push(call(dials, service, cast));
            }
        }
        let own = own.trim_matches(['[', ']']);
        if own.is_empty() { format!("[{}]", calls.join(", ")) } else { format!("[{own}, {}]", calls.join(", ")) }
    }

    fn compute(&self, cast: &mut Cast, lines: &mut Lines) {
        match self.row(20).of(&["instances", "instances", "functions", "both"]) {
            "functions" => lines.add(format!("[compute]\n{}", self.function(cast))),
            "both" if cast.regions > 1 => {
                self.instances(cast, lines);
                lines.add(format!("[regions.{}.compute]\n{}", REGIONS[1], self.function(cast)));
                // Functions cannot be scaled by hand.
                cast.compute = None;
            }
            _ => self.instances(cast, lines),
        }
    }

    fn function(&self, cast: &Cast) -> String {
        let (mut dials, mut lines) = (self.row(1), Lines::default());
        lines.add("kind = \"lambda\"");
        lines.add(format!("duration = {}", dials.of(&["\"1s\"", "\"50ms\"", "{ exponential = { mean = \"3s\" } }"])));
        if cast.wish.calm {
            lines.add("account-limit = 1_000_000\nburst = 1_000_000");
            return lines.0;
        }
        lines.add(format!("account-limit = {}", dials.of(&["1_000", "250", "5_000"])));
        let choices = [
            "burst = 20",
            "scaling-rate = \"70 per 10s\"",
            "provisioned-concurrency = 60",
            "cold-start = { uniform = [\"30s\", \"90s\"] }",
        ];
        lines.some(&mut dials, &choices);
        lines.0
    }

    fn instances(&self, cast: &mut Cast, lines: &mut Lines) {
        let mut dials = self.row(1);
        let (desired, zones) = (1 + dials.up_to(8), 1 + dials.up_to(2));
        let (min, max) = (1 + dials.up_to(desired - 1), desired + dials.up_to(12));
        cast.compute = Some(max);
        lines.add("[compute]\nkind = \"ec2-auto-scaling\"");
        lines.add(format!("zones = {zones}"));
        lines.add(format!("instances = {{ min = {min}, desired = {desired}, max = {max} }}"));
        let capacity = if cast.wish.calm { 100_000 } else { dials.of(&[100, 40, 400]) };
        lines.add(format!("requests-per-second = {capacity}"));
        let scheduled =
            format!("scheduled = [{{ at = \"5m\", desired = {min} }}, {{ at = \"25m\", desired = {max} }}]");
        let choices = [
            "launch-time = { uniform = [\"20s\", \"200s\"] }",
            "warm-up = \"30s\"",
            "replacement-delay = { exponential = { mean = \"3m\" } }",
            "insufficient-capacity = 0.3",
            "kappa = 0.5",
            "goodput-floor = 0.2",
            "warm-pool = { instances = 2 }",
            scheduled.as_str(),
        ];
        lines.some(&mut dials, &choices);
        if dials.flag() {
            let (target, metric) = (dials.of(&[0.5, 0.3, 0.8]), dials.of(&["cpu", "requests"]));
            let period = dials.of(&["", "", ", period = \"20s\""]);
            lines.add(format!("scaling = {{ target-utilization = {target}, metric = \"{metric}\"{period} }}"));
        }
        let mut dials = self.row(2);
        lines.some(&mut dials, &["detailed-monitoring = true", "health-check-type = \"ec2\""]);
        lines.add(dials.of(&["", "replacement-batch = 0.4", "min-healthy = 0.8\nmax-healthy = 1.3"]));
        let (interval, timeout) = dials.of(&[("10s", "5s"), ("30s", "5s"), ("6s", "2s")]);
        let (out, back) = (dials.of(&[2, 5]), dials.of(&[5, 2]));
        lines.add("[load-balancer.target-health-check]");
        lines.add(format!("interval = \"{interval}\"\ntimeout = \"{timeout}\""));
        lines.add(format!("unhealthy-threshold = {out}\nhealthy-threshold = {back}"));
    }

    fn store(&self, index: usize, cast: &mut Cast, lines: &mut Lines) {
        let mut dials = self.row(3 + index);
        let mut kinds = vec!["aurora", "table", "cache", "replica", "shards"];
        if cast.regions > 1 {
            kinds.extend(["both ways", "both ways"]);
        }
        if cast.regions == 3 {
            kinds.push("strong table");
        }
        // Sessions go with instances, and writes to a replica go nowhere, fault or not.
        if !cast.wish.calm {
            kinds.push("session");
            if cast.regions > 1 {
                kinds.push("one way");
            }
        }
        let mut others = self.row(21 + index);
        let kind = match dials.of(&kinds) {
            "replica" => others.of(&["replica", "documents", if cast.regions == 2 { "files" } else { "replica" }]),
            "table" if cast.regions == 3 => others.of(&["table", "memory", "dsql"]),
            "table" => others.of(&["table", if cast.regions > 1 { "memory" } else { "table" }]),
            "strong table" => others.of(&["strong table", "dsql"]),
            kind => kind,
        };
        cast.writers.push(match kind {
            "aurora" | "shards" | "documents" => Writer::SwitchedOver,
            "cache" | "replica" | "files" => Writer::Promoted,
            _ => Writer::None,
        });
        // Where it is written, and so backed up.
        let mut home = REGIONS[0];
        lines.add(format!("[stores.store-{index}]"));
        match kind {
            "aurora" | "shards" => {
                if kind == "aurora" {
                    home = dials.region(cast);
                    lines.add(format!("kind = \"aurora-global\"\nwriter = \"{home}\""));
                    lines.some(&mut dials, &["zone = \"a\""]);
                } else {
                    let writers = [dials.region(cast), dials.region(cast)];
                    home = writers[0];
                    lines.add(format!("kind = \"sharded-relational\"\nshards = {}", shards(cast.clients, writers)));
                }
                let choices = [
                    "endpoint = \"regional\"",
                    "promotion-time = \"90s\"",
                    "endpoint-ttl = \"0s\"",
                    "in-region-failover = \"40s\"",
                    "write-forwarding = true",
                    "apply-rate = 60",
                    "rpo-bound = \"30s\"",
                ];
                lines.some(&mut dials, &choices);
            }
            "replica" => {
                home = dials.region(cast);
                lines.add(format!("kind = \"rds-replica\"\nwriter = \"{home}\""));
                let choices =
                    ["endpoint = \"global\"", "promotion-time = \"90s\"", "multi-az = false", "apply-rate = 60"];
                lines.some(&mut dials, &choices);
            }
            "cache" => {
                home = dials.region(cast);
                lines.add(format!("kind = \"elasticache-global\"\nwriter = \"{home}\""));
                lines.some(&mut dials, &["reads-while-modifying = false", "in-region-failover = \"20s\""]);
                // The second store may stand in front of the first.
                if index == 1 && dials.flag() {
                    lines.add("backs = \"store-0\"\nwarm-up = \"3m\"");
                    lines.some(&mut dials, &["cold-when-promoted = true", "hit-ratio = 0.5"]);
                }
            }
            "documents" => {
                home = dials.region(cast);
                lines.add(format!("kind = \"documentdb-global\"\nwriter = \"{home}\""));
                lines.some(&mut dials, &["endpoint = \"global\"", "promotion-time = \"90s\"", "apply-rate = 60"]);
            }
            "files" => {
                let (from, to) = (REGIONS[0], REGIONS[1]);
                lines.add(format!("kind = \"efs-replication\"\nfrom = \"{from}\"\nto = \"{to}\""));
                lines.some(&mut dials, &["zone = \"a\"", "recovery-point = \"2m\"", "promotion-time = \"90s\""]);
            }
            "memory" => {
                lines.add("kind = \"memorydb-multi-region\"");
                lines.some(&mut dials, &["rewrite-rate = 0.001", "replication-delay = \"4s\""]);
            }
            "dsql" => {
                lines.add(format!("kind = \"aurora-dsql\"\nwitness = \"{}\"", REGIONS[2]));
                lines.some(&mut dials, &["endpoint-change = \"70s\""]);
            }
            "table" => {
                lines.add("kind = \"dynamodb-global-table\"");
                lines.some(&mut dials, &["rewrite-rate = 0.001"]);
            }
            "strong table" => {
                lines.add("kind = \"dynamodb-global-table\"\nconsistency = \"strong\"");
                lines.some(&mut dials, &["reads = \"eventual\"", "witness = \"eu-west-1\""]);
            }
            "session" => {
                lines.add("kind = \"instance-session\"");
                lines.some(&mut dials, &["session-life = \"2m\""]);
            }
            "one way" => lines.add(format!("kind = \"s3-replication\"\nfrom = \"{}\"", REGIONS[1])),
            _ => {
                lines.add("kind = \"s3-replication\"");
                lines.some(&mut dials, &["rtc = true", "rewrite-rate = 0.001"]);
                if dials.flag() {
                    cast.access_points = cast.regions;
                    lines.add("access = \"multi-region-access-point\"");
                }
            }
        }
        if !cast.wish.calm && dials.flag() {
            lines.add("capacity = { reads = 120, writes = 90 }");
        }
        if kind != "session" && others.flag() {
            cast.backed_up.push((index, home));
            let how = others.of(&["every = \"20m\"", "continuous = \"3m\"", "every = \"1h\", continuous = \"10m\""]);
            let slow = others.of(&["", ", slow-after-restore = { factor = 3, for = \"5m\" }"]);
            lines.add(format!("backup = {{ {how}, restore-time = \"4m\"{slow} }}"));
        }
    }

    /// What one or all of the stores hold is wrong, once or several times.
    fn corruption(&self, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(23);
        let kept: Vec<String> = cast.backed_up.iter().map(|(store, _)| format!("store-{store}")).collect();
        if cast.wish.calm || kept.is_empty() || !dials.flag() {
            return;
        }
        lines.add(format!("[[faults]]\nkind = \"corruption\"\nstore = {kept:?}"));
        lines.add(dials.of(&["at = \"9m\"", "at = \"0s\"", "rate = \"3 per hour\""]));
        lines.some(&mut dials, &["error = 0.4", "noticed-after = { uniform = [\"0s\", \"9m\"] }"]);
    }

    fn edge(&self, cast: &mut Cast, lines: &mut Lines) {
        let mut dials = self.row(19);
        let kinds = [Edge::Dns, Edge::Dns, Edge::CloudFront, Edge::Accelerator, Edge::Both, Edge::OriginGroup];
        cast.edge = dials.of(&kinds[..if cast.regions > 1 { 6 } else { 5 }]);
        if matches!(cast.edge, Edge::CloudFront | Edge::OriginGroup | Edge::Both) {
            lines.add("[[edge]]\nkind = \"cloudfront\"\nhit-ratio = 0.4");
            lines.some(&mut dials, &["error-caching = \"0s\"", "stale-if-error = 0.5"]);
        }
        if cast.edge == Edge::OriginGroup {
            lines.add(format!("origin-group = [\"{}\", \"{}\"]", REGIONS[0], REGIONS[1]));
            lines.some(&mut dials, &["attempts = 1", "connect-timeout = \"2s\""]);
        }
        if matches!(cast.edge, Edge::Accelerator | Edge::Both) {
            lines.add("[[edge]]\nkind = \"global-accelerator\"");
            let dial = format!("dial = {{ {} = 0.5 }}", REGIONS[0]);
            lines.some(&mut dials, &["reroute-delay = \"0s\"", "threshold = 1", &dial]);
        }
    }

    fn dns(&self, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(5);
        let mut policies = vec!["latency", "simple", "multivalue", "weighted", "geolocation"];
        if cast.regions > 1 {
            policies.push("failover");
        }
        let policy = dials.of(&policies);
        let ttl = dials.of(&[60, 0, 10, 300]);
        lines.add(format!("[dns]\npolicy = \"{policy}\"\nttl = \"{}s\"", cast.wish.only_dns.unwrap_or(ttl)));
        match policy {
            "weighted" => {
                let mut weights = vec![format!("{} = {}", REGIONS[0], dials.of(&[1, 3]))];
                for name in &REGIONS[1..cast.regions] {
                    weights.push(format!("{name} = {}", dials.of(&[1, 3, 0])));
                }
                lines.add(format!("weights = {{ {} }}", weights.join(", ")));
            }
            "geolocation" => {
                lines.add(format!("default = \"{}\"", REGIONS[0]));
                lines.add(format!("locations = {{ clients-0 = \"{}\" }}", dials.region(cast)));
            }
            "failover" => lines.add(format!("primary = \"{}\"\nsecondary = \"{}\"", REGIONS[0], REGIONS[1])),
            _ => {}
        }
        let mut dials = self.row(6);
        lines.some(&mut dials, &["propagation = \"0s\"", "evaluate-target-health = true", "failback = \"manual\""]);
        lines.add("[dns.health-check]");
        lines.add(format!("interval = \"{}\"", dials.of(&["10s", "30s"])));
        lines.add(format!("failure-threshold = {}", 1 + dials.up_to(3)));
        lines.some(&mut dials, &["checkers = 5"]);
        let children = if cast.wish.only_dns.is_some() { 0 } else { dials.up_to(2) };
        let deep = needs(&mut dials, cast);
        if children == 1 {
            lines.add(format!("deep = {deep}"));
        }
        if children == 2 {
            let without = dials.of(&["healthy", "unhealthy", "last-known"]);
            let alarm = format!("{{ kind = \"alarm\", alarm = \"alarm-0\", insufficient-data = \"{without}\" }}");
            let other = if cast.alarms > 0 { alarm.as_str() } else { "{ kind = \"shallow\" }" };
            lines.add(format!("checks = [{{ kind = \"deep\", deep = {deep} }}, {other}]\nhealthy-children = 1"));
        }
        if cast.regions > 1 && dials.flag() {
            lines.add(format!("[regions.{}.dns]\nhealth-check = {{ interval = \"20s\" }}", REGIONS[1]));
        }
    }

    fn clients(&self, index: usize, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(7 + index);
        lines.add(format!("[[clients]]\nname = \"clients-{index}\"\nnear = \"{}\"", dials.region(cast)));
        lines.add(format!("requests-per-second = {}", dials.of(&[100, 250, 7])));
        lines.add(format!("cohorts = {}", dials.of(&[1, 8, 50])));
        lines.add(format!("retries = {{ attempts = {} }}", dials.of(&[1, 1, 3, 2])));
        let choices = [
            "zipf = 0.9",
            "caching = [{ share = 0.7 }, { share = 0.2, floor = \"5m\" }, { share = 0.1, cap = \"7s\" }]",
            "connection-lifetime = { exponential = { mean = \"2m\" } }",
            "profile = [{ at = \"0s\", factor = 0.5 }, { at = \"12m\", factor = 1.5 }]",
        ];
        lines.some(&mut dials, &choices);
    }

    fn journey(&self, index: usize, cast: &Cast, lines: &mut Lines) {
        let share = if cast.journeys == 1 { 1.0 } else { [0.85, 0.15][index] };
        lines.add(format!("[[journeys]]\nname = \"journey-{index}\"\nshare = {share}"));
        if !cast.services.is_empty() {
            lines.add("enters = \"app\"");
        }
        let mut dials = self.row(10 + index);
        let sends = if cast.queue { "{ write = \"jobs\" }, " } else { "" };
        lines.add(format!("needs = {}", needs(&mut dials, cast).replacen('[', &format!("[{sends}"), 1)));
        let cached = matches!(cast.edge, Edge::CloudFront | Edge::OriginGroup | Edge::Both);
        if cached && index == 0 {
            lines.add("cacheable = true\nmethod = \"GET\"");
        }
    }

    fn alarm(&self, index: usize, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(12 + index);
        let region = dials.region(cast);
        let journey = dials.up_to(cast.journeys - 1);
        let mut metrics = vec![
            (format!("{{ errors = \"journey-{journey}\" }}"), "0.2"),
            (format!("{{ errors = \"journey-{journey}\", region = \"{region}\" }}"), "0.1"),
            (format!("{{ errors = \"journey-{journey}\", region = \"{region}\", sparse = false }}"), "0.1"),
            (format!("{{ errors = \"journey-{journey}\", sparse = true }}"), "0.1"),
            (format!("{{ health-check = \"{region}\" }}"), "0.5"),
            (format!("{{ unhealthy-hosts = \"{region}\" }}"), "0.5"),
            (format!("{{ utilization = \"{region}\" }}"), "0.7"),
            (format!("{{ throttles = \"{region}\" }}"), "0.1"),
        ];
        if !cast.writers.is_empty() {
            metrics.push(("{ replication-lag = \"store-0\" }".to_owned(), "30"));
        }
        let (metric, above) = &metrics[dials.next() % metrics.len()];
        lines.add(format!("[[alarms]]\nname = \"alarm-{index}\"\nmetric = {metric}\nabove = {above}"));
        lines.add(format!("period = \"{}\"", dials.of(&["1m", "20s", "5m"])));
        lines.add(format!("datapoints = \"{}\"", dials.of(&["1 of 1", "2 of 3", "3 of 3"])));
        let host = dials.region(cast);
        // Metrics of health checks are in one region alone, which has this alarm by itself.
        if !metric.contains("health-check") {
            lines.add(format!("hosted-in = \"{host}\""));
        }
        lines.add(format!("missing = \"{}\"", dials.of(&["missing", "breaching", "not-breaching", "ignore"])));
        lines.some(&mut dials, &["ingestion-delay = { lognormal = { median = \"30s\", p95 = \"120s\" } }"]);
    }

    fn runbook(&self, index: usize, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(14 + index);
        let triggers = [
            "{ operator = \"2m\" }".to_owned(),
            format!("{{ health-check = \"{}\" }}", dials.region(cast)),
            "{ alarm = \"alarm-0\" }".to_owned(),
        ];
        let possible = if cast.alarms > 0 { &triggers[..] } else { &triggers[..2] };
        let trigger = &possible[dials.next() % possible.len()];
        let mut hosts: Vec<&str> = REGIONS[..cast.regions].to_vec();
        hosts.rotate_left(dials.up_to(cast.regions - 1));
        hosts.truncate(1 + dials.up_to(cast.regions - 1));
        let to = dials.region(cast);
        let steps: Vec<String> = (0..=dials.up_to(2)).map(|_| step(&mut dials, cast, to)).collect();
        lines.add(format!("[[runbooks]]\nname = \"runbook-{index}\"\non = {trigger}\nhosted-in = {hosts:?}"));
        lines.add(format!("steps = [{}]", steps.join(", ")));
    }

    fn fault(&self, index: usize, cast: &Cast, lines: &mut Lines) {
        let mut dials = self.row(16 + index);
        let region = format!("region = \"{}\"", dials.region(cast));
        let error = dials.of(&[1.0, 0.3, 0.005]);
        let mut kinds = vec![
            format!("kind = \"region-outage\"\n{region}"),
            format!("kind = \"service-impairment\"\nservice = \"control-plane\"\n{region}"),
            format!("kind = \"service-impairment\"\nservice = \"lambda\"\n{region}\nerror = {error}"),
            format!("kind = \"gray-failure\"\n{region}\nerror = {error}"),
            format!("kind = \"zone-outage\"\n{region}"),
            format!("kind = \"zone-outage\"\n{region}\nhosts = \"terminated\""),
            format!("kind = \"load-surge\"\nfactor = {}", dials.of(&[2.0, 5.0, 0.0])),
            format!("kind = \"region-outage\"\n{region}\ndestroyed = true"),
            format!("kind = \"gray-failure\"\n{region}\nerror = 0.9\nseen = 0.5"),
            format!("kind = \"gray-failure\"\n{region}\nerror = 0\nchecks = {{ route53 = 0.7, targets = 0.6 }}"),
        ];
        if cast.compute.is_some() {
            kinds.push(format!("kind = \"insufficient-capacity\"\n{region}\nprobability = 0.8"));
            let failures = format!("kind = \"instance-failures\"\n{region}\nprobability = {}", dials.of(&[1.0, 0.4]));
            kinds.push(format!("{failures}\nterminated = true"));
            kinds.push(failures);
        }
        if !cast.writers.is_empty() {
            let store = dials.up_to(cast.writers.len() - 1);
            let error = dials.of(&[1.0, 0.3]);
            kinds.push(format!("kind = \"service-impairment\"\nstore = \"store-{store}\"\n{region}\nerror = {error}"));
        }
        if let Some(service) = cast.services.len().checked_sub(1) {
            let place = if cast.services[service] { "" } else { REGIONS[0] };
            let place = if place.is_empty() { String::new() } else { format!("region = \"{place}\"\n") };
            let impaired =
                format!("kind = \"service-impairment\"\nservice = \"service-{service}\"\n{place}error = {error}");
            kinds.extend([impaired.clone(), impaired.clone(), impaired]);
            if !cast.services[0] {
                kinds.push(format!(
                    "kind = \"gray-failure\"\nservice = \"service-0\"\nregion = \"{}\"\nerror = {error}",
                    REGIONS[0]
                ));
            }
        }
        if cast.regions > 1 {
            let last = cast.regions - 1;
            let between = format!("between = [\"{}\", \"{}\"]", REGIONS[0], REGIONS[dials.of(&[1, last])]);
            kinds.push(format!("kind = \"partition\"\n{between}"));
            kinds.push(format!("kind = \"partition\"\n{between}"));
        }
        lines.add(format!("[[faults]]\n{}", kinds[dials.next() % kinds.len()]));
        let once = dials.of(&["\"10m\"", "{ uniform = [\"8m\", \"15m\"] }", "\"0s\"", "\"20m\""]);
        let exponential = "{ exponential = { mean = \"5m\" } }";
        lines.add(format!("duration = {}", dials.of(&["\"permanent\"", "\"10m\"", exponential, "\"15s\"", "\"1m\""])));
        lines.some(&mut dials, &["restart = \"45s\""]);
        // Often enough to overlap, with themselves and with others.
        let rate = dials.of(&["", "", "", "\"2 per 40m\"", "\"12 per hour\"", "\"1 per 40m\""]);
        lines.add(if rate.is_empty() { format!("at = {once}") } else { format!("rate = {rate}") });
    }
}

fn call(dials: &mut Dials<'_>, service: usize, cast: &Cast) -> String {
    let attempts = dials.of(&[1, 1, 2, 3]);
    let nearest = ", to = \"nearest\", detect = \"15s\"";
    let to = if cast.services[service] { "" } else { dials.of(&["", "", nearest]) };
    let rest = dials.of(&["", "", ", soft = true", ", cached-for = \"4m\"", ", errors-kept = \"2m\""]);
    format!("{{ call = \"service-{service}\", attempts = {attempts}{to}{rest} }}")
}

fn needs(dials: &mut Dials<'_>, cast: &Cast) -> String {
    let mut needs = Vec::new();
    for store in 0..cast.writers.len() {
        let need = dials.of(&["", "read", "write", "write"]);
        let soft = dials.of(&["", "", "", ", soft = true"]);
        if !need.is_empty() {
            needs.push(format!("{{ {need} = \"store-{store}\"{soft} }}"));
        }
    }
    format!("[{}]", needs.join(", "))
}

/// The first population in a shard of its own, the others, if there are any, in another.
fn shards(clients: usize, writers: [&str; 2]) -> String {
    let mut shards = vec![format!("{{ clients = [\"clients-0\"], writer = \"{}\" }}", writers[0])];
    let others: Vec<String> = (1..clients).map(|index| format!("clients-{index}")).collect();
    if !others.is_empty() {
        shards.push(format!("{{ clients = {others:?}, writer = \"{}\" }}", writers[1]));
    }
    format!("[{}]", shards.join(", "))
}

fn step(dials: &mut Dials<'_>, cast: &Cast, to: &str) -> String {
    let mut steps = vec![
        "{ approve = { uniform = [\"30s\", \"5m\"] }, hours = [{ during = \"mon-fri\", delay = \"40s\" }] }".to_owned(),
        "{ approve = \"1m\", success = 0.5, retries = 1, retry-after = \"2m\" }".to_owned(),
        "{ wait = \"20s\" }".to_owned(),
    ];
    let wrong = dials.of(&["", ", wrong = { probability = 0.5, noticed = \"3m\" }"]);
    match cast.edge {
        Edge::Dns | Edge::CloudFront => {
            steps.push(format!("{{ shift = \"arc\", to = \"{to}\"{wrong} }}"));
            steps.push(format!("{{ shift = \"record-edit\", to = \"{to}\" }}"));
            steps.push(format!("{{ readmit = \"{to}\" }}"));
        }
        Edge::Accelerator | Edge::Both => steps.push(format!("{{ shift = \"traffic-dial\", to = \"{to}\" }}")),
        Edge::OriginGroup => {}
    }
    if cast.access_points > 0 {
        let turn = format!("{{ shift = \"access-point\", to = \"{to}\" }}");
        steps.extend([turn.clone(), turn]);
    }
    let writers: Vec<usize> = (0..cast.writers.len()).filter(|&store| cast.writers[store] != Writer::None).collect();
    if !writers.is_empty() {
        let store = dials.of(&writers);
        steps.push(format!("{{ promote = \"store-{store}\", to = \"{to}\", success = 0.8, retries = 1 }}"));
        steps.push(format!("{{ detach = \"store-{store}\", to = \"{to}\" }}"));
        // A planned switchover stops writes, fault or not.
        if !cast.wish.calm && cast.writers[store] == Writer::SwitchedOver {
            steps.push(format!("{{ switch-over = \"store-{store}\", to = \"{to}\" }}"));
        }
    }
    // It takes a store away for some time, fault or not.
    if let Some((store, home)) = cast.backed_up.first().filter(|_| !cast.wish.calm) {
        let restore = format!("{{ restore = \"store-{store}\", to = \"{home}\" }}");
        steps.extend([restore.clone(), restore]);
    }
    if let Some(most) = cast.compute {
        steps.push(format!("{{ scale = {most}, to = \"{to}\" }}"));
    }
    let chosen = dials.next() % steps.len();
    steps.swap_remove(chosen)
}

#[test]
fn everything_comes_up_often_enough() {
    let texts: Vec<String> = (0..300).map(|seed| Numbers::of_seed(seed).text(Wish::default())).collect();
    for what in [
        "aurora-global",
        "elasticache-global",
        "rds-replica",
        "sharded-relational",
        "documentdb-global",
        "efs-replication",
        "memorydb-multi-region",
        "aurora-dsql",
        "backup = ",
        "slow-after-restore",
        "\"corruption\"",
        "restore = ",
        "clients = [\"clients-1\"",
        "backs = ",
        "apply-rate",
        "rpo-bound",
        "write-forwarding",
        "multi-az = false",
        "reads-while-modifying",
        "capacity = ",
        "consistency = \"strong\"",
        "instance-session",
        "multi-region-access-point",
        "from = ",
        "origin-group",
        "global-accelerator",
        "ec2-auto-scaling",
        "kind = \"lambda\"",
        "compute]\nkind = \"lambda\"",
        "service = \"lambda\"",
        "throttles",
        "instance-failures",
        "terminated = true",
        "hosts = \"terminated\"",
        "replacement-batch",
        "max-healthy",
        "health-check-type",
        "detailed-monitoring",
        "period = \"20s\" }",
        "sparse = true",
        "sparse = false",
        "partition",
        "store = \"store-0\"",
        "control-plane",
        "destroyed = true",
        "insufficient-capacity\"",
        "shift = \"access-point\"",
        "traffic-dial",
        "switch-over",
        "hours = ",
        "wrong = ",
        "retry-after",
        "starts = ",
        "deep = [{",
        "kind = \"alarm\"",
        "missing = \"breaching\"",
        "rate = \"12 per hour\"",
        "availability = 0.95",
        "[services.app]",
        "kind = \"external\"",
        "to = \"nearest\"",
        "cached-for",
        "errors-kept",
        "service = \"service-",
        "kind = \"queue\"",
    ] {
        let count = texts.iter().filter(|text| text.contains(what)).count();
        assert!(count >= 3, "{what}: {count} of 300");
    }
}
