//! The data dictionary: every column of the CSV files, made from the tables that write them.

use std::fmt::Write as _;

use crate::report::{COMPARISON_COLUMNS, COMPARISON_NO_WRITER, OUTAGE_COLUMNS};
use measure::{Each, TABLE};

const HEAD: &str = "\
# Data dictionary

The columns of the CSV files that results folders hold, in their order. This page is made from the tables of the program;
`UPDATE=1 cargo test --test it results` writes it anew.

Times are in seconds and count from the start of the clock, the first fault that starts it, unless the text says otherwise.
`inf` is a time that was not over at the end of the trial, and an empty cell is what did not happen. Numbers are the
shortest that read back as the same 64-bit float. `trials.parquet` and `outages.parquet` have the same columns.

## `trials.csv` of a run

One row per trial. The first column is `trial`, the number of the trial. `NAME` stands for each journey, store, alarm or
population in the order of the file, `CAUSE` for each cause: columns of one group follow name by name. Later versions add
columns at the end.
";

/// The page as Markdown.
pub fn data_dictionary() -> String {
    let mut page = HEAD.to_owned();
    for group in TABLE {
        let each = match group.each {
            Each::Whole => "Once per trial",
            Each::Journey => "For each journey",
            Each::Store => "For each store",
            Each::Writer => "For each store with one writer at a time",
            Each::Alarm => "For each alarm",
            Each::Population => "For each population",
            Each::Part => "For each service in a region, and each store in a region, where services call each other",
            Each::Queue => "For each queue",
            Each::Queues => "Once per trial, where there are queues",
            Each::Blips => "Once per trial, where faults include blips",
            Each::Resolved => "For each name that clients resolve, where there are several",
            Each::Link => "For each link between stores, `NAME` being the names of the two with a dot between them",
        };
        // Writing to a string cannot fail.
        let _ = write!(page, "\n### {each}\n\n| column | unit | meaning | cells |\n|---|---|---|---|\n");
        for measure in group.measures {
            let (column, unit, cells) = (measure.column, measure.unit.word(), measure.cells.words());
            let _ = writeln!(page, "| `{column}` | {unit} | {} | {cells} |", measure.doc.trim());
        }
    }
    page.push_str(
        "\n## `outages.csv` of a run\n\nOne row per outage of a journey, and of all journeys together under the name \
         `overall`.\n\n| column | meaning |\n|---|---|\n",
    );
    for (column, doc) in OUTAGE_COLUMNS {
        let _ = writeln!(page, "| `{column}` | {doc} |");
    }
    page.push_str(
        "\n## `trials.csv` of a comparison\n\nOne row per trial, with these columns for each candidate; `NAME` is the \
         candidate's name.\n\n| column | meaning |\n|---|---|\n",
    );
    for (column, doc) in COMPARISON_COLUMNS {
        let _ = writeln!(page, "| `NAME.{column}` | {doc} |");
    }
    let (column, doc) = COMPARISON_NO_WRITER;
    let _ = writeln!(page, "| `NAME.STORE.{column}` | {doc} |");
    page
}
