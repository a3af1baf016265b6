//! Answers with several addresses within a tree: which of them are in one answer.
//!
//! A name leads to places, each with a share. Where a `multivalue` record is in the tree, that says too little: a client that was
//! given its answer goes on from one of its addresses to the next, and to no other. What such a record answers therefore has
//! columns of its own behind the places, one for each of its answers.
//!
//! A shift of a share gives part of the clients another answer of the same record, and nobody walks from one of the two into the
//! other. Each mixture of answers has columns of its own therefore: with so many shifts of a share that can be there at once, each
//! part of the traffic that goes along with some of them and not with others.

use super::{Choice, Zone};
use crate::by_id::ById;
use crate::ids::{PlaceId, RecordId};

/// The columns of what `multivalue` records in trees answer, behind those of the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// By record, the first of its columns among all of these, if it has some.
    pub first: ById<RecordId, Option<usize>>,
    /// The place of each.
    pub places: Vec<PlaceId>,
    /// How many columns each record has that has some, by part of the traffic.
    pub sizes: Vec<usize>,
    /// How many parts of the traffic have columns of their own, at least one.
    pub parts: usize,
}

impl Default for Columns {
    fn default() -> Self {
        Self::none(0)
    }
}

/// Shifts of a share that can be there at once, of records that answer with several addresses.
pub(crate) const SHARES: usize = 3;

impl Columns {
    /// None.
    pub fn none(records: usize) -> Self {
        Self { first: ById::new(records, None), places: Vec::new(), sizes: Vec::new(), parts: 1 }
    }

    /// The first column of a record for a part of the traffic, if it has some. Parts beyond those that have columns share the last
    /// ones.
    pub(super) fn first(&self, record: RecordId, part: usize) -> Option<usize> {
        let of_each = self.places.len() / self.parts.max(1);
        self.first[record].map(|first| first + part.min(self.parts - 1) * of_each)
    }

    /// Those that lead to a place.
    pub fn to(&self, place: PlaceId) -> impl Iterator<Item = usize> + '_ {
        self.places.iter().enumerate().filter(move |(_, own)| **own == place).map(|(column, _)| column)
    }
}

impl Zone {
    /// Whether clients go through the addresses of an answer, and the record behind every name is `multivalue` and answers with
    /// nothing but endpoints: then all places that one is led to are in its answer.
    pub(super) fn walks_alone(&self) -> bool {
        self.names.iter().all(|name| {
            let record = &self.records[name.record];
            record.choice == Choice::Multivalue && record.answers.iter().all(|answer| !answer.to.is_record())
        }) && self.names.len() == 1
    }

    /// Whether clients go through the addresses of an answer.
    pub fn walks(&self) -> bool {
        self.records.iter().any(|record| record.choice == Choice::Multivalue)
    }

    /// The columns of what records answer with several addresses, of which so many shares may be shifted; none where all places
    /// that one is led to are in one answer.
    pub fn columns(&self, shares: usize) -> Columns {
        let mut columns = Columns::none(self.records.len());
        if self.walks_alone() && shares == 0 {
            return columns;
        }
        for (id, record) in self.records.pairs().filter(|(_, record)| record.choice == Choice::Multivalue) {
            columns.first[id] = Some(columns.places.len());
            // An answer that is a record has been refused.
            columns.places.extend(record.answers.iter().filter_map(|answer| answer.to.place()));
            columns.sizes.push(record.answers.len());
        }
        // One on top of the other, shares to two regions in turn make as many parts as there are shifts.
        columns.parts = if shares == 0 { 1 } else { 1 << SHARES };
        columns.places = columns.places.repeat(columns.parts);
        columns.sizes = columns.sizes.repeat(columns.parts);
        columns
    }
}
