//! One text from a file and those that it extends, comments kept.
//!
//! The rules are those of [`sim_settings::overlay`]; a test compares both for every pattern.

use sim_settings::{VALUE, is_distribution_family};
use toml_edit::{ArrayOfTables, DocumentMut, Item, TableLike};

/// `source` with the files that it extends, which `find` knows.
pub(super) fn whole(source: &str, find: &dyn Fn(&str) -> Option<&'static str>) -> String {
    let (head, body) = split(source);
    let mut own: DocumentMut = body.parse().expect("the catalogue is TOML");
    let Some(base) = own.remove("extends") else { return source.to_owned() };
    let file = base.as_str().expect("`extends` is a text");
    let extended = whole(find(file).expect("what a pattern extends is part of the program"), find);
    let mut merged: DocumentMut = split(&extended).1.parse().expect("what was merged is TOML");
    lay_over(merged.as_table_mut(), own.as_table());
    format!("{head}#\n# What it shares with {file} in the catalogue is written out here.\n{merged}")
}

/// The comment at the top, and the rest.
pub(super) fn split(source: &str) -> (&str, &str) {
    let end = source.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum();
    source.split_at(end)
}

fn lay_over(base: &mut dyn TableLike, over: &dyn TableLike) {
    for (name, item) in over.iter() {
        let key = over.get_key_value(name).expect("it was just listed").0;
        let Some(old) = base.get_mut(name) else {
            let mut item = item.clone();
            place_last(&mut item);
            base.entry_format(key).or_insert(item);
            continue;
        };
        if let (Some(old), Some(new)) = (old.as_array_of_tables_mut(), item.as_array_of_tables())
            && all_named(old)
            && all_named(new)
        {
            lay_over_by_name(old, new);
            continue;
        }
        match (old.as_table_like_mut(), item.as_table_like()) {
            (Some(below), Some(above)) if !is_distribution(below) && !is_distribution(above) => {
                lay_over(below, above);
                if let (Some(inline), Some(new)) = (old.as_inline_table_mut(), item.as_inline_table()) {
                    inline.fmt();
                    // A remark after the old values was about them.
                    *inline.decor_mut() = new.decor().clone();
                }
                if let (Some(table), Some(new)) = (old.as_table_mut(), item.as_table())
                    && let Some(comment) = new.decor().prefix().filter(|prefix| has_comment(prefix))
                {
                    table.decor_mut().set_prefix(comment.clone());
                }
            }
            _ => {
                *old = item.clone();
                place_last(old);
            }
        }
    }
}

fn all_named(elements: &ArrayOfTables) -> bool {
    !elements.is_empty() && elements.iter().all(|element| name(element).is_some())
}

fn lay_over_by_name(base: &mut ArrayOfTables, over: &ArrayOfTables) {
    for element in over {
        let position = base.iter().position(|old| name(old) == name(element));
        if let Some(old) = position.and_then(|position| base.get_mut(position)) {
            lay_over(old, element);
            if let Some(comment) = element.decor().prefix().filter(|prefix| has_comment(prefix)) {
                old.decor_mut().set_prefix(comment.clone());
            }
        } else {
            let mut element = element.clone();
            element.set_position(None);
            base.push(element);
        }
    }
}

fn name(element: &toml_edit::Table) -> Option<&str> {
    element.get("name").and_then(Item::as_str)
}

fn has_comment(text: &toml_edit::RawString) -> bool {
    text.as_str().is_some_and(|text| text.contains('#'))
}

/// Whether the table is one value: a distribution, or a value with its source.
fn is_distribution(table: &dyn TableLike) -> bool {
    let sourced = table.contains_key(VALUE) && table.contains_key("source");
    sourced || table.iter().any(|(key, _)| is_distribution_family(key))
}

/// Forgets the position of a table in its own file, so that it comes after the tables that are there.
fn place_last(item: &mut Item) {
    match item {
        Item::Table(table) => {
            table.set_position(None);
            table.iter_mut().for_each(|(_, item)| place_last(item));
        }
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|table| table.set_position(None)),
        _ => {}
    }
}
