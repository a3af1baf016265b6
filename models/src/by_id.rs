//! Values by the number of a part.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use crate::ids::Id;

/// A value for each part of one sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ById<I, T> {
    values: Vec<T>,
    by: PhantomData<fn(I)>,
}

impl<I: Id, T> ById<I, T> {
    /// The same value for so many parts.
    pub fn new(count: usize, value: T) -> Self
    where
        T: Clone,
    {
        vec![value; count].into()
    }

    /// Makes a value at a time, for so many parts.
    pub fn from_fn(count: usize, mut value: impl FnMut(I) -> T) -> Self {
        (0..count).map(|index| value(I::at(index))).collect()
    }

    /// Number of parts.
    #[inline]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The parts.
    #[inline]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = I> + DoubleEndedIterator + Clone + use<I, T> {
        (0..self.values.len()).map(I::at)
    }

    /// The values.
    #[inline]
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    /// The values.
    #[inline]
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.values.iter_mut()
    }

    /// Each part with its value.
    #[inline]
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (I, &T)> + DoubleEndedIterator + Clone {
        self.values.iter().enumerate().map(|(index, value)| (I::at(index), value))
    }

    /// Each part with its value.
    #[inline]
    pub fn pairs_mut(&mut self) -> impl ExactSizeIterator<Item = (I, &mut T)> + DoubleEndedIterator {
        self.values.iter_mut().enumerate().map(|(index, value)| (I::at(index), value))
    }

    /// The value of a part, if it has one.
    #[inline]
    pub fn get(&self, id: I) -> Option<&T> {
        self.values.get(id.index())
    }

    /// The value of a part, if it has one.
    #[inline]
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.values.get_mut(id.index())
    }

    /// The part of the first value of which this holds.
    #[inline]
    pub fn position(&self, is: impl FnMut(&T) -> bool) -> Option<I> {
        self.values.iter().position(is).map(I::at)
    }

    /// The values in the order of the parts.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        &self.values
    }

    /// The values in the order of the parts.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Gives every part this value.
    pub fn fill(&mut self, value: T)
    where
        T: Clone,
    {
        self.values.fill(value);
    }

    /// Gives every part the value that it has there.
    ///
    /// # Panics
    ///
    /// If there are more or fewer parts there.
    pub fn copy_from(&mut self, other: &Self)
    where
        T: Copy,
    {
        self.values.copy_from_slice(&other.values);
    }

    /// Adds a part with this value after the last one.
    pub fn push(&mut self, value: T) {
        self.values.push(value);
    }
}

impl<I, T> Default for ById<I, T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<I, T> From<Vec<T>> for ById<I, T> {
    fn from(values: Vec<T>) -> Self {
        Self { values, by: PhantomData }
    }
}

impl<I, T> FromIterator<T> for ById<I, T> {
    fn from_iter<V: IntoIterator<Item = T>>(values: V) -> Self {
        values.into_iter().collect::<Vec<T>>().into()
    }
}

impl<I, T> Extend<T> for ById<I, T> {
    fn extend<V: IntoIterator<Item = T>>(&mut self, values: V) {
        self.values.extend(values);
    }
}

impl<I, T> IntoIterator for ById<I, T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl<'a, I, T> IntoIterator for &'a ById<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.values.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut ById<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.values.iter_mut()
    }
}

impl<I: Id, T> Index<I> for ById<I, T> {
    type Output = T;

    #[inline]
    fn index(&self, id: I) -> &T {
        &self.values[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for ById<I, T> {
    #[inline]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.values[id.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RegionId;

    #[test]
    fn each_part_has_the_value_at_its_place_in_the_list() {
        let mut names: ById<RegionId, &str> = vec!["east", "west"].into();
        let west = names.position(|&name| name == "west");
        assert_eq!(west, Some(RegionId::new(1)));
        names[RegionId::new(0)] = "north";
        names.push("south");
        let pairs: Vec<(usize, &str)> = names.pairs().map(|(region, &name)| (region.index(), name)).collect();
        assert_eq!(pairs, [(0, "north"), (1, "west"), (2, "south")]);
        assert_eq!(names.get(RegionId::new(3)), None);
        assert_eq!(ById::from_fn(3, RegionId::index).as_slice(), [0, 1, 2]);
        assert_eq!(names.ids().collect::<Vec<_>>(), RegionId::all(3).collect::<Vec<_>>());
    }
}
