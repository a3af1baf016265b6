//! The descriptions of keys are held to the readers, and the committed schema to the descriptions.

use std::fs;
use std::path::PathBuf;

use mrsim::describe::schema;
use mrsim::experiment::{keys, keys_of};
use sim_settings::{KeyDefault, Mark};

fn catalogue() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let files = fs::read_dir(folder).expect("the catalogue is there").map(|entry| entry.expect("readable").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

#[test]
fn every_key_that_the_catalogue_makes_readers_ask_for_is_described() {
    let described: Vec<String> = keys().into_iter().map(|record| record.path).collect();
    for file in catalogue() {
        for path in keys_of(&file).expect("the catalogue is valid") {
            assert!(described.contains(&path), "{path}, asked for in {}, is not in one-of-everything", file.display());
        }
    }
}

#[test]
fn the_committed_schema_is_the_one_that_the_program_prints() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("experiments/mrsim.schema.json");
    let committed = fs::read_to_string(path).expect("the schema is committed");
    let printed = format!("{:#}\n", schema(&keys()));
    assert!(committed == printed, "run `mrsim schema > experiments/mrsim.schema.json`");
}

/// A reader can follow every source: documented and measured figures name a page, and so does an assumed one unless it
/// says that nothing is published.
#[test]
fn sources_are_words_and_pages_that_a_reader_can_open() {
    for record in keys() {
        let of_kinds = record.by_kind.iter().map(|(_, key)| key);
        for key in std::iter::once(&record.key).chain(of_kinds) {
            let KeyDefault::Value { mark, source, .. } = key.default else { continue };
            let page = source.contains("https://");
            match mark {
                Mark::Documented | Mark::Measured => assert!(page, "{}: {source}", record.path),
                Mark::Assumed => assert!(page || source.contains("no published"), "{}: {source}", record.path),
                Mark::Convention => {}
            }
            for word in ["design", "facts", "remembered"] {
                assert!(!source.contains(word), "{}: {source}", record.path);
            }
        }
    }
}
