//! Outages: stretches of time in which a journey was down, each with the fault that it is counted from.

use models::cause::CAUSES;

/// Stands for "none" where a place is expected.
const NONE: u32 = u32::MAX;

/// One outage of a journey in one trial. Times are in seconds from the trial's start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outage {
    /// The number of the trial.
    pub trial: u64,
    /// The journey's place in the file; none means any journey, which is the scope of an RTO.
    pub journey: Option<usize>,
    /// Its start.
    pub start: f64,
    /// Its end; infinite if it had not ended at the horizon.
    pub end: f64,
    /// The latest fault before it: its place in the file, and its start. Without such a fault, the first one that began
    /// during the outage, if there is one.
    pub fault: Option<(usize, f64)>,
    /// From that fault to the end, in seconds: infinite if the outage had not ended, not a number without a fault.
    pub recovery: f64,
    /// Time down within it, in seconds.
    pub downtime: f64,
    /// Requests that failed within it.
    pub failed: f64,
    /// The cause that was dominant for longest, by its place among the stages.
    pub cause: usize,
    /// The recovery time by stage, in seconds, time up last; of an outage that had not ended, until the horizon.
    pub stages: [f64; CAUSES + 1],
}

impl Outage {
    /// Bytes of one outage: its trial, three places, and the figures.
    pub const BYTES: usize = 8 + 3 * 4 + (6 + CAUSES + 1) * 8;

    /// Appends it as bytes, figures by their bits.
    pub fn write(&self, out: &mut Vec<u8>) {
        let Self { trial, journey, start, end, fault, recovery, downtime, failed, cause, stages } = self;
        let (fault, struck) = fault.unzip();
        // There are never that many journeys or faults.
        let place = |place: usize| u32::try_from(place).unwrap_or(NONE);
        let places = [*journey, fault, Some(*cause)].map(|own| own.map_or(NONE, place));
        out.extend(trial.to_le_bytes());
        out.extend(places.iter().flat_map(|place| place.to_le_bytes()));
        let figures = [*start, *end, struck.unwrap_or(0.0), *recovery, *downtime, *failed];
        out.extend(figures.iter().chain(stages).flat_map(|figure| figure.to_bits().to_le_bytes()));
    }

    /// The outage in [`BYTES`](Self::BYTES) bytes; nothing if it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (trial, rest) = bytes.split_at_checked(8)?;
        let (places, figures) = rest.split_at_checked(12)?;
        let mut places = places.chunks_exact(4).map(|bytes| bytes.try_into().ok().map(u32::from_le_bytes));
        let mut place = || Some(places.next()??).map(|place| (place != NONE).then_some(place as usize));
        let (journey, fault, cause) = (place()?, place()?, place()??);
        let mut figures = figures.chunks_exact(8).map(figure);
        let mut next = || figures.next()?;
        let (start, end, struck) = (next()?, next()?, next()?);
        let (recovery, downtime, failed) = (next()?, next()?, next()?);
        let mut stages = [0.0; CAUSES + 1];
        for stage in &mut stages {
            *stage = next()?;
        }
        let fault = fault.map(|fault| (fault, struck));
        let trial = u64::from_le_bytes(trial.try_into().ok()?);
        Some(Self { trial, journey, start, end, fault, recovery, downtime, failed, cause, stages })
    }
}

/// A figure by its bits.
pub fn figure(bytes: &[u8]) -> Option<f64> {
    Some(f64::from_bits(u64::from_le_bytes(bytes.try_into().ok()?)))
}
