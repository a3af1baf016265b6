//! Answers with several addresses within a tree: which of them are in one answer.
//!
//! A name leads to places, each with a share. Where a `multivalue` record is in the tree, that says too little: a client that was
//! given its answer goes on from one of its addresses to the next, and to no other. What such a record answers therefore has
//! columns of its own behind the places, one for each of its answers.

use super::{Choice, Zone};
use crate::by_id::ById;
use crate::ids::{PlaceId, RecordId};

/// The columns of what `multivalue` records in trees answer, behind those of the places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// By record, the first of its columns among all of these, if it has some.
    pub first: ById<RecordId, Option<usize>>,
    /// The place of each.
    pub places: Vec<PlaceId>,
    /// How many columns each record has that has some.
    pub sizes: Vec<usize>,
}

impl Columns {
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

    /// The columns of what records answer with several addresses; none where all places that one is led to are in one answer.
    pub fn columns(&self) -> Columns {
        let mut columns = Columns { first: ById::new(self.records.len(), None), ..Columns::default() };
        if self.walks_alone() {
            return columns;
        }
        for (id, record) in self.records.pairs().filter(|(_, record)| record.choice == Choice::Multivalue) {
            columns.first[id] = Some(columns.places.len());
            // An answer that is a record has been refused.
            columns.places.extend(record.answers.iter().filter_map(|answer| answer.to.place()));
            columns.sizes.push(record.answers.len());
        }
        columns
    }
}
