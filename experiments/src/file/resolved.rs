//! The merged tree as TOML again.

use std::fmt::Write;

use sim_settings::{Entry, Node, Value, is_distribution, is_sourced};

use crate::visible::is_hidden;

/// The tree in the order in which [`text`] writes it: at the top, plain values come before tables.
pub(super) fn canonical(mut node: Node) -> Node {
    if let Value::Table(entries) = &mut node.value {
        // Stable, so the order within each group stays the author's.
        entries.sort_by_key(|entry| has_header(&entry.node));
    }
    node
}

/// A document that parses to the same tree. Tables at the top get headers, and so do the members of a table that
/// holds nothing but tables; everything deeper stays in one line, in the author's order.
pub(super) fn text(node: &Node) -> String {
    let mut out = String::new();
    for entry in node.entries() {
        if !has_header(&entry.node) {
            write_pair(&mut out, entry);
            continue;
        }
        match &entry.node.value {
            Value::Array(elements) => {
                for element in elements {
                    write_block(&mut out, &format!("[[{}]]", key_text(&entry.key)), element.entries());
                }
            }
            _ if is_collection(&entry.node) => {
                for member in entry.node.entries() {
                    let header = format!("[{}.{}]", key_text(&entry.key), key_text(&member.key));
                    write_block(&mut out, &header, member.node.entries());
                }
            }
            _ => write_block(&mut out, &format!("[{}]", key_text(&entry.key)), entry.node.entries()),
        }
    }
    out
}

fn is_table(node: &Node) -> bool {
    matches!(node.value, Value::Table(_))
}

fn has_header(node: &Node) -> bool {
    match &node.value {
        Value::Table(_) => !is_figure(node),
        Value::Array(elements) => !elements.is_empty() && elements.iter().all(is_table),
        _ => false,
    }
}

fn is_collection(node: &Node) -> bool {
    let entries = node.entries();
    !entries.is_empty() && entries.iter().all(|entry| is_table(&entry.node) && !is_figure(&entry.node))
}

/// Whether the table is one value: a distribution, or a value with its source.
fn is_figure(node: &Node) -> bool {
    is_distribution(node) || is_sourced(node)
}

fn write_block(out: &mut String, header: &str, entries: &[Entry]) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(header);
    out.push('\n');
    for entry in entries {
        write_pair(out, entry);
    }
}

fn write_pair(out: &mut String, entry: &Entry) {
    out.push_str(&key_text(&entry.key));
    out.push_str(" = ");
    write_value(out, &entry.node.value);
    out.push('\n');
}

/// One value as TOML.
pub(crate) fn value_text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Text(text) => write_quoted(out, text),
        Value::Integer(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float_text(*number)),
        Value::Boolean(flag) => out.push_str(if *flag { "true" } else { "false" }),
        // No setting takes these, so no resolved text of a valid experiment holds one.
        Value::Other(what) => write_quoted(out, what),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_value(out, &element.value);
            }
            out.push(']');
        }
        Value::Table(entries) if entries.is_empty() => out.push_str("{}"),
        Value::Table(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                out.push_str(if index == 0 { "{ " } else { ", " });
                out.push_str(&key_text(&entry.key));
                out.push_str(" = ");
                write_value(out, &entry.node.value);
            }
            out.push_str(" }");
        }
    }
}

/// The shortest form that reads back to the same bits and is a float to TOML.
fn float_text(number: f64) -> String {
    if number.is_nan() { "nan".to_owned() } else { format!("{number:?}") }
}

/// A key as TOML, in quotes where it needs them.
pub(crate) fn key_text(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare {
        return key.to_owned();
    }
    let mut text = String::new();
    write_quoted(&mut text, key);
    text
}

/// A basic string on one line.
fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Nothing is hidden in what people read of it.
            c if is_hidden(c) => {
                // Writing to a string cannot fail.
                let _ = match u32::from(c) {
                    code @ 0..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
