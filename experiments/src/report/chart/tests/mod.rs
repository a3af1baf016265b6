//! The charts as documents: what an SVG must keep whatever it is given, and pictures of every case to look at.

mod documents;
mod samples;

use super::{ChartError, png};

/// Sample charts are rendered. With `MRSIM_CHART_PICTURES=DIR` all of them are, and written there to be looked
/// at; without it every fourth, which is as telling and four times as fast.
#[test]
fn samples_become_pictures() -> Result<(), ChartError> {
    let folder = std::env::var_os("MRSIM_CHART_PICTURES").map(std::path::PathBuf::from);
    let step = if folder.is_some() { 1 } else { 4 };
    for samples::Sample { name, svg, .. } in samples::all().iter().step_by(step) {
        let picture = png(svg)?;
        assert_eq!(&picture[1..4], b"PNG", "{name}");
        if let Some(folder) = &folder {
            let written = std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(folder.join(format!("{name}.svg")), svg))
                .and_then(|()| std::fs::write(folder.join(format!("{name}.png")), picture));
            written.map_err(|error| ChartError::Png(error.to_string()))?;
        }
    }
    Ok(())
}
