//! The descriptions of keys are held to the readers, and the pages and the schema that are made from them to the keys.
//!
//! `UPDATE=1 cargo test --test it describe` writes these anew.

use std::fs;

use mrsim::describe::{Known, glossary, known, reference, schema};
use mrsim::experiment::LAYOUT;
use sim_settings::{KeyDefault, Mark, Takes, Word};

use crate::program::root;

/// The file below the repository's root is what is made from the keys.
fn held(file: &str, made: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, made).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "{file} is not up to date: run `UPDATE=1 cargo test --test it describe`");
}

#[test]
fn the_committed_schema_is_the_one_that_the_program_prints() {
    held("experiments/mrsim.schema.json", &format!("{:#}\n", schema(LAYOUT)));
}

#[test]
fn the_page_of_keys_is_made_from_them() {
    held("docs/file-reference.md", &reference(LAYOUT));
}

#[test]
fn the_page_of_words_is_made_from_them() {
    held("docs/glossary.md", &glossary());
}

/// A reader can follow every source: documented and measured figures name a page, and so does an assumed one unless it
/// says that nothing is published.
#[test]
fn sources_are_words_and_pages_that_a_reader_can_open() {
    for Known { path, placed, .. } in known(LAYOUT) {
        for place in placed {
            let KeyDefault::Value { mark, source, .. } = place.entry.key.default else { continue };
            let page = source.contains("https://");
            match mark {
                Mark::Documented | Mark::Measured => assert!(page, "{path}: {source}"),
                Mark::Assumed => assert!(page || source.contains("no published"), "{path}: {source}"),
                Mark::Convention => {}
            }
            for word in ["design", "facts", "remembered"] {
                assert!(!source.contains(word), "{path}: {source}");
            }
        }
    }
}

/// Who asks what a word means learns more than the word.
#[test]
fn every_word_that_a_key_chooses_from_says_what_it_does() {
    fn words(takes: &Takes) -> Vec<Word> {
        match takes {
            Takes::OneOf(words) => words(),
            Takes::Either(one, other) => [words(one), words(other)].concat(),
            _ => Vec::new(),
        }
    }
    let mut found = 0;
    for known in known(LAYOUT) {
        for word in known.placed.iter().flat_map(|placed| words(&placed.entry.takes)) {
            found += 1;
            let more = word.meaning.split_whitespace().filter(|part| !part.eq_ignore_ascii_case(word.word)).count();
            assert!(more >= 5, "{}: {} = {:?}", known.path, word.word, word.meaning);
        }
    }
    assert!(found > 90, "{found}");
}
