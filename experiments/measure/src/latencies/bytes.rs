//! Numbers of requests as bytes. What is written one after the other has each distribution once.

use std::sync::Arc;

use models::latency::Law;

use super::{GROUPS, Key, Latencies};

/// Bytes of one number of requests.
const ENTRY: usize = 4 + 4 + 1 + 1 + 8 + 4 + 16;

/// Appends them, little-endian: how many distributions are new, these, then each number of requests. `known` are the distributions
/// that were written before.
pub fn write(latencies: &Latencies, known: &mut Vec<Arc<Law>>, out: &mut Vec<u8>) {
    if latencies.is_empty() {
        return;
    }
    let before = known.len();
    let number = |law: &Arc<Law>, known: &mut Vec<Arc<Law>>| {
        let place = known.iter().position(|own| own == law).unwrap_or_else(|| {
            known.push(Arc::clone(law));
            known.len() - 1
        });
        place as u32 + 1
    };
    let numbers: Vec<u32> = latencies.laws.iter().map(|law| number(law, known)).collect();
    out.extend(((known.len() - before) as u32).to_le_bytes());
    for law in &known[before..] {
        let (first, masses, mean) = law.parts();
        out.extend((first as u32).to_le_bytes());
        out.extend((masses.len() as u32).to_le_bytes());
        out.extend(mean.to_bits().to_le_bytes());
        out.extend(masses.iter().flat_map(|mass| mass.to_bits().to_le_bytes()));
    }
    for (key, requests) in &latencies.requests {
        let law = if key.law == 0 { 0 } else { numbers[key.law as usize - 1] };
        out.extend(key.journey.to_le_bytes());
        out.extend(key.population.to_le_bytes());
        out.extend([key.phase, key.group]);
        out.extend(key.nanoseconds.to_le_bytes());
        out.extend(law.to_le_bytes());
        out.extend(requests.to_le_bytes());
    }
}

/// The same from bytes; nothing if they are none.
pub fn read(bytes: &[u8], known: &mut Vec<Arc<Law>>) -> Option<Latencies> {
    let mut own = Latencies::default();
    if bytes.is_empty() {
        return Some(own);
    }
    let mut rest = bytes;
    let laws = u32::from_le_bytes(take(&mut rest)?);
    for _ in 0..laws {
        let (first, count) = (u32::from_le_bytes(take(&mut rest)?), u32::from_le_bytes(take(&mut rest)?) as usize);
        let mean = f64::from_bits(u64::from_le_bytes(take(&mut rest)?));
        let (masses, left) = rest.split_at_checked(count.checked_mul(8)?)?;
        rest = left;
        let masses =
            masses.chunks_exact(8).map(|bytes| Some(f64::from_bits(u64::from_le_bytes(bytes.try_into().ok()?))));
        known.push(Arc::new(Law::of_parts(first as usize, masses.collect::<Option<_>>()?, mean)?));
    }
    own.laws.clone_from(known);
    if !rest.len().is_multiple_of(ENTRY) {
        return None;
    }
    while !rest.is_empty() {
        let (journey, population) = (u32::from_le_bytes(take(&mut rest)?), u32::from_le_bytes(take(&mut rest)?));
        let [phase, group] = take(&mut rest)?;
        let nanoseconds = u64::from_le_bytes(take(&mut rest)?);
        let law = u32::from_le_bytes(take(&mut rest)?);
        let requests = u128::from_le_bytes(take(&mut rest)?);
        if law as usize > own.laws.len() || usize::from(group) >= GROUPS {
            return None;
        }
        own.add(Key { journey, population, phase, group, nanoseconds, law }, requests);
    }
    Some(own)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*bytes)
}
