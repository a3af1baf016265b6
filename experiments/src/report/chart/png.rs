//! The same picture as PNG: the SVG rendered with the embedded font, and with others only for letters that it lacks.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use super::error::ChartError;
use super::letters::{NOTE, database, fonts_for, spelled, unknown};
use super::{Chart, draw_svg};

/// Pixels in a page unit: a page 800 wide becomes 1600 pixels, sharp at half a printed page.
const PIXELS: f32 = 2.0;

/// A chart as SVG, and what its PNG is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The document.
    pub svg: String,
    /// Another one for the PNG, where the embedded font lacks letters.
    printed: Option<String>,
}

impl Drawn {
    /// Draws a chart. The SVG is the same on every machine.
    pub fn new(chart: &Chart) -> Result<Self, ChartError> {
        let svg = draw_svg(chart)?;
        let letters = unknown(&svg);
        if letters.is_empty() {
            return Ok(Self { svg, printed: None });
        }
        let (_, missing) = fonts_for(&letters);
        let printed = draw_svg(&chart.written(NOTE, &|text| spelled(text, &missing)))?;
        Ok(Self { svg, printed: Some(printed) })
    }

    /// The picture: the same bytes on every machine, unless it says otherwise.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        png(self.printed.as_ref().unwrap_or(&self.svg))
    }
}

/// Renders an SVG that [`super::draw_svg`] has drawn.
pub fn png(svg: &str) -> Result<Vec<u8>, ChartError> {
    let tree = tree(svg)?;
    let size = tree.size().to_int_size().scale_by(PIXELS).ok_or_else(|| ChartError::Png("no size".to_owned()))?;
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or_else(|| ChartError::Png("no memory".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(PIXELS, PIXELS), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| ChartError::Png(error.to_string()))
}

/// The document as the renderer understands it.
pub(crate) fn tree(svg: &str) -> Result<usvg::Tree, ChartError> {
    let options =
        usvg::Options { fontdb: fonts(svg), font_family: "sans-serif".to_owned(), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).map_err(|error| ChartError::Svg(error.to_string()))
}

fn fonts(svg: &str) -> Arc<fontdb::Database> {
    static EMBEDDED: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let letters = unknown(svg);
    if letters.is_empty() {
        return Arc::clone(EMBEDDED.get_or_init(|| Arc::new(database(Vec::new()))));
    }
    Arc::new(database(fonts_for(&letters).0))
}
