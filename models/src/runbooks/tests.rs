//! Runbooks alone.

use crate::network::Partition;
use sim_core::component::Harness;
use sim_core::time::{SimDuration, SimTime};

use super::*;
use crate::people::Delay;
use crate::stores::Promotion;

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

fn step(action: Action) -> Step {
    Step { action, success: 1.0, retries: 0, retry_after: constant(0.0), wrong: None, takes: constant(5.0) }
}

fn approve(seconds: f64) -> Action {
    Action::Approve(Delay::always(constant(seconds)))
}

fn promote() -> Step {
    step(Action::Promote { how: Promotion::Failover, store: 0, to: 1 })
}

fn world() -> World {
    World::new(&[3, 3, 3], &vec![vec![0.1; 3]; 3])
}

fn runbook(on: Trigger, steps: Vec<Step>) -> Harness<Runbook> {
    let parameters = Parameters { name: "mend".to_owned(), on, hosted_in: vec![1, 2], steps };
    let regions = ["us-east-1", "eu-west-1", "ap-south-1"].map(str::to_owned);
    let mut alone = Harness::new(Runbook::new(&parameters, Editing::Route53(Partition::Commercial), &regions, 1));
    alone.call(|runbook, _| runbook.begin(0, WeekTime::default()));
    alone
}

fn set_out(alone: &mut Harness<Runbook>, world: &mut World, region: usize, begins: bool) {
    world.set_out(region, begins);
    alone.call(|runbook, ctx| runbook.world_changed(world, ctx));
}

/// When this was announced, in seconds.
fn when(alone: &Harness<Runbook>, signal: Signal) -> Vec<f64> {
    alone.signals().iter().filter(|(_, own)| *own == signal).map(|(time, _)| time.as_secs_f64()).collect()
}

#[test]
fn steps_follow_each_other_and_a_firing_meanwhile_is_ignored() {
    let steps = vec![step(approve(60.0)), step(Action::Wait(constant(30.0))), promote()];
    let mut alone = runbook(Trigger::Alarm(0), steps);
    alone.call(Runbook::trigger);
    alone.run_until(at(10));
    alone.call(Runbook::trigger);
    alone.run_until(at(90) + SimDuration::from_nanos(1));
    assert_eq!(when(&alone, Signal::Started), [0.0]);
    assert_eq!(when(&alone, Signal::StepDone(0)), [60.0]);
    assert_eq!(when(&alone, Signal::Promote { step: 2, effective: true, wrong: false }), [90.0]);
    alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
    assert!(alone.component().awaits_promotion(0) && !alone.component().awaits_promotion(1));
    alone.run_until(at(200));
    alone.call(|runbook, ctx| runbook.promotion_ended(true, ctx));
    assert_eq!(when(&alone, Signal::Finished), [200.0]);
    alone.call(Runbook::trigger);
    assert_eq!(when(&alone, Signal::Started), [0.0, 200.0]);
}

#[test]
fn automation_starts_its_step_over_elsewhere_when_its_region_dies() {
    let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![step(Action::Wait(constant(60.0)))]), world());
    alone.call(Runbook::trigger);
    alone.run_until(at(40));
    set_out(&mut alone, &mut world, 1, true);
    alone.run_until(at(200));
    assert_eq!(when(&alone, Signal::StepDone(0)), [100.0]);
}

#[test]
fn people_keep_their_clock_but_what_follows_needs_a_region() {
    let steps = vec![step(approve(60.0)), step(Action::Wait(constant(1.0)))];
    let (mut alone, mut world) = (runbook(Trigger::Alarm(0), steps), world());
    alone.call(Runbook::trigger);
    alone.run_until(at(40));
    set_out(&mut alone, &mut world, 1, true);
    set_out(&mut alone, &mut world, 2, true);
    alone.run_until(at(300));
    assert_eq!(when(&alone, Signal::StepDone(0)), [60.0]);
    assert_eq!(when(&alone, Signal::StepWaits { step: 1, lacks: Lack::Host }), [60.0]);
    set_out(&mut alone, &mut world, 2, false);
    alone.run_until(at(400));
    assert_eq!(when(&alone, Signal::Finished), [301.0]);
}

#[test]
fn a_record_edit_waits_for_the_control_plane_of_dns_and_a_routing_control_for_nobody() {
    for (means, done) in [(Means::RecordEdit, 305.0), (Means::RoutingControl, 5.0)] {
        let steps = vec![step(Action::Shift { means, to: 1 })];
        let (mut alone, mut world) = (runbook(Trigger::Alarm(0), steps), world());
        set_out(&mut alone, &mut world, 0, true);
        alone.call(Runbook::trigger);
        alone.run_until(at(300));
        set_out(&mut alone, &mut world, 0, false);
        alone.run_until(at(400));
        assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false }), [done], "{means:?}");
    }
}

#[test]
fn out_of_retries_it_stops() {
    let hopeless = Step { success: 0.0, retries: 2, ..step(Action::Scale { desired: 3, to: 1 }) };
    let mut alone = runbook(Trigger::Alarm(0), vec![hopeless, promote()]);
    alone.call(Runbook::trigger);
    alone.run_until(at(100));
    assert_eq!(when(&alone, Signal::StepFailed(0)), [5.0, 10.0, 15.0], "each takes its full time");
    assert_eq!(when(&alone, Signal::Stopped), [15.0]);
    assert!(when(&alone, Signal::TakesEffect { step: 0, wrong: false }).is_empty());
    alone.call(Runbook::trigger);
    assert_eq!(when(&alone, Signal::Started), [0.0, 100.0], "it may be started again");
}

#[test]
fn a_restarted_promotion_waits_for_the_one_under_way_and_a_needless_one_is_skipped() {
    let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![promote(), promote()]), world());
    alone.call(Runbook::trigger);
    alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
    alone.run_until(at(10));
    set_out(&mut alone, &mut world, 2, true);
    assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0], "it does not run there");
    set_out(&mut alone, &mut world, 2, false);
    // The other one takes over, for a moment only: the target itself answers no more.
    set_out(&mut alone, &mut world, 1, true);
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Plane }), [10.0]);
    set_out(&mut alone, &mut world, 1, false);
    assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0, 10.0]);
    alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
    alone.run_until(at(20));
    alone.call(|runbook, ctx| runbook.promotion_ended(true, ctx));
    alone.call(|runbook, ctx| runbook.promotion_begun(false, ctx));
    assert_eq!(when(&alone, Signal::StepSkipped(1)), [20.0]);
    assert_eq!(when(&alone, Signal::Finished), [20.0]);
}

#[test]
fn an_operator_notices_once_what_concerns_him() {
    let watches = Trigger::Operator { delay: Delay::always(constant(120.0)), journey: Some(1) };
    let mut alone = runbook(watches, vec![step(Action::Wait(constant(1_000.0)))]);
    alone.call(|runbook, ctx| runbook.journey_down(0, ctx));
    alone.run_until(at(10));
    alone.call(|runbook, ctx| runbook.journey_down(1, ctx));
    alone.run_until(at(60));
    alone.call(|runbook, ctx| runbook.journey_down(1, ctx));
    alone.run_until(at(500));
    assert_eq!(when(&alone, Signal::Started), [130.0], "from the first instant");
}

#[test]
fn a_debate_without_a_decision_is_resumed_later_or_ends_the_runbook() {
    let undecided = Step { success: 0.0, retries: 2, retry_after: constant(600.0), ..step(approve(60.0)) };
    let mut alone = runbook(Trigger::Alarm(0), vec![undecided, promote()]);
    alone.call(Runbook::trigger);
    alone.run_until(at(300));
    alone.call(Runbook::trigger);
    alone.run_until(at(5_000));
    assert_eq!(when(&alone, Signal::Started), [0.0], "people who pause are at it");
    assert_eq!(when(&alone, Signal::StepFailed(0)), [60.0, 720.0, 1_380.0], "60 s each, 600 s between");
    assert_eq!(when(&alone, Signal::Stopped), [1_380.0]);
    assert!(when(&alone, Signal::StepBegan(1)).is_empty());
}

#[test]
fn a_wrong_step_is_done_elsewhere_noticed_and_done_again_once() {
    let wrong = |to: Option<usize>| {
        let action = |to: usize| Action::Shift { means: Means::RoutingControl, to };
        let wrong = Wrong { probability: 1.0, action: to.map(action), noticed: constant(300.0) };
        let shift = Step { wrong: Some(wrong), ..step(action(1)) };
        let mut alone = runbook(Trigger::Alarm(0), vec![shift, step(Action::Wait(constant(1.0)))]);
        alone.call(Runbook::trigger);
        alone.run_until(at(1_000));
        alone
    };
    for to in [Some(2), None] {
        let alone = wrong(to);
        assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: true }), [5.0]);
        assert_eq!(when(&alone, Signal::StepWrong(0)), [5.0]);
        assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false }), [310.0], "5 + 300 + 5 s");
        assert_eq!(when(&alone, Signal::Finished), [311.0]);
    }
}

#[test]
fn a_promotion_in_the_wrong_place_is_noticed_whatever_came_of_it() {
    let wrong = Wrong {
        probability: 1.0,
        action: Some(Action::Promote { how: Promotion::Failover, store: 0, to: 2 }),
        noticed: constant(300.0),
    };
    for succeeds in [true, false] {
        let mut alone = runbook(Trigger::Alarm(0), vec![Step { wrong: Some(wrong.clone()), ..promote() }]);
        alone.call(Runbook::trigger);
        assert_eq!(when(&alone, Signal::Promote { step: 0, effective: true, wrong: true }), [0.0]);
        alone.call(|runbook, ctx| runbook.promotion_begun(true, ctx));
        alone.run_until(at(120));
        alone.call(|runbook, ctx| runbook.promotion_ended(succeeds, ctx));
        assert!(!alone.component().awaits_promotion(0), "nobody watches while nobody knows");
        alone.run_until(at(1_000));
        assert_eq!(when(&alone, Signal::Promote { step: 0, effective: true, wrong: false }), [420.0]);
    }
}

#[test]
fn people_take_longer_at_night() {
    let office = Delay::from_words(constant(3_600.0), &[("mon-fri 09:00-17:00", constant(60.0))]);
    for (start, done) in [("mon 08:59", 3_600.0), ("mon 09:00", 60.0), ("sat 12:00", 3_600.0)] {
        let mut alone = runbook(Trigger::Alarm(0), vec![step(Action::Approve(office.clone()))]);
        alone.call(|runbook, _| runbook.begin(0, WeekTime::from_words(start)));
        alone.call(Runbook::trigger);
        alone.run_until(at(10_000));
        assert_eq!(when(&alone, Signal::StepDone(0)), [done], "{start}");
    }
}

#[test]
fn a_mistake_where_nothing_answers_changes_nothing_and_has_to_be_noticed() {
    let action = |to: usize| Action::Scale { desired: 3, to };
    let wrong = Wrong { probability: 1.0, action: Some(action(0)), noticed: constant(300.0) };
    let scale = Step { wrong: Some(wrong), ..step(action(1)) };
    let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![scale]), world());
    set_out(&mut alone, &mut world, 0, true);
    alone.call(Runbook::trigger);
    alone.run_until(at(1_000));
    assert!(when(&alone, Signal::TakesEffect { step: 0, wrong: true }).is_empty());
    assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false }), [305.0]);
}

#[test]
fn automation_starts_its_step_over_elsewhere_when_lambda_fails_where_it_runs() {
    let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![step(Action::Wait(constant(60.0)))]), world());
    alone.call(Runbook::trigger);
    alone.run_until(at(40));
    for region in [1, 2] {
        world.set_lambda_out(region, true);
        alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
        alone.run_until(at(50));
    }
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Host }), [50.0]);
    world.set_lambda_out(1, false);
    alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
    alone.run_until(at(200));
    assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0, 40.0, 50.0]);
    assert_eq!(when(&alone, Signal::Finished), [110.0]);
}

#[test]
fn what_a_step_lacks_is_said_again_when_it_is_something_else() {
    let edit = step(Action::Shift { means: Means::RecordEdit, to: 1 });
    let (mut alone, mut world) = (runbook(Trigger::Alarm(0), vec![edit]), world());
    world.set_control_out(0, true);
    alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
    alone.call(Runbook::trigger);
    alone.run_until(at(10));
    set_out(&mut alone, &mut world, 1, true);
    set_out(&mut alone, &mut world, 2, true);
    alone.run_until(at(20));
    set_out(&mut alone, &mut world, 2, false);
    alone.run_until(at(30));
    world.redirect_edits(true);
    alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
    alone.run_until(at(100));
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Plane }), [0.0, 20.0]);
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Host }), [10.0]);
    assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false }), [35.0]);
}
