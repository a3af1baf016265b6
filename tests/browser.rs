//! The reports of runs, comparisons and sweeps in Chromium: nothing overlaps or scrolls sideways, nothing is missing, nothing complains, and a script is
//! not needed. Run it with `cargo test --test browser`; `CHROMIUM` names the browser, `chromium` otherwise.
//!
//! A copy of each page gets a script that measures it and leaves what it found in the page, which the browser then
//! prints. The page itself has none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Faults of a page, one line each.
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

/// A report, and what it must have.
struct Page {
    path: PathBuf,
    /// Its sections.
    rooms: Vec<&'static str>,
    /// How many pictures at least.
    pictures: usize,
}

/// Runs a command that keeps its results and returns its report.
fn page(home: &Path, name: &str, arguments: &[&str], rooms: &[&'static str], pictures: usize) -> Page {
    let folder = home.join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_mrsim"))
        .current_dir(root())
        .args(arguments)
        .args(["--trials", "400", "--quiet", "--out"])
        .arg(&folder)
        .output()
        .expect("the program starts");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    Page { path: folder.join("report.html"), rooms: rooms.to_vec(), pictures }
}

/// The report of a run.
fn report(home: &Path, name: &str, file: &str) -> Page {
    let rooms = [
        "verdict",
        "topology",
        "waterfall",
        "curve",
        "loss",
        "timelines",
        "milestones",
        "assumptions",
        "scope",
        "rebuild",
    ];
    page(home, name, &["run", file], &rooms, 4)
}

/// The report of a comparison: two distributions, and a bar of each measure for each candidate.
fn comparison(home: &Path, name: &str, files: &[&str], settings: &[&str]) -> Page {
    let rooms = ["verdict", "differences", "distributions", "settings", "rebuild"];
    page(home, name, &[&["compare"], files, settings].concat(), &rooms, 2 + 2 * (files.len() - 1))
}

/// The report of a sweep, with so many pictures.
fn sweep(home: &Path, name: &str, arguments: &[&str], pictures: usize) -> Page {
    let rooms = ["verdict", "question", "recovery-time", "data-loss", "rebuild"];
    page(home, name, &[&["sweep"], arguments].concat(), &rooms, pictures)
}

/// One page of each kind.
fn one_of_each(home: &Path) -> [Page; 3] {
    let (one, other) = ("experiments/active-active.toml", "experiments/pilot-light.toml");
    [
        report(home, "run", one),
        comparison(home, "comparison", &[one, other], &[]),
        sweep(home, "sweep", &[one, "--vary", "dns.ttl=10s,60s,300s"], 2),
    ]
}

/// The faults that the measuring script finds in a page.
fn complaints(home: &Path, page: &Page, width: u32) -> Vec<String> {
    let html = fs::read_to_string(&page.path).expect("it was written");
    let measured = home.join("measured.html");
    let (rooms, pictures) = (&page.rooms, page.pictures);
    let script = format!("<script>\nconst ROOMS = {rooms:?}, PICTURES = {pictures};\n{MEASURE}\n</script>\n</body>");
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
        let page = report(home.path(), name, &format!("experiments/{name}.toml"));
        is_sound(home.path(), name, &page);
    }
}

fn is_sound(home: &Path, name: &str, page: &Page) {
    for width in WIDTHS {
        let found = complaints(home, page, width);
        assert!(found.is_empty(), "{name} at {width}:\n{}", found.join("\n"));
    }
}

/// Two and four candidates, with availability, with recurring faults, with trials that are not back.
#[test]
fn pages_of_comparisons_are_sound_at_every_width() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| format!("experiments/{name}.toml");
    for (name, candidates, settings) in [
        ("two", &["static-stability", "static-stability-reserve"][..], &["--set", "objectives.availability=0.99"][..]),
        ("four", &["active-active", "pilot-light", "warm-standby", "runbook-in-the-wrong-region"], &[]),
        ("recurring", &["active-active", "a-year-of-faults"], &[]),
    ] {
        let files: Vec<String> = candidates.iter().map(|name| file(name)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        is_sound(home.path(), name, &comparison(home.path(), name, &files, settings));
    }
}

/// Lines, a map of cells and one of dots, and tables alone, with long keys and with objectives of each point.
#[test]
fn pages_of_sweeps_are_sound_at_every_width() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = "experiments/active-active.toml";
    let people = "runbooks.promote-orders.steps.0.approve=30s,2m,5m";
    let lines = ["--vary", "dns.ttl=10s,60s,300s", "--set", "objectives.availability=0.99"];
    is_sound(home.path(), "lines", &sweep(home.path(), "lines", &[&[file], &lines[..]].concat(), 3));
    let map = ["--vary", people, "--vary", "dns.ttl=10s,60s"];
    is_sound(home.path(), "map", &sweep(home.path(), "map", &[&[file], &map[..]].concat(), 2));
    let dots = ["--vary", "dns.ttl=10s..300s", "--vary", "clients.0.zipf=0..1", "--design", "sobol", "--points", "16"];
    is_sound(home.path(), "dots", &sweep(home.path(), "dots", &[&[file], &dots[..]].concat(), 2));
    let table = ["--vary", people, "--vary", "dns.ttl=10s,60s", "--vary", "objectives.rto.p99=5m,30m"];
    is_sound(home.path(), "table", &sweep(home.path(), "table", &[&[file], &table[..]].concat(), 0));
    let many = [&table[..], &["--vary", "dns.policy=latency,simple", "--design", "one-at-a-time"]].concat();
    is_sound(home.path(), "many", &sweep(home.path(), "many", &[&[file], &many[..]].concat(), 0));
}

/// The picture on docs/report-and-data.md is the upper part of a page. Fonts differ from machine to machine, so its bytes are not
/// held: `UPDATE=1 cargo test --test browser picture` makes it anew, and without that one of the same size can be made.
#[test]
fn the_picture_of_a_page_can_be_made_anew() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("page");
    let update = std::env::var_os("UPDATE").is_some();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mrsim"));
    command.current_dir(root()).args(["run", "experiments/active-active.toml", "--quiet", "--out"]).arg(&folder);
    // The committed picture has all trials of the file.
    let trials: &[&str] = if update { &[] } else { &["--trials", "400"] };
    let output = command.args(trials).output().expect("the program starts");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    let picture = home.path().join("report.png");
    let screenshot = format!("--screenshot={}", picture.display());
    browse(home.path(), &folder.join("report.html"), &["--window-size=1100,1840", &screenshot]);
    let (made, kept) = (fs::read(&picture).expect("it was made"), root().join("docs/report.png"));
    if update {
        fs::write(&kept, &made).expect("it can be written");
    }
    // Width and height of a PNG stand at this place.
    let size = |bytes: &[u8]| bytes.get(16..24).map(<[u8]>::to_vec);
    assert_eq!(size(&made), size(&fs::read(&kept).expect("it is there")));
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let page = report(home.path(), "page", "experiments/active-active.toml");
    let html = fs::read_to_string(&page.path).expect("it was written");
    let broken = "<svg viewBox=\"0 0 100 20\" width=\"100\"><text x=\"1\" y=\"12\" font-size=\"10\">one</text>\
                  <text x=\"5\" y=\"12\" font-size=\"10\">two</text><text x=\"90\" y=\"12\" font-size=\"10\">outside</text>\
                  </svg><div style=\"width: 3000px\">wide</div></body>";
    let html = html.replacen("id=\"loss\"", "id=\"lost\"", 1).replacen("</body>", broken, 1);
    fs::write(&page.path, html).expect("written");
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
    let file = file.to_str().expect("it is text");
    is_sound(home.path(), "run", &report(home.path(), "hostile", file));
    let base = "experiments/active-active.toml";
    is_sound(home.path(), "comparison", &comparison(home.path(), "other", &[base, file, file], &[]));
    let key =
        format!("stores.\"{hostile}\".replication-delay=\"1s\",{{ lognormal = {{ median = \"2s\", p95 = \"5s\" }} }}");
    is_sound(home.path(), "sweep", &sweep(home.path(), "varied", &[file, "--vary", &key], 2));
    is_sound(home.path(), "sweep", &sweep(home.path(), "two", &[file, "--vary", &key, "--vary", "dns.ttl=10s,20s"], 2));
}

#[test]
fn a_page_needs_no_script_and_fetches_nothing() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for page in one_of_each(home.path()) {
        let html = fs::read_to_string(&page.path).expect("it was written");
        assert!(!html.contains("<script") && !html.contains("javascript:"));
        // A page could load something only by one of these; the namespace of SVG is a name and no address.
        for (attribute, allowed) in
            [(" src=", ""), ("url(", "data:"), ("@import", ""), (" href=\"", "#"), ("<link", "")]
        {
            for rest in html.split(attribute).skip(1) {
                // Hatches are patterns of their own picture.
                let own = attribute == "url(" && rest.starts_with('#');
                let sound = own || (!allowed.is_empty() && rest.starts_with(allowed));
                assert!(sound, "{attribute}{}", &rest[..rest.len().min(60)]);
            }
        }
        let shoot = |name: &str, more: &str| {
            let picture = home.path().join(name);
            let shot = format!("--screenshot={}", picture.display());
            browse(home.path(), &page.path, &["--window-size=1280,6000", &shot, more]);
            fs::read(&picture).expect("it was taken")
        };
        // Under its own rule, which forbids scripts and all addresses.
        let light = shoot("light.png", "--mute-audio");
        assert!(light.len() > 50_000, "{} bytes", light.len());
        assert!(shoot("dark.png", "--force-dark-mode") != light, "dark is another page");
    }
}

#[test]
fn a_page_prints() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for page in one_of_each(home.path()) {
        let paper = home.path().join("page.pdf");
        let print = format!("--print-to-pdf={}", paper.display());
        browse(home.path(), &page.path, &["--no-pdf-header-footer", &print]);
        let pdf = fs::read(&paper).expect("it was printed");
        // Each page is an object of this type; the tree that holds them is of type Pages.
        let text = String::from_utf8_lossy(&pdf);
        let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page\r").count();
        assert!(pdf.starts_with(b"%PDF") && (3..=16).contains(&pages), "{pages} pages");
    }
}
