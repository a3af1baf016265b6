//! One block of the `ChaCha8` key stream.
//!
//! `rand_chacha` makes four blocks at a time, which is right for long streams. Most streams of a trial give a handful of
//! numbers, and for them the other three blocks would be more than half of the cost.

/// "expand 32-byte k", as D. J. Bernstein's `ChaCha` (2008) prescribes.
const CONSTANTS: Row = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// A row of the cipher's square of words. Whole rows are worked on, so that the compiler can use vector instructions.
type Row = [u32; 4];

/// The block `number` of the stream `stream` under `key`: eight numbers.
pub(super) fn block(key: &[u32; 8], stream: u64, number: u64) -> [u64; 8] {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = *key;
    let position = [number as u32, (number >> 32) as u32, stream as u32, (stream >> 32) as u32];
    let start = [CONSTANTS, [k0, k1, k2, k3], [k4, k5, k6, k7], position];
    let [mut a, mut b, mut c, mut d] = start;
    for _ in 0..4 {
        (a, b, c, d) = round(a, b, c, d);
        // Diagonals become columns, and go back.
        (a, b, c, d) = round(a, turned(b, 1), turned(c, 2), turned(d, 3));
        (b, c, d) = (turned(b, 3), turned(c, 2), turned(d, 1));
    }
    let rows = [add(a, start[0]), add(b, start[1]), add(c, start[2]), add(d, start[3])];
    std::array::from_fn(|i| {
        let pair = 2 * (i % 2);
        u64::from(rows[i / 2][pair]) | u64::from(rows[i / 2][pair + 1]) << 32
    })
}

/// Four quarter rounds side by side.
fn round(mut a: Row, mut b: Row, mut c: Row, mut d: Row) -> (Row, Row, Row, Row) {
    (a, d) = mixed(a, b, d, 16);
    (c, b) = mixed(c, d, b, 12);
    (a, d) = mixed(a, b, d, 8);
    (c, b) = mixed(c, d, b, 7);
    (a, b, c, d)
}

/// `sum + term`, and `other` combined with it and rotated.
fn mixed(sum: Row, term: Row, other: Row, rotation: u32) -> (Row, Row) {
    let sum = add(sum, term);
    (sum, std::array::from_fn(|i| (other[i] ^ sum[i]).rotate_left(rotation)))
}

fn add(a: Row, b: Row) -> Row {
    std::array::from_fn(|i| a[i].wrapping_add(b[i]))
}

fn turned(row: Row, places: usize) -> Row {
    std::array::from_fn(|i| row[(i + places) % 4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    #[test]
    fn a_block_is_that_of_the_same_stream_of_the_library() {
        let places =
            [(0_u8, 0_u64, 0_u64), (1, 1, 1), (255, u64::MAX, 7), (77, 1 << 32, 1 << 33), (3, 123_456_789_012, 0)];
        for (seed, stream, number) in places {
            let bytes: [u8; 32] = std::array::from_fn(|i| seed.wrapping_mul(i as u8 + 1));
            let key = std::array::from_fn(|i| {
                u32::from_le_bytes([bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], bytes[4 * i + 3]])
            });
            let mut library = ChaCha8Rng::from_seed(bytes);
            library.set_stream(stream);
            // A block is sixteen words of 32 bits.
            library.set_word_pos(16 * u128::from(number));
            let expected = std::array::from_fn(|_| library.next_u64());
            assert_eq!(block(&key, stream, number), expected, "{seed} {stream} {number}");
        }
    }
}
