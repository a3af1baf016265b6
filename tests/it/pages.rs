//! README.md and the pages of docs/: every command in them runs, prints what the page says, and every link leads somewhere.
//!
//! `UPDATE=1 cargo test --test it pages` writes the output of the commands anew, so a change of the model costs one command.
//!
//! - ` ```console ` holds commands after `$ ` and what they print, both streams, 80 columns wide.
//! - ` ```sh ` holds commands without their output: each has to end with exit code 0, or 3 (an objective is missed).
//! - `<!-- file: NAME -->` before a block writes the block to NAME first.
//! - `<!-- run: COMMAND -->` runs a command that the page does not show.
//! - `<!-- not run: REASON -->` before a block passes it over.
//! - `<!-- run: COMMAND -->` and `<!-- picture: FILE -->` before a picture say which command makes it, and which file of its it is:
//!   the bytes are held.
//!
//! The blocks of one page run in order in one folder, which has `experiments` beside it as in a clone.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::root;

/// A fenced block and what stands right before it.
struct Block<'a> {
    language: &'a str,
    /// Lines of the page, from 0: those between the fences.
    first: usize,
    body: Vec<&'a str>,
    remarks: Vec<(&'a str, &'a str)>,
}

/// `<!-- KEY: VALUE -->`.
fn remark(line: &str) -> Option<(&str, &str)> {
    line.trim().strip_prefix("<!--")?.strip_suffix("-->")?.trim().split_once(": ")
}

fn blocks<'a>(lines: &[&'a str]) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    let mut remarks = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index];
        if let Some(found) = remark(line) {
            remarks.push(found);
        } else if let Some(language) = line.strip_prefix("```") {
            let first = index + 1;
            let length = lines[first..].iter().position(|line| *line == "```").expect("every fence is closed");
            let body = lines[first..first + length].to_vec();
            blocks.push(Block { language, first, body, remarks: std::mem::take(&mut remarks) });
            index = first + length;
        } else if !line.trim().is_empty() {
            remarks.clear();
        }
        index += 1;
    }
    blocks
}

/// A folder in which the commands of a page run.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        symlink(root().join("experiments"), folder.path().join("experiments")).expect("a link can be made");
        Self(folder)
    }

    /// The output of the command on both streams, and its exit code.
    fn run(&self, command: &str) -> (String, Option<i32>) {
        let program = Path::new(env!("CARGO_BIN_EXE_mrsim"));
        let folder = program.parent().expect("it lies in a folder").display();
        let path = format!("{folder}:{}", env::var("PATH").unwrap_or_default());
        let command = command.replace("cargo run --release --", "mrsim");
        let mut shell = Command::new("sh");
        for name in ["CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "RUST_BACKTRACE"] {
            shell.env_remove(name);
        }
        shell.env("PATH", path).env("COLUMNS", "80").env("NO_COLOR", "1").current_dir(self.0.path());
        let output = shell.arg("-c").arg(format!("exec 2>&1\n{command}")).output().expect("sh is there");
        let said = String::from_utf8(output.stdout).expect("it prints UTF-8");
        // On a slow machine a long run says how far it is.
        let kept = said.split_inclusive('\n').filter(|line| !tells_progress(line));
        (kept.collect(), output.status.code())
    }
}

/// Whether a line is one like `active-active: 9,650 of 10,000 trials, 322/s, 2 s left`.
fn tells_progress(line: &str) -> bool {
    let Some((_, rest)) = line.split_once(": ") else { return false };
    let words: Vec<&str> = rest.split_whitespace().take(4).collect();
    let number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    matches!(words.as_slice(), [done, "of", all, last] if number(done) && number(all) && last.trim_end_matches(',') == "trials")
}

/// The page with the output of its commands as it is now, and what went wrong.
fn played(page: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(page).expect("the page can be read");
    let lines: Vec<&str> = text.lines().collect();
    let mut fresh: Vec<String> = Vec::new();
    let mut done = 0;
    let mut wrong = Vec::new();
    let desk = Desk::new();
    for block in blocks(&lines) {
        let place = format!("{}:{}", page.display(), block.first);
        for (key, value) in &block.remarks {
            match *key {
                "file" => {
                    fs::write(desk.0.path().join(value), block.body.join("\n") + "\n").expect("a file can be written");
                }
                "run" => {
                    let (said, code) = desk.run(value);
                    if code != Some(0) {
                        wrong.push(format!("{place}: `{value}` ended with {code:?}: {said}"));
                    }
                }
                "not run" => {}
                other => wrong.push(format!("{place}: the remark `{other}` has no meaning")),
            }
        }
        if block.remarks.iter().any(|(key, _)| *key == "not run") {
            continue;
        }
        match block.language {
            "console" => {
                fresh.extend(lines[done..block.first].iter().map(|line| (*line).to_owned()));
                done = block.first + block.body.len();
                for line in block.body.iter().filter(|line| line.starts_with("$ ")) {
                    let (said, code) = desk.run(&line[2..]);
                    if !matches!(code, Some(0 | 2 | 3)) {
                        wrong.push(format!("{place}: `{line}` ended with {code:?}: {said}"));
                    }
                    fresh.push((*line).to_owned());
                    fresh.extend(said.lines().map(|line| line.trim_end().to_owned()));
                }
            }
            "sh" => {
                for line in block.body.iter().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
                    let (said, code) = desk.run(line);
                    if !matches!(code, Some(0 | 3)) {
                        wrong.push(format!("{place}: `{line}` ended with {code:?}: {said}"));
                    }
                }
            }
            _ => {}
        }
    }
    fresh.extend(lines[done..].iter().map(|line| (*line).to_owned()));
    (fresh.join("\n") + "\n", wrong)
}

/// The pictures that commands make, each with the bytes that it has now; and what went wrong.
fn pictures(page: &Path) -> (Vec<(PathBuf, Vec<u8>)>, Vec<String>) {
    let text = fs::read_to_string(page).expect("the page can be read");
    let (mut made, mut wrong) = (Vec::new(), Vec::new());
    let mut remarks: Vec<(&str, &str)> = Vec::new();
    for line in text.lines() {
        if let Some(found) = remark(line) {
            remarks.push(found);
            continue;
        }
        let target = line.strip_prefix("![").and_then(|rest| rest.rsplit_once("](")?.1.strip_suffix(')'));
        if let (Some(target), [("run", command), ("picture", file)]) = (target, remarks.as_slice()) {
            let desk = Desk::new();
            let (said, code) = desk.run(command);
            match fs::read(desk.0.path().join(file)) {
                Ok(bytes) if matches!(code, Some(0 | 3)) => {
                    made.push((page.parent().expect("it lies in a folder").join(target), bytes));
                }
                _ => wrong.push(format!("{}: `{command}` ended with {code:?} and no {file}: {said}", page.display())),
            }
        }
        if !line.trim().is_empty() {
            remarks.clear();
        }
    }
    (made, wrong)
}

/// README.md, the other pages of the root, and those of docs/.
fn pages() -> Vec<PathBuf> {
    let markdown = |folder: PathBuf| {
        let entries = fs::read_dir(folder).expect("the folder can be read");
        let paths = entries.map(|entry| entry.expect("an entry can be read").path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect::<Vec<_>>()
    };
    let mut pages = markdown(root().to_path_buf());
    pages.extend(markdown(root().join("docs")));
    pages.sort();
    pages
}

/// The first line in which two texts differ.
fn difference(old: &str, new: &str) -> String {
    let (mut old_lines, mut new_lines) = (old.lines(), new.lines());
    for number in 1.. {
        match (old_lines.next(), new_lines.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => {
                return format!(
                    "line {number}: the page says {:?}, now it is {:?}",
                    old.unwrap_or(""),
                    new.unwrap_or("")
                );
            }
        }
    }
    "only the ends of lines differ".to_owned()
}

#[test]
fn commands_print_what_the_pages_say() {
    let update = env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for page in pages() {
        let old = fs::read_to_string(&page).expect("the page can be read");
        let (new, failures) = played(&page);
        wrong.extend(failures);
        if old != new {
            if update {
                fs::write(&page, new).expect("the page can be written");
            } else {
                wrong.push(format!("{}: {}", page.display(), difference(&old, &new)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n`UPDATE=1 cargo test --test it pages` writes the pages anew", wrong.join("\n"));
}

#[test]
fn pictures_on_pages_are_those_that_commands_make() {
    let update = env::var_os("UPDATE").is_some();
    let (mut count, mut wrong) = (0, Vec::new());
    for page in pages() {
        let (made, failures) = pictures(&page);
        wrong.extend(failures);
        for (picture, bytes) in made {
            count += 1;
            if fs::read(&picture).is_ok_and(|old| old == bytes) {
                continue;
            }
            if update {
                fs::write(&picture, bytes).expect("the picture can be written");
            } else {
                wrong.push(format!("{} is not what its command makes now", picture.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n`UPDATE=1 cargo test --test it pages` makes the pictures anew", wrong.join("\n"));
    // The README's, that of a comparison, and that of a sweep; the fourth is drawn by hand.
    assert_eq!(count, 3);
}

/// Targets of `](...)` in a text, but for those of fenced blocks.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to.to_owned()));
        }
    }
    found
}

/// Headings as links name them: small letters, spaces as hyphens, without other signs.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let name = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_')).collect()
    };
    headings.map(name).collect()
}

#[test]
fn links_lead_to_files_and_headings_that_exist() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("the page can be read");
        for link in links(&text).iter().filter(|link| !link.starts_with("http")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if file.is_empty() { page.clone() } else { page.parent().expect("it lies in a folder").join(file) };
            if !target.exists() {
                wrong.push(format!("{}: {link} leads nowhere", page.display()));
            } else if !heading.is_empty() {
                let there = fs::read_to_string(&target).expect("a page with headings is text");
                if !anchors(&there).iter().any(|anchor| anchor == heading) {
                    wrong.push(format!("{}: {link} names no heading", page.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_stays_short_enough_to_be_read() {
    let text = fs::read_to_string(root().join("README.md")).expect("the README can be read");
    assert!(
        text.lines().count() <= 200,
        "the README has {} lines: a page of docs/ takes the rest",
        text.lines().count()
    );
}
