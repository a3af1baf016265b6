//! The M/M/1 queue: time average of the number of customers present, against rho / (1 - rho).

use sim_core::prelude::*;

enum Event {
    Arrival,
    Departure,
}

struct Server {
    gap: Variate,
    service: Variate,
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
            ctx.schedule_in(self.service.draw_duration(), Event::Departure);
        }
    }
}

fn main() -> Result<(), Invalid> {
    let draws = |mean, purpose| Variate::exponential(mean, StreamId::new(1, "server", purpose));
    let (gap, service) = (draws(1.25, "gap")?, draws(1.0, "service")?);
    let server = |trial| Server { gap: gap.at(trial), service: service.at(trial), present: TimeWeighted::default() };
    let mut queue = Lone::new(server, || Event::Arrival);
    let present = queue.time_averages(0..1_000, Window::seconds(500, 2_000), |it, now| it.present.integral_at(now));
    println!("customers present: {:.3?}, in theory 4", present.mean_interval(0.95));
    Ok(())
}
