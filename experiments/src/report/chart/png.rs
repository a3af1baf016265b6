//! The same picture as PNG: the SVG rendered with the embedded font and with no other.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use super::error::ChartError;
use super::text::{BOLD, REGULAR};

/// Pixels in a page unit: a page 800 wide becomes 1600 pixels, sharp at half a printed page.
const PIXELS: f32 = 2.0;

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
    let options = usvg::Options { fontdb: fonts(), font_family: "sans-serif".to_owned(), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).map_err(|error| ChartError::Svg(error.to_string()))
}

fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(BOLD.to_vec());
        fonts.set_sans_serif_family("DejaVu Sans Condensed");
        Arc::new(fonts)
    }))
}
