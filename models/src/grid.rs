//! Values by two numbers, such as those of two regions.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut, Range};

use crate::ids::Id;

/// Values in rows and columns, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid<T, R = usize, C = usize> {
    columns: usize,
    cells: Vec<T>,
    by: PhantomData<fn(R, C)>,
}

impl<T, R, C> Default for Grid<T, R, C> {
    fn default() -> Self {
        Self { columns: 0, cells: Vec::new(), by: PhantomData }
    }
}

impl<T, R: Id, C: Id> Grid<T, R, C> {
    /// The same value everywhere.
    pub fn new(rows: usize, columns: usize, value: T) -> Self
    where
        T: Clone,
    {
        Self { columns, cells: vec![value; rows * columns], by: PhantomData }
    }

    /// Makes a cell at a time, row after row.
    pub fn from_fn(rows: usize, columns: usize, mut cell: impl FnMut(R, C) -> T) -> Self {
        let rows = (0..rows).flat_map(|row| (0..columns).map(move |column| (R::at(row), C::at(column))));
        Self { columns, cells: rows.map(|(row, column)| cell(row, column)).collect(), by: PhantomData }
    }

    /// Number of columns.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The place of a cell in [`Grid::cells`].
    #[inline]
    pub fn cell(&self, (row, column): (R, C)) -> usize {
        row.index() * self.columns + column.index()
    }

    /// All values, row after row.
    pub fn cells(&self) -> &[T] {
        &self.cells
    }

    /// All values, row after row.
    pub fn cells_mut(&mut self) -> &mut [T] {
        &mut self.cells
    }

    /// Forgets all rows, and keeps the memory.
    pub fn clear(&mut self) {
        self.cells.clear();
    }

    /// Adds a row after the last one.
    ///
    /// # Panics
    ///
    /// If it has another number of columns.
    pub fn push(&mut self, row: &[T])
    where
        T: Clone,
    {
        assert_eq!(row.len(), self.columns, "a row has a value for each column");
        self.cells.extend_from_slice(row);
    }

    /// The rows, from the first to the last.
    ///
    /// # Panics
    ///
    /// If there are no columns.
    pub fn each_row(&self) -> impl ExactSizeIterator<Item = &[T]> {
        self.cells.chunks_exact(self.columns)
    }

    /// The values of one row.
    #[inline]
    pub fn row(&self, row: R) -> &[T] {
        &self.cells[row.index() * self.columns..(row.index() + 1) * self.columns]
    }

    /// The values of one row.
    #[inline]
    pub fn row_mut(&mut self, row: R) -> &mut [T] {
        &mut self.cells[row.index() * self.columns..(row.index() + 1) * self.columns]
    }

    /// The values of several rows, row after row.
    #[inline]
    pub fn rows(&self, rows: Range<R>) -> &[T] {
        &self.cells[rows.start.index() * self.columns..rows.end.index() * self.columns]
    }

    /// The values of one column, from the first row to the last.
    #[inline]
    pub fn column(&self, column: C) -> impl Iterator<Item = &T> + use<'_, T, R, C> {
        let column = column.index();
        assert!(column < self.columns, "there are {} columns, and no column {column}", self.columns);
        self.cells[column.min(self.cells.len())..].iter().step_by(self.columns)
    }

    /// Sets every cell to this value.
    pub fn fill(&mut self, value: T)
    where
        T: Clone,
    {
        self.cells.fill(value);
    }
}

/// By row and column.
impl<T, R: Id, C: Id> Index<(R, C)> for Grid<T, R, C> {
    type Output = T;

    #[inline]
    fn index(&self, (row, column): (R, C)) -> &T {
        let (row, column) = (row.index(), column.index());
        debug_assert!(column < self.columns, "there are {} columns, and no column {column}", self.columns);
        &self.cells[row * self.columns + column]
    }
}

impl<T, R: Id, C: Id> IndexMut<(R, C)> for Grid<T, R, C> {
    #[inline]
    fn index_mut(&mut self, (row, column): (R, C)) -> &mut T {
        let (row, column) = (row.index(), column.index());
        debug_assert!(column < self.columns, "there are {} columns, and no column {column}", self.columns);
        &mut self.cells[row * self.columns + column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_columns_and_cells_are_where_they_belong() {
        let mut grid: Grid<usize> = Grid::from_fn(2, 3, |row, column| 10 * row + column);
        assert_eq!(grid.cells(), [0, 1, 2, 10, 11, 12]);
        assert_eq!((grid.row(1), grid[(0, 2)]), (&[10, 11, 12][..], 2));
        assert_eq!(grid.column(1).collect::<Vec<_>>(), [&1, &11]);
        grid[(1, 0)] = 7;
        grid.row_mut(0)[2] = 8;
        assert_eq!(grid.rows(0..2), [0, 1, 8, 7, 11, 12]);
        grid.fill(0);
        assert_eq!(grid, Grid::new(2, 3, 0));
        grid.clear();
        grid.push(&[1, 2, 3]);
        grid.push(&[4, 5, 6]);
        assert_eq!(grid.each_row().collect::<Vec<_>>(), [[1, 2, 3], [4, 5, 6]]);
        assert_eq!(Grid::<i32>::new(0, 3, 0).column(2).count(), 0);
    }

    #[test]
    #[should_panic(expected = "no column 3")]
    #[cfg(debug_assertions)]
    fn a_column_too_far_is_not_the_next_row() {
        let _ = Grid::<i32>::new(2, 3, 0)[(0, 3)];
    }
}
