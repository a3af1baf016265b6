//! `--shard auto`: the shard that the scheduler of a cluster gave this process, by the variables that it sets.
//!
//! | scheduler | variables | numbers begin at | the count |
//! |---|---|---|---|
//! | Slurm, job arrays | `SLURM_ARRAY_TASK_ID`, `_MIN`, `_MAX`, `_STEP`, `_COUNT` | the array's own, 0 or 1 | set |
//! | AWS Batch, array jobs | `AWS_BATCH_JOB_ARRAY_INDEX`, `AWS_BATCH_JOB_ARRAY_SIZE` | 0 | set |
//! | Kubernetes, indexed jobs | `JOB_COMPLETION_INDEX` | 0 | not set: `auto/16` |
//! | GNU parallel | `PARALLEL_SEQ` | 1 | not set: `auto/16` |
//!
//! What is not plain is refused: a wrong guess would run trials twice and leave others out.

use super::split::Split;

/// Reads a variable of the environment; nothing if it is not set.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The value of `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// `3/16`.
    Given(Split),
    /// `auto` or, where the scheduler does not tell how many shards there are, `auto/16`.
    Auto(Option<u64>),
}

impl Asked {
    /// Reads the value.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("auto") {
            None => Split::parse(text).map(Self::Given),
            Some("") => Ok(Self::Auto(None)),
            Some(rest) => {
                let of = rest.strip_prefix('/').and_then(|of| of.parse().ok());
                let of = of.filter(|of| Split::new(1, *of).is_some());
                of.map(|of| Self::Auto(Some(of)))
                    .ok_or_else(|| "must be a shard such as 3/16, auto, or auto/16".to_owned())
            }
        }
    }

    /// The shard.
    ///
    /// # Errors
    /// Why the scheduler's variables do not tell it.
    pub fn shard(self, environment: Environment<'_>) -> Result<Split, String> {
        match self {
            Self::Given(split) => Ok(split),
            Self::Auto(of) => found(of, environment),
        }
    }
}

/// A scheduler, and how to read what it sets.
struct Scheduler {
    name: &'static str,
    /// The variable that is set if and only if this scheduler started the process as one of many.
    sign: &'static str,
    read: fn(&Variables<'_>) -> Result<Place, String>,
}

/// The number of this process from 1, and how many there are, as far as the scheduler tells.
struct Place {
    number: u64,
    of: Option<u64>,
}

const SCHEDULERS: [Scheduler; 4] = [
    Scheduler { name: "Slurm", sign: "SLURM_ARRAY_TASK_ID", read: slurm },
    Scheduler { name: "AWS Batch", sign: "AWS_BATCH_JOB_ARRAY_INDEX", read: batch },
    Scheduler { name: "Kubernetes", sign: "JOB_COMPLETION_INDEX", read: kubernetes },
    Scheduler { name: "GNU parallel", sign: "PARALLEL_SEQ", read: parallel },
];

struct Variables<'a> {
    sign: &'static str,
    environment: Environment<'a>,
}

impl Variables<'_> {
    fn number(&self, name: &str) -> Result<u64, String> {
        let text = (self.environment)(name).ok_or_else(|| format!("{name} is not set beside {}", self.sign))?;
        text.trim().parse().map_err(|_| format!("{name} is `{text}`, and not a whole number"))
    }

    /// The number that marks this process.
    fn own(&self) -> Result<u64, String> {
        self.number(self.sign)
    }
}

fn slurm(variables: &Variables<'_>) -> Result<Place, String> {
    let number = |name: &str| variables.number(&format!("SLURM_ARRAY_TASK_{name}"));
    let own = variables.own()?;
    let (least, most, step, count) = (number("MIN")?, number("MAX")?, number("STEP")?.max(1), number("COUNT")?);
    let is_regular = least <= own && own <= most && (own - least).is_multiple_of(step);
    let is_whole = is_regular && (most - least) / step + 1 == count;
    // An array that begins elsewhere is most likely what is left of a larger one.
    if !is_whole || least > 1 {
        return Err(format!(
            "the array of Slurm has {count} tasks from {least} to {most} in steps of {step}: only one that begins at 0 or \
             1 and leaves nothing out tells how many shards there are"
        ));
    }
    Ok(Place { number: (own - least) / step + 1, of: Some(count) })
}

fn batch(variables: &Variables<'_>) -> Result<Place, String> {
    let own = variables.own()?;
    Ok(Place { number: own.saturating_add(1), of: Some(variables.number("AWS_BATCH_JOB_ARRAY_SIZE")?) })
}

fn kubernetes(variables: &Variables<'_>) -> Result<Place, String> {
    Ok(Place { number: variables.own()?.saturating_add(1), of: None })
}

fn parallel(variables: &Variables<'_>) -> Result<Place, String> {
    Ok(Place { number: variables.own()?, of: None })
}

fn found(given: Option<u64>, environment: Environment<'_>) -> Result<Split, String> {
    let there: Vec<&Scheduler> = SCHEDULERS.iter().filter(|one| environment(one.sign).is_some()).collect();
    let scheduler = match there.as_slice() {
        [] => {
            let signs: Vec<String> =
                SCHEDULERS.iter().map(|Scheduler { name, sign, .. }| format!("{sign} ({name})")).collect();
            return Err(format!("none of the variables of a scheduler is set: {}", signs.join(", ")));
        }
        [one] => one,
        [one, other, ..] => {
            return Err(format!(
                "both {} ({}) and {} ({}) are set, and they may tell different shards",
                one.sign, one.name, other.sign, other.name
            ));
        }
    };
    let Scheduler { name, sign, read } = scheduler;
    let Place { number, of } = read(&Variables { sign, environment })?;
    let of = match (of, given) {
        (Some(of), Some(given)) if of != given => {
            return Err(format!("{name} has {of} tasks, and --shard auto/{given} says {given}"));
        }
        (Some(of), _) | (None, Some(of)) => of,
        (None, None) => {
            return Err(format!("{name} tells the number of this shard ({sign}) and not how many there are"));
        }
    };
    Split::new(number, of).ok_or_else(|| format!("{name} says that this is task {number} of {of}"))
}

#[cfg(test)]
mod tests {
    use super::Asked;

    /// The shard in an environment with these variables and no others.
    fn shard(asked: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let environment =
            |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        Asked::parse(asked)?.shard(&environment).map(|split| split.to_string())
    }

    fn slurm<'a>(id: &'a str, least: &'a str, most: &'a str, step: &'a str, count: &'a str) -> [(&'a str, &'a str); 5] {
        [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", least),
            ("SLURM_ARRAY_TASK_MAX", most),
            ("SLURM_ARRAY_TASK_STEP", step),
            ("SLURM_ARRAY_TASK_COUNT", count),
        ]
    }

    #[test]
    fn slurm_counts_from_wherever_the_array_begins() {
        assert_eq!(shard("auto", &slurm("0", "0", "15", "1", "16")), Ok("1/16".to_owned()));
        assert_eq!(shard("auto", &slurm("16", "1", "16", "1", "16")), Ok("16/16".to_owned()));
        // --array=0-30:2, and 0-31:2, which has the same tasks.
        assert_eq!(shard("auto", &slurm("30", "0", "30", "2", "16")), Ok("16/16".to_owned()));
        assert_eq!(shard("auto/16", &slurm("6", "0", "31", "2", "16")), Ok("4/16".to_owned()));
    }

    /// --array=3 or 1,3,7: tasks of an earlier array that are run again. Their numbers do not tell which shards they were.
    #[test]
    fn what_is_left_of_an_array_of_slurm_is_refused() {
        for variables in
            [slurm("3", "3", "3", "1", "1"), slurm("3", "1", "7", "1", "3"), slurm("4", "3", "7", "1", "5")]
        {
            for asked in ["auto", "auto/16"] {
                let error = shard(asked, &variables).expect_err("it is not whole");
                assert!(error.contains("only one that begins at 0 or 1"), "{error}");
            }
        }
        let error = shard("auto", &slurm("0", "0", "15", "1", "16")[..1]).expect_err("four are missing");
        assert_eq!(error, "SLURM_ARRAY_TASK_MIN is not set beside SLURM_ARRAY_TASK_ID");
    }

    #[test]
    fn batch_counts_from_0_and_tells_how_many_there_are() {
        let variables = [("AWS_BATCH_JOB_ARRAY_INDEX", "9"), ("AWS_BATCH_JOB_ARRAY_SIZE", "10")];
        assert_eq!(shard("auto", &variables), Ok("10/10".to_owned()));
        assert_eq!(shard("auto/12", &variables), Err("AWS Batch has 10 tasks, and --shard auto/12 says 12".to_owned()));
        assert_eq!(
            shard("auto", &variables[..1]),
            Err("AWS_BATCH_JOB_ARRAY_SIZE is not set beside AWS_BATCH_JOB_ARRAY_INDEX".to_owned())
        );
    }

    #[test]
    fn kubernetes_and_parallel_do_not_tell_how_many_there_are() {
        assert_eq!(shard("auto/8", &[("JOB_COMPLETION_INDEX", "0")]), Ok("1/8".to_owned()));
        assert_eq!(shard("auto/8", &[("PARALLEL_SEQ", "8")]), Ok("8/8".to_owned()));
        for (name, scheduler) in [("JOB_COMPLETION_INDEX", "Kubernetes"), ("PARALLEL_SEQ", "GNU parallel")] {
            let told = format!("{scheduler} tells the number of this shard ({name}) and not how many there are");
            assert_eq!(shard("auto", &[(name, "1")]), Err(told));
        }
        assert_eq!(
            shard("auto/8", &[("JOB_COMPLETION_INDEX", "8")]),
            Err("Kubernetes says that this is task 9 of 8".to_owned())
        );
        assert_eq!(
            shard("auto/8", &[("PARALLEL_SEQ", "x")]),
            Err("PARALLEL_SEQ is `x`, and not a whole number".to_owned())
        );
    }

    #[test]
    fn without_a_scheduler_or_with_two_it_is_refused() {
        let none = shard("auto", &[]).expect_err("there is none");
        assert!(
            none.starts_with("none of the variables of a scheduler is set: SLURM_ARRAY_TASK_ID (Slurm), "),
            "{none}"
        );
        let two = shard("auto/4", &[("PARALLEL_SEQ", "1"), ("JOB_COMPLETION_INDEX", "0")]).expect_err("there are two");
        assert!(two.contains("JOB_COMPLETION_INDEX (Kubernetes) and PARALLEL_SEQ (GNU parallel) are set"), "{two}");
        // A shard that is given is that shard, wherever it runs.
        assert_eq!(shard("2/3", &[("PARALLEL_SEQ", "1")]), Ok("2/3".to_owned()));
        for text in ["auto/", "auto/0", "auto/x", "automatic", "auto3/4"] {
            assert!(shard(text, &[]).expect_err(text).contains("must be a shard such as 3/16"), "{text}");
        }
    }
}
