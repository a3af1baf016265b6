//! The M/M/1 queue: mean number of customers present, over time and 1,000 trials, against rho / (1 - rho).

use sim_core::prelude::*;

enum Event {
    Arrival,
    Departure,
}

struct Server {
    gap: Variate,
    work: Variate,
    present: TimeWeighted,
}

impl Component for Server {
    type Event = Event;
    type Signal = ();
    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, ()>) {
        let begins = match event {
            Event::Arrival => {
                ctx.schedule_in(self.gap.draw_duration(), Event::Arrival);
                self.present.add(ctx.now(), 1.0) == 1.0
            }
            Event::Departure => self.present.add(ctx.now(), -1.0) > 0.0,
        };
        if begins {
            ctx.schedule_in(self.work.draw_duration(), Event::Departure);
        }
    }
}

fn main() {
    let draws = |mean, purpose| Variate::exponential(mean, StreamId::new(1, "server", purpose)).expect("means > 0");
    let (gap, work) = (draws(1.25, "gap"), draws(1.0, "service"));
    let begin = |it: Trial<'_>| Server { gap: gap.at(it), work: work.at(it), present: TimeWeighted::default() };
    let mut queue = Lone::new(begin, || Event::Arrival);
    let present = queue.time_averages(0..1_000, Window::seconds(500, 2_000), |it, now| it.present.integral_at(now));
    println!("{:.2} customers, +/- {:.2}; in theory 4", present.mean(), 1.96 * present.standard_error());
    // Of a million seeds, one would fail.
    assert!(present.mean_interval(1.0 - 1e-6).is_some_and(|interval| interval.contains(4.0)));
}
