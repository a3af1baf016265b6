//! `trials.parquet` and `outages.parquet`: the rows of the CSV files of these names as columns of numbers, with the run's
//! provenance beside them.
//!
//! A figure that did not happen is null, a censored one is infinite. The metadata of the file carries the experiment,
//! so that a figure in a notebook can be traced back: see [`provenance`]. The bytes depend on the trials alone.

use std::io;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::RunReport;
use super::csv::Cell;
use super::outages;
use crate::table::TrialTable;
use measure::outage::Outage;

/// Rows of a group: readers load whole groups.
const GROUP: usize = 100_000;

/// Writes all trials.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &RunReport<'_>, table: &TrialTable, out: &mut (dyn io::Write + Send)) -> io::Result<()> {
    fill(report, table, out).map_err(io::Error::other)
}

/// Writes all outages of journeys, and of any journey under the name `overall`.
///
/// # Errors
/// Those of `out`.
pub fn write_outages(report: &RunReport<'_>, table: &TrialTable, out: &mut (dyn io::Write + Send)) -> io::Result<()> {
    fill_outages(report, &mut table.outages(), out).map_err(io::Error::other)
}

/// The metadata of the file, by key: the keys of the document, see [`super::json`].
pub fn provenance(report: &RunReport<'_>) -> Vec<(&'static str, String)> {
    let RunReport { header, summary, command, .. } = report;
    vec![
        ("experiment", header.name.clone()),
        ("version", header.version.clone()),
        ("hash", header.hash.clone()),
        ("seed", header.seed.to_string()),
        ("first-trial", summary.first_trial.to_string()),
        ("trials", summary.trials.to_string()),
        ("command", (*command).to_owned()),
        ("resolved", header.resolved.clone()),
    ]
}

/// A file with its provenance.
fn begun<'a>(
    report: &RunReport<'_>,
    schema: TypePtr,
    out: &'a mut (dyn io::Write + Send),
) -> Result<SerializedFileWriter<&'a mut (dyn io::Write + Send)>, ParquetError> {
    let metadata = provenance(report).into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect();
    let properties = WriterProperties::builder()
        .set_created_by(format!("mrsim {}", report.header.version))
        .set_key_value_metadata(Some(metadata))
        .build();
    SerializedFileWriter::new(out, schema, Arc::new(properties))
}

fn fill(report: &RunReport<'_>, table: &TrialTable, out: &mut (dyn io::Write + Send)) -> Result<(), ParquetError> {
    let mut file = begun(report, schema(table)?, out)?;
    for start in (0..table.len()).step_by(GROUP) {
        let rows = start..table.len().min(start + GROUP);
        let mut group = file.next_row_group()?;
        numbers(&mut group, rows.clone().map(|row| table.first_trial() + row as u64))?;
        for column in 0..table.columns().len() {
            figures(&mut group, table.at(column).skip(start).take(rows.len()))?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

fn fill_outages(
    report: &RunReport<'_>,
    outages: &mut dyn Iterator<Item = Outage>,
    out: &mut (dyn io::Write + Send),
) -> Result<(), ParquetError> {
    let header = report.header;
    let columns = outages::columns(header);
    // The cells of a column are of one kind, so any outage shows it.
    let any = Outage {
        trial: 0,
        journey: None,
        start: 0.0,
        end: 0.0,
        fault: None,
        recovery: 0.0,
        downtime: 0.0,
        failed: 0.0,
        cause: 0,
        stages: [0.0; models::cause::CAUSES + 1],
    };
    let mut fields = Vec::new();
    for (column, name) in columns.iter().enumerate() {
        let field = match outages::cell(header, &any, column) {
            Cell::Whole(Some(_)) => field(name, Physical::INT64).with_repetition(Repetition::REQUIRED),
            Cell::Whole(None) => field(name, Physical::INT64),
            Cell::Text(_) => field(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String))
                .with_repetition(Repetition::REQUIRED),
            Cell::Number(_) => field(name, Physical::DOUBLE),
        };
        fields.push(Arc::new(field.build()?));
    }
    let schema = Type::group_type_builder("outages").with_fields(fields).build()?;
    let mut file = begun(report, Arc::new(schema), out)?;
    loop {
        let rows: Vec<Outage> = outages.take(GROUP).collect();
        if rows.is_empty() {
            break;
        }
        let mut group = file.next_row_group()?;
        for column in 0..columns.len() {
            let cells = rows.iter().map(|outage| outages::cell(header, outage, column));
            match outages::cell(header, &any, column) {
                Cell::Whole(Some(_)) => numbers(&mut group, cells.filter_map(Cell::whole))?,
                Cell::Whole(None) => maybe_numbers(&mut group, cells.map(Cell::whole))?,
                Cell::Text(_) => texts(&mut group, cells.filter_map(Cell::text))?,
                Cell::Number(_) => figures(&mut group, cells.filter_map(Cell::number))?,
            }
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

/// A field that may be null.
fn field(name: &str, physical: Physical) -> parquet::schema::types::PrimitiveTypeBuilder<'_> {
    Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL)
}

fn schema(table: &TrialTable) -> Result<TypePtr, ParquetError> {
    let trial = field("trial", Physical::INT64).with_repetition(Repetition::REQUIRED).build()?;
    let mut fields = vec![Arc::new(trial)];
    for column in table.columns().names() {
        fields.push(Arc::new(field(column, Physical::DOUBLE).build()?));
    }
    Ok(Arc::new(Type::group_type_builder("trials").with_fields(fields).build()?))
}

type Group<'a, W> = SerializedRowGroupWriter<'a, W>;

fn numbers<W: io::Write + Send>(
    group: &mut Group<'_, W>,
    numbers: impl Iterator<Item = u64>,
) -> Result<(), ParquetError> {
    let numbers: Vec<i64> = numbers.map(u64::cast_signed).collect();
    let mut column = next(group)?;
    column.typed::<Int64Type>().write_batch(&numbers, None, None)?;
    column.close()
}

fn maybe_numbers<W: io::Write + Send>(
    group: &mut Group<'_, W>,
    numbers: impl Iterator<Item = Option<u64>>,
) -> Result<(), ParquetError> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for number in numbers {
        levels.push(i16::from(number.is_some()));
        present.extend(number.map(u64::cast_signed));
    }
    let mut column = next(group)?;
    column.typed::<Int64Type>().write_batch(&present, Some(&levels), None)?;
    column.close()
}

fn texts<'t, W: io::Write + Send>(
    group: &mut Group<'_, W>,
    texts: impl Iterator<Item = &'t str>,
) -> Result<(), ParquetError> {
    let texts: Vec<ByteArray> = texts.map(ByteArray::from).collect();
    let mut column = next(group)?;
    column.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
    column.close()
}

fn figures<W: io::Write + Send>(
    group: &mut Group<'_, W>,
    figures: impl Iterator<Item = f64>,
) -> Result<(), ParquetError> {
    let mut present = Vec::new();
    let mut levels = Vec::new();
    for figure in figures {
        levels.push(i16::from(!figure.is_nan()));
        if !figure.is_nan() {
            // Negative zero is zero to every reader.
            present.push(if figure == 0.0 { 0.0 } else { figure });
        }
    }
    let mut column = next(group)?;
    column.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
    column.close()
}

fn next<'a, W: io::Write + Send>(
    group: &'a mut Group<'_, W>,
) -> Result<parquet::file::writer::SerializedColumnWriter<'a>, ParquetError> {
    group.next_column()?.ok_or_else(|| ParquetError::General("the schema has fewer columns than the table".to_owned()))
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::{Field, RowAccessor as _};

    use super::{GROUP, write, write_outages};
    use crate::analyze::Summary;
    use crate::report::RunReport;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};
    use crate::table::TrialTable;
    use measure::outage::Outage;
    use measure::{Columns, Journey, Subjects, Whole};

    fn with_report(source: &Synthetic, check: impl FnOnce(&RunReport<'_>)) {
        let run = run_trials(source, 0..50, std::num::NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        let summary = Summary::new(&source.header, &run.table);
        let report =
            RunReport { header: &source.header, summary: &summary, findings: &[], asked: None, command: "again" };
        check(&report);
    }

    fn bytes(table: &TrialTable) -> Vec<u8> {
        let mut bytes = Vec::new();
        let write = |report: &RunReport<'_>| write(report, table, &mut bytes).expect("a vector takes everything");
        with_report(&Synthetic::typical(), write);
        bytes
    }

    /// A table with rows in which nothing happened.
    fn table(first_trial: u64, rows: usize) -> TrialTable {
        let subjects = Subjects { journeys: vec!["x,\"y\"".to_owned()], ..Subjects::default() };
        let mut table = TrialTable::new(Columns::new(subjects), first_trial);
        let row = vec![0.0; table.columns().len()];
        (0..rows).for_each(|_| table.append(&row));
        table
    }

    #[test]
    fn figures_are_read_back_with_null_and_infinity() {
        let mut table = table(7, 0);
        for (failed, faults) in [(0.1 + 0.2, f64::INFINITY), (f64::NAN, -0.0)] {
            let columns = table.columns();
            let mut row = vec![0.0; columns.len()];
            row[columns.index(measure::FAILED, Journey(0))] = failed;
            row[columns.index(measure::FAULTS, Whole)] = faults;
            table.append(&row);
        }
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes(&table))).expect("it is Parquet");
        let columns = file.metadata().file_metadata().schema_descr().columns();
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        assert_eq!(
            (names[0], &names[1..]),
            ("trial", &table.columns().names().iter().map(String::as_str).collect::<Vec<_>>()[..])
        );
        let at = |name: &str| names.iter().position(|own| *own == name).expect("it is there");
        let (failed, faults) = (at("journey.x,\"y\".failed"), at("faults"));
        let rows: Vec<_> = file.get_row_iter(None).expect("rows").collect::<Result<_, _>>().expect("they are whole");
        assert_eq!(rows.iter().map(|row| row.get_long(0).expect("a number")).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(
            (rows[0].get_double(failed).ok(), rows[0].get_double(faults).ok()),
            (Some(0.1 + 0.2), Some(f64::INFINITY))
        );
        assert!(rows[1].get_double(failed).is_err(), "null is no number");
        assert_eq!(rows[1].get_double(faults).map(f64::to_bits).ok(), Some(0));
    }

    /// The rows of `outages.csv`, cell by cell: names as text, no fault as null, no end as infinity.
    #[test]
    fn outages_are_read_back_as_they_stand_in_the_csv() {
        let source = Synthetic::typical();
        let (header, mut table) = (&source.header, table(0, 0));
        let ended = Outage {
            trial: 3,
            journey: Some(0),
            start: 1.5,
            end: 2.5,
            fault: Some((1, 0.5)),
            recovery: 2.0,
            downtime: 1.0,
            failed: 70.0,
            cause: 1,
            stages: [0.25; models::cause::CAUSES + 1],
        };
        let lasting =
            Outage { journey: None, end: f64::INFINITY, fault: None, recovery: f64::NAN, trial: 4, cause: 0, ..ended };
        table.append_outages(&[ended, lasting]);
        let mut text = Vec::new();
        crate::report::outages::write(header, &table, &mut text).expect("a vector takes everything");
        let mut text = csv::Reader::from_reader(text.as_slice());
        let names: Vec<String> = text.headers().expect("a head").iter().map(str::to_owned).collect();
        let text: Vec<csv::StringRecord> = text.records().collect::<Result<_, _>>().expect("rows");

        let mut bytes = Vec::new();
        with_report(&source, |report| write_outages(report, &table, &mut bytes).expect("a vector takes everything"));
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("it is Parquet");
        let columns = file.metadata().file_metadata().schema_descr().columns();
        assert_eq!(columns.iter().map(|column| column.name()).collect::<Vec<_>>(), names);
        let rows: Vec<_> = file.get_row_iter(None).expect("rows").collect::<Result<_, _>>().expect("they are whole");
        assert_eq!(rows.len(), 2);
        for (row, text) in rows.iter().zip(&text) {
            for (column, (name, field)) in row.get_column_iter().enumerate() {
                let shown = match field {
                    Field::Null => String::new(),
                    Field::Str(text) => text.clone(),
                    Field::Long(number) => number.to_string(),
                    Field::Double(number) => number.to_string(),
                    other => panic!("{name}: {other:?}"),
                };
                assert_eq!(shown, text[column], "{name}");
            }
        }
        assert_eq!((&text[0][1], &text[1][1], &text[0][4], &text[1][4]), (&*header.journeys[0], "overall", "2", ""));
    }

    #[test]
    fn the_file_says_where_it_is_from() {
        let file = SerializedFileReader::new(bytes::Bytes::from(bytes(&table(0, 0)))).expect("it is Parquet");
        let metadata = file.metadata().file_metadata();
        let value = |key: &str| {
            let pairs = metadata.key_value_metadata().expect("there is some");
            pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone())
        };
        assert_eq!(value("resolved").as_deref(), Some("name = \"active-active\"\nseed = 1\n"));
        assert_eq!((value("seed").as_deref(), value("trials").as_deref()), (Some("1"), Some("50")));
        assert_eq!((value("command").as_deref(), metadata.created_by()), (Some("again"), Some("mrsim 0.1.0")));
    }

    #[test]
    fn long_tables_have_several_groups_and_the_same_bytes_each_time() {
        let table = table(0, GROUP + 10);
        let first = bytes(&table);
        let file = SerializedFileReader::new(bytes::Bytes::from(first.clone())).expect("it is Parquet");
        let rows = usize::try_from(file.metadata().file_metadata().num_rows()).expect("not negative");
        assert_eq!((file.num_row_groups(), rows), (2, GROUP + 10));
        assert!(first == bytes(&table));
    }
}
