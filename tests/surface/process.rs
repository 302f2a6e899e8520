//! What the process gives up before it begins, and what it leaves on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reqwest::Client;

use crate::raw::served;
use crate::support::program::Trust;

#[test]
fn no_core_of_it_is_ever_written() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", served.pid())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let bounds: Vec<&str> = core.unwrap().split_whitespace().skip(4).take(2).collect();
    assert_eq!(bounds, ["0", "0"]);
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.pid())).unwrap();
    assert!(status.contains("Umask:\t0077"), "{status}");
}

#[test]
fn nobody_else_on_the_machine_may_read_what_it_writes() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let seen = look(&trust.data());
    assert!(seen > 5, "{seen} files");
    drop(served);
}

/// Looks at everything below a folder; answers how much there is.
fn look(folder: &Path) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", entry.path());
        seen += 1;
        if entry.path().is_dir() {
            seen += look(&entry.path());
        }
    }
    seen
}

#[tokio::test]
async fn nobody_chooses_who_to_be_in_a_served_trust() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let form = "subject=demo-alex";
    for path in [
        "/sign-in",
        "/demo/token",
        "/demo/clock",
        "/demo/people",
        "/demo",
    ] {
        let request = Client::new().post(format!("{}{path}", served.base));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request
            .header("Origin", &served.base)
            .body(form)
            .send()
            .await
            .unwrap();
        let refused = answer.status().is_client_error();
        assert!(
            refused || !path.starts_with("/demo"),
            "{path}: {}",
            answer.status()
        );
        assert!(answer.headers().get("set-cookie").is_none(), "{path}");
    }
}
