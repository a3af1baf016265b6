//! Expressions of HCL, worked out as far as the source tells: variables with defaults, local values, modules, and no account.

use std::collections::BTreeMap;

use hcl_edit::expr::{BinaryOperator, Expression, ForExpr, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::template::Element;

use super::functions::{call, shown, unknown_of};
use crate::import::tree::Tree;

/// What names mean where an expression stands.
pub(super) trait Names {
    /// The value of what begins with this word, such as `var`, and the names behind it; and how many of them it took.
    fn root(&self, word: &str, names: &[String], scope: &Scope) -> Option<(Tree, usize)>;
}

/// Where no name means anything.
pub(super) struct Nothing;

impl Names for Nothing {
    fn root(&self, _: &str, _: &[String], _: &Scope) -> Option<(Tree, usize)> {
        None
    }
}

/// Names that only hold inside a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) names: Vec<(String, Tree)>,
    /// How deep expressions are nested.
    pub(super) depth: usize,
}

impl Scope {
    /// The same with another name.
    pub(super) fn with(&self, name: &str, value: Tree) -> Self {
        let mut names = self.names.clone();
        names.push((name.to_owned(), value));
        Self { names, depth: self.depth }
    }

    fn get(&self, name: &str) -> Option<&Tree> {
        self.names.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// Deeper nesting is not followed.
const DEEPEST: usize = 100;
/// More elements of a collection that an expression makes are not followed.
const MOST: usize = 10_000;

/// The value of an expression.
pub(super) fn value(names: &dyn Names, expression: &Expression, scope: &Scope) -> Tree {
    if scope.depth > DEEPEST {
        return Tree::Unknown;
    }
    let deeper = Scope { names: scope.names.clone(), depth: scope.depth + 1 };
    let scope = &deeper;
    let of = |expression: &Expression| value(names, expression, scope);
    match expression {
        Expression::Null(_) => Tree::Null,
        Expression::Bool(flag) => Tree::Flag(*flag.value()),
        Expression::Number(number) => number.value().as_f64().map_or(Tree::Unknown, Tree::Number),
        Expression::String(text) => Tree::Text(text.value().clone()),
        Expression::Array(elements) => Tree::List(elements.iter().map(of).collect()),
        Expression::Object(object) => {
            let mut fields = BTreeMap::new();
            for (key, value) in object {
                let key = match key {
                    ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
                    ObjectKey::Expression(key) => shown(&of(key)),
                };
                let value = of(value.expr());
                match key {
                    Some(key) => {
                        fields.insert(key, value);
                    }
                    None => return unknown_of([&value]),
                }
            }
            Tree::Map(fields)
        }
        Expression::StringTemplate(template) => texts(names, template.iter(), scope),
        Expression::HeredocTemplate(template) => texts(names, template.template.iter(), scope),
        Expression::Parenthesis(inner) => of(inner.inner()),
        Expression::Variable(name) => named(names, name.as_str(), &[], scope).0,
        Expression::Traversal(traversal) => traversed(names, traversal, scope),
        Expression::Conditional(conditional) => match of(&conditional.cond_expr).flag() {
            Some(true) => of(&conditional.true_expr),
            Some(false) => of(&conditional.false_expr),
            None => {
                let (yes, no) = (of(&conditional.true_expr), of(&conditional.false_expr));
                if yes == no { yes } else { unknown_of([&yes, &no]) }
            }
        },
        Expression::FuncCall(function) => {
            let mut arguments: Vec<Tree> = function.args.iter().map(of).collect();
            if function.args.expand_final()
                && let Some(Tree::List(last)) = arguments.pop()
            {
                arguments.extend(last);
            }
            call(function.name.name.as_str(), &arguments)
        }
        Expression::UnaryOp(operation) => match (operation.operator.value(), of(&operation.expr)) {
            (UnaryOperator::Not, tree) => tree.flag().map_or(Tree::Unknown, |flag| Tree::Flag(!flag)),
            (UnaryOperator::Neg, tree) => tree.number().map_or(Tree::Unknown, |number| Tree::Number(-number)),
        },
        Expression::BinaryOp(operation) => {
            binary(*operation.operator.value(), &of(&operation.lhs_expr), &of(&operation.rhs_expr))
        }
        Expression::ForExpr(comprehension) => projected(names, comprehension, scope),
    }
}

fn binary(operator: BinaryOperator, left: &Tree, right: &Tree) -> Tree {
    let numbers = left.number().zip(right.number());
    let arithmetic = |of: fn(f64, f64) -> f64| {
        let result = numbers.map(|(a, b)| of(a, b)).filter(|it| it.is_finite());
        result.map_or(Tree::Unknown, Tree::Number)
    };
    let order = |of: fn(f64, f64) -> bool| numbers.map_or(Tree::Unknown, |(a, b)| Tree::Flag(of(a, b)));
    match operator {
        BinaryOperator::Eq | BinaryOperator::NotEq => {
            if !left.is_known() || !right.is_known() {
                return Tree::Unknown;
            }
            let same = left == right || (shown(left).is_some() && shown(left) == shown(right));
            Tree::Flag(same == (operator == BinaryOperator::Eq))
        }
        BinaryOperator::And => match (left.flag(), right.flag()) {
            (Some(false), _) | (_, Some(false)) => Tree::Flag(false),
            (Some(true), Some(true)) => Tree::Flag(true),
            _ => Tree::Unknown,
        },
        BinaryOperator::Or => match (left.flag(), right.flag()) {
            (Some(true), _) | (_, Some(true)) => Tree::Flag(true),
            (Some(false), Some(false)) => Tree::Flag(false),
            _ => Tree::Unknown,
        },
        BinaryOperator::Less => order(|a, b| a < b),
        BinaryOperator::LessEq => order(|a, b| a <= b),
        BinaryOperator::Greater => order(|a, b| a > b),
        BinaryOperator::GreaterEq => order(|a, b| a >= b),
        BinaryOperator::Plus => arithmetic(|a, b| a + b),
        BinaryOperator::Minus => arithmetic(|a, b| a - b),
        BinaryOperator::Mul => arithmetic(|a, b| a * b),
        BinaryOperator::Div => arithmetic(|a, b| a / b),
        BinaryOperator::Mod => arithmetic(|a, b| a % b),
    }
}

fn texts<'a>(names: &dyn Names, elements: impl Iterator<Item = &'a Element>, scope: &Scope) -> Tree {
    let mut text = String::new();
    let mut lost = Vec::new();
    for element in elements {
        match element {
            Element::Literal(literal) => text.push_str(literal),
            Element::Interpolation(inner) => {
                let part = value(names, &inner.expr, scope);
                match shown(&part) {
                    Some(shown) => text.push_str(&shown),
                    None => lost.push(part),
                }
            }
            Element::Directive(_) => lost.push(Tree::Unknown),
        }
    }
    if lost.is_empty() { Tree::Text(text) } else { unknown_of(&lost) }
}

/// The value of a name, and how many of the names behind it that took.
fn named(names: &dyn Names, word: &str, behind: &[String], scope: &Scope) -> (Tree, usize) {
    if let Some(own) = scope.get(word) {
        return (own.clone(), 0);
    }
    names.root(word, behind, scope).unwrap_or((Tree::Unknown, behind.len()))
}

fn traversed(names: &dyn Names, traversal: &Traversal, scope: &Scope) -> Tree {
    let operators: Vec<&TraversalOperator> = traversal.operators.iter().map(hcl_edit::Decorated::value).collect();
    let mut done = 0;
    let mut here = if let Expression::Variable(word) = &traversal.expr {
        // Names right behind the first word are what it needs to know what is meant; keys of instances are not.
        let mut behind = Vec::new();
        let mut places = Vec::new();
        for (at, operator) in operators.iter().enumerate() {
            match operator {
                TraversalOperator::GetAttr(name) => behind.push(name.as_str().to_owned()),
                TraversalOperator::Index(index)
                    if matches!(word.as_str(), "module" | "aws" | "data") || word.as_str().starts_with("aws_") =>
                {
                    let key = value(names, index, scope);
                    behind.push(shown(&key).map_or_else(|| "[]".to_owned(), |key| format!("[{key}]")));
                }
                _ => break,
            }
            places.push(at + 1);
        }
        let (tree, took) = named(names, word.as_str(), &behind, scope);
        done = if took == 0 { 0 } else { places.get(took - 1).copied().unwrap_or(operators.len()) };
        tree
    } else {
        value(names, &traversal.expr, scope)
    };
    let mut rest = operators[done..].iter();
    while let Some(operator) = rest.next() {
        here = match operator {
            TraversalOperator::GetAttr(name) => member(&here, name.as_str()),
            TraversalOperator::Index(index) => match value(names, index, scope) {
                Tree::Text(key) => member(&here, &key),
                key => key.whole().map_or_else(|| unknown_of([&here]), |index| place(&here, index)),
            },
            TraversalOperator::LegacyIndex(index) => place(&here, *index.value()),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                let path: Vec<&str> = rest
                    .by_ref()
                    .filter_map(|operator| match operator {
                        TraversalOperator::GetAttr(name) => Some(name.as_str()),
                        _ => None,
                    })
                    .collect();
                return match here {
                    Tree::List(elements) => {
                        let of = |element: &Tree| path.iter().fold(element.clone(), |here, name| member(&here, name));
                        Tree::List(elements.iter().map(of).collect())
                    }
                    other => other,
                };
            }
        };
    }
    here
}

fn member(tree: &Tree, name: &str) -> Tree {
    match tree {
        Tree::Map(fields) => fields.get(name).cloned().unwrap_or(Tree::Unknown),
        Tree::Leads(_) => tree.clone(),
        _ => Tree::Unknown,
    }
}

fn place(tree: &Tree, index: u64) -> Tree {
    match tree {
        Tree::List(elements) => {
            usize::try_from(index).ok().and_then(|at| elements.get(at).cloned()).unwrap_or(Tree::Unknown)
        }
        Tree::Leads(_) => tree.clone(),
        _ => Tree::Unknown,
    }
}

/// Keys and values of a collection.
pub(super) fn pairs(tree: &Tree) -> Option<Vec<(Tree, Tree)>> {
    match tree {
        Tree::Map(fields) => Some(fields.iter().map(|(key, value)| (Tree::Text(key.clone()), value.clone())).collect()),
        Tree::List(elements) => {
            Some(elements.iter().enumerate().map(|(at, value)| (Tree::Number(at as f64), value.clone())).collect())
        }
        _ => None,
    }
}

fn projected(names: &dyn Names, comprehension: &ForExpr, scope: &Scope) -> Tree {
    let collection = value(names, &comprehension.intro.collection_expr, scope);
    let Some(pairs) = pairs(&collection).filter(|pairs| pairs.len() <= MOST) else { return unknown_of([&collection]) };
    let mut elements = Vec::new();
    let mut fields: BTreeMap<String, Tree> = BTreeMap::new();
    for (key, element) in pairs {
        let mut inner = scope.with(comprehension.intro.value_var.as_str(), element);
        if let Some(name) = &comprehension.intro.key_var {
            inner = inner.with(name.as_str(), key);
        }
        if let Some(condition) = &comprehension.cond {
            match value(names, &condition.expr, &inner).flag() {
                Some(true) => {}
                Some(false) => continue,
                None => return unknown_of([&collection]),
            }
        }
        let result = value(names, &comprehension.value_expr, &inner);
        match &comprehension.key_expr {
            None => elements.push(result),
            Some(key) => {
                let Some(key) = shown(&value(names, key, &inner)) else { return unknown_of([&collection, &result]) };
                if comprehension.grouping {
                    match fields.entry(key).or_insert_with(|| Tree::List(Vec::new())) {
                        Tree::List(group) => group.push(result),
                        other => *other = result,
                    }
                } else {
                    fields.insert(key, result);
                }
            }
        }
    }
    if comprehension.key_expr.is_some() { Tree::Map(fields) } else { Tree::List(elements) }
}
