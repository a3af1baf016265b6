//! The deployment at one instant of one trial: clients, routing, regions, copies of the data.
//!
//! ```text
//!   [america 600/s]    [europe 400/s]
//!   [ DNS answers with ..             ]
//!        \________    ______/            as wide as the traffic
//!   [us-east-1 OUT]  [eu-west-1      ]
//!   web, calls payment
//!   payment, calls bank, writes orders
//!   [out          ]  [400 calls/s    ]
//!   orders: Aurora Global Database ..
//!   [writer       ]->[copy           ]
//! ```

use std::fmt::Write as _;

use super::svg::{Anchor, Picture};
use crate::overview::{Asked, Overview, Tier};
use crate::report::chart::text::{BODY, Face, SMALL, STRONG, fit, fit_start, name, width, wrap_start};
use crate::run::story::Snapshot;
use crate::units::{count, percent};

const WIDTH: f64 = 560.0;
const GAP: f64 = 30.0;
const CLIENTS: f64 = 40.0;
const DOOR: f64 = 40.0;
const REGION: f64 = 100.0;
const STORE: f64 = 48.0;
/// The widest stream.
const STREAM: f64 = 14.0;

/// Boxes of equal width over the whole picture.
#[derive(Clone, Copy)]
struct Columns {
    count: usize,
    gap: f64,
}

impl Columns {
    fn width(self) -> f64 {
        let count = self.count.max(1) as f64;
        (WIDTH - 2.0 - self.gap * (count - 1.0)) / count
    }

    fn left(self, index: usize) -> f64 {
        1.0 + (self.width() + self.gap) * index as f64
    }

    fn middle(self, index: usize) -> f64 {
        self.left(index) + self.width() / 2.0
    }
}

/// Draws the deployment in the state `now`.
pub(in crate::report) fn draw(map: &Overview, now: &Snapshot, title: &str) -> String {
    let mut picture = Picture::default();
    let regions = Columns { count: map.regions.len(), gap: if map.regions.len() > 4 { 12.0 } else { GAP } };
    let populations = Columns { count: map.clients.len(), gap: 10.0 };
    let door_top = 1.0 + CLIENTS + 14.0;
    let zone = zone_lines(map);
    let zone_height = SMALL.line() * zone.len() as f64;
    let regions_top = door_top + DOOR + zone_height + 46.0;
    streams(&mut picture, map, now, (populations, regions), (1.0 + CLIENTS, regions_top));
    for (index, population) in map.clients.iter().enumerate() {
        let (left, each) = (populations.left(index), populations.width());
        picture.area("box", (left, 1.0), (each, CLIENTS));
        let rate: f64 = row(now, index).iter().sum();
        picture.strong(
            &fit(&name(&population.name), each - 8.0, STRONG),
            (populations.middle(index), 14.0),
            Anchor::Middle,
        );
        let rate = fit(&format!("{}/s", count(rate)), each - 8.0, SMALL);
        picture.small(&rate, (populations.middle(index), 30.0), Anchor::Middle);
    }
    picture.area("box", (1.0, door_top), (WIDTH - 2.0, DOOR + zone_height));
    let lines = wrap_start(&map.door(), WIDTH - 20.0, SMALL, 2);
    let first = door_top + DOOR / 2.0 - SMALL.line() * (lines.len() - 1) as f64 / 2.0;
    for (index, line) in lines.iter().enumerate() {
        picture.small(line, (WIDTH / 2.0, first + SMALL.line() * index as f64), Anchor::Middle);
    }
    for (index, line) in zone.iter().enumerate() {
        let line_top = door_top + DOOR - 4.0 + SMALL.line() * index as f64;
        picture.small(&fit_start(line, WIDTH - 24.0, SMALL), (12.0, line_top), Anchor::Start);
    }
    for index in 0..map.regions.len() {
        region(&mut picture, map, now, index, (regions.left(index), regions_top), regions.width());
    }
    let mut top = regions_top + REGION + 12.0;
    for tier in map.tiers.iter().filter(|tier| tier.entered && !tier.asks.is_empty()) {
        let label = format!("{}{}", name(&tier.name), asks(tier));
        picture.small(&fit(&label, WIDTH - 4.0, SMALL), (2.0, top + 6.0), Anchor::Start);
        top += SMALL.line() + 4.0;
    }
    for (row, tier) in map.tiers.iter().filter(|tier| !tier.entered).enumerate() {
        service(&mut picture, tier, now, row, regions, top);
        top += STORE;
    }
    for index in 0..map.stores.len() {
        store(&mut picture, map, now, index, regions, top);
        top += STORE;
    }
    picture.finish("map", (WIDTH, top), title)
}

/// Names and records that the file writes out, a line each.
fn zone_lines(map: &Overview) -> Vec<String> {
    let names = map.names.iter().map(|part| format!("{}: {}", name(&part.name), part.words));
    names.chain(map.records.iter().map(|part| format!("record {}: {}", name(&part.name), part.words))).collect()
}

/// The traffic of a population to each region.
fn row(now: &Snapshot, population: usize) -> &[f64] {
    now.traffic.row(population)
}

fn streams(
    picture: &mut Picture,
    map: &Overview,
    now: &Snapshot,
    (populations, regions): (Columns, Columns),
    (top, bottom): (f64, f64),
) {
    let count_regions = map.regions.len();
    let most = now.traffic.cells().iter().copied().fold(0.0, f64::max);
    for (from, population) in map.clients.iter().enumerate() {
        for (to, &rate) in row(now, from).iter().enumerate() {
            if rate <= 0.0 {
                continue;
            }
            // Streams to one region arrive side by side.
            let share = (from as f64 + 1.0) / (map.clients.len() as f64 + 1.0);
            let x = regions.left(to) + regions.width() * share;
            let start = populations.left(from) + populations.width() * (to as f64 + 1.0) / (count_regions as f64 + 1.0);
            let dead = now.regions.get(to).is_some_and(|region| region.dead);
            let class = if dead { "stream lost" } else { "stream" };
            let title = format!("{} to {}: {}/s", population.name, map.regions[to].name, count(rate));
            picture.stream(class, (start, top), (x, bottom), (STREAM * rate / most).max(1.2), &title);
        }
    }
}

fn region(picture: &mut Picture, map: &Overview, now: &Snapshot, index: usize, (left, top): (f64, f64), each: f64) {
    let condition = now.regions.get(index).copied().unwrap_or_default();
    picture.area(if condition.dead { "box out" } else { "box" }, (left, top), (each, REGION));
    let state = match condition.gray {
        _ if condition.dead => Some("OUT".to_owned()),
        gray if gray > 0.0 => Some(format!("fails {} %", percent(gray))),
        _ => None,
    };
    let taken = state.as_ref().map_or(0.0, |state| width(state, STRONG) + 8.0);
    let inner = each - 16.0;
    picture.strong(&fit(&map.regions[index].name, inner - taken, STRONG), (left + 8.0, top + 14.0), Anchor::Start);
    if let Some(state) = state {
        picture.text("bad", &state, (left + each - 8.0, top + 14.0), STRONG, Anchor::End);
    }
    let rate: f64 = (0..map.clients.len()).map(|from| now.traffic[(from, index)]).sum();
    let rate = count(rate);
    let gets = longest([format!("gets {rate} requests/s"), format!("{rate} req/s"), format!("{rate}/s")], inner, BODY);
    picture.body(&gets, (left + 8.0, top + 31.0), Anchor::Start);
    let load = match condition.utilization {
        Some(load) if !condition.dead => {
            let load = percent_of(load);
            longest(
                [format!("load {load} % of what it carries"), format!("load {load} %"), format!("{load} %")],
                inner,
                BODY,
            )
        }
        _ => String::new(),
    };
    picture.body(&load, (left + 8.0, top + 46.0), Anchor::Start);
    for (line, text) in wrap_start(&map.regions[index].words, inner, SMALL, 3).iter().enumerate() {
        picture.small(text, (left + 8.0, top + 66.0 + SMALL.line() * line as f64), Anchor::Start);
    }
}

/// The longest of several texts that fits, from long to short.
fn longest<const N: usize>(ways: [String; N], room: f64, face: Face) -> String {
    let shortest = ways.last().cloned().unwrap_or_default();
    let found = ways.into_iter().find(|way| width(way, face) <= room);
    found.unwrap_or_else(|| fit(&shortest, room, face))
}

/// A ratio in percent; it may be above 100.
fn percent_of(ratio: f64) -> String {
    format!("{:.0}", ratio * 100.0)
}

/// What the requests of a service ask for, behind its name: `, calls bank, keys (soft), reads products`.
fn asks(tier: &Tier) -> String {
    let mut text = String::new();
    let mut last = "";
    for Asked { verb, what, soft } in &tier.asks {
        let verb = if last == *verb { "" } else { verb };
        let (space, soft) = (if verb.is_empty() { "" } else { " " }, if *soft { " (soft)" } else { "" });
        // Writing to a string cannot fail.
        let _ = write!(text, ", {verb}{space}{}{soft}", name(what));
        last = if verb.is_empty() { last } else { verb };
    }
    text
}

/// A service behind the fronts: whom it calls, and what reaches it where it runs.
fn service(picture: &mut Picture, tier: &Tier, now: &Snapshot, row: usize, regions: Columns, top: f64) {
    let place = if tier.external { ", outside AWS" } else { "" };
    let label = format!("{}{place}{}", name(&tier.name), asks(tier));
    picture.small(&fit(&label, WIDTH - 4.0, SMALL), (2.0, top + 6.0), Anchor::Start);
    let (upper, height) = (top + 16.0, 22.0);
    let middle = upper + height / 2.0;
    for region in 0..now.tiers.columns() {
        let Some(condition) = now.tiers.cells().get(row * now.tiers.columns() + region).copied().flatten() else {
            continue;
        };
        let (left, wide) = if tier.external { (1.0, WIDTH - 2.0) } else { (regions.left(region), regions.width()) };
        let failing = condition.dead || condition.fails > 0.005;
        picture.area(if failing { "box out" } else { "box" }, (left, upper), (wide, height));
        let rate = count(condition.rate);
        let words = match condition.utilization {
            _ if condition.dead => ["out".to_owned(), "out".to_owned()],
            _ if failing => {
                let fails = percent(condition.fails);
                [format!("{rate} calls/s, {fails} % fail"), format!("{fails} % fail")]
            }
            Some(load) => {
                let load = percent_of(load);
                [format!("{rate} calls/s, load {load} %"), format!("{rate}/s, {load} %")]
            }
            None => [format!("{rate} calls/s"), format!("{rate}/s")],
        };
        let words = longest(words, wide - 8.0, SMALL);
        picture.text("ink", &words, (left + wide / 2.0, middle), SMALL, Anchor::Middle);
    }
}

fn store(picture: &mut Picture, map: &Overview, now: &Snapshot, index: usize, regions: Columns, top: f64) {
    let store = &map.stores[index];
    let label = format!("{}: {}", name(&store.name), store.service);
    picture.small(&fit(&label, WIDTH - 4.0, SMALL), (2.0, top + 6.0), Anchor::Start);
    let writer = now.writers.get(index).copied().flatten();
    let (upper, height) = (top + 16.0, 22.0);
    let middle = upper + height / 2.0;
    let dead = |region: usize| now.regions.get(region).is_some_and(|region| region.dead);
    let mut copies = store.copies.clone();
    copies.sort_unstable();
    let writes = |copy: usize| now.writes[(index, copy)];
    for &copy in &copies {
        let takes = writes(copy) > 0.0 || writer.is_none_or(|writer| writer == copy);
        let class = match takes {
            _ if dead(copy) => "box out",
            true => "box writes",
            false => "box",
        };
        picture.area(class, (regions.left(copy), upper), (regions.width(), height));
        let word = |word: &str| [word.to_owned(), word.to_owned()];
        let role = match (writes(copy), writer) {
            _ if dead(copy) => word("out"),
            (rate, _) if rate > 0.0 => [format!("{} writes/s", count(rate)), format!("{}/s", count(rate))],
            (_, Some(writer)) if writer == copy => word("writer"),
            (_, Some(_)) => word("copy"),
            (_, None) => ["reads and writes".to_owned(), "writes".to_owned()],
        };
        let role = longest(role, regions.width() - 8.0, SMALL);
        picture.text("ink", &role, (regions.middle(copy), middle), SMALL, Anchor::Middle);
    }
    for pair in copies.windows(2).filter(|_| store.replicates) {
        let &[left, right] = pair else { continue };
        let (from, to) = (regions.left(left) + regions.width() + 3.0, regions.left(right) - 3.0);
        let cut = now.cut.iter().any(|pair| *pair == (left, right) || *pair == (right, left));
        let broken = cut || dead(left) || dead(right);
        let (line, tip) = if broken { ("link cut", "tip cut") } else { ("link", "tip") };
        picture.line(line, (from, middle), (to, middle));
        // Away from the copies that take writes; both ways where every copy may.
        let takes = |copies: &[usize]| match (writer, store.from) {
            (None, None) => true,
            (None, Some(from)) => copies.contains(&from),
            (Some(writer), _) => copies.iter().any(|copy| *copy == writer || writes(*copy) > 0.0),
        };
        let (before, after) = copies.split_at(copies.iter().position(|copy| *copy == right).unwrap_or(0));
        if takes(before) {
            picture.head(tip, (to, middle), true);
        }
        if takes(after) {
            picture.head(tip, (from, middle), false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Tier, asks};

    #[test]
    fn calls_reads_and_writes_are_told_in_their_order() {
        let asked = |verb, what: &str, soft| Asked { verb, what: what.to_owned(), soft };
        let all = vec![asked("calls", "bank", false), asked("calls", "keys", true), asked("writes", "orders", false)];
        let tier = Tier { asks: all, ..Tier::default() };
        assert_eq!(asks(&tier), ", calls bank, keys (soft), writes orders");
        assert_eq!(asks(&Tier::default()), "");
    }
}
