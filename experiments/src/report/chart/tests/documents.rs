//! Properties of the documents, over all samples: the renderer tells where each text really is.

use resvg::usvg::{self, roxmltree};

use super::super::geometry::Area;
use super::super::{
    About, Band, Bands, Chart, ChartError, Dot, Fit, bands, canvas, causes, distribution, draw_svg, fit, front, ledger,
    png, settings, success, tornado,
};
use super::samples::{Sample, all, any, awful_name};

/// Canvas units in a page unit.
const FINE: f64 = 20.0;

/// Whether all texts of a page are on it and apart.
fn assert_readable(name: &str, chart: &Chart, svg: &str) -> Result<(), ChartError> {
    let (_, _, height) = layout(chart);
    let texts = texts(svg)?;
    assert!(texts.len() >= 3, "{name}: title and footer at least");
    for (index, (text, area)) in texts.iter().enumerate() {
        let inside = area.left >= 0.0 && area.top >= 0.0 && area.right <= 800.0 && area.bottom <= height;
        assert!(inside, "{name}: {text} at {area:?} leaves the page");
        for (other, second) in &texts[index + 1..] {
            assert!(!meet(area, second), "{name}: {text} at {area:?} meets {other} at {second:?}");
        }
    }
    Ok(())
}

/// The texts of a document with the boxes of their ink, in page units.
fn texts(svg: &str) -> Result<Vec<(String, Area)>, ChartError> {
    fn walk(group: &usvg::Group, found: &mut Vec<(String, Area)>) {
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => walk(group, found),
                usvg::Node::Text(text) => {
                    let letters = text.chunks().iter().map(usvg::TextChunk::text).collect::<String>();
                    let ink = text.flattened().abs_bounding_box();
                    let [left, top, right, bottom] = [ink.left(), ink.top(), ink.right(), ink.bottom()].map(f64::from);
                    found.push((letters, Area::new(left, top, right, bottom)));
                }
                _ => {}
            }
        }
    }
    let tree = super::super::png::tree(svg)?;
    let mut found = Vec::new();
    walk(tree.root(), &mut found);
    Ok(found)
}

fn meet(one: &Area, other: &Area) -> bool {
    // A tenth of a unit is the rounding of the canvas.
    let slack = 0.1;
    one.left + slack < other.right
        && other.left + slack < one.right
        && one.top + slack < other.bottom
        && other.top + slack < one.bottom
}

/// The boxes that hold data, the boxes of legends, and the height of the page.
fn layout(chart: &Chart) -> (Vec<Area>, Vec<Area>, f64) {
    super::super::text::load_font().expect("the embedded font is one");
    match chart {
        Chart::Distribution(chart) => {
            let layout = distribution::layout(chart);
            (layout.plots(), vec![layout.table], layout.height)
        }
        Chart::WhereTheTimeWent(chart) => {
            let layout = causes::layout(chart);
            (layout.plots(), vec![layout.legend.area], layout.height)
        }
        Chart::SuccessOverTime(chart) => {
            let layout = success::layout(chart);
            (layout.plots(), vec![layout.legend.area], layout.height)
        }
        Chart::SettingLines(chart) => {
            let layout = settings::lines_layout(chart);
            (vec![layout.plot], vec![layout.legend.area], layout.height)
        }
        Chart::HeatMap(chart) => {
            let layout = settings::heat_layout(chart);
            (vec![layout.plot], vec![layout.key], layout.height)
        }
        Chart::SettingRanges(chart) => {
            let layout = settings::ranges_layout(chart);
            (vec![layout.plot], vec![layout.legend.area], layout.height)
        }
        Chart::Ledger(chart) => {
            let layout = ledger::layout(chart);
            (vec![layout.plot], Vec::new(), layout.height)
        }
        Chart::Tornado(chart) => {
            let layout = tornado::layout(chart);
            (vec![layout.plot], vec![layout.legend.area], layout.height)
        }
        Chart::Front(chart) => {
            let layout = front::layout(chart);
            (vec![layout.plot], vec![layout.legend.area], canvas::HEIGHT)
        }
        Chart::Fit(chart) => {
            let layout = fit::layout(chart);
            (layout.plots, vec![layout.legend.area], layout.height)
        }
        Chart::Bands(chart) => {
            let layout = bands::layout(chart);
            (vec![layout.plot], vec![layout.legend.area], layout.height)
        }
    }
}

#[test]
fn texts_stay_on_the_page_and_never_meet() -> Result<(), ChartError> {
    for Sample { name, chart, svg } in all() {
        assert_readable(name, chart, svg)?;
    }
    Ok(())
}

/// Laws and bands of awful names, of nothing, of one value, and of figures that are none.
#[test]
fn laws_and_bands_of_any_figures_can_be_read() -> Result<(), ChartError> {
    let about =
        |title: &str| About { title: title.to_owned(), experiment: awful_name(3), trials: 7, ..About::default() };
    let law = |scale: f64, spread: f64| {
        let point = |index: i32| {
            let share = f64::from(index) / 20.0;
            [
                scale * (spread * f64::from(index - 10) / 10.0).exp(),
                share,
                (share - 0.1).max(0.0),
                (share + 0.1).min(1.0),
            ]
        };
        (0..=20).map(point).collect::<Vec<_>>()
    };
    let odd = vec![[f64::NAN, 0.5, 0.0, 1.0], [0.0, f64::NAN, 0.0, 1.0], [f64::INFINITY, 1.0, 1.0, 1.0]];
    let mut charts = Vec::new();
    for (points, steps, stops) in [
        (law(120.0, 1.0), vec![(60.0, 0.3), (130.0, 0.6), (400.0, 1.0)], vec![300.0]),
        (law(0.25, 0.3), vec![(0.25, 1.0)], Vec::new()),
        (law(1e5, 6.0), Vec::new(), vec![1e4, 1e5]),
        (Vec::new(), vec![(5.0, 0.5), (5.0, 1.0)], Vec::new()),
        (odd, vec![(f64::NAN, 0.5), (0.0, 1.0)], vec![f64::INFINITY]),
    ] {
        let (law, observations) = (awful_name(1), awful_name(2));
        charts.push(Chart::Fit(Fit {
            about: about(&awful_name(0)),
            law,
            observations,
            values: 3,
            steps,
            stops,
            points,
        }));
    }
    let row = |index: usize, quantiles: Option<[f64; 3]>, never: f64, at: f64| Band {
        name: awful_name(index),
        quantiles,
        never,
        measured: vec![Dot { at, stopped: index.is_multiple_of(2), surprising: index.is_multiple_of(3) }],
    };
    for rows in [
        Vec::new(),
        vec![row(0, None, 1.0, f64::NAN)],
        vec![row(0, Some([0.0; 3]), 0.0, 0.0), row(1, Some([1e-6, 1.0, 1e9]), 0.5, 1e8)],
        (0..30).map(|index| row(index, Some([10.0, 20.0 + index as f64, 90.0]), 0.1, 30.0 * index as f64)).collect(),
    ] {
        charts.push(Chart::Bands(Bands { about: about(""), axis: awful_name(4), rows, horizon: 3_600.0 }));
    }
    for (index, chart) in charts.iter().enumerate() {
        let svg = draw_svg(chart)?;
        assert_readable(&format!("chart {index}"), chart, &svg)?;
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "chart {index}");
        let (plots, legends, _) = layout(chart);
        assert!(plots.iter().all(|plot| legends.iter().all(|legend| !meet(legend, plot))), "chart {index}");
    }
    Ok(())
}

/// The same for charts that nobody thought of.
#[test]
fn texts_of_any_chart_stay_on_the_page_and_never_meet() -> Result<(), ChartError> {
    for seed in 0..45 {
        let chart = any(seed);
        assert_readable(&format!("chart {seed}"), &chart, &draw_svg(&chart)?)?;
    }
    Ok(())
}

#[test]
fn legends_and_data_are_apart() {
    for Sample { name, chart, .. } in all() {
        let (plots, legends, height) = layout(chart);
        for legend in &legends {
            assert!(legend.bottom <= height, "{name}");
            for plot in &plots {
                assert!(!meet(legend, plot), "{name}: {legend:?} over {plot:?}");
            }
        }
    }
}

#[test]
fn data_are_free_of_text() -> Result<(), ChartError> {
    for Sample { name, chart, svg } in all() {
        // Stacked bars, cells and ranges carry their values, designs their names.
        if matches!(chart, Chart::WhereTheTimeWent(_) | Chart::HeatMap(_) | Chart::SettingRanges(_) | Chart::Front(_)) {
            continue;
        }
        let (plots, _, _) = layout(chart);
        for (text, area) in texts(svg)? {
            if ["no trials", "no data"].contains(&text.as_str()) {
                continue;
            }
            for plot in &plots {
                assert!(!meet(&area, plot), "{name}: {text} at {area:?} over data at {plot:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn every_coordinate_is_a_number_on_the_canvas() {
    for Sample { name, chart, svg } in all() {
        let (_, _, height) = layout(chart);
        let document = roxmltree::Document::parse(svg).expect("the document is XML");
        let root = document.root_element();
        assert_eq!(root.attribute("width"), Some("800"), "{name}");
        assert_eq!(root.attribute("height").map(str::to_owned), Some(height.to_string()), "{name}");
        assert_eq!(
            root.attribute("viewBox").map(str::to_owned),
            Some(format!("0 0 16000 {}", height * FINE)),
            "{name}"
        );
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            for attribute in node.attributes() {
                let most = match attribute.name() {
                    "x" | "x1" | "x2" | "cx" => 800.0 * FINE,
                    "y" | "y1" | "y2" | "cy" => height * FINE,
                    "width" | "height" | "stroke-width" | "opacity" => f64::INFINITY,
                    "points" => {
                        for pair in attribute.value().split_whitespace() {
                            let (x, y) = pair.split_once(',').expect("a point is a pair");
                            assert_on(name, x, 800.0 * FINE);
                            assert_on(name, y, height * FINE);
                        }
                        continue;
                    }
                    _ => continue,
                };
                assert_on(name, attribute.value(), most);
            }
        }
    }
}

fn assert_on(name: &str, value: &str, most: f64) {
    let number: f64 = value.parse().unwrap_or(f64::NAN);
    assert!(number >= 0.0 && number <= most, "{name}: {value} is not between 0 and {most}");
}

#[test]
fn names_are_escaped_and_change_no_structure() -> Result<(), ChartError> {
    let known = ["svg", "title", "text", "rect", "line", "polyline", "polygon", "circle"];
    for Sample { name, svg, .. } in all() {
        let document = roxmltree::Document::parse(svg).expect("the document is XML");
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(known.contains(&node.tag_name().name()), "{name}: {}", node.tag_name().name());
        }
        assert!(!svg.contains("<journey>"), "{name}");
        if name.ends_with("awful") || name.ends_with("strange") {
            let shown = texts(svg)?;
            assert!(shown.iter().any(|(text, _)| text.contains("<journey> & \"co\"")), "{name}: {shown:?}");
        }
    }
    assert!(awful_name(1).contains('\u{202e}'), "the samples hold what is to be cleaned");
    Ok(())
}

#[test]
fn the_same_input_gives_the_same_bytes() -> Result<(), ChartError> {
    for Sample { name, chart, svg } in all() {
        assert!(*svg == draw_svg(chart)?, "{name}");
    }
    for Sample { name, svg, .. } in all().iter().filter(|sample| sample.name.ends_with("two")) {
        assert!(png(svg)? == png(svg)?, "{name}");
    }
    Ok(())
}

#[test]
fn axes_have_units_and_the_footer_says_where_it_comes_from() -> Result<(), ChartError> {
    let units = ["(ms)", "(s)", "(min)", "(h)", "(d)", "logarithmic)", "(requests)", "(%)", "(percentage points)"];
    for Sample { name, chart, svg } in all() {
        let texts: Vec<String> = texts(svg)?.into_iter().map(|(text, _)| text).collect();
        let says = |word: &str| texts.iter().any(|text| text.contains(word));
        let empty = name.ends_with("none") || name.ends_with("nothing") && name.starts_with("success");
        // The figures of a map carry their units.
        let empty = empty || matches!(chart, Chart::HeatMap(_));
        assert!(empty || units.iter().any(|unit| says(unit)), "{name}: no unit in {texts:?}");
        assert!(says("seed 1") && says("trial") && says("Experiment "), "{name}: {texts:?}");
    }
    Ok(())
}

#[test]
fn charts_say_what_has_no_place_on_their_axes() -> Result<(), ChartError> {
    let expected = [
        ("recovery-single", "objective p99 ≤ 5 min: met"),
        ("recovery-million", "11.1 % [11.0, 11.2] not back when the trial ended"),
        ("recovery-never", "not back when the trial ended"),
        ("recovery-mostly-up", "] never down"),
        ("recovery-equal", "the same as worst journey"),
        ("recovery-equal", "nearly the same as worst journey"),
        ("recovery-many", "23 more series, with shorter tails"),
        ("recovery-no-trial", "No trial has run: there is nothing to show."),
        ("recovery-one-trial", "too few trials"),
        ("recovery-days", "3 objectives not marked"),
        ("loss-mostly-nothing", "] lose nothing"),
        ("causes-two", "≥ 7.83 min ± 3.20 s"),
        ("causes-45", "15 journeys left out"),
        ("causes-zero", "No journey was down."),
        ("success-many", "24 journeys left out"),
        ("success-crowd", "8 later milestones not shown"),
        ("success-two", "checkout: in half of the trials up again after 10.3 min, in 95 % up again after 18.2 min"),
        ("success-two", "at each instant 90 of 100 trials lie in the band"),
        ("success-flat", "No journey is down."),
        ("settings-lines-cut", "p99.9: too few trials"),
        ("settings-lines-cut", "> 50 min"),
        ("settings-heat-odd", "white: > 50 min"),
        ("settings-heat", "MISSED"),
        ("settings-heat", "UNDECIDED"),
        ("settings-heat-odd", "NOT JUDGED"),
        ("settings-heat-many", "MET"),
        ("settings-spots", "MISSED"),
        ("settings-spots", "no objective"),
        ("settings-spots-odd", "too few trials"),
        ("settings-lines-equal", "p95: the same as p90"),
        ("settings-lines-cut", "too few trials"),
        ("settings-ranges", "as in the file: 5.00 min"),
        ("settings-ranges", "MISSED"),
        ("settings-ranges", "10s"),
        ("settings-ranges", "no change: latency, simple"),
        ("settings-ranges-odd", "> 50 min: 3"),
        ("settings-ranges-odd", "too few trials"),
        ("settings-ranges-many", "10 settings with less effect left out"),
        ("tornado", "better beyond doubt"),
        ("tornado", "too few trials"),
        ("tornado-many", "6 steps with less effect left out"),
        ("front", "limit ≤ 10 min"),
        ("front", "1 design without a place"),
    ];
    for (wanted, words) in expected {
        let sample = all().iter().find(|sample| sample.name == wanted).expect("the sample exists");
        let shown: Vec<String> = texts(&sample.svg)?.into_iter().map(|(text, _)| text.replace('\u{a0}', " ")).collect();
        assert!(shown.iter().any(|text| text.contains(words)), "{wanted}: {words} is not in {shown:?}");
    }
    Ok(())
}

#[test]
fn a_million_points_are_thinned() {
    for Sample { name, svg, .. } in all().iter().filter(|sample| sample.name.ends_with("million")) {
        assert!(svg.len() < 400_000, "{name}: {} bytes", svg.len());
    }
}

#[test]
fn a_text_is_as_wide_as_it_was_measured() -> Result<(), ChartError> {
    use super::super::canvas::{Anchor, draw_page};
    use super::super::geometry::at;
    use super::super::palette::INK;
    use super::super::text::{BODY, STRONG, width};
    let words = "place order – Überweisung 4 min 12 s [3 min 58 s, 4 min 31 s] Ωμέγα Ёж";
    for face in [BODY, STRONG] {
        let svg = draw_page(100.0, "", |canvas| canvas.text(words, at(10.0, 50.0), face, INK, Anchor::Start))?;
        let (_, ink) = texts(&svg)?.remove(0);
        let measured = width(words, face);
        assert!((ink.width() / measured - 1.0).abs() < 0.02, "{} is not {measured}", ink.width());
        assert!((ink.middle().y - 50.0).abs() < 2.5, "the text is centred: {ink:?}");
    }
    Ok(())
}
