//! Session state on the instances: kept in memory, lost with the instance that keeps it.

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Trial};
use sim_core::time::SimTime;
use sim_settings::form::Delay;
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, keys};

use crate::about::About;
use crate::by_id::ById;
use crate::cause::Cause;
use crate::ids::RegionId;
use crate::in_flight::{self, Draws, InFlight};
use crate::needs::Access;
use crate::stores::{Availability, Loss, Service, Settings, Signal, Site};
use crate::world::World;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Session state on the instance",
    modelled: "every write is a session that begins on an instance of its own region and lives there for a time; the \
         sessions of instances that die, that scale-in takes out of service, or whose region goes out are lost and \
         counted, as many as the rate and the mean life make live, with the age of the oldest",
    not_modelled: "sessions that live on where DNS no longer sends their clients; uneven load: sessions are spread evenly over \
         the instances that serve, the newest included; the time it takes to fill up again after a loss. Without \
         `[compute]` a region keeps its sessions until it goes out as a whole",
    sources: "no published figure for the life of a session",
};

keys! {
    /// The keys of this kind of store.
    struct SessionKeys {
        const LIFE: Key<Delay> = Key::assumed(
            "session-life",
            "how long a session lasts",
            "{ exponential = { mean = \"20m\" } }",
            "no published figure; sites commonly end idle sessions after 15 to 30 minutes",
        )
        .band(Band::factor(0.5, 3.0, "idle sessions commonly end after 15 to 30 minutes; people who stay make them longer"));
    }
}

/// Session state on the instances.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Every region keeps its own.
    pub regions: Vec<RegionId>,
    /// How long a session lasts, in seconds.
    pub session_life: Distribution,
}

impl Settings for Parameters {
    type Service = Sessions;
    const KEEPS_DATA: bool = false;
    const KIND: &'static str = "instance-session";
    const MEANING: &'static str = "session state in the memory of instances";
    const KEYS: Layout = &[Listing::Keys(SessionKeys::KEYS)];

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        Self { regions: RegionId::all(names.len()).collect(), session_life: in_flight::read_time(section, &LIFE) }
    }

    fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    fn words(&self, _: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        format!("session state on the instances, for {}", delay(&self.session_life))
    }

    fn build(&self, site: Site<'_>) -> Sessions {
        Sessions::new(self, site)
    }
}

/// Nothing happens to sessions by themselves.
#[derive(Debug, Clone, Copy)]
pub enum Event {}

/// The sessions of one region.
#[derive(Debug)]
struct Kept {
    draws: Draws,
    up: bool,
    /// Sessions that begin per second.
    rate: f64,
    /// The part of the sessions that earlier losses at the same instant have left.
    left: f64,
}

/// Sessions on instances at work.
#[derive(Debug)]
pub struct Sessions {
    live: InFlight,
    regions: ById<RegionId, Kept>,
    lost: f64,
    seconds: f64,
}

impl Sessions {
    /// Sessions at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, seed, .. } = site;
        let kept = |region: &String| Kept {
            draws: Draws::new(seed, &format!("{path}/{region}"), "live-sessions", "oldest-session"),
            up: true,
            rate: 0.0,
            left: 1.0,
        };
        Self {
            live: InFlight::new(parameters.session_life.clone()),
            regions: regions.iter().map(kept).collect(),
            lost: 0.0,
            seconds: 0.0,
        }
    }

    /// This share of a region's sessions is gone.
    fn lose(&mut self, region: RegionId, share: f64) {
        let kept = &mut self.regions[region];
        let (count, oldest) = self.live.draw(kept.rate * kept.left * share, &mut kept.draws);
        kept.left *= 1.0 - share;
        self.lost += count as f64;
        self.seconds = self.seconds.max(oldest);
    }
}

impl Service for Sessions {
    fn begin(&mut self, trial: Trial<'_>) {
        for kept in &mut self.regions {
            kept.draws.begin(trial);
            (kept.up, kept.rate, kept.left) = (true, 0.0, 1.0);
        }
        (self.lost, self.seconds) = (0.0, 0.0);
    }

    /// Wherever a request is served, state is at hand; that of another region is not missed, but begun anew.
    fn access(&self, _: usize, _: Access, region: RegionId, world: &World) -> Availability {
        if world.up(region) { Availability::works(region) } else { Availability::fails(Cause::Dependency, false) }
    }

    fn world_changed(&mut self, world: &World, _: &mut Context<'_, Event, Signal>) {
        for region in self.regions.ids() {
            let up = world.up(region);
            if std::mem::replace(&mut self.regions[region].up, up) && !up {
                self.lose(region, 1.0);
            }
        }
    }

    fn acknowledges(&mut self, rates: &[f64], _: SimTime) {
        for (kept, &rate) in self.regions.iter_mut().zip(rates) {
            (kept.rate, kept.left) = (rate, 1.0);
        }
    }

    /// Loss of the region does not come on top of that of its instances, nor the other way round.
    fn instances_gone(&mut self, region: RegionId, share: f64) {
        if self.regions[region].up {
            self.lose(region, share);
        }
    }

    /// It was lost already when its instances went.
    fn destroyed(&mut self, _: RegionId) {}

    fn lag(&self) -> (f64, Option<SimTime>) {
        (0.0, None)
    }

    fn loss(&mut self, _: SimTime) -> Loss {
        Loss { lost: self.lost, seconds: self.seconds, ..Loss::default() }
    }
}

impl Component for Sessions {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, _: &mut Context<'_, Event, Signal>) {
        match event {}
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;
    use crate::ids::R;

    /// Sessions of ten minutes sharp in two regions.
    fn sessions() -> Harness<Sessions> {
        let parameters =
            Parameters { regions: R[..2].to_vec(), session_life: Distribution::constant(600.0).expect("a constant") };
        let names = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
        Harness::new(parameters.build(Site { path: "stores/s", regions: &names, zones: &[3, 3], seed: 1 }))
    }

    fn world() -> World {
        World::new(&[3, 3], &[vec![0.0, 0.07], vec![0.07, 0.0]])
    }

    /// Mean number and mean oldest age over many trials of what `befalls` the sessions.
    fn means(befalls: impl Fn(&mut Sessions, &mut Context<'_, Event, Signal>)) -> (f64, f64) {
        let (mut alone, trials) = (sessions(), 4_000);
        let (mut lost, mut seconds) = (0.0, 0.0);
        for trial in 0..trials {
            let loss = alone.call(|sessions, ctx| {
                sessions.begin(trial.into());
                sessions.acknowledges(&[0.1, 0.05], ctx.now());
                befalls(sessions, ctx);
                sessions.loss(SimTime::NEVER)
            });
            assert_eq!((loss.stranded, loss.overwritten, loss.delayed), (0.0, 0.0, 0.0));
            lost += loss.lost;
            seconds += loss.seconds;
        }
        (lost / trials as f64, seconds / trials as f64)
    }

    /// Five standard errors of the mean of Poisson numbers.
    fn close(mean: f64, expected: f64) {
        assert!((mean - expected).abs() < 5.0 * libm::sqrt(expected / 4_000.0), "{mean} against {expected}");
    }

    #[test]
    fn a_region_takes_all_its_sessions_along() {
        // 0.1 per second for 600 s: 60 live ones. Ages are uniform over 600 s; the oldest of n has the mean
        // 600 n / (n + 1), and E[1 / (n + 1)] of a Poisson number is (1 - exp(-m)) / m.
        let (lost, oldest) = means(|sessions, ctx| {
            let mut world = world();
            world.set_out(R[0], true);
            sessions.world_changed(&world, ctx);
            sessions.instances_gone(R[0], 1.0);
        });
        close(lost, 60.0);
        assert!((oldest - 600.0 * (1.0 - 1.0 / 60.0)).abs() < 1.0, "{oldest}");
    }

    #[test]
    fn instances_take_their_share_along_and_never_more_than_there_is() {
        close(means(|sessions, _| sessions.instances_gone(R[0], 0.25)).0, 15.0);
        // Half, then half of what is left, then the region with the rest: all 60.
        let all = means(|sessions, ctx| {
            sessions.instances_gone(R[0], 0.5);
            sessions.instances_gone(R[0], 0.5);
            let mut world = world();
            world.set_out(R[0], true);
            sessions.world_changed(&world, ctx);
        });
        close(all.0, 60.0);
        // Later ones find the sessions that have begun since.
        let twice = means(|sessions, ctx| {
            sessions.instances_gone(R[1], 0.5);
            sessions.acknowledges(&[0.1, 0.05], ctx.now());
            sessions.instances_gone(R[1], 0.5);
        });
        close(twice.0, 30.0);
    }

    #[test]
    fn nothing_is_lost_while_instances_live() {
        assert_eq!(means(|sessions, ctx| sessions.world_changed(&world(), ctx)), (0.0, 0.0));
    }
}
