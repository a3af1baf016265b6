//! Single requests, walked one by one through random graphs of services: as many succeed as the solver says.

use std::fmt::Write as _;

use sim_core::random::{Stream, StreamId};

use crate::lab::{figures, happens};

/// So many graphs, and requests through each. Each comparison is wrong once in 10^6.
const GRAPHS: u64 = 24;
const REQUESTS: u64 = 40_000;
const RATE: f64 = 100.0;

/// What a service needs: a call of a later one, or a read of a table.
#[derive(Debug, Clone, Copy)]
struct Need {
    /// The service that is called; the table without.
    call: Option<usize>,
    attempts: u32,
    soft: bool,
}

/// A service: the share of its attempts that fail by a gray failure or an impairment, and what it needs, in order.
#[derive(Debug, Clone)]
struct Service {
    fails: f64,
    needs: Vec<Need>,
}

/// Services, each of which calls later ones alone; the first is entered. Reads of the table fail with this share.
#[derive(Debug)]
struct Graph {
    services: Vec<Service>,
    table: f64,
}

fn draw(stream: &mut Stream, most: usize) -> usize {
    ((stream.uniform() * (most + 1) as f64) as usize).min(most)
}

fn graph(number: u64) -> Graph {
    let stream = &mut Stream::new(StreamId::new(13, "random-walks", "graph"));
    stream.begin(number);
    let count = 3 + draw(stream, 4);
    let mut services = Vec::new();
    for service in 0..count {
        let mut needs = Vec::new();
        // Every service but the last calls the next one, so that all are asked.
        let more: Vec<usize> = (service + 2..count).filter(|_| draw(stream, 2) == 0).collect();
        for call in (service + 1..count).take(1).chain(more) {
            let (attempts, soft) = (1 + draw(stream, 2) as u32, draw(stream, 4) == 0);
            needs.push(Need { call: Some(call), attempts, soft });
        }
        if draw(stream, 2) == 0 {
            needs.push(Need { call: None, attempts: 1, soft: draw(stream, 3) == 0 });
        }
        let fails = [0.0, 0.1, 0.3, 0.6][draw(stream, 3)];
        services.push(Service { fails, needs });
    }
    Graph { services, table: [0.0, 0.2, 0.5][draw(stream, 2)] }
}

impl Graph {
    /// The same in a file: everything fails from the first instant to the last.
    fn text(&self) -> String {
        let mut text = format!(
            "name = \"walks\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[dns]\npolicy = \"simple\"\n\
             [stores.table]\nkind = \"dynamodb-global-table\"\n\
             [[clients]]\nname = \"all\"\nnear = \"us-east-1\"\nrequests-per-second = {RATE}\n\
             [[journeys]]\nname = \"visit\"\nshare = 1\nenters = \"s0\"\n"
        );
        let always = "region = \"us-east-1\"\nat = \"0s\"\nduration = \"permanent\"\n";
        for (number, service) in self.services.iter().enumerate() {
            let need = |need: &Need| {
                let soft = if need.soft { ", soft = true" } else { "" };
                match need.call {
                    Some(call) => format!("{{ call = \"s{call}\", attempts = {}{soft} }}", need.attempts),
                    None => format!("{{ read = \"table\"{soft} }}"),
                }
            };
            let needs: Vec<String> = service.needs.iter().map(need).collect();
            write!(text, "[services.s{number}]\nkind = \"managed\"\nneeds = [{}]\n", needs.join(", "))
                .expect("it takes it");
            if service.fails > 0.0 {
                // A gray failure and an impairment are the same to a caller.
                let (kind, error) = (["gray-failure", "service-impairment"][number % 2], service.fails);
                write!(text, "[[faults]]\nkind = \"{kind}\"\nservice = \"s{number}\"\nerror = {error}\n{always}")
                    .expect("it takes it");
            }
        }
        if self.table > 0.0 {
            let error = self.table;
            write!(text, "[[faults]]\nkind = \"service-impairment\"\nstore = \"table\"\nerror = {error}\n{always}")
                .expect("it takes it");
        }
        text
    }

    /// Whether an attempt at a service succeeds, with what it needs.
    fn attempt(&self, service: usize, stream: &mut Stream) -> bool {
        let Service { fails, needs } = &self.services[service];
        if stream.uniform() < *fails {
            return false;
        }
        for need in needs {
            let works = match need.call {
                Some(call) => (0..need.attempts).any(|_| self.attempt(call, stream)),
                None => stream.uniform() >= self.table,
            };
            if !works && !need.soft {
                return false;
            }
        }
        true
    }
}

#[test]
fn as_many_single_requests_succeed_as_the_solver_says() {
    let mut different = Vec::new();
    for number in 0..GRAPHS {
        let graph = graph(number);
        let stream = &mut Stream::new(StreamId::new(13, "random-walks", "requests"));
        stream.begin(number);
        let succeed = (0..REQUESTS).filter(|_| graph.attempt(0, stream)).count();
        let failed = figures(&graph.text(), "journey.visit.failed", 1)[0] / (RATE * 3_600.0);
        happens(succeed, REQUESTS as usize, 1.0 - failed);
        different.push(failed);
    }
    // Graphs in which nothing fails, or everything, would show little.
    assert!(different.iter().filter(|failed| (0.05..0.95).contains(*failed)).count() >= 12, "{different:?}");
}
