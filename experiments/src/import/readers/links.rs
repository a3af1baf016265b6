//! From values that lead somewhere to links.

use crate::import::resource::Link;
use crate::import::tree::Tree;

/// Takes what values lead to out of a tree.
pub(super) fn linked(path: &str, tree: &mut Tree, links: &mut Vec<Link>) {
    match tree {
        Tree::Leads(targets) => {
            links.extend(targets.drain(..).map(|target| Link { attribute: path.to_owned(), target }));
            *tree = Tree::Unknown;
        }
        Tree::List(elements) => elements.iter_mut().for_each(|element| linked(path, element, links)),
        Tree::Map(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                linked(&path, value, links);
            }
        }
        _ => {}
    }
}
