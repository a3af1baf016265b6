//! Composite alarms: rules over the states of other alarms, evaluated at once when one of these turns.
//!
//! A rule is true or false: a name stands for "this alarm is in ALARM", whatever else it may be in. The alarms of a rule live
//! in one region, as `CloudWatch` demands, and the composite lives there with them: while that region is out none of them
//! turns, and so it does not turn either.

use std::fmt;

use sim_settings::form::Text;
use sim_settings::{Key, Section, keys, nearest};

use crate::ids::{AlarmId, RegionId};

keys! {
    /// A composite alarm.
    pub(super) struct RuleKeys {
        pub(super) const RULE: Key<Text> = Key::required(
            "rule",
            "a composite alarm: names of alarms in one region with and, or, not and parentheses; names with blanks stand in single quotes",
        )
        .example("\"slow and (errors or not healthy)\"");
    }
}

/// A rule over alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// This alarm is in ALARM.
    Alarm(AlarmId),
    /// The rule does not hold.
    Not(Box<Rule>),
    /// All of them hold.
    All(Vec<Rule>),
    /// Any of them holds.
    Any(Vec<Rule>),
}

impl Rule {
    /// Whether it holds where these alarms are in ALARM.
    pub fn holds(&self, fires: &impl Fn(AlarmId) -> bool) -> bool {
        match self {
            Self::Alarm(alarm) => fires(*alarm),
            Self::Not(rule) => !rule.holds(fires),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(fires)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(fires)),
        }
    }

    /// Whether an alarm is a part of it.
    pub fn names(&self, alarm: AlarmId) -> bool {
        match self {
            Self::Alarm(own) => *own == alarm,
            Self::Not(rule) => rule.names(alarm),
            Self::All(rules) | Self::Any(rules) => rules.iter().any(|rule| rule.names(alarm)),
        }
    }
}

/// A composite alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composite {
    /// Its name.
    pub name: String,
    /// Its entry in the list of the file.
    pub entry: usize,
    /// Its rule.
    pub rule: Rule,
    /// The rule as the file words it.
    pub words: String,
    /// The region of its alarms, and its own.
    pub hosted_in: RegionId,
}

/// Alarms that a rule may name.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Their names.
    pub names: &'a [String],
    /// Their numbers.
    pub ids: &'a [AlarmId],
    /// The regions that they live in.
    pub hosts: &'a [RegionId],
    /// Names of regions.
    pub regions: &'a [String],
}

/// What is wrong with a rule.
struct Mistake {
    found: String,
    expected: String,
    hint: Option<String>,
}

impl Mistake {
    fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { found: found.into(), expected: expected.into(), hint: None }
    }
}

impl Composite {
    /// Whether an `[[alarms]]` entry is one.
    pub fn is_one(section: &Section<'_>) -> bool {
        section.has(RULE.name)
    }

    /// Reads one `[[alarms]]` entry of this name over the alarms that are known so far.
    pub fn read(section: &mut Section<'_>, name: String, entry: usize, known: Known<'_>) -> Self {
        let words = section.get(&RULE);
        let parsed = Parser::new(&words, known).and_then(Parser::read);
        let rule = parsed.unwrap_or_else(|Mistake { found, expected, hint }| {
            section.reject(RULE.name, found, expected, hint);
            Rule::Any(Vec::new())
        });
        let parts = || known.ids.iter().zip(known.hosts).filter(|(id, _)| rule.names(**id));
        let hosted_in = parts().next().map_or(RegionId::new(0), |(_, host)| *host);
        if let Some((_, other)) = parts().find(|(_, host)| **host != hosted_in) {
            let region = |region: RegionId| known.regions.get(region.index()).map_or("", String::as_str);
            let found = format!("alarms in {} and in {}", region(hosted_in), region(*other));
            section.reject(RULE.name, found, "alarms that live in one region, as a composite alarm does", None);
        }
        Self { name, entry, rule, words, hosted_in }
    }
}

impl fmt::Display for Composite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Name(String),
}

impl Token {
    fn words(&self) -> String {
        match self {
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::And => "`and`".to_owned(),
            Self::Or => "`or`".to_owned(),
            Self::Not => "`not`".to_owned(),
            Self::Name(name) => format!("`{name}`"),
        }
    }
}

/// Deeper nesting than this is refused: nobody could read it, and reading it takes the program's stack.
const DEEPEST: usize = 50;

/// Reads a rule from left to right: `not` binds more than `and`, and that more than `or`.
struct Parser<'a> {
    tokens: std::vec::IntoIter<Token>,
    next: Option<Token>,
    known: Known<'a>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &str, known: Known<'a>) -> Result<Self, Mistake> {
        let mut tokens = tokens(text)?.into_iter();
        let next = tokens.next();
        Ok(Self { tokens, next, known, depth: 0 })
    }

    fn read(mut self) -> Result<Rule, Mistake> {
        let rule = self.any()?;
        match self.next {
            None => Ok(rule),
            Some(token) => Err(Mistake::new(format!("{} after a whole rule", token.words()), "and, or, or its end")),
        }
    }

    fn take(&mut self) -> Option<Token> {
        std::mem::replace(&mut self.next, self.tokens.next())
    }

    fn any(&mut self) -> Result<Rule, Mistake> {
        let mut rules = vec![self.all()?];
        while self.next == Some(Token::Or) {
            self.take();
            rules.push(self.all()?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::Any(rules) })
    }

    fn all(&mut self) -> Result<Rule, Mistake> {
        let mut rules = vec![self.one()?];
        while self.next == Some(Token::And) {
            self.take();
            rules.push(self.one()?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::All(rules) })
    }

    fn one(&mut self) -> Result<Rule, Mistake> {
        const EXPECTED: &str = "the name of an alarm, not, or (";
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Mistake::new("a rule that is nested too deeply", format!("at most {DEEPEST} levels")));
        }
        let rule = match self.take() {
            Some(Token::Not) => Rule::Not(Box::new(self.one()?)),
            Some(Token::Open) => {
                let rule = self.any()?;
                match self.take() {
                    Some(Token::Close) => rule,
                    Some(token) => return Err(Mistake::new(token.words(), "`)`, and, or or")),
                    None => return Err(Mistake::new("a parenthesis that is not closed", "`)`")),
                }
            }
            Some(Token::Name(name)) => self.alarm(&name)?,
            Some(token) => return Err(Mistake::new(token.words(), EXPECTED)),
            None => return Err(Mistake::new("the end of the rule", EXPECTED)),
        };
        self.depth -= 1;
        Ok(rule)
    }

    fn alarm(&self, name: &str) -> Result<Rule, Mistake> {
        let Known { names, ids, .. } = self.known;
        if let Some(place) = names.iter().position(|own| own == name) {
            return Ok(Rule::Alarm(ids[place]));
        }
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let expected = if all.is_empty() {
            "an alarm that stands before it".to_owned()
        } else {
            format!("one of the alarms on metrics, or of the rules that stand before it: {}", all.join(", "))
        };
        let hint = nearest(name, all.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        Err(Mistake { hint, ..Mistake::new(format!("the unknown alarm `{name}`"), expected) })
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            '\'' => {
                let mut name = String::new();
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some(letter) => name.push(letter),
                        None => return Err(Mistake::new("a quote that is not closed", "a second single quote")),
                    }
                }
                tokens.push(Token::Name(name));
            }
            letter if letter.is_whitespace() => {}
            letter => {
                let mut word = letter.to_string();
                while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace() && !"()'".contains(*letter)) {
                    word.push(letter);
                }
                tokens.push(match word.as_str() {
                    "and" => Token::And,
                    "or" => Token::Or,
                    "not" => Token::Not,
                    _ => Token::Name(word),
                });
            }
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Rule, Mistake> {
        let names = ["a", "b", "c", "and then"].map(str::to_owned);
        let ids: Vec<AlarmId> = AlarmId::all(names.len()).collect();
        let hosts = [RegionId::new(0); 4];
        Parser::new(text, Known { names: &names, ids: &ids, hosts: &hosts, regions: &[] }).and_then(Parser::read)
    }

    /// Every rule against the same written as an expression of Rust, for all states of the alarms.
    #[test]
    fn rules_have_the_truth_table_of_what_they_say() {
        type Expression = fn(bool, bool, bool, bool) -> bool;
        let rules: [(&str, Expression); 10] = [
            ("a", |a, _, _, _| a),
            ("not a", |a, _, _, _| !a),
            ("a and (b or not c)", |a, b, c, _| a && (b || !c)),
            ("a and b or not c", |a, b, c, _| (a && b) || !c),
            ("a or b and c", |a, b, c, _| a || (b && c)),
            ("not a and b", |a, b, _, _| !a && b),
            ("not (a and b)", |a, b, _, _| !(a && b)),
            ("not not a", |a, _, _, _| a),
            ("((a)or(b))and(c)", |a, b, c, _| (a || b) && c),
            ("'and then' and not 'a'", |a, _, _, d| d && !a),
        ];
        for (text, expression) in rules {
            let rule = parse(text).unwrap_or_else(|Mistake { found, .. }| panic!("{text}: {found}"));
            for states in 0..16_u32 {
                let state = |alarm: usize| states & 1 << alarm != 0;
                let found = rule.holds(&|alarm| state(alarm.index()));
                assert_eq!(found, expression(state(0), state(1), state(2), state(3)), "{text} {states:04b}");
            }
        }
    }

    #[test]
    fn what_is_no_rule_says_why() {
        let deep = format!("{}a{}", "(".repeat(60), ")".repeat(60));
        for (text, found) in [
            ("", "the end of the rule"),
            ("a and", "the end of the rule"),
            ("and a", "`and`"),
            ("a b", "`b` after a whole rule"),
            ("(a or b", "a parenthesis that is not closed"),
            ("a)", "`)` after a whole rule"),
            ("()", "`)`"),
            ("'a", "a quote that is not closed"),
            ("a or d", "the unknown alarm `d`"),
            (deep.as_str(), "a rule that is nested too deeply"),
        ] {
            match parse(text) {
                Err(mistake) => assert_eq!(mistake.found, found, "{text}"),
                Ok(rule) => panic!("{text}: {rule:?}"),
            }
        }
    }
}
