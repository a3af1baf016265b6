use std::fs;
use std::io;
use std::path::Path;

use super::{Folder, UNFINISHED};
use crate::exit::{Exit, Failure};

fn claim(path: &Path) -> Result<Folder, Failure> {
    Folder::claim(path, "run of shop", false)
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).expect("listed").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_as_it_was() {
    let home = tempfile::tempdir().expect("a temporary folder");
    fs::write(home.path().join("trials.csv"), "precious").expect("written");
    let failure = claim(home.path()).expect_err("it is not empty");
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.to_string().contains("is not empty"), "{failure}");
    assert_eq!(fs::read_to_string(home.path().join("trials.csv")).expect("read"), "precious");
    let failure = claim(&home.path().join("trials.csv")).expect_err("it is a file");
    assert!(failure.to_string().contains("is not a folder"), "{failure}");
}

#[test]
fn a_path_that_cannot_be_made_fails_at_once() {
    let home = tempfile::tempdir().expect("a temporary folder");
    fs::write(home.path().join("file"), "").expect("written");
    let failure = claim(&home.path().join("file/inside")).expect_err("a file holds no folder");
    assert!(failure.exit == Exit::Failed || failure.exit == Exit::Usage);
}

#[test]
fn files_appear_whole_or_not_at_all() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = claim(&home.path().join("a/b")).expect("it is new");
    folder.write("one", |out| out.write_all(b"1")).expect("written");
    let failure = folder.write("two", |out| {
        out.write_all(b"half")?;
        Err(io::Error::other("disk full"))
    });
    assert!(failure.expect_err("it failed").to_string().contains("two`: disk full"));
    let failure = folder.write("one", |out| out.write_all(b"2"));
    assert!(failure.is_err(), "a file that is there is left alone");
    folder.finish().expect("finished");
    assert_eq!(names(folder.path()), ["one"]);
    assert_eq!(fs::read(folder.path().join("one")).expect("read"), b"1");
}

#[test]
fn a_run_that_came_to_nothing_leaves_no_folder() {
    let home = tempfile::tempdir().expect("a temporary folder");
    drop(claim(&home.path().join("new")).expect("it is new"));
    assert!(!home.path().join("new").exists());
    drop(claim(&home.path().join("several/new/ones")).expect("it is new"));
    assert!(!home.path().join("several").exists());
    drop(claim(home.path()).expect("it is empty"));
    assert!(home.path().exists(), "what was there before stays");
}

#[test]
fn work_goes_on_in_its_own_folder_alone() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("long");
    let claim = |bytes: &[u8]| Folder::claim_or_resume(&path, "manifest.json", bytes, "sweep", false);
    let folder = claim(b"one").expect("it is new");
    folder.write("part", |out| out.write_all(b"1")).expect("written");
    let failure = claim(b"one").expect_err("it is in use");
    assert!(failure.exit == Exit::Failed && failure.to_string().contains("another process"), "{failure}");
    drop(folder);
    fs::write(path.join(".mrsim-half"), "half").expect("written");
    let folder = claim(b"one").expect("it is ours");
    assert_eq!(folder.read("part"), Ok(Some("1".to_owned())));
    assert_eq!(folder.read("other"), Ok(None));
    assert!(!path.join(".mrsim-half").exists(), "what was half written is gone");
    folder.write("part", |out| out.write_all(b"2")).expect("what goes on may write again");
    drop(folder);
    let failure = claim(b"two").expect_err("it is another one");
    assert!(failure.exit == Exit::Usage && failure.to_string().contains("holds another sweep"), "{failure}");
    // Killed before it had a manifest.
    fs::remove_file(path.join("manifest.json")).and_then(|()| fs::remove_file(path.join("part"))).expect("removed");
    fs::write(path.join(".mrsim-half"), "half").expect("written");
    drop(claim(b"two").expect("nothing is there"));
}

#[test]
fn a_part_is_known_as_such_and_begun_again_by_the_same_work_alone() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("out");
    let folder = claim(&path).expect("it is new");
    folder.write("trials.csv", |out| out.write_all(b"1")).expect("written");
    assert_eq!(names(&path), ["trials.csv", UNFINISHED]);
    let failure = claim(&path).expect_err("it is being written");
    assert!(failure.to_string().contains("another process is writing"), "{failure}");
    drop(folder);
    let failure = Folder::claim(&path, "run of another", false).expect_err("it holds a part of something else");
    assert!(failure.to_string().contains("holds a part of other results"), "{failure}");
    let folder = claim(&path).expect("the same work begins again");
    assert_eq!(names(&path), ["trials.csv", UNFINISHED], "nothing goes before there is something new");
    folder.write("experiment.toml", |out| out.write_all(b"2")).expect("written");
    assert_eq!(names(&path), ["experiment.toml", UNFINISHED]);
    folder.finish().expect("finished");
    drop(folder);
    assert_eq!(names(&path), ["experiment.toml"]);
    assert!(claim(&path).is_err(), "what is whole is not overwritten");
}

#[test]
fn force_overwrites_results_and_nothing_else() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("out");
    let forced = || Folder::claim(&path, "run of shop", true);
    let folder = forced().expect("it is new");
    for name in ["trials.csv", "recovery-time.svg", "summary.json"] {
        folder.write(name, |out| out.write_all(b"1")).expect("written");
    }
    folder.finish().expect("finished");
    drop(folder);
    fs::write(path.join("notes.md"), "mine").expect("written");
    let failure = forced().expect_err("somebody keeps notes there").to_string();
    assert!(failure.contains("holds `notes.md`, which mrsim did not write"), "{failure}");
    fs::remove_file(path.join("notes.md")).expect("removed");
    let folder = forced().expect("nothing but results");
    drop(folder);
    assert_eq!(names(&path).len(), 3, "a run that came to nothing overwrites nothing");
    let folder = forced().expect("nothing but results");
    folder.write("trials.csv", |out| out.write_all(b"2")).expect("written");
    folder.finish().expect("finished");
    assert_eq!(names(&path), ["trials.csv"]);
    drop(folder);
    let failure = forced().expect_err("this could be anything").to_string();
    assert!(failure.contains("is not a folder of results"), "{failure}");
}

#[test]
fn a_forced_sweep_makes_room_for_itself() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let path = home.path().join("long");
    let claim = |bytes: &[u8], force| Folder::claim_or_resume(&path, "manifest.json", bytes, "sweep", force);
    let folder = claim(b"one", false).expect("it is new");
    folder.subfolder("points").expect("made");
    folder.write("points/0.json", |out| out.write_all(b"1")).expect("written");
    assert!(claim(b"two", true).expect_err("it is in use").to_string().contains("another process"));
    drop(folder);
    assert!(claim(b"two", false).is_err());
    let folder = claim(b"two", true).expect("forced");
    assert_eq!(names(folder.path()), ["manifest.json"]);
    drop(folder);
    let folder = claim(b"two", true).expect("the same goes on, forced or not");
    assert_eq!(folder.read("manifest.json"), Ok(Some("two".to_owned())));
}
