//! Places that are no regions of AWS: how far away they are, and what goes on there.

use models::ids::StoreId;

use crate::lab::{figures, head, open};

/// A data centre in Frankfurt beside the region there, and two others.
fn text(place: &str, rest: &str) -> String {
    let clients = [("everybody", "eu-central-1", "requests-per-second = 100\ncohorts = 1")];
    let head = head(
        "horizon = \"1h\"\nobjectives.up-when = 1.0",
        &["eu-west-1", "us-east-1"],
        "policy = \"simple\"\nprimary = \"hall\"\nttl = \"0s\"",
        &clients,
    );
    format!(
        "{head}[regions.hall]\nplace = {{ latitude = 50.1, longitude = 8.7 }}\n{place}\n[[journeys]]\nname = \"visit\"\nshare = 1\n{rest}"
    )
}

/// Clients see a place at the distance of its coordinates, and where it says how far it is from another, that counts.
#[test]
fn a_data_centre_is_as_far_as_the_fit_says_or_as_it_says_itself() {
    let latency = |text: &str| figures(text, "latency_before_ms", 1)[0];
    let fault = "[[faults]]\nkind = \"region-outage\"\nregion = \"hall\"\nat = \"10m\"\nduration = \"10m\"\n";
    // Beside eu-central-1 the fit says nothing below three milliseconds.
    assert!((latency(&text("", fault)) - 3.0).abs() < 1e-9);
    let vienna = text("", fault).replace("latitude = 50.1, longitude = 8.7", "latitude = 48.2, longitude = 16.4");
    // 598 km on a great circle: exp(-2.627) 598^0.848 = 16.4 ms.
    assert!((latency(&vienna) - 16.4).abs() < 0.4, "{}", latency(&vienna));
    let trips = |place: &str| open(&text(place, fault)).source.deployment().topology().round_trips.clone();
    let (estimated, said) = (trips(""), trips("round-trip = { us-east-1 = \"5ms\" }"));
    // The regions in the order of the file: the two of AWS, then the hall.
    assert!(estimated[2][1] > 0.05 && (said[2][1], said[1][2]) == (0.005, 0.005), "{estimated:?} {said:?}");
    assert_eq!(estimated[0], said[0]);
}

/// Without a bucket of its own a place uses the nearest one: the one that its round trips say.
#[test]
fn the_nearest_copy_is_the_one_that_the_file_says() {
    let store = "needs = [{ write = \"files\" }]\n[stores.files]\nkind = \"s3-replication\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n\
                 [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"10m\"\n";
    let failed = |place: &str| figures(&text(place, store), "journey.visit.failed", 1)[0];
    assert_eq!(failed(""), 0.0, "Dublin is nearer");
    assert!((failed("round-trip = { us-east-1 = \"5ms\" }") - 60_000.0).abs() < 1e-6, "100 a second for ten minutes");
}

/// A zone of a place that has two takes a writer there away; a place of one zone has no other for it.
#[test]
fn a_data_centre_has_the_zones_that_it_says() {
    let store = "needs = [{ write = \"log\" }]\n[stores.log]\nkind = \"rds-replica\"\nwriter = \"hall\"\nzone = \"a\"\n\
                 in-region-failover = \"60s\"\nendpoint-ttl = \"0s\"\n\
                 [[faults]]\nkind = \"zone-outage\"\nregion = \"hall\"\nzone = \"a\"\nat = \"10m\"\nduration = \"20m\"\n";
    let back = |zones: &str| {
        let place = format!("latitude = 50.1, longitude = 8.7{zones}");
        figures(&text("", store).replace("latitude = 50.1, longitude = 8.7", &place), "journey.visit.recovery_s", 1)[0]
    };
    assert_eq!((back(", zones = 2"), back("")), (60.0, 1_200.0));
}

/// Route 53 checks an endpoint anywhere, and a step there waits for no control plane of AWS.
#[test]
fn a_data_centre_is_checked_and_depends_on_no_control_plane() {
    let text =
        text("", "[[faults]]\nkind = \"region-outage\"\nregion = \"hall\"\nat = \"10m\"\nduration = \"permanent\"\n");
    let checked = text.replace(
        "policy = \"simple\"\nprimary = \"hall\"",
        "policy = \"failover\"\nprimary = \"hall\"\nsecondary = \"eu-west-1\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }",
    );
    let back = figures(&checked, "journey.visit.recovery_s", 20);
    assert!(back.iter().all(|back| (20.0..120.0).contains(back)), "{back:?}");
    let deployment = open(&text).source.deployment();
    let hall = &deployment.topology().serving()[2];
    assert!(!hall.place.is_aws() && hall.zones() == 1 && hall.serves);
}

/// EFS lags by minutes: what is lost is what came after the recovery point.
#[test]
fn a_file_system_loses_what_came_after_its_recovery_point() {
    let store = "needs = [{ write = \"files\" }]\n[stores.files]\nkind = \"efs-replication\"\nfrom = \"eu-west-1\"\nto = \"us-east-1\"\n\
                 recovery-point = { uniform = [\"1m\", \"15m\"] }\npromotion-time = \"5m\"\nendpoint-update = \"1m\"\n\
                 [[runbooks]]\nname = \"fail-over\"\non = { operator = \"2m\" }\nhosted-in = [\"us-east-1\"]\n\
                 steps = [{ promote = \"files\", to = \"us-east-1\" }]\n\
                 [[faults]]\nkind = \"region-outage\"\nregion = \"eu-west-1\"\nat = \"20m\"\nduration = \"permanent\"\n";
    let text = text("", store);
    let table = crate::lab::rows(&text, 1_000);
    let (seconds, lost) = (crate::lab::of(&table, "store.files.loss_s"), crate::lab::of(&table, "store.files.lost"));
    crate::lab::follows(&seconds, |x| crate::lab::uniform((x - 60.0) / 840.0));
    assert!(seconds.iter().zip(&lost).all(|(seconds, lost)| (lost - 100.0 * seconds).abs() < 1e-3));
    let back = crate::lab::of(&table, "journey.visit.recovery_s");
    assert!(back.iter().all(|back| (back - 480.0).abs() < 1e-6), "{:?}", &back[..3]);
    let deployment = open(&text).source.deployment();
    assert!(!deployment.topology().stores[StoreId::new(0)].parameters.is_zonal());
}

/// A database that both regions write needs nobody's decision: it is there wherever clients are led.
#[test]
fn two_of_three_go_on_without_a_promotion_and_lose_nothing() {
    let clients = [("everybody", "us-east-1", "requests-per-second = 100\ncohorts = 1")];
    let dns = "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"us-east-2\"\nttl = \"0s\"\n\
               health-check = { interval = \"10s\", failure-threshold = 3, deep = [{ write = \"ledger\" }] }";
    let head = head("horizon = \"1h\"\nobjectives.up-when = 1.0", &["us-east-1", "us-east-2"], dns, &clients);
    let ledger = "[regions.us-west-2]\nserves = false\n[stores.ledger]\nkind = \"aurora-dsql\"\nwitness = \"us-west-2\"\n\
                  [[journeys]]\nname = \"pay\"\nshare = 1\nneeds = [{ write = \"ledger\" }]\n";
    let fault = |what: &str| format!("{head}{ledger}[[faults]]\n{what}\nat = \"10m\"\nduration = \"20m\"\n");
    let outage = |region: &str| fault(&format!("kind = \"region-outage\"\nregion = \"{region}\""));
    let path = |a: &str, b: &str| fault(&format!("kind = \"partition\"\nbetween = [\"{a}\", \"{b}\"]"));
    let recovery = |text: &str| figures(text, "journey.pay.recovery_s", 20);
    let led_away = |back: &[f64]| back.iter().all(|back| (20.0..120.0).contains(back));
    assert!(led_away(&recovery(&outage("us-east-1"))), "detection is all");
    // The witness or a path alone is not missed.
    for text in [outage("us-west-2"), outage("us-east-2"), path("us-east-1", "us-east-2")] {
        assert_eq!(recovery(&text), vec![0.0; 20]);
    }
    let isolated = path("us-east-1", "us-east-2")
        + "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"us-west-2\"]\nat = \"10m\"\nduration = \"20m\"\n";
    assert!(led_away(&recovery(&isolated)), "the isolated side refuses, and the check sees it");
    for text in [outage("us-east-1"), isolated] {
        for column in ["store.ledger.loss_s", "store.ledger.lost", "store.ledger.stranded", "store.ledger.delayed"] {
            assert_eq!(figures(&text, column, 20), vec![0.0; 20], "{column}");
        }
    }
}
