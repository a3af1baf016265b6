//! A batch as bytes: figures by their bits, so that nothing is rounded and what did not happen stays what it is.

use std::sync::Arc;

use models::latency::Law;

use crate::run::Batch;
use measure::latencies;
use measure::outage::{Outage, figure};

/// Bytes of the head of a frame: how many trials, and how many outages.
pub(super) const HEAD: usize = 16;

/// How many trials and outages follow the head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) trials: u32,
    pub(super) outages: u32,
    /// Bytes that say how long requests took.
    pub(super) latencies: u64,
}

impl Head {
    pub(super) fn read(bytes: [u8; HEAD]) -> Self {
        // The first bytes are the low ones of all as a number.
        let all = u128::from_le_bytes(bytes);
        Self { trials: all as u32, outages: (all >> 32) as u32, latencies: (all >> 64) as u64 }
    }

    fn bytes(self) -> [u8; HEAD] {
        (u128::from(self.trials) | u128::from(self.outages) << 32 | u128::from(self.latencies) << 64).to_le_bytes()
    }

    /// Bytes of what follows, in rows of so many figures.
    pub(super) fn body(self, width: usize) -> u64 {
        let counted = u64::from(self.trials) * width as u64 * 8 + u64::from(self.outages) * Outage::BYTES as u64;
        counted.saturating_add(self.latencies)
    }
}

/// Appends the frame of a batch, without its digest. `laws` are the distributions of durations that frames before it have.
pub(super) fn write(batch: &Batch, width: usize, laws: &mut Vec<Arc<Law>>, out: &mut Vec<u8>) {
    let mut latencies = Vec::new();
    latencies::write(&batch.latencies, laws, &mut latencies);
    let count = |number: usize| u32::try_from(number).expect("a batch is small");
    let head = Head {
        trials: count(batch.rows.len() / width),
        outages: count(batch.outages.len()),
        latencies: latencies.len() as u64,
    };
    out.extend(head.bytes());
    for figure in &batch.rows {
        out.extend(figure.to_bits().to_le_bytes());
    }
    batch.outages.iter().for_each(|outage| outage.write(out));
    out.extend(latencies);
}

/// The batch in the body of a frame; nothing if it is none.
pub(super) fn read(head: Head, body: &[u8], width: usize, laws: &mut Vec<Arc<Law>>) -> Option<Batch> {
    let (rows, rest) = body.split_at_checked(head.trials as usize * width * 8)?;
    let (outages, latencies) = rest.split_at_checked(head.outages as usize * Outage::BYTES)?;
    Some(Batch {
        rows: rows.chunks_exact(8).map(figure).collect::<Option<_>>()?,
        outages: outages.chunks_exact(Outage::BYTES).map(Outage::read).collect::<Option<_>>()?,
        latencies: latencies::read(latencies, laws)?,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::{HEAD, Head, read, write};
    use crate::run::Batch;
    use measure::outage::Outage;

    /// Trials with every kind of figure, and outages with and without what an outage may lack.
    pub(in crate::shard) fn batch(first: u64, trials: u64, width: usize) -> Batch {
        let special = [f64::NAN, f64::INFINITY, -0.0, 0.1 + 0.2, f64::MIN_POSITIVE / 3.0];
        let figure = |index: usize| special[index % special.len()] * if index.is_multiple_of(7) { 3.0 } else { 1.0 };
        let outage = Outage {
            trial: first,
            journey: Some(1),
            start: 1e9 / 3.0,
            end: f64::INFINITY,
            fault: Some((2, 0.1)),
            recovery: f64::NAN,
            downtime: 5.5,
            failed: 1e-3,
            cause: 9,
            stages: std::array::from_fn(|stage| stage as f64 / 3.0),
        };
        let bare = Outage { trial: first + trials - 1, journey: None, fault: None, ..outage };
        Batch {
            rows: (0..trials as usize * width).map(figure).collect(),
            outages: vec![outage, bare],
            ..Batch::default()
        }
    }

    #[test]
    fn a_batch_is_read_back_to_the_bit() {
        let batch = batch(3, 5, 4);
        let mut bytes = Vec::new();
        write(&batch, 4, &mut Vec::new(), &mut bytes);
        let (head, body) = bytes.split_at(HEAD);
        let head = Head::read(head.try_into().expect("a head"));
        assert_eq!((head.trials, head.outages, head.body(4)), (5, 2, body.len() as u64));
        let again = read(head, body, 4, &mut Vec::new()).expect("it is one");
        // Not a number is not equal to itself: bytes are compared.
        let mut rewritten = Vec::new();
        write(&again, 4, &mut Vec::new(), &mut rewritten);
        assert_eq!(rewritten, bytes);
        assert_eq!(again.outages[1].fault, None);
        assert_eq!(again.outages[0].fault, Some((2, 0.1)));
        assert!(read(head, &body[..body.len() - 200], 4, &mut Vec::new()).is_none_or(|batch| batch.outages.len() < 2));
    }
}
