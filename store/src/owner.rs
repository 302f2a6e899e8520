//! Whose a data folder is: only whom it belongs to may open it, so that nobody locks the service out.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;

use crate::StoreError;

/// Refuses a data folder of somebody else: files that we made there they could not open, root's above all.
/// The owner is whoever made the store. One yet to be made has none; only root, who may write anywhere,
/// leaves the folders of others alone.
///
/// # Errors
/// `Refused`, naming both; also when something stands there that is no folder.
pub fn check(path: &Path) -> Result<(), StoreError> {
    let Ok(folder) = fs::metadata(path) else {
        // Absent, or not for us to see: making or opening it says so.
        return Ok(());
    };
    if !folder.is_dir() {
        let why = format!("{} is a file, not a data folder", path.display());
        return Err(StoreError::Refused(why));
    }
    let us = geteuid();
    let theirs = match fs::metadata(path.join("store")) {
        Ok(store) => store.uid(),
        Err(error) if error.kind() == ErrorKind::NotFound && !us.is_root() => return Ok(()),
        Err(_) => folder.uid(),
    };
    if theirs == us.as_raw() {
        return Ok(());
    }
    let (theirs, us) = (named(theirs), named(us.as_raw()));
    Err(StoreError::Refused(format!(
        "the data folder {} belongs to {theirs}, and this program was started by {us}: start it as {theirs}",
        path.display()
    )))
}

/// A user as people know them: the name, where the machine has a list, and the number.
fn named(user: u32) -> String {
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == user.to_string()).then_some(name)
    });
    name.map_or_else(
        || format!("user {user}"),
        |name| format!("{name} (user {user})"),
    )
}
