//! Every test with mounts runs in a room of its own: when its last process ends, however it ends, the mounts and
//! their loop devices are gone.

use std::fmt;
use std::process::Command;

use super::ext4::{self, Ext4};
use super::recording::Way;

const INSIDE: &str = "PIPSS_POWER_INSIDE";

/// Asks for the weaker way also where the other is to be had.
const CALLS: &str = "PIPSS_POWER_CALLS";

/// Runs a test in a process with mounts of its own; where that is refused, here, in the weaker way.
pub fn apart(test: &str, work: impl Fn(&Way)) {
    if std::env::var(INSIDE).is_ok() {
        let refused = ext4::empty().and_then(Ext4::mount).err();
        return work(&refused.map_or(Way::Disk, |error| weaker(&error)));
    }
    if std::env::var(CALLS).is_ok() {
        return work(&weaker(&"as was asked for"));
    }
    let done = Command::new("unshare")
        .args([
            "--mount",
            "--propagation",
            "private",
            "--fork",
            "--kill-child",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .output();
    let done = match done {
        Ok(done) => done,
        Err(error) => return work(&weaker(&error)),
    };
    let (out, errors) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    if !out.contains("running 1 test") {
        return work(&weaker(&errors.trim()));
    }
    out.lines()
        .filter(|line| line.contains("(seed "))
        .for_each(|line| println!("{line}"));
    assert!(done.status.success(), "{out}{errors}");
}

fn weaker(because: &impl fmt::Display) -> Way {
    let because = because.to_string();
    Way::Calls { because }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk => f.write_str("on ext4 over loop and FUSE"),
            Self::Calls { because } => write!(f, "by replay of the recorded calls ({because})"),
        }
    }
}
