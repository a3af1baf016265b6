//! The report in Chromium: nothing overlaps or scrolls sideways, nothing is missing, nothing complains, and a script is
//! not needed. Run it with `cargo test --test browser`; `CHROMIUM` names the browser, `chromium` otherwise.
//!
//! A copy of each page gets a script that measures it and leaves what it found in the page, which the browser then
//! prints. The page itself has none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What is wrong with a page, one line each.
const MEASURE: &str = include_str!("browser/measure.js");

/// No script, no network: the browser holds the page to it.
const FORBIDS: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
                       font-src data:\">\n";

/// Widths of a window on a desk and of half a page.
const WIDTHS: [u32; 2] = [1_280, 640];

const EXPERIMENTS: [&str; 7] = [
    "active-active",
    "a-year-of-faults",
    "october-2025",
    "strong-table",
    "backup-and-restore",
    "zone-outage",
    "global-accelerator",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the browser without a window, a network or a past.
fn browse(home: &Path, page: &Path, arguments: &[&str]) -> Output {
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let profile = tempfile::tempdir_in(home).expect("a temporary folder");
    let output = Command::new(&browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--enable-logging=stderr",
            "--host-resolver-rules=MAP * ~NOTFOUND",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "failed to start `{browser}`: {error}; install Chromium (apt-get install chromium) or name it in CHROMIUM"
        )
    });
    assert!(output.status.success(), "{browser}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs an experiment and returns its report.
fn report(home: &Path, name: &str, file: &str, settings: &[&str]) -> PathBuf {
    let folder = home.join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_mrsim"))
        .current_dir(root())
        .args(["run", file, "--trials", "400", "--quiet", "--out"])
        .arg(&folder)
        .args(settings)
        .output()
        .expect("the program starts");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    folder.join("report.html")
}

/// What the measuring script finds wrong in a page.
fn complaints(home: &Path, page: &Path, width: u32) -> Vec<String> {
    let html = fs::read_to_string(page).expect("it was written");
    let measured = home.join("measured.html");
    let script = format!("<script>\n{MEASURE}\n</script>\n</body>");
    // The page forbids scripts to itself.
    assert_eq!(html.matches(FORBIDS).count(), 1);
    fs::write(&measured, html.replacen(FORBIDS, "", 1).replacen("</body>", &script, 1)).expect("written");
    let output =
        browse(home, &measured, &[&format!("--window-size={width},1000"), "--virtual-time-budget=10000", "--dump-dom"]);
    let told = String::from_utf8_lossy(&output.stderr);
    let mut complaints: Vec<String> =
        told.lines().filter(|line| line.contains("CONSOLE")).map(|line| format!("the console says {line}")).collect();
    let dom = String::from_utf8_lossy(&output.stdout);
    let found = dom.split("<pre id=\"found\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let found = found.unwrap_or_else(|| panic!("the script did not finish: {told}"));
    let mut lines = found.lines();
    assert_eq!(lines.next(), Some(format!("measured at {width}").as_str()));
    complaints.extend(lines.map(str::to_owned));
    complaints
}

#[test]
fn pages_of_the_catalogue_are_sound_at_every_width() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for name in EXPERIMENTS {
        let page = report(home.path(), name, &format!("experiments/{name}.toml"), &[]);
        for width in WIDTHS {
            let found = complaints(home.path(), &page, width);
            assert!(found.is_empty(), "{name} at {width}:\n{}", found.join("\n"));
        }
    }
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let page = report(home.path(), "page", "experiments/active-active.toml", &[]);
    let html = fs::read_to_string(&page).expect("it was written");
    let broken = "<svg viewBox=\"0 0 100 20\" width=\"100\"><text x=\"1\" y=\"12\" font-size=\"10\">one</text>\
                  <text x=\"5\" y=\"12\" font-size=\"10\">two</text><text x=\"90\" y=\"12\" font-size=\"10\">outside</text>\
                  </svg><div style=\"width: 3000px\">wide</div></body>";
    let html = html.replacen("id=\"loss\"", "id=\"lost\"", 1).replacen("</body>", broken, 1);
    fs::write(&page, html).expect("written");
    let found = complaints(home.path(), &page, 640).join("\n");
    for told in [
        "scrolls sideways",
        "section loss is missing",
        "nothing at #loss",
        "\"one\" lies on \"two\"",
        "\"outside\" leaves",
    ] {
        assert!(found.contains(told), "{told}: {found}");
    }
}

#[test]
fn names_that_nobody_should_write_stay_in_their_place() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("hostile.toml");
    let hostile = "</text><script>console.error('x')</script> & <b>bold</b>";
    let long = "checkout with a name that goes on and on and says in the end what it is about: paying".repeat(2);
    let text = fs::read_to_string(root().join("experiments/active-active.toml")).expect("it is there");
    let text = text
        .replace("\"active-active\"", &format!("\"{hostile}\""))
        .replace("\"browse\"", &format!("\"{hostile}\""))
        .replace("\"checkout\"", &format!("\"{long}\""))
        .replace("\"america\"", &format!("\"{hostile} america\""))
        .replace("\"europe\"", &format!("\"{long}\""))
        .replace("[stores.sessions]", &format!("[stores.\"{hostile}\"]"))
        .replace("\"sessions\"", &format!("\"{hostile}\""));
    fs::write(&file, text).expect("written");
    let page = report(home.path(), "hostile", file.to_str().expect("it is text"), &[]);
    for width in WIDTHS {
        let found = complaints(home.path(), &page, width);
        assert!(found.is_empty(), "at {width}:\n{}", found.join("\n"));
    }
}

#[test]
fn a_page_needs_no_script_and_fetches_nothing() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let page = report(home.path(), "page", "experiments/active-active.toml", &[]);
    let html = fs::read_to_string(&page).expect("it was written");
    assert!(!html.contains("<script") && !html.contains("javascript:"));
    // Whatever a page could load is named by one of these; the namespace of SVG is a name and no address.
    for (attribute, allowed) in [(" src=", ""), ("url(", "data:"), ("@import", ""), (" href=\"", "#"), ("<link", "")] {
        for rest in html.split(attribute).skip(1) {
            assert!(!allowed.is_empty() && rest.starts_with(allowed), "{attribute}{}", &rest[..rest.len().min(60)]);
        }
    }
    let shoot = |name: &str, more: &str| {
        let picture = home.path().join(name);
        let shot = format!("--screenshot={}", picture.display());
        browse(home.path(), &page, &["--window-size=1280,6000", &shot, more]);
        fs::read(&picture).expect("it was taken")
    };
    // Under its own rule, which forbids scripts and all addresses.
    let light = shoot("light.png", "--mute-audio");
    assert!(light.len() > 50_000, "{} bytes", light.len());
    assert!(shoot("dark.png", "--force-dark-mode") != light, "dark is another page");
}

#[test]
fn a_page_prints() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let page = report(home.path(), "page", "experiments/active-active.toml", &[]);
    let paper = home.path().join("page.pdf");
    browse(home.path(), &page, &["--no-pdf-header-footer", &format!("--print-to-pdf={}", paper.display())]);
    let pdf = fs::read(&paper).expect("it was printed");
    // Each page is an object of this type; the tree that holds them is of type Pages.
    let text = String::from_utf8_lossy(&pdf);
    let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page\r").count();
    assert!(pdf.starts_with(b"%PDF") && (3..=16).contains(&pages), "{pages} pages");
}
