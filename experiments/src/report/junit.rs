//! Verdicts as XML, as `JUnit` writes them: what CI systems show as a list of tests. An experiment is a suite, an objective a test.

use std::fmt::Write as _;

use sim_core::stats::Interval;

use super::RunReport;
use super::beside::{chance, no_writer};
use super::json::document;
use crate::analyze::Verdict;
use crate::documents::ObjectiveDocument;
use crate::units::{chosen_duration, chosen_percent, duration, percent};

/// The beginning of a file; [`suite`] for each experiment and [`END`] follow.
pub const BEGIN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
/// The end of a file.
pub const END: &str = "</testsuites>\n";

/// The suite of one experiment. An objective that is missed has failed; with `strict` so has one that is undecided, which
/// is skipped otherwise, and one that hangs on an assumption; one that is not judged is an error.
pub fn suite(report: &RunReport<'_>, strict: bool) -> String {
    let document = document(report);
    let (mut failed, mut wrong, mut skipped) = (0, 0, 0);
    let mut cases = String::new();
    for objective in &document.objectives {
        let words = escaped(&told(objective));
        let name = escaped(&objective.name);
        let outcome = match objective.verdict {
            Verdict::Met if strict && hangs(report, &objective.name) => {
                failed += 1;
                format!("<failure message=\"hangs on an assumption; {words}\"/>")
            }
            Verdict::Met => String::new(),
            Verdict::Undecided if !strict => {
                skipped += 1;
                format!("<skipped message=\"{words}\"/>")
            }
            Verdict::Missed | Verdict::Undecided => {
                failed += 1;
                format!("<failure message=\"{words}\"/>")
            }
            Verdict::NotJudged => {
                wrong += 1;
                format!("<error message=\"{words}\"/>")
            }
        };
        let class = escaped(&document.experiment);
        // Writing to a string cannot fail.
        let _ = writeln!(
            cases,
            "    <testcase classname=\"{class}\" name=\"{name}\">{outcome}<system-out>{words}</system-out></testcase>"
        );
    }
    let tests = document.objectives.len();
    let name = escaped(&document.experiment);
    format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"{wrong}\" skipped=\"{skipped}\">\n\
         {cases}  </testsuite>\n"
    )
}

/// Whether an objective is met only if an assumption holds.
fn hangs(report: &RunReport<'_>, name: &str) -> bool {
    let judged = report.summary.unknown.iter().flat_map(|unknown| &unknown.objectives);
    judged.filter(|judged| judged.name == name).any(|judged| judged.condition.is_some())
}

/// The outcome of an objective in one line.
fn told(objective: &ObjectiveDocument) -> String {
    let ObjectiveDocument { limit, found, verdict, quantile, .. } = objective;
    // Without a quantile it is about a share of the time.
    let shown = |value: f64| match quantile {
        None => format!("{} %", percent(value)),
        Some(_) if value.is_finite() => duration(value),
        Some(_) => "beyond the horizon".to_owned(),
    };
    let asked = match quantile {
        Some(_) => format!("at most {}", chosen_duration(*limit)),
        None => format!("at least {} %", chosen_percent(*limit)),
    };
    let found = match found.interval() {
        Ok(Interval { estimate, low, high, .. }) => format!("{} [{}, {}]", shown(estimate), shown(low), shown(high)),
        Err(refused) => refused.to_owned(),
    };
    let stores = objective.no_writer_at_the_end.iter();
    let stores = stores.filter_map(|(store, share)| Some((store.as_str(), share.interval().ok()?)));
    let beside = no_writer(stores).map_or_else(String::new, |words| format!("; {words}"));
    let decides = objective.probability.interval().ok();
    let decides = decides.filter(|_| *verdict == Verdict::Missed && objective.found.interval().is_err());
    let decides = decides.map_or_else(String::new, |found| format!(", {} of all stay within it", chance(&found)));
    format!("{}: {found}, {asked} is asked for{decides}{beside}", verdict.word())
}

/// Text for XML: what it cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_control() && letter != '\n' => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::suite;
    use crate::analyze::Summary;
    use crate::report::RunReport;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn told(change: impl FnOnce(&mut Synthetic), trials: u64, strict: bool) -> String {
        let mut source = Synthetic::typical();
        source.header.name = "a & \"b\"".to_owned();
        change(&mut source);
        let run = run_trials(&source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        let summary = Summary::new(&source.header, &run.table);
        suite(
            &RunReport { header: &source.header, summary: &summary, findings: &[], asked: None, command: "again" },
            strict,
        )
    }

    #[test]
    fn each_verdict_is_what_ci_systems_know() {
        let met = told(|_| (), 500, false);
        assert!(
            met.starts_with(
                "  <testsuite name=\"a &amp; &quot;b&quot;\" tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
            ),
            "{met}"
        );
        assert!(met.contains("name=\"rto.p99\"><system-out>met: ") && met.contains(", at most 10 min is asked for"));
        let missed = told(|source| source.header.objectives[0].limit = 1.0, 500, false);
        assert!(missed.contains("failures=\"1\"") && missed.contains("<failure message=\"missed: "), "{missed}");
        // A p99 takes 299 trials.
        let few = told(|source| source.header.objectives.truncate(1), 50, false);
        assert!(few.contains("errors=\"1\"") && few.contains("not-judged: needs 299 trials"), "{few}");
        let undecided = |strict| told(|source| source.header.objectives[0].limit = 480.0, 500, strict);
        assert!(undecided(false).contains("skipped=\"1\"") && undecided(true).contains("failures=\"1\""));
    }
}
