//! The gate of the GitHub action, in a repository of its own with a base and a change.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::program::{VALID, root, text};

fn git(folder: &Path, arguments: &[&str]) -> bool {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output();
    output.is_ok_and(|output| output.status.success())
}

/// Runs the gate in `folder`, with its results in `out`.
fn gate(folder: &Path, out: &Path, variables: &[(&str, &str)]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_mrsim"));
    let place = program.parent().expect("it lies in a folder").display();
    let mut command = Command::new("bash");
    command.arg(root().join("action/gate.sh")).current_dir(folder);
    command.env("PATH", format!("{place}:{}", std::env::var("PATH").unwrap_or_default()));
    for name in ["MRSIM_BASE", "MRSIM_STRICT", "MRSIM_FAIL_IF_WORSE", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    command.env("MRSIM_FILES", "designs/*.toml").env("MRSIM_TRIALS", "400").env("MRSIM_OUT", out);
    command.envs(variables.iter().copied()).output().expect("bash is there")
}

/// People approve in two minutes on the base, and in eight after the change.
#[test]
fn a_change_that_is_worse_is_told_and_fails() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (repository, out) = (home.path().join("repository"), home.path().join("out"));
    fs::create_dir_all(repository.join("designs")).expect("made");
    // A machine without git has no pull requests.
    if !git(&repository, &["init", "--quiet"]) {
        return;
    }
    let valid = fs::read_to_string(root().join(VALID)).expect("it is there");
    let shop = |limit: &str, approval: &str| {
        let text = valid.replace("approve = \"2m\"", &format!("approve = {approval:?}"));
        assert!(approval == "2m" || text != valid, "in the file people approve in two minutes");
        fs::write(repository.join("designs/shop.toml"), format!("{text}\n[objectives]\nrto = {{ p50 = {limit:?} }}\n"))
            .expect("written");
    };
    shop("15m", "2m");
    assert!(git(&repository, &["add", "--all"]) && git(&repository, &["commit", "--quiet", "-m", "base"]));
    assert!(git(&repository, &["branch", "base"]));
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap_or_default();

    // As it was: the objective is met, and there is nothing to compare.
    let same = gate(&repository, &out, &[("MRSIM_BASE", "base"), ("MRSIM_FAIL_IF_WORSE", "rto.p50")]);
    assert_eq!(same.status.code(), Some(0), "{}", String::from_utf8_lossy(&same.stderr));
    assert!(read("mrsim-junit.xml").contains("failures=\"0\"") && read("comment.md").contains("### valid"));
    assert!(!read("comment.md").contains("against"));

    // Slower, and still within the objective: only the comparison sees it.
    shop("15m", "8m");
    let worse = gate(&repository, &out, &[("MRSIM_BASE", "base"), ("MRSIM_FAIL_IF_WORSE", "rto.p50")]);
    assert_eq!(worse.status.code(), Some(3), "{}", String::from_utf8_lossy(&worse.stderr));
    assert!(read("mrsim-junit.xml").contains("failures=\"0\"") && read("comment.md").contains("against"));
    let told = home.path().join("told");
    let untold = gate(&repository, &out, &[("MRSIM_BASE", "base"), ("GITHUB_OUTPUT", text(&told))]);
    assert_eq!(untold.status.code(), Some(0), "nothing that must not be worse is named");
    assert!(
        fs::read_to_string(&told)
            .is_ok_and(|told| told.contains(&format!("sarif={}\n", text(&out.join("mrsim.sarif")))))
    );
    assert!(!repository.join(".mrsim-base").exists());

    // An objective that is missed, a commit that is not there, a file that is not valid.
    shop("1m", "2m");
    assert_eq!(gate(&repository, &out, &[]).status.code(), Some(3));
    assert!(read("mrsim-junit.xml").contains("failures=\"1\""));
    shop("15m", "8m");
    assert_eq!(gate(&repository, &out, &[("MRSIM_BASE", "nowhere")]).status.code(), Some(1));
    fs::write(repository.join("designs/shop.toml"), "name = 3").expect("written");
    assert_eq!(gate(&repository, &out, &[("MRSIM_BASE", "base")]).status.code(), Some(2));
    assert!(read("mrsim.sarif").contains("\"invalid-file\""));
}
