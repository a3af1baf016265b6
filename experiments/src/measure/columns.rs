//! The columns of a row, in the order of the data contract (design 9), then those that reports add.

use models::cause::Cause;
use models::deployment::Topology;

/// Names of the columns; `trial` itself is not one of them.
pub fn columns(topology: &Topology) -> Vec<String> {
    let mut columns = Vec::new();
    let mut add = |name: String| columns.push(name);
    for journey in &topology.journeys {
        let name = &journey.name;
        for figure in ["recovery_s", "downtime_s", "failed"] {
            add(format!("journey.{name}.{figure}"));
        }
        for cause in Cause::ALL {
            add(format!("journey.{name}.cause.{}", cause.name()));
        }
    }
    for store in &topology.stores {
        for figure in ["loss_s", "lost", "stranded", "overwritten"] {
            add(format!("store.{}.{figure}", store.name));
        }
    }
    for figure in ["detect_s", "health_flip_s", "answer_change_s", "moved50_s", "moved90_s", "moved99_s"] {
        add(figure.to_owned());
    }
    for alarm in &topology.alarms {
        add(format!("alarm.{}_s", alarm.name));
    }
    for store in topology.stores.iter().filter(|store| store.parameters.writer().is_some()) {
        add(format!("promoted.{}_s", store.name));
    }
    add("worst.recovery_s".to_owned());
    add("worst.loss_s".to_owned());
    for journey in &topology.journeys {
        let name = &journey.name;
        for cause in Cause::ALL {
            add(format!("journey.{name}.stage.{}_s", cause.name()));
        }
        for figure in ["stage.up_s", "lost_traffic_s", "offered", "degraded"] {
            add(format!("journey.{name}.{figure}"));
        }
    }
    for store in &topology.stores {
        add(format!("store.{}.delayed", store.name));
    }
    for clients in &topology.clients {
        add(format!("population.{}.failed", clients.name));
        add(format!("population.{}.offered", clients.name));
    }
    for figure in ["latency_before_ms", "latency_after_ms", "faults", "first_fault_s"] {
        add(figure.to_owned());
    }
    let journeys = topology.journeys.iter().map(|journey| format!("journey.{}", journey.name));
    for what in journeys.chain(["overall".to_owned()]) {
        for figure in ["outages", "availability", "success"] {
            add(format!("{what}.{figure}"));
        }
    }
    for store in &topology.stores {
        add(format!("store.{}.at_risk_s", store.name));
    }
    columns
}
