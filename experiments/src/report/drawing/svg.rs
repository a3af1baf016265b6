//! A picture inside the page: plain SVG in the colours of the page, light or dark, on screen or paper.
//!
//! Shapes have classes instead of colours; `page.css` gives them theirs. Coordinates are rounded to a tenth of a unit, so
//! the text is short and the same everywhere.

use std::fmt::Write as _;

pub(in crate::report) use crate::report::chart::Anchor;
use crate::report::chart::escaped;
use crate::report::chart::text::{BODY, Face, SMALL, STRONG};

/// A picture while it is drawn.
#[derive(Debug, Default)]
pub(in crate::report) struct Picture {
    body: String,
}

/// A coordinate with at most one decimal.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl Picture {
    /// A box, its corners rounded.
    pub(in crate::report) fn area(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.tag(&format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/>",
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0))
        ));
    }

    /// A box without rounded corners; `title` shows when one points at it.
    pub(in crate::report) fn bar(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), title: &str) {
        self.tag(&format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0)),
            escaped(title)
        ));
    }

    /// A straight line.
    pub(in crate::report) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.tag(&format!(
            "<path class=\"{class}\" d=\"M{} {}L{} {}\"/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1)
        ));
    }

    /// A line of this width that leaves downwards and arrives from above; `title` shows when one points at it.
    pub(in crate::report) fn stream(&mut self, class: &str, from: (f64, f64), to: (f64, f64), width: f64, title: &str) {
        let middle = f64::midpoint(from.1, to.1);
        self.tag(&format!(
            "<path class=\"{class}\" stroke-width=\"{}\" d=\"M{} {}C{} {} {} {} {} {}\"><title>{}</title></path>",
            number(width),
            number(from.0),
            number(from.1),
            number(from.0),
            number(middle),
            number(to.0),
            number(middle),
            number(to.0),
            number(to.1),
            escaped(title)
        ));
    }

    /// The head of an arrow that points to the right, or to the left.
    pub(in crate::report) fn head(&mut self, class: &str, (x, y): (f64, f64), right: bool) {
        let back = if right { x - 6.0 } else { x + 6.0 };
        self.tag(&format!(
            "<path class=\"{class}\" d=\"M{} {}L{} {}L{} {}Z\"/>",
            number(x),
            number(y),
            number(back),
            number(y - 3.5),
            number(back),
            number(y + 3.5)
        ));
    }

    /// A circle with a number in it.
    pub(in crate::report) fn badge(&mut self, class: &str, (x, y): (f64, f64), count: usize) {
        self.tag(&format!("<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"8.5\"/>", number(x), number(y)));
        let face = Face { size: 9.5, bold: true };
        self.text(&format!("badge {class}"), &count.to_string(), (x, y), face, Anchor::Middle);
    }

    /// A line of text; `y` is the middle of its capitals.
    pub(in crate::report) fn text(&mut self, class: &str, text: &str, (x, y): (f64, f64), face: Face, anchor: Anchor) {
        let text = escaped(text);
        if text.is_empty() {
            return;
        }
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if face.bold { " font-weight=\"700\"" } else { "" };
        self.tag(&format!(
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{weight}{anchor}>{text}</text>",
            number(x),
            number(y + 0.36 * face.size),
            number(face.size)
        ));
    }

    /// Ordinary, small and strong text.
    pub(in crate::report) fn body(&mut self, text: &str, at: (f64, f64), anchor: Anchor) {
        self.text("ink", text, at, BODY, anchor);
    }

    pub(in crate::report) fn small(&mut self, text: &str, at: (f64, f64), anchor: Anchor) {
        self.text("soft", text, at, SMALL, anchor);
    }

    pub(in crate::report) fn strong(&mut self, text: &str, at: (f64, f64), anchor: Anchor) {
        self.text("ink", text, at, STRONG, anchor);
    }

    fn tag(&mut self, tag: &str) {
        self.body.push_str(tag);
        self.body.push('\n');
    }

    /// The picture as an element of the page. `title` is what a screen reader says.
    pub(in crate::report) fn finish(self, class: &str, (width, height): (f64, f64), title: &str) -> String {
        let mut svg = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<svg class=\"{class}\" role=\"img\" viewBox=\"0 0 {} {}\"><title>{}</title>",
            number(width),
            number(height),
            escaped(title)
        );
        svg + &self.body + "</svg>"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place() {
        let mut picture = Picture::default();
        picture.body("</text><script>alert(\"1\")</script>", (1.0, 2.0), Anchor::Start);
        picture.bar("x", (0.0, 0.0), (-1.0, f64::MIN_POSITIVE), "a & b");
        let svg = picture.finish("c", (10.0, 20.04), "<&>");
        assert!(!svg.contains("<script"), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 10 20\"") && svg.contains("<title>&lt;&amp;&gt;</title>"), "{svg}");
        assert!(
            crate::report::chart::png(&svg.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1)).is_ok()
        );
    }
}
