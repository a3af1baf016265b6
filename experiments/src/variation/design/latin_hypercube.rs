//! Latin hypercube samples: M. D. `McKay`, R. J. Beckman and W. J. Conover, Technometrics 21 (1979), 239-245.

use sim_core::random::{Stream, StreamId};

/// `points` points over the axes with these keys. Each of the n equal parts of an axis holds one point, at a random
/// place in it.
pub(in crate::variation) fn latin_hypercube(keys: &[&str], points: usize, seed: u64) -> Vec<Vec<f64>> {
    let axes: Vec<Vec<f64>> = keys.iter().map(|key| axis(key, points, seed)).collect();
    (0..points).map(|point| axes.iter().map(|places| places[point]).collect()).collect()
}

fn axis(key: &str, points: usize, seed: u64) -> Vec<f64> {
    let path = format!("sweep/latin-hypercube/{key}");
    let mut order = Stream::new(StreamId::new(seed, &path, "order"));
    let mut places = Stream::new(StreamId::new(seed, &path, "place"));
    let mut parts: Vec<usize> = (0..points).collect();
    let lots: Vec<f64> = parts.iter().map(|_| order.uniform()).collect();
    parts.sort_by(|&a, &b| lots[a].total_cmp(&lots[b]));
    parts.into_iter().map(|part| (part as f64 + places.uniform()) / points as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::latin_hypercube;

    #[test]
    fn every_part_of_every_axis_holds_one_point() {
        for points in [1, 7, 64] {
            let sample = latin_hypercube(&["a", "b", "c"], points, 1);
            for axis in 0..3 {
                let mut parts: Vec<usize> = sample.iter().map(|point| (point[axis] * points as f64) as usize).collect();
                parts.sort_unstable();
                assert_eq!(parts, (0..points).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn an_axis_does_not_depend_on_the_others_and_seeds_differ() {
        let first =
            |keys: &[&str], seed| latin_hypercube(keys, 16, seed).iter().map(|point| point[0]).collect::<Vec<_>>();
        assert_eq!(first(&["a"], 1), first(&["a", "b"], 1));
        assert_ne!(first(&["a"], 1), first(&["a"], 2));
        assert_ne!(first(&["a"], 1), first(&["b"], 1));
    }

    #[test]
    fn axes_are_not_tied_to_one_another() {
        // The correlation of two independent orders of 400 has standard deviation 1/20.
        let sample = latin_hypercube(&["a", "b"], 400, 1);
        let covariance: f64 = sample.iter().map(|point| (point[0] - 0.5) * (point[1] - 0.5)).sum::<f64>() / 400.0;
        assert!((covariance * 12.0).abs() < 0.25, "{covariance}");
    }
}
