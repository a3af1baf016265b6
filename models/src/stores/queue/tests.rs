use sim_core::component::Harness;
use sim_core::time::{SimDuration, SimTime};

use super::*;
use crate::ids::R;

/// A queue with copies in two regions, and the world around it.
struct Bench {
    queue: Harness<Queue>,
    world: World,
}

impl Bench {
    fn new() -> Self {
        Self::working_for(0.0)
    }

    /// The same whose consumer works on a message for so many seconds.
    fn working_for(seconds: f64) -> Self {
        let parameters =
            Parameters { regions: R[..2].to_vec(), consumer: Some(ServiceId::new(0)), response: vec![seconds; 2] };
        let mut queue = Harness::new(Queue::new(&parameters));
        queue.call(|queue, _| queue.begin(0_u64.into()));
        Self { queue, world: World::new(&[3, 3], &[vec![0.0, 0.07], vec![0.07, 0.0]]) }
    }

    /// From so many seconds on, messages arrive and are consumed at these rates.
    fn flows(&mut self, seconds: u64, arriving: [f64; 2], consumed: [f64; 2]) {
        self.queue.run_until(at(seconds));
        self.queue.call(|queue, ctx| {
            queue.acknowledges(&arriving, ctx.now());
            queue.consumes(&consumed, ctx);
        });
    }

    fn world(&mut self, seconds: u64, change: impl FnOnce(&mut Queue, &mut World)) {
        self.queue.run_until(at(seconds));
        let world = &mut self.world;
        self.queue.call(|queue, ctx| {
            change(queue, world);
            queue.world_changed(world, ctx);
        });
    }

    fn backlog(&mut self, end: u64) -> (f64, f64, f64, (f64, f64)) {
        self.queue.run_until(at(end));
        self.queue.call(|queue, ctx| {
            let backlog = queue.backlog(ctx.now()).expect("a queue has one");
            let clock = Some(at(100));
            (backlog.largest(), backlog.oldest(), backlog.caught_up(clock), backlog.delays().expect("some are done"))
        })
    }

    fn loss(&mut self) -> Loss {
        self.queue.call(|queue, ctx| queue.loss(ctx.now()))
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} and not {expected}");
}

#[test]
fn a_backlog_drains_at_the_pace_of_what_is_spare() {
    // 10 a second arrive. Nothing is consumed from 100 s to 400 s, then 25 a second: 3,000 wait, and 15 a second are spare.
    let mut bench = Bench::new();
    bench.flows(0, [10.0, 0.0], [10.0, 0.0]);
    bench.flows(100, [10.0, 0.0], [0.0, 0.0]);
    bench.flows(400, [10.0, 0.0], [25.0, 0.0]);
    // Who consumes hears of the end, and slows down then.
    bench.queue.run_until(at(650));
    assert_eq!(bench.queue.signals().len(), 1);
    assert!((bench.queue.signals()[0].0.as_secs_f64() - 600.0).abs() < 1e-6);
    bench.flows(650, [10.0, 0.0], [10.0, 0.0]);
    let (largest, oldest, caught_up, (mean, p99)) = bench.backlog(1_000);
    close(largest, 3_000.0);
    // The first one in waits for 300 s; age falls from there.
    close(oldest, 300.0);
    close(caught_up, 500.0);
    // By Little's law the mean wait is the area under the backlog over the messages: a triangle of 500 s and 3,000.
    close(mean, 0.5 * 500.0 * 3_000.0 / 10_000.0);
    // 5,000 messages arrived within the 500 s; their waits are spread evenly from 300 s to 0, and 5,000 did not wait: of all
    // 10,000 1 % waited longer than 98 % of 300 s.
    close(p99, 0.98 * 300.0);
    assert_eq!(bench.loss(), Loss::default());
}

#[test]
fn the_oldest_message_is_the_first_of_a_slower_stretch() {
    // 20 a second for 100 s, then 2 a second, while 10 a second are consumed: at 200 s the last of the first stretch has
    // waited for 100 s, which is the longest.
    let mut bench = Bench::new();
    bench.flows(0, [20.0, 0.0], [10.0, 0.0]);
    bench.flows(100, [2.0, 0.0], [10.0, 0.0]);
    // 1,000 wait at 100 s and go at 8 a second.
    let (largest, oldest, caught_up, _) = bench.backlog(300);
    close(largest, 1_000.0);
    close(oldest, 100.0);
    assert_eq!(caught_up, 0.0, "it only falls from the start of the clock on");
}

#[test]
fn messages_wait_in_a_region_that_is_out_or_are_gone_with_it() {
    for destroyed in [false, true] {
        let mut bench = Bench::new();
        bench.flows(0, [10.0, 5.0], [4.0, 5.0]);
        bench.world(100, |queue, world| {
            if destroyed {
                queue.destroyed(R[0]);
            }
            assert!(world.set_out(R[0], true));
        });
        bench.flows(100, [0.0, 15.0], [0.0, 15.0]);
        let loss = bench.loss();
        // 600 wait; 400 were consumed, those of the first 40 s: the oldest is 60 s old.
        close(loss.seconds, 60.0);
        let (lost, stranded) = if destroyed { (600.0, 0.0) } else { (0.0, 600.0) };
        close(loss.lost, lost);
        close(loss.stranded, stranded);
        bench.world(1_100, |_, world| assert!(world.set_out(R[0], false)));
        bench.flows(1_100, [10.0, 5.0], [20.0, 5.0]);
        let (largest, oldest, caught_up, _) = bench.backlog(2_000);
        close(largest, 600.0);
        if destroyed {
            close(oldest, 60.0);
            assert_eq!(caught_up, 0.0);
        } else {
            // It stood still for 1,000 s, and counts.
            close(oldest, 1_060.0);
            assert_eq!(caught_up, 0.0, "it never rose above what waited when the clock started");
        }
    }
}

#[test]
fn messages_that_are_being_worked_on_are_stranded_with_those_that_wait() {
    for destroyed in [false, true] {
        // 4 a second are worked on for 2.5 s each: ten at any time.
        let mut bench = Bench::working_for(2.5);
        bench.flows(0, [10.0, 0.0], [4.0, 0.0]);
        bench.world(100, |queue, world| {
            if destroyed {
                queue.destroyed(R[0]);
            }
            assert!(world.set_out(R[0], true));
        });
        let loss = bench.loss();
        let (lost, stranded) = if destroyed { (610.0, 0.0) } else { (0.0, 610.0) };
        close(loss.lost, lost);
        close(loss.stranded, stranded);
    }
}

#[test]
fn a_region_that_is_destroyed_while_it_is_out_takes_its_messages_along() {
    let mut bench = Bench::new();
    bench.flows(0, [10.0, 0.0], [4.0, 0.0]);
    bench.world(100, |_, world| assert!(world.set_out(R[0], true)));
    bench.flows(100, [0.0, 0.0], [0.0, 0.0]);
    close(bench.loss().stranded, 600.0);
    bench.queue.run_until(at(200));
    bench.queue.call(|queue, _| queue.destroyed(R[0]));
    let loss = bench.loss();
    close(loss.lost, 600.0);
    close(loss.stranded, 0.0);
}

#[test]
fn only_writes_work_and_they_go_to_the_copy_of_their_region() {
    let bench = Bench::new();
    let queue = bench.queue.component();
    assert_eq!(queue.access(0, Access::Write, R[1], &bench.world), Availability::works(R[1]));
    assert_eq!(queue.access(0, Access::Read, R[1], &bench.world).share, 0.0);
}
