//! Whether the last proof of privacy passed, and when: beside the data, for the pages on which people ask
//! for themselves. Neither figures nor how far the log reached are kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use pipss_domain::ids::OrganisationId;
use serde::{Deserialize, Serialize};

/// How the last proof ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastProof {
    /// When.
    pub at: DateTime<Utc>,
    /// Did it hold?
    pub holds: bool,
}

fn file(folder: &Path, organisation: OrganisationId) -> PathBuf {
    folder.join(format!("privacy-proof-{organisation}.json"))
}

/// Takes the place of the one before.
///
/// # Errors
/// When it cannot be written.
pub fn keep(folder: &Path, organisation: OrganisationId, last: LastProof) -> io::Result<()> {
    let file = file(folder, organisation);
    let fresh = file.with_extension("new");
    fs::write(&fresh, serde_json::to_vec(&last)?)?;
    fs::rename(fresh, file)
}

/// The last one; none if none ran, or if what is there cannot be read.
pub fn read(folder: &Path, organisation: OrganisationId) -> Option<LastProof> {
    let bytes = fs::read(file(folder, organisation)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_proof_of_an_organisation_is_read_back_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [1, 2].map(|n| OrganisationId::new(uuid::Uuid::from_u128(n)));
        let at = "2026-06-01T03:00:00Z".parse().unwrap();
        for holds in [false, true] {
            keep(folder.path(), one, LastProof { at, holds }).unwrap();
            assert_eq!(read(folder.path(), one), Some(LastProof { at, holds }));
        }
        assert_eq!(read(folder.path(), other), None);
    }
}
