//! The loop: who is called when, and what a model sees of it.

use sim_core::component::Handle;
use sim_core::prelude::*;

/// Says the numbers that it was told to say, at the instants that it was told.
#[derive(Default)]
struct Parrot {
    heard: u32,
    pending: Option<Handle>,
}

impl Component for Parrot {
    type Event = Vec<u32>;
    type Signal = u32;

    fn handle(&mut self, words: Vec<u32>, ctx: &mut Context<'_, Vec<u32>, u32>) {
        for word in words {
            ctx.signal(word);
        }
    }
}

impl Parrot {
    /// Hears a number and says the half of an even one.
    fn hear(&mut self, word: u32, ctx: &mut Context<'_, Vec<u32>, u32>) {
        self.heard += 1;
        if word.is_multiple_of(2) {
            ctx.signal(word / 2);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Parrot(usize),
}

/// The events in order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Said(usize, u32),
    Settled,
}

/// Each parrot hears what the one before it says.
struct Cage {
    parrots: Vec<Slot<Parrot>>,
    /// At which second each says what.
    script: Vec<(usize, u64, Vec<u32>)>,
    /// How often settling finds something to do at an instant.
    unsettled: u32,
    left: u32,
    seen: Vec<(SimTime, Seen)>,
}

impl Cage {
    fn new(parrots: usize, script: &[(usize, u64, &[u32])], simulation: &mut Simulation<Key>) -> Self {
        let parrots = (0..parrots).map(|index| simulation.place(Key::Parrot(index), Parrot::default())).collect();
        let script = script.iter().map(|&(index, second, words)| (index, second, words.to_vec())).collect();
        Self { parrots, script, unsettled: 0, left: 0, seen: Vec::new() }
    }

    fn said(&mut self, index: usize, word: u32, engine: &mut Engine<Key>) {
        self.seen.push((engine.now(), Seen::Said(index, word)));
        self.left = self.unsettled;
        if let Some(next) = self.parrots.get_mut(index + 1) {
            engine.call(next, |parrot, ctx| parrot.hear(word, ctx));
        }
    }
}

impl Model for Cage {
    type Key = Key;

    fn begin(&mut self, _trial: Trial<'_>, engine: &mut Engine<Key>) {
        self.seen.clear();
        for parrot in &mut self.parrots {
            engine.begin(parrot, |parrot, _| *parrot = Parrot::default());
        }
        for (index, second, words) in &self.script {
            engine.call(&mut self.parrots[*index], |parrot, ctx| {
                parrot.pending = Some(ctx.schedule_in(SimDuration::from_secs(*second), words.clone()));
            });
        }
    }

    fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
        match key {
            Key::Parrot(index) => {
                turn.of(self, |it| &mut it.parrots[index], |it, word, engine| it.said(index, word, engine))
            }
        }
    }

    fn settle(&mut self, engine: &mut Engine<Key>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        self.seen.push((engine.now(), Seen::Settled));
        true
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn run(parrots: usize, script: &[(usize, u64, &[u32])], unsettled: u32) -> Vec<(SimTime, Seen)> {
    let mut simulation = Simulation::new();
    let mut cage = Cage { unsettled, ..Cage::new(parrots, script, &mut simulation) };
    simulation.begin(&mut cage, 0);
    simulation.run_until(&mut cage, SimTime::NEVER);
    cage.seen
}

#[test]
fn signals_are_drained_in_order_at_the_instant_and_before_the_next_event() {
    use Seen::Said;
    // The last parrot's own event was scheduled first, so it comes first at second 5; the first one's two words are both
    // through before what the second one made of them, and all of it before the event that was scheduled last.
    let seen = run(3, &[(2, 5, &[7]), (0, 5, &[8, 4]), (0, 5, &[1]), (1, 3, &[9])], 0);
    assert_eq!(
        seen,
        [
            (at(3), Said(1, 9)),
            (at(5), Said(2, 7)),
            (at(5), Said(0, 8)),
            (at(5), Said(0, 4)),
            (at(5), Said(1, 4)),
            (at(5), Said(1, 2)),
            (at(5), Said(2, 2)),
            (at(5), Said(2, 1)),
            (at(5), Said(0, 1)),
        ]
    );
}

#[test]
fn settling_comes_once_all_events_of_the_instant_are_through_and_again_until_nothing_changed() {
    use Seen::{Said, Settled};
    let seen = run(1, &[(0, 1, &[1]), (0, 1, &[3]), (0, 2, &[5])], 2);
    let second = |second, what: &[Seen]| what.iter().map(|&what| (at(second), what)).collect::<Vec<_>>();
    let mut expected = second(1, &[Said(0, 1), Said(0, 3), Settled, Settled]);
    expected.extend(second(2, &[Said(0, 5), Settled, Settled]));
    assert_eq!(seen, expected);
}

#[test]
fn what_begins_a_trial_leaves_no_trace_of_the_one_before() {
    let mut simulation = Simulation::new();
    let mut cage = Cage::new(2, &[(0, 1, &[2]), (1, 4, &[1])], &mut simulation);
    simulation.begin(&mut cage, 0);
    simulation.run_until(&mut cage, SimTime::NEVER);
    let whole = cage.seen.clone();
    // The next one stops with an event pending, and the one after must not see it.
    for _ in 0..2 {
        simulation.begin(&mut cage, 0);
        simulation.run_until(&mut cage, at(2));
        assert_eq!((simulation.now(), cage.parrots[1].component().heard), (at(2), 1));
        assert_eq!(cage.seen, whole[..2]);
    }
    simulation.run_until(&mut cage, SimTime::NEVER);
    assert_eq!((simulation.now(), cage.seen), (at(4), whole));
}

#[test]
fn the_end_is_not_part_of_a_run_and_the_clock_never_goes_back() {
    let mut simulation = Simulation::new();
    let mut cage = Cage::new(1, &[(0, 1, &[1]), (0, 2, &[3])], &mut simulation);
    simulation.begin(&mut cage, 0);
    simulation.run_until(&mut cage, at(2));
    assert_eq!(cage.seen, [(at(1), Seen::Said(0, 1))]);
    simulation.run_until(&mut cage, at(1));
    assert_eq!(simulation.now(), at(2));
    simulation.run_until(&mut cage, at(3));
    assert_eq!(cage.seen[1..], [(at(2), Seen::Said(0, 3))]);
}

/// Cancels the parrot's last event as soon as it says anything.
struct Hush(Cage);
impl Model for Hush {
    type Key = Key;
    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        self.0.begin(trial, engine);
    }
    fn dispatch(&mut self, Key::Parrot(index): Key, turn: Turn<'_, Key>) -> Dispatched {
        turn.of(
            self,
            |it| &mut it.0.parrots[index],
            |it, word, engine| {
                it.0.seen.push((engine.now(), Seen::Said(index, word)));
                engine.call(&mut it.0.parrots[index], |parrot, ctx| {
                    if let Some(handle) = parrot.pending.take() {
                        ctx.cancel(handle);
                    }
                });
            },
        )
    }
}

#[test]
fn what_was_cancelled_is_passed_over() {
    let mut simulation = Simulation::new();
    let mut hush = Hush(Cage::new(1, &[(0, 1, &[1]), (0, 2, &[3])], &mut simulation));
    simulation.begin(&mut hush, 0);
    simulation.run_until(&mut hush, SimTime::NEVER);
    assert_eq!(hush.0.seen, [(at(1), Seen::Said(0, 1))]);
}

#[test]
#[should_panic(expected = "the model finds another component under the key Parrot(0)")]
fn a_key_that_leads_to_another_component_is_noticed() {
    let mut simulation = Simulation::new();
    let mut cage = Cage::new(2, &[(0, 1, &[1])], &mut simulation);
    simulation.begin(&mut cage, 0);
    cage.parrots.swap(0, 1);
    simulation.run_until(&mut cage, SimTime::NEVER);
}

#[test]
#[should_panic(expected = "time stands still")]
fn a_model_that_never_settles_is_noticed() {
    run(1, &[(0, 1, &[1])], u32::MAX);
}

/// A cage in which each instant brings about one more event of the same instant.
struct Echo(Cage);
impl Model for Echo {
    type Key = Key;
    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        self.0.begin(trial, engine);
    }
    fn dispatch(&mut self, Key::Parrot(index): Key, turn: Turn<'_, Key>) -> Dispatched {
        turn.of(self, |it| &mut it.0.parrots[index], |_, _, _| ())
    }
    fn settle(&mut self, engine: &mut Engine<Key>) -> bool {
        engine.call(&mut self.0.parrots[0], |_, ctx| ctx.schedule_in(SimDuration::from_secs(0), vec![]));
        false
    }
}

#[test]
#[should_panic(expected = "time stands still")]
fn events_that_bring_about_each_other_at_one_instant_are_noticed() {
    let mut simulation = Simulation::new();
    let mut echo = Echo(Cage::new(1, &[(0, 1, &[1])], &mut simulation));
    simulation.begin(&mut echo, 0);
    simulation.run_until(&mut echo, SimTime::NEVER);
}

#[test]
fn a_window_counts_what_happens_from_its_start_up_to_but_not_including_its_end() {
    let mut simulation = Simulation::new();
    let script: &[(usize, u64, &[u32])] = &[(0, 1, &[1]), (0, 2, &[1, 3]), (0, 4, &[1]), (0, 5, &[1])];
    let mut cage = Cage::new(1, script, &mut simulation);
    let counted = simulation.readings(&mut cage, 0, Window::seconds(2, 3), |cage, now| (now, cage.seen.len()));
    assert_eq!(counted, [(at(2), 1), (at(5), 4)]);
    // An integral comes out per second: three in three seconds, the same in each of two trials.
    let rate = simulation.time_averages(&mut cage, 0..2, Window::seconds(2, 3), |cage, _| cage.seen.len() as f64);
    assert_eq!((rate.count(), rate.min(), rate.max()), (2, 1.0, 1.0));
}
