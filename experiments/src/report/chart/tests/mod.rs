//! The charts as documents: what an SVG must keep whatever it is given, and pictures of every case to look at.

mod documents;
mod samples;

use super::{ChartError, png};

/// Every sample chart is drawn and rendered. With `MRSIM_CHART_PICTURES=DIR` the pictures are written there to be
/// looked at.
#[test]
fn every_sample_becomes_a_picture() -> Result<(), ChartError> {
    let folder = std::env::var_os("MRSIM_CHART_PICTURES").map(std::path::PathBuf::from);
    for samples::Sample { name, svg, .. } in samples::all() {
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
