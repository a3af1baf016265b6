//! Runbooks alone.

use crate::ids::{AlarmId, JourneyId, R, RegionId, StoreId};
use crate::network::Partition;
use crate::ramp::Ramp;
use sim_core::component::Harness;
use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use super::*;
use crate::people::Delay;
use crate::stores::Promotion;

const STORE: StoreId = StoreId::new(0);

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

fn step(action: Action) -> Step {
    Step { action, success: 1.0, retries: 0, retry_after: constant(0.0), wrong: None, takes: constant(5.0), ramp: None }
}

fn approve(seconds: f64) -> Action {
    Action::Approve(Delay::always(constant(seconds)))
}

fn promote() -> Step {
    step(Action::Promote { how: Promotion::Failover, store: STORE, to: R[1] })
}

fn world() -> World {
    World::new(&[3, 3, 3], &vec![vec![0.1; 3]; 3])
}

fn runbook(on: Trigger, steps: Vec<Step>) -> Harness<Runbook> {
    let blocks = Block::in_order(steps.len());
    program(on.into(), steps, blocks)
}

/// A runbook with such triggers, and steps that are done in this order.
fn program(on: On, steps: Vec<Step>, blocks: Vec<Block>) -> Harness<Runbook> {
    let (name, hosted_in) = ("mend".to_owned(), R[1..3].to_vec());
    let parameters = Parameters { name, on, hosted_in, steps, blocks, stand_down: true };
    let mut alone = Harness::new(assembled(&parameters));
    alone.call(|runbook, ctx| runbook.begin(0_u64.into(), WeekTime::default(), ctx));
    alone
}

fn assembled(parameters: &Parameters) -> Runbook {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let (regions, journeys) = (names(&["us-east-1", "eu-west-1", "ap-south-1"]), names(&["browse", "buy"]));
    let (stores, clients) = (names(&["orders"]), names(&["europe"]));
    let named = Named { regions: &regions, stores: &stores, journeys: &journeys, clients: &clients, services: &[] };
    Runbook::new(parameters, Editing::Route53(Partition::Commercial), named, 1)
}

/// The alarm fires.
fn fires(runbook: &mut Runbook, ctx: &mut Context<'_, Event, Signal>) {
    runbook.set(|trigger| matches!(trigger, Trigger::Alarm(_)), false, ctx);
    runbook.set(|trigger| matches!(trigger, Trigger::Alarm(_)), true, ctx);
}

/// The promotion of the store in the second region has ended.
fn promotion_ends(alone: &mut Harness<Runbook>, succeeded: bool) {
    alone.call(|runbook, ctx| runbook.promotion_ended((STORE, R[1]), succeeded, ctx));
}

/// The answer to a promotion that this step asked for.
fn promotion_begins(alone: &mut Harness<Runbook>, step: usize) {
    alone.call(|runbook, ctx| runbook.promotion_begun(step, Begun::UnderWay, ctx));
}

fn set_out(alone: &mut Harness<Runbook>, world: &mut World, region: RegionId, begins: bool) {
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
    let mut alone = runbook(Trigger::Alarm(AlarmId::new(0)), steps);
    alone.call(fires);
    alone.run_until(at(10));
    alone.call(fires);
    alone.run_until(at(90) + SimDuration::from_nanos(1));
    assert_eq!(when(&alone, Signal::Started), [0.0]);
    assert_eq!(when(&alone, Signal::StepDone(0)), [60.0]);
    assert_eq!(when(&alone, Signal::Promote { step: 2, effective: true, wrong: false }), [90.0]);
    promotion_begins(&mut alone, 2);
    assert!(
        alone.component().awaits_promotion(STORE, R[1]) && !alone.component().awaits_promotion(StoreId::new(1), R[1])
    );
    alone.run_until(at(200));
    promotion_ends(&mut alone, true);
    assert_eq!(when(&alone, Signal::Finished), [200.0]);
    alone.call(fires);
    assert_eq!(when(&alone, Signal::Started), [0.0, 200.0]);
}

#[test]
fn automation_starts_its_step_over_elsewhere_when_its_region_dies() {
    let (mut alone, mut world) =
        (runbook(Trigger::Alarm(AlarmId::new(0)), vec![step(Action::Wait(constant(60.0)))]), world());
    alone.call(fires);
    alone.run_until(at(40));
    set_out(&mut alone, &mut world, R[1], true);
    alone.run_until(at(200));
    assert_eq!(when(&alone, Signal::StepDone(0)), [100.0]);
}

#[test]
fn people_keep_their_clock_but_what_follows_needs_a_region() {
    let steps = vec![step(approve(60.0)), step(Action::Wait(constant(1.0)))];
    let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), steps), world());
    alone.call(fires);
    alone.run_until(at(40));
    set_out(&mut alone, &mut world, R[1], true);
    set_out(&mut alone, &mut world, R[2], true);
    alone.run_until(at(300));
    assert_eq!(when(&alone, Signal::StepDone(0)), [60.0]);
    assert_eq!(when(&alone, Signal::StepWaits { step: 1, lacks: Lack::Host }), [60.0]);
    set_out(&mut alone, &mut world, R[2], false);
    alone.run_until(at(400));
    assert_eq!(when(&alone, Signal::Finished), [301.0]);
}

#[test]
fn a_record_edit_waits_for_the_control_plane_of_dns_and_a_routing_control_for_nobody() {
    for (means, done) in [(Means::RecordEdit, 305.0), (Means::RoutingControl, 5.0)] {
        let steps = vec![step(Action::Shift { means, to: R[1], share: 1.0, record: None })];
        let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), steps), world());
        set_out(&mut alone, &mut world, R[0], true);
        alone.call(fires);
        alone.run_until(at(300));
        set_out(&mut alone, &mut world, R[0], false);
        alone.run_until(at(400));
        assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false, part: 1 }), [done], "{means:?}");
    }
}

#[test]
fn only_a_promotion_that_is_needed_waits_for_the_control_plane() {
    for needed in [false, true] {
        let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), vec![promote()]), world());
        world.set_control_out(R[1], true);
        alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
        alone.call(fires);
        assert_eq!(when(&alone, Signal::Asks(0)), [0.0]);
        alone.call(|runbook, ctx| runbook.wanted(0, needed, ctx));
        let waits = Signal::StepWaits { step: 0, lacks: Lack::Plane };
        assert_eq!(
            (when(&alone, waits).len(), when(&alone, Signal::StepSkipped(0)).len()),
            if needed { (1, 0) } else { (0, 1) }
        );
        // It asks again while it waits, and says no more.
        alone.run_until(at(50));
        set_out(&mut alone, &mut world, R[2], true);
        alone.call(|runbook, ctx| runbook.wanted(0, needed, ctx));
        assert_eq!(
            (when(&alone, Signal::Asks(0)).len(), when(&alone, waits).len()),
            if needed { (2, 1) } else { (1, 0) }
        );
        world.set_control_out(R[1], false);
        alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
        let begins = when(&alone, Signal::Promote { step: 0, effective: true, wrong: false });
        assert_eq!(begins, if needed { vec![50.0] } else { vec![] });
    }
}

#[test]
fn out_of_retries_it_stops() {
    let hopeless = Step { success: 0.0, retries: 2, ..step(Action::Scale { desired: 3, to: R[1], service: None }) };
    let mut alone = runbook(Trigger::Alarm(AlarmId::new(0)), vec![hopeless, promote()]);
    alone.call(fires);
    alone.run_until(at(100));
    assert_eq!(when(&alone, Signal::StepFailed(0)), [5.0, 10.0, 15.0], "each takes its full time");
    assert_eq!(when(&alone, Signal::Stopped), [15.0]);
    assert!(when(&alone, Signal::TakesEffect { step: 0, wrong: false, part: 1 }).is_empty());
    alone.call(fires);
    assert_eq!(when(&alone, Signal::Started), [0.0, 100.0], "it may be started again");
}

#[test]
fn a_restarted_promotion_waits_for_the_one_under_way_and_a_needless_one_is_skipped() {
    let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), vec![promote(), promote()]), world());
    alone.call(fires);
    promotion_begins(&mut alone, 0);
    alone.run_until(at(10));
    set_out(&mut alone, &mut world, R[2], true);
    assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0], "it does not run there");
    set_out(&mut alone, &mut world, R[2], false);
    // The other one takes over, for a moment only: the target itself answers no more.
    set_out(&mut alone, &mut world, R[1], true);
    alone.call(|runbook, ctx| runbook.wanted(0, true, ctx));
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Plane }), [10.0], "it is under way, and wanted");
    set_out(&mut alone, &mut world, R[1], false);
    assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0, 10.0]);
    promotion_begins(&mut alone, 0);
    alone.run_until(at(20));
    promotion_ends(&mut alone, true);
    alone.call(|runbook, ctx| runbook.promotion_begun(1, Begun::NotNeeded, ctx));
    assert_eq!(when(&alone, Signal::StepSkipped(1)), [20.0]);
    assert_eq!(when(&alone, Signal::Finished), [20.0]);
}

/// So many seconds after the start, these of the two journeys are up.
fn journeys(alone: &mut Harness<Runbook>, seconds: u64, up: [bool; 2]) {
    alone.run_until(at(seconds));
    alone.call(|runbook, ctx| runbook.journeys_changed(&up.to_vec().into(), ctx));
}

fn operator(journey: Option<JourneyId>) -> Trigger {
    Trigger::Operator { delay: Delay::always(constant(120.0)), journey }
}

#[test]
fn an_operator_notices_once_what_concerns_him() {
    let mut alone = runbook(operator(Some(JourneyId::new(1))), vec![step(Action::Wait(constant(1_000.0)))]);
    journeys(&mut alone, 0, [false, true]);
    journeys(&mut alone, 10, [false, false]);
    journeys(&mut alone, 60, [true, false]);
    alone.run_until(at(500));
    assert_eq!(when(&alone, Signal::Started), [130.0], "from the first instant");
}

#[test]
fn what_is_over_before_an_operator_notices_starts_nothing_and_the_next_outage_has_its_own_delay() {
    let mut alone = runbook(operator(None), vec![step(Action::Wait(constant(1.0)))]);
    journeys(&mut alone, 0, [false, true]);
    // One after the other, without an instant at which all are up: that is one outage.
    journeys(&mut alone, 50, [true, false]);
    journeys(&mut alone, 100, [true, true]);
    assert_eq!(when(&alone, Signal::NothingToNotice), [100.0]);
    journeys(&mut alone, 110, [false, true]);
    alone.run_until(at(229));
    assert!(when(&alone, Signal::Started).is_empty());
    alone.run_until(at(500));
    assert_eq!(when(&alone, Signal::Started), [230.0]);
}

#[test]
fn an_operator_looks_again_before_each_step_that_acts_and_may_be_called_again() {
    let shift = || step(Action::Shift { means: Means::RoutingControl, to: R[1], share: 1.0, record: None });
    let mut alone = runbook(operator(None), vec![step(approve(60.0)), shift(), step(approve(60.0)), shift()]);
    journeys(&mut alone, 0, [false, true]);
    // He decides from 120 s to 180 s. The first journey is up when he would do something, the second went down meanwhile.
    journeys(&mut alone, 150, [true, false]);
    alone.run_until(at(200));
    assert_eq!(when(&alone, Signal::StoodDown(1)), [180.0]);
    assert!(when(&alone, Signal::TakesEffect { step: 1, wrong: false, part: 1 }).is_empty());
    // That one is another outage, which he notices from then on: 300 s, decides, acts at 365 s.
    alone.run_until(at(400));
    assert_eq!(when(&alone, Signal::Started), [120.0, 300.0]);
    assert_eq!(when(&alone, Signal::TakesEffect { step: 1, wrong: false, part: 1 }), [365.0]);
    // The step helped: the rest is not needed.
    journeys(&mut alone, 400, [true, true]);
    alone.run_until(at(1_000));
    assert_eq!(when(&alone, Signal::StoodDown(3)), [425.0]);
    assert!(when(&alone, Signal::Finished).is_empty());
}

#[test]
fn steps_that_move_back_what_an_outage_moved_are_taken_because_it_is_over() {
    let back = Action::Promote { how: Promotion::SwitchOver, store: STORE, to: R[0] };
    let mut alone = runbook(
        operator(Some(JourneyId::new(0))),
        vec![step(back), step(Action::Readmit { region: R[0], record: None }), promote()],
    );
    journeys(&mut alone, 0, [false, true]);
    journeys(&mut alone, 119, [false, false]);
    alone.run_until(at(130));
    journeys(&mut alone, 140, [true, true]);
    alone.call(|runbook, ctx| runbook.promotion_ended((STORE, R[0]), true, ctx));
    alone.run_until(at(1_000));
    assert_eq!(when(&alone, Signal::StepDone(0)), [140.0]);
    assert_eq!(when(&alone, Signal::TakesEffect { step: 1, wrong: false, part: 1 }), [145.0]);
    assert_eq!(when(&alone, Signal::StoodDown(2)), [145.0]);
}

#[test]
fn automation_stands_down_where_it_is_told_to_and_only_from_what_was_down_when_it_started() {
    for (stand_down, before, after, stands) in [
        (true, [false, true], [true, true], true),
        (true, [false, false], [true, false], false),
        (true, [true, true], [true, true], false),
        (false, [false, true], [true, true], false),
    ] {
        let parameters = Parameters {
            name: "mend".to_owned(),
            on: Trigger::Alarm(AlarmId::new(0)).into(),
            hosted_in: vec![R[1]],
            steps: vec![step(approve(60.0)), promote()],
            blocks: Block::in_order(2),
            stand_down,
        };
        let mut alone = Harness::new(assembled(&parameters));
        alone.call(|runbook, ctx| runbook.begin(0_u64.into(), WeekTime::default(), ctx));
        journeys(&mut alone, 0, before);
        alone.call(fires);
        journeys(&mut alone, 30, after);
        alone.run_until(at(100));
        let began = when(&alone, Signal::Promote { step: 1, effective: true, wrong: false });
        let expected: (&[f64], &[f64]) = if stands { (&[60.0], &[]) } else { (&[], &[60.0]) };
        assert_eq!((&*when(&alone, Signal::StoodDown(1)), &*began), expected, "{stand_down} {before:?} {after:?}");
    }
}

#[test]
fn a_step_that_waits_is_given_up_as_soon_as_the_outage_is_over() {
    let (mut alone, mut world) = (runbook(operator(None), vec![promote()]), world());
    set_out(&mut alone, &mut world, R[1], true);
    set_out(&mut alone, &mut world, R[2], true);
    journeys(&mut alone, 0, [false, true]);
    journeys(&mut alone, 300, [true, true]);
    assert_eq!(when(&alone, Signal::StoodDown(0)), [300.0]);
    journeys(&mut alone, 400, [false, true]);
    alone.run_until(at(1_000));
    assert_eq!(when(&alone, Signal::Started), [120.0, 520.0]);
}

#[test]
fn a_debate_without_a_decision_is_resumed_later_or_ends_the_runbook() {
    let undecided = Step { success: 0.0, retries: 2, retry_after: constant(600.0), ..step(approve(60.0)) };
    let mut alone = runbook(Trigger::Alarm(AlarmId::new(0)), vec![undecided, promote()]);
    alone.call(fires);
    alone.run_until(at(300));
    alone.call(fires);
    alone.run_until(at(5_000));
    assert_eq!(when(&alone, Signal::Started), [0.0], "people who pause are at it");
    assert_eq!(when(&alone, Signal::StepFailed(0)), [60.0, 720.0, 1_380.0], "60 s each, 600 s between");
    assert_eq!(when(&alone, Signal::Stopped), [1_380.0]);
    assert!(when(&alone, Signal::StepBegan(1)).is_empty());
}

#[test]
fn a_wrong_step_is_done_elsewhere_noticed_and_done_again_once() {
    let wrong = |to: Option<RegionId>| {
        let action = |to: RegionId| Action::Shift { means: Means::RoutingControl, to, share: 1.0, record: None };
        let wrong = Wrong { probability: 1.0, action: to.map(action), noticed: constant(300.0) };
        let shift = Step { wrong: Some(wrong), ..step(action(R[1])) };
        let mut alone = runbook(Trigger::Alarm(AlarmId::new(0)), vec![shift, step(Action::Wait(constant(1.0)))]);
        alone.call(fires);
        alone.run_until(at(1_000));
        alone
    };
    for to in [Some(R[2]), None] {
        let alone = wrong(to);
        assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: true, part: 1 }), [5.0]);
        assert_eq!(when(&alone, Signal::StepWrong(0)), [5.0]);
        assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false, part: 1 }), [310.0], "5 + 300 + 5 s");
        assert_eq!(when(&alone, Signal::Finished), [311.0]);
    }
}

#[test]
fn a_promotion_in_the_wrong_place_is_noticed_whatever_came_of_it() {
    let wrong = Wrong {
        probability: 1.0,
        action: Some(Action::Promote { how: Promotion::Failover, store: STORE, to: R[2] }),
        noticed: constant(300.0),
    };
    for succeeds in [true, false] {
        let mut alone =
            runbook(Trigger::Alarm(AlarmId::new(0)), vec![Step { wrong: Some(wrong.clone()), ..promote() }]);
        alone.call(fires);
        assert_eq!(when(&alone, Signal::Promote { step: 0, effective: true, wrong: true }), [0.0]);
        promotion_begins(&mut alone, 0);
        alone.run_until(at(120));
        alone.call(|runbook, ctx| runbook.promotion_ended((STORE, R[2]), succeeds, ctx));
        assert!(!alone.component().awaits_promotion(STORE, R[2]), "nobody watches while nobody knows");
        alone.run_until(at(1_000));
        assert_eq!(when(&alone, Signal::Promote { step: 0, effective: true, wrong: false }), [420.0]);
    }
}

#[test]
fn people_take_longer_at_night() {
    let office = Delay::from_words(constant(3_600.0), &[("mon-fri 09:00-17:00", constant(60.0))]);
    for (start, done) in [("mon 08:59", 3_600.0), ("mon 09:00", 60.0), ("sat 12:00", 3_600.0)] {
        let mut alone = runbook(Trigger::Alarm(AlarmId::new(0)), vec![step(Action::Approve(office.clone()))]);
        alone.call(|runbook, ctx| runbook.begin(0_u64.into(), WeekTime::from_words(start), ctx));
        alone.call(fires);
        alone.run_until(at(10_000));
        assert_eq!(when(&alone, Signal::StepDone(0)), [done], "{start}");
    }
}

#[test]
fn a_mistake_where_nothing_answers_changes_nothing_and_has_to_be_noticed() {
    let action = |to: RegionId| Action::Scale { desired: 3, to, service: None };
    let wrong = Wrong { probability: 1.0, action: Some(action(R[0])), noticed: constant(300.0) };
    let scale = Step { wrong: Some(wrong), ..step(action(R[1])) };
    let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), vec![scale]), world());
    set_out(&mut alone, &mut world, R[0], true);
    alone.call(fires);
    alone.run_until(at(1_000));
    assert!(when(&alone, Signal::TakesEffect { step: 0, wrong: true, part: 1 }).is_empty());
    assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false, part: 1 }), [305.0]);
}

#[test]
fn automation_starts_its_step_over_elsewhere_when_lambda_fails_where_it_runs() {
    let (mut alone, mut world) =
        (runbook(Trigger::Alarm(AlarmId::new(0)), vec![step(Action::Wait(constant(60.0)))]), world());
    alone.call(fires);
    alone.run_until(at(40));
    for region in [R[1], R[2]] {
        world.set_lambda_out(region, true);
        alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
        alone.run_until(at(50));
    }
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Host }), [50.0]);
    world.set_lambda_out(R[1], false);
    alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
    alone.run_until(at(200));
    assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0, 40.0, 50.0]);
    assert_eq!(when(&alone, Signal::Finished), [110.0]);
}

#[test]
fn what_a_step_lacks_is_said_again_when_it_is_something_else() {
    let edit = step(Action::Shift { means: Means::RecordEdit, to: R[1], share: 1.0, record: None });
    let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), vec![edit]), world());
    world.set_control_out(R[0], true);
    alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
    alone.call(fires);
    alone.run_until(at(10));
    set_out(&mut alone, &mut world, R[1], true);
    set_out(&mut alone, &mut world, R[2], true);
    alone.run_until(at(20));
    set_out(&mut alone, &mut world, R[2], false);
    alone.run_until(at(30));
    world.redirect_edits(true);
    alone.call(|runbook, ctx| runbook.world_changed(&world, ctx));
    alone.run_until(at(100));
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Plane }), [0.0, 20.0]);
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Host }), [10.0]);
    assert_eq!(when(&alone, Signal::TakesEffect { step: 0, wrong: false, part: 1 }), [35.0]);
}

/// Steps 0, then 1 and 2 beside 3, then 4.
fn side_by_side(times: [f64; 5]) -> (Vec<Step>, Vec<Block>) {
    let steps = times.map(|seconds| step(Action::Wait(constant(seconds)))).to_vec();
    (steps, vec![Block::Step(0), Block::Parallel(vec![1..3, 3..4]), Block::Step(4)])
}

#[test]
fn branches_take_as_long_as_the_longest_of_them() {
    for times in [[10.0, 20.0, 30.0, 40.0, 5.0], [10.0, 20.0, 30.0, 70.0, 5.0], [0.0, 0.0, 0.0, 0.0, 0.0]] {
        let (steps, blocks) = side_by_side(times);
        let mut alone = program(Trigger::Alarm(AlarmId::new(0)).into(), steps, blocks);
        alone.call(fires);
        alone.run_until(at(1_000));
        let [first, one, two, other, last] = times;
        let longest = (one + two).max(other);
        assert_eq!(when(&alone, Signal::StepBegan(1)), [first], "{times:?}");
        assert_eq!(when(&alone, Signal::StepBegan(3)), [first], "{times:?}");
        assert_eq!(when(&alone, Signal::StepDone(2)), [first + one + two], "{times:?}");
        assert_eq!(when(&alone, Signal::StepBegan(4)), [first + longest], "{times:?}");
        assert_eq!(when(&alone, Signal::Finished), [first + longest + last], "{times:?}");
    }
}

/// A branch that is out of retries stops the runbook, after the others.
#[test]
fn a_branch_that_fails_lets_the_others_end_and_then_stops_the_runbook() {
    for failing in [1, 3] {
        let (mut steps, blocks) = side_by_side([10.0, 20.0, 30.0, 40.0, 5.0]);
        steps[failing].success = 0.0;
        let mut alone = program(Trigger::Alarm(AlarmId::new(0)).into(), steps, blocks);
        alone.call(fires);
        alone.run_until(at(1_000));
        let ends = if failing == 1 { 50.0 } else { 60.0 };
        assert_eq!(when(&alone, Signal::Stopped), [ends], "{failing}");
        assert!(when(&alone, Signal::StepBegan(4)).is_empty() && when(&alone, Signal::Finished).is_empty());
        // It starts again from its beginning.
        alone.call(fires);
        assert_eq!(when(&alone, Signal::StepBegan(0)), [0.0, ends.max(1_000.0)]);
    }
}

/// Each branch starts its own step over elsewhere.
#[test]
fn branches_of_automation_start_over_when_their_region_dies() {
    let (steps, blocks) = side_by_side([0.0, 20.0, 30.0, 40.0, 5.0]);
    let (mut alone, mut world) = (program(Trigger::Alarm(AlarmId::new(0)).into(), steps, blocks), world());
    alone.call(fires);
    alone.run_until(at(30));
    set_out(&mut alone, &mut world, R[1], true);
    alone.run_until(at(1_000));
    // Step 2 had begun at 20 and begins again at 30, step 3 as well.
    assert_eq!(
        (when(&alone, Signal::StepBegan(2)), when(&alone, Signal::StepBegan(3))),
        (vec![20.0, 30.0], vec![0.0, 30.0])
    );
    assert_eq!(when(&alone, Signal::Finished), [75.0]);
}

#[test]
fn a_ramp_comes_in_equal_parts_the_first_at_once() {
    let ramp = Ramp { steps: 4, every: SimDuration::from_secs(60) };
    let shift = Action::Shift { means: Means::RoutingControl, to: R[1], share: 0.8, record: None };
    let shift = Step { ramp: Some(ramp), ..step(shift) };
    assert_eq!([1, 2, 3, 4].map(|part| shift.reached(part)), [0.25, 0.5, 0.75, 1.0]);
    let parts = |alone: &Harness<Runbook>| {
        let effect = |part| when(alone, Signal::TakesEffect { step: 0, wrong: false, part });
        [1, 2, 3, 4].map(effect).concat()
    };
    let mut alone = runbook(Trigger::Alarm(AlarmId::new(0)), vec![shift.clone()]);
    alone.call(fires);
    alone.run_until(at(1_000));
    assert_eq!(parts(&alone), [5.0, 65.0, 125.0, 185.0]);
    assert_eq!(when(&alone, Signal::Finished), [185.0]);
    // The region dies between the second part and the third: the step takes its time again elsewhere, and the third part comes
    // when it would have come, or once that time is over.
    for (dies, third) in [(100, 125.0), (123, 128.0)] {
        let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), vec![shift.clone()]), world());
        alone.call(fires);
        alone.run_until(at(dies));
        set_out(&mut alone, &mut world, R[1], true);
        alone.run_until(at(1_000));
        assert_eq!(parts(&alone), [5.0, 65.0, third, third + 60.0]);
    }
}

/// Each part of a ramp of edits is an edit: while the control plane of Route 53 is out from 30 s to 200 s, the second part, which
/// is due at 65 s, waits, and takes its 5 s then.
#[test]
fn parts_of_a_ramp_wait_for_the_control_plane() {
    let ramp = Ramp { steps: 3, every: SimDuration::from_secs(60) };
    let shift = Action::Shift { means: Means::RecordEdit, to: R[1], share: 1.0, record: None };
    let shift = Step { ramp: Some(ramp), ..step(shift) };
    let parts = |alone: &Harness<Runbook>| {
        let effect = |part| when(alone, Signal::TakesEffect { step: 0, wrong: false, part });
        [1, 2, 3].map(effect).concat()
    };
    let (mut alone, mut world) = (runbook(Trigger::Alarm(AlarmId::new(0)), vec![shift]), world());
    alone.call(fires);
    alone.run_until(at(30));
    set_out(&mut alone, &mut world, R[0], true);
    alone.run_until(at(200));
    assert_eq!(parts(&alone), [5.0]);
    assert_eq!(when(&alone, Signal::StepWaits { step: 0, lacks: Lack::Plane }), [65.0]);
    set_out(&mut alone, &mut world, R[0], false);
    alone.run_until(at(1_000));
    assert_eq!(parts(&alone), [5.0, 205.0, 265.0]);
}

/// When a runbook with these alternatives starts, if conditions begin and end to hold like this.
fn starts(on: &[&[usize]], changes: &[(u64, usize, bool)]) -> Vec<f64> {
    let alarm = |alarm: &usize| Trigger::Alarm(AlarmId::new(*alarm));
    let on = On(on.iter().map(|all| all.iter().map(alarm).collect()).collect());
    let mut alone = program(on, vec![step(Action::Wait(constant(1.0)))], Block::in_order(1));
    for &(time, which, holds) in changes {
        alone.run_until(at(time));
        alone.call(|runbook, ctx| runbook.set(|trigger| *trigger == alarm(&which), holds, ctx));
    }
    alone.run_until(at(1_000));
    when(&alone, Signal::Started)
}

#[test]
fn any_of_several_triggers_starts_it_and_all_of_several_only_together() {
    let changes = [(10, 0, true), (20, 1, true), (30, 0, false), (40, 0, true), (50, 1, false), (60, 2, true)];
    assert_eq!(starts(&[&[0], &[1]], &changes), [10.0, 20.0, 40.0]);
    assert_eq!(starts(&[&[0, 1]], &changes), [20.0, 40.0]);
    assert_eq!(starts(&[&[0, 1], &[2]], &changes), [20.0, 40.0, 60.0]);
    assert_eq!(starts(&[&[0, 1, 2]], &changes), [0.0; 0]);
    // An operator has to have noticed, and the outage to last.
    let on = On(vec![vec![operator(None), Trigger::Alarm(AlarmId::new(0))]]);
    let mut alone = program(on, vec![step(Action::Wait(constant(1.0)))], Block::in_order(1));
    journeys(&mut alone, 0, [false, true]);
    alone.run_until(at(200));
    alone.call(fires);
    assert_eq!(when(&alone, Signal::Started), [200.0], "noticed after 120 s, and then the alarm fires");
    journeys(&mut alone, 300, [true, true]);
    alone.run_until(at(400));
    alone.call(fires);
    assert_eq!(when(&alone, Signal::Started), [200.0], "nobody notices what is over");
}

#[test]
fn planned_work_begins_on_time_and_that_of_a_week_every_week() {
    let wait = || vec![step(Action::Wait(constant(1.0)))];
    let week = 7 * 24 * 3_600;
    let sundays = Parameters {
        name: "mend".to_owned(),
        on: Trigger::At(Due::Weekly(WeekTime::from_words("sun 02:00"))).into(),
        hosted_in: vec![R[1]],
        steps: wait(),
        blocks: Block::in_order(1),
        stand_down: false,
    };
    let mut alone = Harness::new(assembled(&sundays));
    alone.call(|runbook, ctx| runbook.begin(0_u64.into(), WeekTime::from_words("sun 01:00"), ctx));
    assert_eq!(alone.component().planned(), at(3_600));
    alone.run_until(at(2 * week));
    assert_eq!(when(&alone, Signal::Started), [3_600.0, (3_600 + week) as f64]);
    let mut alone = runbook(Trigger::At(Due::After(constant(600.0))), wait());
    assert_eq!(alone.component().planned(), at(600));
    alone.run_until(at(10_000));
    assert_eq!(when(&alone, Signal::Started), [600.0]);
    // Together with another condition it is a time from which on it may start, and no plan.
    let on = On(vec![vec![Trigger::At(Due::After(constant(600.0))), Trigger::Alarm(AlarmId::new(0))]]);
    let mut alone = program(on, wait(), Block::in_order(1));
    assert_eq!(alone.component().planned(), SimTime::NEVER);
    alone.call(fires);
    alone.run_until(at(10_000));
    assert_eq!(when(&alone, Signal::Started), [600.0]);
}
