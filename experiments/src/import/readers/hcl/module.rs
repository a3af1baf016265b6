//! Modules of a draft: their variables, local values, outputs, providers and resources, each worked out when it is asked for.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use hcl_edit::structure::{Block, Body};

use super::evaluate::{Names, Nothing, Scope, pairs, value};
use super::functions::{shown, unknown_of};
use super::{Hints, Reading, body, files};
use crate::import::region::is_region;
use crate::import::tree::Tree;
use crate::import::trouble::Trouble;

/// More instances of one resource or module are not drafted.
pub(super) const MOST_INSTANCES: usize = 1_000;
/// More modules are not drafted.
const MOST_MODULES: usize = 2_000;

/// The modules that a call makes, by instance key.
type Children = Vec<(Option<String>, usize)>;

/// A module.
pub(super) struct Module {
    folder: PathBuf,
    bodies: Vec<Body>,
    /// Its path, with instance keys and without.
    pub(super) path: String,
    pub(super) base: String,
    /// The module that calls it, with the call and the names of the instance.
    caller: Option<(usize, Block, Scope)>,
    /// Values of variables from files beside the root.
    given: BTreeMap<String, Tree>,
    /// What is worked out already; nothing while it is being worked out.
    memo: RefCell<BTreeMap<String, Option<Tree>>>,
    /// The modules that each call makes, by instance key.
    children: RefCell<BTreeMap<String, Children>>,
    regions: OnceCell<BTreeMap<String, String>>,
}

/// A root module and what it calls.
pub(super) struct Draft<'a> {
    modules: RefCell<Vec<Rc<Module>>>,
    pub(super) input: usize,
    pub(super) label: &'a str,
    hints: &'a Hints,
    remarks: RefCell<Vec<String>>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(folder: &Path, input: usize, label: &'a str, hints: &'a Hints) -> Result<Self, Trouble> {
        let draft = Self { modules: RefCell::default(), input, label, hints, remarks: RefCell::default() };
        let mut given = BTreeMap::new();
        let beside = ["terraform.tfvars", ".auto.tfvars"].map(|ending| files(folder, ending));
        let mut all = Vec::new();
        for found in beside {
            all.extend(found?);
        }
        for file in all.iter().chain(&hints.variables) {
            for attribute in body(file)?.attributes() {
                let tree = value(&Nothing, &attribute.value, &Scope::default());
                given.insert(attribute.key.as_str().to_owned(), tree);
            }
        }
        draft.module(folder, String::new(), String::new(), None, given)?;
        Ok(draft)
    }

    fn module(
        &self,
        folder: &Path,
        path: String,
        base: String,
        caller: Option<(usize, Block, Scope)>,
        given: BTreeMap<String, Tree>,
    ) -> Result<usize, Trouble> {
        let bodies = files(folder, ".tf")?.iter().map(|file| body(file)).collect::<Result<Vec<_>, _>>()?;
        let module = Module {
            folder: folder.to_owned(),
            bodies,
            path,
            base,
            caller,
            given,
            memo: RefCell::default(),
            children: RefCell::default(),
            regions: OnceCell::new(),
        };
        let mut modules = self.modules.borrow_mut();
        modules.push(Rc::new(module));
        Ok(modules.len() - 1)
    }

    pub(super) fn get(&self, module: usize) -> Rc<Module> {
        Rc::clone(&self.modules.borrow()[module])
    }

    fn remark(&self, remark: String) {
        let mut remarks = self.remarks.borrow_mut();
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }

    /// All resources of all modules.
    pub(super) fn gather(&self, reading: &mut Reading) -> Result<(), Trouble> {
        let mut next = 0;
        while next < self.modules.borrow().len() {
            let module = self.get(next);
            for block in module.blocks("module") {
                if let Some(name) = label(block, 0) {
                    self.children(next, name)?;
                }
            }
            for (kind, data) in [("resource", false), ("data", true)] {
                for block in module.blocks(kind) {
                    self.resource(next, &module, block, data, reading);
                }
            }
            next += 1;
        }
        reading.remarks.extend(self.remarks.borrow().iter().cloned());
        Ok(())
    }

    /// The modules that a call makes.
    pub(super) fn children(&self, at: usize, name: &str) -> Result<Vec<(Option<String>, usize)>, Trouble> {
        let module = self.get(at);
        if let Some(known) = module.children.borrow().get(name) {
            return Ok(known.clone());
        }
        // A module that leads back to itself while it is made has no children yet.
        module.children.borrow_mut().insert(name.to_owned(), Vec::new());
        let Some(block) = module.blocks("module").find(|block| label(block, 0) == Some(name)).cloned() else {
            return Ok(Vec::new());
        };
        let source = attribute(&block, "source").map(|it| value(&Nothing, it, &Scope::default()));
        let source = source.as_ref().and_then(Tree::text).unwrap_or_default().to_owned();
        if !source.starts_with('.') {
            self.remark(format!(
                "{}: module {name} comes from elsewhere; a plan knows what is in it, a draft does not",
                self.label
            ));
            return Ok(Vec::new());
        }
        let folder = module.folder.join(&source);
        let mut made = Vec::new();
        for (key, scope) in self.instances(at, &block) {
            if self.modules.borrow().len() >= MOST_MODULES {
                self.remark(format!("{}: more than {MOST_MODULES} modules; the others are left out", self.label));
                break;
            }
            let step = key.as_ref().map_or_else(|| format!("module.{name}"), |key| format!("module.{name}[{key}]"));
            let join =
                |path: &str, step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
            let (path, base) = (join(&module.path, &step), join(&module.base, &format!("module.{name}")));
            let child = self.module(&folder, path, base, Some((at, block.clone(), scope)), BTreeMap::new())?;
            made.push((key, child));
        }
        module.children.borrow_mut().insert(name.to_owned(), made.clone());
        Ok(made)
    }

    /// The instances of a resource or a module: their keys, as addresses have them, and the names that hold in each.
    pub(super) fn instances(&self, at: usize, block: &Block) -> Vec<(Option<String>, Scope)> {
        let names = Within { draft: self, at };
        let none = Scope::default();
        if let Some(count) = attribute(block, "count") {
            let count = value(&names, count, &none);
            let Some(count) = count.whole() else {
                self.remark(format!(
                    "{}: how many there are of some resources is not known; one of each stands for them",
                    self.label
                ));
                return vec![(None, none.with("count", one("index", Tree::Number(0.0))))];
            };
            let count = usize::try_from(count).unwrap_or(MOST_INSTANCES).min(MOST_INSTANCES);
            let one =
                |index: usize| (Some(index.to_string()), none.with("count", one("index", Tree::Number(index as f64))));
            return (0..count).map(one).collect();
        }
        if let Some(each) = attribute(block, "for_each") {
            let each = value(&names, each, &none);
            let Some(pairs) = pairs(&each) else {
                self.remark(format!(
                    "{}: how many there are of some resources is not known; one of each stands for them",
                    self.label
                ));
                let each =
                    Tree::Map([("key".to_owned(), Tree::Unknown), ("value".to_owned(), unknown_of([&each]))].into());
                return vec![(None, none.with("each", each))];
            };
            let set = matches!(each, Tree::List(_));
            let one = |(key, value): (Tree, Tree)| {
                let key = if set { value.clone() } else { key };
                let quoted = shown(&key).map(|key| format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\"")));
                (quoted, none.with("each", Tree::Map([("key".to_owned(), key), ("value".to_owned(), value)].into())))
            };
            return pairs.into_iter().take(MOST_INSTANCES).map(one).collect();
        }
        vec![(None, none)]
    }

    /// Regions of the providers of a module by their keys, as far as they are known.
    pub(super) fn providers(&self, at: usize) -> BTreeMap<String, String> {
        let module = self.get(at);
        if let Some(known) = module.regions.get() {
            return known.clone();
        }
        let names = Within { draft: self, at };
        let mut regions = BTreeMap::new();
        if let Some((caller, call, _)) = &module.caller {
            let above = self.providers(*caller);
            match attribute(call, "providers") {
                Some(hcl_edit::expr::Expression::Object(object)) => {
                    for (key, given) in object {
                        let key = match key {
                            hcl_edit::expr::ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                            hcl_edit::expr::ObjectKey::Expression(key) => key.to_string().trim().to_owned(),
                        };
                        if let Some(region) = above.get(given.expr().to_string().trim()) {
                            regions.insert(key, region.clone());
                        }
                    }
                }
                // Without a word a module has the default provider of the one above it.
                _ => regions.extend(above.get("aws").map(|region| ("aws".to_owned(), region.clone()))),
            }
        }
        for block in module.blocks("provider").filter(|block| label(block, 0) == Some("aws")) {
            let alias = attribute(block, "alias").map(|it| value(&names, it, &Scope::default()));
            let key =
                alias.as_ref().and_then(Tree::text).map_or_else(|| "aws".to_owned(), |alias| format!("aws.{alias}"));
            let region = attribute(block, "region").map(|it| value(&names, it, &Scope::default()));
            if let Some(region) = region.as_ref().and_then(Tree::text).filter(|word| is_region(word)) {
                regions.insert(key, region.to_owned());
            }
        }
        if module.caller.is_none() {
            for (key, region) in &self.hints.regions {
                let own = key.strip_prefix(&format!("{}/", self.label)).unwrap_or(key);
                regions.insert(own.to_owned(), region.clone());
            }
        }
        module.regions.get_or_init(|| regions).clone()
    }

    /// The value of a variable, a local value or an output.
    fn memoised(&self, at: usize, key: &str, work: impl FnOnce() -> Tree) -> Tree {
        let module = self.get(at);
        if let Some(known) = module.memo.borrow().get(key) {
            // What needs itself cannot be known.
            return known.clone().unwrap_or(Tree::Unknown);
        }
        module.memo.borrow_mut().insert(key.to_owned(), None);
        let tree = work();
        module.memo.borrow_mut().insert(key.to_owned(), Some(tree.clone()));
        tree
    }

    pub(super) fn variable(&self, at: usize, name: &str) -> Tree {
        self.memoised(at, &format!("var.{name}"), || {
            let module = self.get(at);
            if let Some(given) = module.given.get(name) {
                return given.clone();
            }
            if let Some(given) = self.hints.parameters.get(name).filter(|_| module.caller.is_none()) {
                return Tree::Text(given.clone());
            }
            if let Some((caller, call, scope)) = &module.caller
                && let Some(written) = attribute(call, name)
            {
                return value(&Within { draft: self, at: *caller }, written, scope);
            }
            let declared = module.blocks("variable").find(|block| label(block, 0) == Some(name));
            let default = declared.and_then(|block| attribute(block, "default"));
            default.map_or(Tree::Unknown, |default| value(&Within { draft: self, at }, default, &Scope::default()))
        })
    }

    pub(super) fn local(&self, at: usize, name: &str) -> Tree {
        self.memoised(at, &format!("local.{name}"), || {
            let module = self.get(at);
            let written = module.blocks("locals").find_map(|block| attribute(block, name).cloned());
            written.map_or(Tree::Unknown, |written| value(&Within { draft: self, at }, &written, &Scope::default()))
        })
    }

    pub(super) fn output(&self, at: usize, name: &str) -> Tree {
        self.memoised(at, &format!("output.{name}"), || {
            let module = self.get(at);
            let block = module.blocks("output").find(|block| label(block, 0) == Some(name)).cloned();
            let written = block.as_ref().and_then(|block| attribute(block, "value"));
            written.map_or(Tree::Unknown, |written| value(&Within { draft: self, at }, written, &Scope::default()))
        })
    }

    /// All outputs of a module.
    pub(super) fn outputs(&self, at: usize) -> Tree {
        let module = self.get(at);
        let names: Vec<String> =
            module.blocks("output").filter_map(|block| label(block, 0).map(str::to_owned)).collect();
        Tree::Map(names.into_iter().map(|name| (name.clone(), self.output(at, &name))).collect())
    }
}

impl Module {
    fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.bodies.iter().flat_map(Body::blocks).filter(move |block| block.ident.as_str() == kind)
    }
}

pub(super) fn label(block: &Block, index: usize) -> Option<&str> {
    block.labels.get(index).map(hcl_edit::structure::BlockLabel::as_str)
}

pub(super) fn attribute<'b>(block: &'b Block, name: &str) -> Option<&'b hcl_edit::expr::Expression> {
    block.body.attributes().find(|attribute| attribute.key.as_str() == name).map(|attribute| &attribute.value)
}

pub(super) fn one(key: &str, value: Tree) -> Tree {
    Tree::Map([(key.to_owned(), value)].into())
}

/// Names within a module.
pub(super) struct Within<'d, 'a> {
    pub(super) draft: &'d Draft<'a>,
    pub(super) at: usize,
}

impl Names for Within<'_, '_> {
    fn root(&self, word: &str, names: &[String], _: &Scope) -> Option<(Tree, usize)> {
        let Self { draft, at } = *self;
        let module = draft.get(at);
        let base = |local: String| {
            let base = if module.base.is_empty() { local } else { format!("{}.{local}", module.base) };
            Tree::Leads(vec![format!("{}:{base}", draft.input)])
        };
        match (word, names) {
            ("var", [name, ..]) => Some((draft.variable(at, name), 1)),
            ("local", [name, ..]) => Some((draft.local(at, name), 1)),
            ("module", [name, rest @ ..]) => {
                let children = draft.children(at, name).unwrap_or_default();
                let (key, rest, took) = match rest {
                    [first, more @ ..] if first.starts_with('[') => (Some(first.trim_matches(['[', ']'])), more, 2),
                    more => (None, more, 1),
                };
                let bare = |own: &Option<String>| own.as_ref().map(|own| own.trim_matches('"').to_owned());
                let chosen: Vec<&(Option<String>, usize)> =
                    children.iter().filter(|(own, _)| key.is_none() || bare(own).as_deref() == key).collect();
                match (rest, &chosen[..]) {
                    ([output, ..], [(_, child)]) => Some((draft.output(*child, output), took + 1)),
                    ([output, ..], many) => {
                        let all: Vec<Tree> = many.iter().map(|(_, child)| draft.output(*child, output)).collect();
                        Some((unknown_of(&all), took + 1))
                    }
                    // A module as a whole; one with instances is a map of them.
                    ([], [(None, child)]) => Some((draft.outputs(*child), took)),
                    ([], many) => {
                        let all = many.iter().filter_map(|(own, child)| Some((bare(own)?, draft.outputs(*child))));
                        Some((Tree::Map(all.collect()), took))
                    }
                }
            }
            ("data", [kind, _, ..]) if kind == "aws_region" => {
                let region = draft.providers(at).get("aws").cloned();
                Some((region.map_or(Tree::Unknown, Tree::Text), names.len()))
            }
            ("data", [kind, name, ..]) => Some((base(format!("data.{kind}.{name}")), names.len())),
            ("path" | "terraform" | "self" | "each" | "count" | "module" | "var" | "local" | "data", _) => None,
            (kind, [name, ..]) if kind.contains('_') => Some((base(format!("{kind}.{name}")), names.len())),
            _ => None,
        }
    }
}
