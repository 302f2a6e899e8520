//! The few lines of C that stand between a process and the machine, compiled where they are needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What stands in the environment of a process.
pub type Variables = Vec<(&'static str, PathBuf)>;

/// The compiled library; gone with this.
pub struct Preload(TempDir);

impl Preload {
    pub fn compile() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/preload.c");
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&folder.path().join("preload.so"), &source])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        Self(folder)
    }

    /// `fdatasync` of files whose path holds this text does nothing.
    pub fn without_syncs_of(&self, path: &str) -> Variables {
        vec![self.library(), ("PIPSS_SWALLOW", path.into())]
    }

    /// `fsync` of a folder does nothing.
    pub fn without_name_syncs(&self) -> Variables {
        vec![self.library(), ("PIPSS_SWALLOW_NAMES", "1".into())]
    }

    /// Calls that change files under `root` are written down, and what is said.
    pub fn traced(&self, trace: &Path, root: &Path, said: &Path) -> Variables {
        vec![
            self.library(),
            ("PIPSS_TRACE", trace.into()),
            ("PIPSS_TRACE_ROOT", root.into()),
            ("PIPSS_TRACE_SAID", said.into()),
        ]
    }

    fn library(&self) -> (&'static str, PathBuf) {
        ("LD_PRELOAD", self.0.path().join("preload.so"))
    }
}
