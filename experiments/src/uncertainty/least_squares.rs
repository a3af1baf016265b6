//! Least squares with few columns.

/// A column whose part that is new is smaller than this share of it says nothing new.
const NEW: f64 = 1e-8;

/// Columns at right angles, of length 1 or, where a column says nothing new, 0; and what each column is made of.
fn orthonormal(columns: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    // Modified Gram-Schmidt.
    let (mut found, mut triangle) = (Vec::<Vec<f64>>::new(), Vec::new());
    for column in columns {
        let size = norm(column);
        let mut rest = column.clone();
        let mut row = Vec::new();
        for other in &found {
            let part = dot(other, &rest);
            rest.iter_mut().zip(other).for_each(|(rest, other)| *rest -= part * other);
            row.push(part);
        }
        let left = norm(&rest);
        let is_new = left > NEW * size;
        row.push(if is_new { left } else { 0.0 });
        found.push(rest.iter().map(|value| if is_new { value / left } else { 0.0 }).collect());
        triangle.push(row);
    }
    (found, triangle)
}

/// The part of the sum of squares of `y` that each column explains beside those before it.
pub(super) fn explained_by_each(columns: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let part = |column: &Vec<f64>| {
        let part = dot(column, y);
        part * part
    };
    orthonormal(columns).0.iter().map(part).collect()
}

/// The coefficients that bring the sum of `columns` nearest to `y`; 0 for columns that the others already hold.
pub(super) fn coefficients(columns: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let (orthonormal, triangle) = orthonormal(columns);
    let mut found: Vec<f64> = orthonormal.iter().map(|column| dot(column, y)).collect();
    for index in (0..columns.len()).rev() {
        let pivot = triangle[index][index];
        if pivot == 0.0 {
            found[index] = 0.0;
            continue;
        }
        let later: f64 = (index + 1..columns.len()).map(|other| triangle[other][index] * found[other]).sum();
        found[index] = (found[index] - later) / pivot;
    }
    found
}

/// The sum of columns times coefficients.
pub(super) fn combined(columns: &[Vec<f64>], coefficients: &[f64], rows: usize) -> Vec<f64> {
    let mut sum = vec![0.0; rows];
    for (column, coefficient) in columns.iter().zip(coefficients) {
        sum.iter_mut().zip(column).for_each(|(sum, value)| *sum += coefficient * value);
    }
    sum
}

/// The values without their mean.
pub(super) fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| value - mean).collect()
}

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn norm(values: &[f64]) -> f64 {
    libm::sqrt(dot(values, values))
}

#[cfg(test)]
mod tests {
    use super::{coefficients, combined};

    #[test]
    fn a_sum_of_columns_is_taken_apart() {
        let columns = vec![vec![1.0, 2.0, 3.0, 5.0], vec![1.0, 0.0, 1.0, -2.0], vec![0.0, 1.0, 1.0, 0.0]];
        let y = combined(&columns, &[2.0, -3.0, 0.5], 4);
        let found = coefficients(&columns, &y);
        assert!(found.iter().zip([2.0, -3.0, 0.5]).all(|(found, own)| (found - own).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn a_column_twice_counts_once() {
        let columns = vec![vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 6.0]];
        assert_eq!(coefficients(&columns, &[3.0, 6.0, 9.0]), [3.0, 0.0]);
    }

    #[test]
    fn residuals_stand_at_right_angles_to_every_column() {
        let columns = vec![vec![1.0, 1.0, 1.0, 1.0], vec![0.0, 1.0, 2.0, 3.0]];
        let y = [1.0, 3.0, 2.0, 7.0];
        // By hand: the slope is sum((x - 1.5)(y - 3.25)) / 5 = 1.7.
        let found = coefficients(&columns, &y);
        assert!((found[1] - 1.7).abs() < 1e-12 && (found[0] - (3.25 - 1.7 * 1.5)).abs() < 1e-12, "{found:?}");
    }
}
