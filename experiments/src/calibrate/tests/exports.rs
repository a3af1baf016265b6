//! Exports as they come, and exports that are not what they should be.

use sim_core::stats::fit::Observed;

use super::super::read::{Durations, Grid, Material, Stat, parsed};
use super::super::{Kind, Source};
use super::{KEY, source};

const DATA: &str = r#"{"MetricDataResults":[
  {"Id":"maximum","Label":"AuroraGlobalDBReplicationLag Maximum","StatusCode":"Complete",
   "Timestamps":["2026-11-29T10:02:00Z","2026-11-29T10:00:00Z","2026-11-29T10:01:00Z"],"Values":[300,100,200]},
  {"Id":"samplecount","Label":"AuroraGlobalDBReplicationLag SampleCount","StatusCode":"Complete",
   "Timestamps":["2026-11-29T10:00:00Z","2026-11-29T10:01:00Z","2026-11-29T10:02:00Z"],"Values":[1,1,1]}],"Messages":[]}"#;

fn series_of(text: &str, source: &Source) -> Result<Grid, String> {
    match parsed(text, source, KEY) {
        Ok(Material::Series(grid)) => Ok(grid),
        Ok(other) => panic!("{other:?}"),
        Err(mistake) => Err(mistake.of("x").to_string()),
    }
}

/// Data, statistics and CSV of the same metric are the same series, in seconds and in the order of time.
#[test]
fn every_export_of_a_metric_is_read_alike() {
    let expected = Some(vec![Some(0.1), Some(0.2), Some(0.3)]);
    let data = series_of(DATA, &source()).expect("it is sound");
    assert_eq!((data.stats.get(&Stat::Maximum).cloned(), data.period, data.unit.1), (expected.clone(), 60.0, true));
    let statistics = r#"{"Label":"AuroraGlobalDBReplicationLag","Datapoints":[
      {"Timestamp":"2026-11-29T10:01:00+00:00","Maximum":200.0,"SampleCount":1.0,"Unit":"Milliseconds"},
      {"Timestamp":1795946520,"Maximum":300.0,"SampleCount":1.0,"Unit":"Milliseconds"},
      {"Timestamp":"2026-11-29T10:00:00Z","Maximum":100.0,"SampleCount":1.0,"Unit":"Milliseconds"}]}"#;
    let statistics = series_of(statistics, &source()).expect("it is sound");
    assert_eq!((statistics.stats.get(&Stat::Maximum).cloned(), statistics.unit.1), (expected.clone(), false));
    let csv = "Full label,AuroraGlobalDBReplicationLag Maximum,AuroraGlobalDBReplicationLag SampleCount\n\
               2026/11/29 10:00:00,100,1\n2026/11/29 10:01:00,200,1\n2026/11/29 10:02:00,300,\n";
    let csv = series_of(csv, &source()).expect("it is sound");
    assert_eq!(csv.stats.get(&Stat::Maximum).cloned(), expected);
    assert_eq!(csv.stats.get(&Stat::SampleCount).cloned(), Some(vec![Some(1.0), Some(1.0), None]));
}

#[test]
fn a_metric_that_is_not_what_it_should_be_is_told_with_its_place() {
    let with = |from: &str, to: &str| DATA.replace(from, to);
    let unit = |unit: &str| Source { unit: Some(unit.to_owned()), ..source() };
    for (text, source, told) in [
        (String::new(), source(), "found an empty file"),
        (DATA[..DATA.len() / 2].to_owned(), source(), "found the end of the file, expected JSON, complete"),
        (with("[300,100,200]", "[300,\"x\",200]"), source(), "$.MetricDataResults[0].Values[1]: found the text \"x\", expected a number"),
        (with("[300,100,200]", "[300,100]"), source(), "found 3 timestamps and 2 values"),
        (with("[300,100,200]", "null"), source(), "$.MetricDataResults[0].Values: found nothing (null), expected an array"),
        (with("2026-11-29T10:02:00Z\",\"2026-11-29T10:00:00Z\"", "later\",\"2026-11-29T10:00:00Z\""), source(), "Timestamps[0]: found the text \"later\", expected a timestamp"),
        (with("Complete", "Forbidden"), source(), "StatusCode: found \"Forbidden\""),
        (with("\"Messages\":[]", "\"NextToken\":\"abc\""), source(), "this is one page of several"),
        (with("AuroraGlobalDBReplicationLag", "Lag"), source(), "found no unit"),
        (DATA.to_owned(), unit("parsecs"), "found the unit \"parsecs\", expected one of us, ms, s, m, h, d"),
        (DATA.to_owned(), unit("millisecnds"), "did you mean milliseconds?"),
        (DATA.to_owned(), Source { metric: Some("ReplicaLag".to_owned()), ..source() }, "found no series \"ReplicaLag\""),
        (DATA.to_owned(), Source { activity: Some("requests".to_owned()), ..source() }, "found no series \"requests\""),
        (DATA.to_owned(), Source { stat: Some("p50".to_owned()), ..source() }, "found no series of the statistic p50"),
        (DATA.to_owned(), Source { period: Some(50.0), ..source() }, "a multiple of the period, 50 s"),
        (r#"{"MetricDataResults":[]}"#.to_owned(), unit("s"), "found 0 datapoints"),
        (r#"{"MetricDataResults":5}"#.to_owned(), unit("s"), "$.MetricDataResults: found the number 5, expected an array"),
        (r#"{"Label":"x","Datapoints":[{"Timestamp":"2026-11-29T10:00:00Z","Maximum":1,"Unit":"Seconds"},{"Timestamp":"2026-11-29T10:01:00Z","Maximum":1,"Unit":"Milliseconds"}]}"#.to_owned(), source(), "$.Datapoints[1].Unit: found the unit \"Milliseconds\" after \"Seconds\", expected one unit"),
        (r#"{"Label":"x","Datapoints":[7]}"#.to_owned(), source(), "$.Datapoints[0]: found the number 7, expected a datapoint"),
        ("time,Maximum\n2026-11-29T10:00:00Z,1\n2026-11-29T10:01:00Z,fast\n".to_owned(), unit("s"), "line 3: found \"fast\", expected a number"),
        ("time,Maximum\n2026-11-29T10:00:00Z,1\nthen,2\n".to_owned(), unit("s"), "line 3: found \"then\", expected a timestamp"),
        ("time,Maximum\n2026-11-29T10:00:00Z,1\n2026-11-29T10:01:00Z,1,2\n".to_owned(), unit("s"), "line 3: found 3 columns, expected 2"),
        ("time,lag\n2026-11-29T10:00:00Z,1\n2026-11-29T10:01:00Z,2\n".to_owned(), unit("s"), "a series of an unknown statistic"),
    ] {
        let error = series_of(&text, &source).expect_err(told);
        assert!(error.contains(told), "{told}\n{error}");
    }
}

fn list_of(text: &str, source: &Source, key: &str) -> Result<Durations, String> {
    match parsed(text, source, key) {
        Ok(Material::Durations(list)) => Ok(list),
        Ok(other) => panic!("{other:?}"),
        Err(mistake) => Err(mistake.of("x").to_string()),
    }
}

const APPROVE: &str = "runbooks.promote-orders.steps.0.approve";

#[test]
fn incidents_of_people_are_read_and_others_are_left_out() {
    let csv = "id,urgency,auto_resolved,seconds_to_first_ack,seconds_to_mobilize\n\
               A,high,false,60,200\nB,low,false,30,90\nC,high,true,10,20\nD,high,false,,\nE,high,false,45,> 900\n";
    let by = Source {
        column: Some("seconds_to_mobilize".to_owned()),
        minus: Some("seconds_to_first_ack".to_owned()),
        only: Some("urgency = high".to_owned()),
        ..source()
    };
    let list = list_of(csv, &by, APPROVE).expect("it is sound");
    assert_eq!(list.observed, [Observed::Exact(140.0), Observed::Above(855.0)]);
    assert_eq!(list.left_out, [(1, "other rows"), (1, "resolved without people"), (1, "without the figure")]);
    let json = r#"{"Activities":[{"StatusCode":"Successful","StartTime":"2026-11-29T10:00:00Z","EndTime":"2026-11-29T10:01:30Z"},
                   {"StatusCode":"Failed","StartTime":"2026-11-29T10:00:00Z","EndTime":null}]}"#;
    let by = Source { begin: Some("StartTime".to_owned()), end: Some("EndTime".to_owned()), ..source() };
    let list = list_of(json, &by, "compute.launch-time").expect("it is sound");
    assert_eq!((list.observed, list.left_out), (vec![Observed::Exact(90.0)], vec![(1, "without the figure")]));
    let column = |name: &str| Source { column: Some(name.to_owned()), ..source() };
    for (text, source, told) in [
        ("a,b\n1\n", column("a"), "as many cells in each line"),
        ("seconds,b\nsoon,2\n", column("seconds"), "line 2: found \"soon\""),
        ("took,b\n5,2\n", column("took"), "line 2: found \"5\", expected a duration with its unit"),
        ("seconds,b\n-5,2\n", column("seconds"), "expected a duration that is not negative"),
        ("seconds,b\n5,2\n", column("second"), "did you mean seconds?"),
        ("seconds,b\n5,2\n", source(), "nothing that says which column counts"),
        ("seconds,b\n", column("seconds"), "found no record"),
        ("[1,2]", column("a"), "$[0]: found the number 1, expected an object"),
        ("{\"a\":1}", column("a"), "an array of objects"),
        ("[{\"a\":{\"b\":\"x\"}}]", column("a.b"), "$[0]: found \"x\""),
        (
            "a,b\n2026-11-29T11:00Z,2026-11-29T10:00Z\n",
            Source { begin: Some("a".to_owned()), end: Some("b".to_owned()), ..source() },
            "an end before its beginning",
        ),
    ] {
        let error = list_of(text, &source, APPROVE).expect_err(told);
        assert!(error.contains(told), "{told}\n{error}");
    }
}

const EXECUTION: &str = r#"{"planArn":"arn","executionId":"1","mode":"ungraceful","executionState":"completed",
  "executionAction":"activate","executionRegion":"eu-west-1","startTime":"2026-11-29T10:00:00Z","endTime":"2026-11-29T10:20:00Z",
  "actualRecoveryTime":"PT14M30S","stepStates":[
  {"name":"promote-orders-0","status":"completed","startTime":"2026-11-29T10:00:00Z","endTime":"2026-11-29T10:03:00Z"},
  {"name":"promote-orders-1","status":"canceled","startTime":"2026-11-29T10:03:00Z","endTime":"2026-11-29T10:18:00Z"},
  {"name":"other","status":"failed","startTime":"2026-11-29T10:18:00Z","endTime":"2026-11-29T10:19:00Z"},
  {"name":"last","status":"notStarted"}]}"#;

#[test]
fn steps_of_executions_end_or_are_stopped() {
    let step = |name: &str| Source { step: Some(name.to_owned()), ..source() };
    let list = |source: &Source| list_of(EXECUTION, source, APPROVE);
    assert_eq!(list(&source()).expect("the key names the step").observed, [Observed::Exact(180.0)]);
    assert_eq!(list(&step("promote-orders-1")).expect("it is there").observed, [Observed::Above(900.0)]);
    assert_eq!(list(&step("other")).expect("it is there").failed, 1);
    assert_eq!(list(&step("last")).expect("it is there").left_out, [(1, "not begun")]);
    let fis = r#"{"experiment":{"id":"E","state":{"status":"completed"},"actions":{"cut":{"actionId":"a","state":{"status":"completed"},
      "startTime":"2026-11-29T10:00:00Z","endTime":1795946700}}}}"#;
    assert_eq!(list_of(fis, &source(), APPROVE).expect("one action").observed, [Observed::Exact(300.0)]);
    for (text, source, told) in [
        (
            EXECUTION.to_owned(),
            step("promote-orders-7"),
            "found no step \"promote-orders-7\", expected `step` in the list, one of promote-orders-0",
        ),
        (EXECUTION.replace("\"canceled\"", "\"asleep\""), source(), "$.stepStates[1].status: found \"asleep\""),
        (
            EXECUTION.replace("\"canceled\"", "7"),
            source(),
            "$.stepStates[1].status: found the number 7, expected a text",
        ),
        (EXECUTION.replace("2026-11-29T10:18:00Z", "noon"), source(), "found the text \"noon\", expected a timestamp"),
        (r#"{"stepStates":{}}"#.to_owned(), source(), "$.stepStates: found an object, expected an array"),
        (r#"{"experiment":[]}"#.to_owned(), source(), "$.experiment.actions: found an array"),
    ] {
        let error = list_of(&text, &source, APPROVE).expect_err(told);
        assert!(error.contains(told), "{told}\n{error}");
    }
}

#[test]
fn sheets_of_drills_give_durations_of_their_keys() {
    let sheet = "drill,mark,at\n1,fault,2026-11-29T10:00:00Z\n1,runbook.promote-orders.step.0.begin,2026-11-29T10:02:00Z\n\
                 1,runbook.promote-orders.step.0.end,2026-11-29T10:05:30Z\n2,runbook.promote-orders.step.0.begin,2m\n\
                 2,runbook.promote-orders.step.0.end,> 15m\n3,runbook.promote-orders.step.0.begin,4m..5m\n\
                 3,runbook.promote-orders.step.0.end,9m\n4,runbook.promote-orders.step.0.begin,1m\n";
    let list = list_of(sheet, &source(), APPROVE).expect("it is sound");
    assert_eq!(list.observed, [Observed::Exact(210.0), Observed::Above(780.0), Observed::Between(240.0, 300.0)]);
    assert_eq!((list.kind, list.left_out), (Kind::Drill, vec![(1, "without both marks")]));
    for (text, told) in [
        ("mark,at\na,1m\na,2m\n", "line 3: found the mark \"a\" again"),
        ("mark,at\na,soon\n", "line 2: found \"soon\", expected a timestamp, or a duration"),
        ("mark,at\n,1m\n", "line 2: found no mark"),
        ("mark,at\na,\n", "a sheet without a time"),
        ("mark,at\na,2026-11-29T10:00:00Z\n", "expected a line `fault` with a timestamp"),
        ("mark,at\nfault,2026-11-29T10:00:00Z\na,2026-11-29T09:00:00Z\n", "found an instant before the fault"),
        (
            "mark,at\nrunbook.promote-orders.step.0.begin,5m\nrunbook.promote-orders.step.0.end,4m\n",
            "expected marks in their order",
        ),
        ("mark,at\na,1m\n", "no drill with both"),
        ("mark,at,drill\na,1m\n", "lines with as many cells as the header"),
    ] {
        let error = list_of(text, &source(), APPROVE).expect_err(told);
        assert!(error.contains(told), "{told}\n{error}");
    }
}
