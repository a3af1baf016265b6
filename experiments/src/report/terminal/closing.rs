//! The table that several experiments end with: which of them meet what they are held against.

use super::{DIM, NAME, WIDTH, clip, colour, columns};
use crate::analyze::{Summary, Verdict};
use crate::report::beside::NO_WRITER;
use crate::report::document::{Tone, word};
use crate::units::wrapped;

/// How one of several experiments ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    /// The experiment.
    name: String,
    /// Its objectives with their verdicts; none where it came to nothing.
    verdicts: Option<Vec<(String, Verdict)>>,
    /// The objectives on data loss that nobody can write beside.
    no_writer: Vec<String>,
}

impl Closing {
    /// One that ran.
    pub fn ran(name: &str, summary: &Summary) -> Self {
        let objectives = summary.objectives.iter().map(|assessed| (assessed.objective.name(), assessed.verdict));
        let budget = summary.budgets().map(|budget| (budget.name(), budget.verdict));
        let no_writer = summary.objectives.iter().filter(|assessed| !assessed.writerless.is_empty());
        Self {
            name: name.to_owned(),
            verdicts: Some(objectives.chain(budget).collect()),
            no_writer: no_writer.map(|assessed| assessed.objective.name()).collect(),
        }
    }

    /// One that came to nothing.
    pub fn failed(name: &str) -> Self {
        Self { name: name.to_owned(), verdicts: None, no_writer: Vec::new() }
    }

    /// The verdict that counts: the worst of all.
    fn worst(&self) -> Option<Verdict> {
        let rank = |verdict: Verdict| match verdict {
            Verdict::Met => 0,
            Verdict::Undecided => 1,
            Verdict::NotJudged => 2,
            Verdict::Missed => 3,
        };
        self.verdicts.iter().flatten().map(|(_, verdict)| *verdict).max_by_key(|verdict| rank(*verdict))
    }
}

/// How many of those that have objectives meet them all; what cannot be counted among them stands beside.
fn headline(all: &[Closing]) -> String {
    let count = |is: &dyn Fn(&Closing) -> bool| all.iter().filter(|one| is(one)).count();
    let met = count(&|one| one.worst() == Some(Verdict::Met));
    let judged = count(&|one| one.worst().is_some());
    let without = count(&|one| one.verdicts.as_ref().is_some_and(Vec::is_empty));
    let failed = count(&|one| one.verdicts.is_none());
    let experiments = |count: usize| if count == 1 { "experiment" } else { "experiments" };
    let said = (judged > 0).then(|| {
        let meet = if judged == 1 { "meets" } else { "meet" };
        format!("{met} of {judged} {} with objectives {meet} them all", experiments(judged))
    });
    let without = match (without, judged) {
        (0, _) => None,
        (count, 0) => Some(format!("{count} {} without objectives", experiments(count))),
        (count, _) => Some(format!("{count} without any")),
    };
    let failed = (failed > 0).then(|| format!("{failed} failed"));
    said.into_iter().chain(without).chain(failed).collect::<Vec<_>>().join("; ")
}

/// A line for each experiment on a terminal of so many columns, with colours and a line's end at its end.
pub fn closing(all: &[Closing], columns_of_terminal: usize) -> String {
    let mut text = format!("\n{}\n", wrapped(&headline(all), columns_of_terminal).join("\n"));
    let room = columns_of_terminal.max(WIDTH) - WIDTH;
    let width = all.iter().map(|one| columns(&one.name)).max().unwrap_or(0).min(2 * NAME + room);
    for one in all {
        let name = clip(&one.name, width);
        let (said, style) = match (&one.verdicts, one.worst()) {
            (None, _) => ("FAILED", colour(Tone::Missed)),
            (Some(_), None) => ("-", DIM),
            (Some(_), Some(verdict)) => (word(verdict), colour(verdict.into())),
        };
        let open = one.verdicts.iter().flatten().filter(|(_, verdict)| *verdict != Verdict::Met);
        let no_writer = one.no_writer.iter().map(|name| format!("{name}: {NO_WRITER}"));
        let open: Vec<String> =
            open.map(|(name, verdict)| format!("{name} {}", word(*verdict).to_lowercase())).chain(no_writer).collect();
        let why = match (&one.verdicts, open.is_empty()) {
            (None, _) => "see above".to_owned(),
            (Some(verdicts), true) if verdicts.is_empty() => "no objectives are set".to_owned(),
            (Some(_), true) => String::new(),
            (Some(_), false) => open.join(", "),
        };
        let space = " ".repeat(width - columns(&name));
        let why = clip(&why, columns_of_terminal.saturating_sub(width + 16).max(8));
        let line = format!("  {style}{said:<10}{style:#}  {name}{space}  {why}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Closing, WIDTH, closing};
    use crate::analyze::Verdict;

    /// What has no objectives misses none.
    #[test]
    fn files_without_objectives_are_not_among_those_that_fail() {
        let none = |name: &str| Closing { name: name.to_owned(), verdicts: Some(Vec::new()), no_writer: Vec::new() };
        let met = Closing { verdicts: Some(vec![("rto.p99".to_owned(), Verdict::Met)]), ..none("a") };
        let first = |all: &[Closing]| closing(all, WIDTH).lines().nth(1).map(str::to_owned);
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(first(&[none("a"), none("b"), none("c")]), said("3 experiments without objectives"));
        assert_eq!(
            first(&[met.clone(), none("b"), none("c")]),
            said("1 of 1 experiment with objectives meets them all; 2 without any")
        );
        assert_eq!(first(&[met.clone(), met]), said("2 of 2 experiments with objectives meet them all"));
        assert_eq!(first(&[Closing::failed("a"), none("b")]), said("1 experiment without objectives; 1 failed"));
    }

    #[test]
    fn each_experiment_has_a_line_with_its_worst_verdict_and_what_is_not_met() {
        let one = |name: &str, verdicts: &[(&str, Verdict)]| {
            let verdicts = verdicts.iter().map(|(name, verdict)| ((*name).to_owned(), *verdict)).collect();
            Closing { name: name.to_owned(), verdicts: Some(verdicts), no_writer: Vec::new() }
        };
        let all = [
            one("a.toml", &[("rto.p99", Verdict::Met), ("rpo.p99", Verdict::Met)]),
            one("long-name.toml", &[("rto.p99", Verdict::Undecided), ("rpo.p99", Verdict::Missed)]),
            one("b.toml", &[]),
            Closing::failed("c.toml"),
            one(&"very-long".repeat(20), &[("rto.p99", Verdict::Undecided)]),
        ];
        let text = anstream::adapter::strip_str(&closing(&all, WIDTH)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        // Three have objectives: one meets all of them, one misses one, one leaves one open.
        assert_eq!(lines[1], "1 of 3 experiments with objectives meet them all; 1 without any; 1 failed");
        assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["MET", "a.toml"]);
        // Beside a name that takes all the room that names get, the second objective is cut off at 80 columns.
        let wide = anstream::adapter::strip_str(&closing(&all, 3 * WIDTH)).to_string();
        let words: Vec<&str> = wide.lines().nth(3).into_iter().flat_map(str::split_whitespace).collect();
        assert_eq!(words, ["MISSED", "long-name.toml", "rto.p99", "undecided,", "rpo.p99", "missed"]);
        assert!(lines[4].ends_with("no objectives are set") && lines[5].trim_start().starts_with("FAILED"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        for columns in [60, 200] {
            let text = anstream::adapter::strip_str(&closing(&all, columns)).to_string();
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(
                longest.is_some_and(|longest| longest <= columns && (columns < WIDTH || longest > WIDTH)),
                "{text}"
            );
        }
    }
}
