//! May anything be written now, and to what: to the disk, or only to what is reserved on it.

use crate::store::Shared;
use crate::{StoreError, folder, replay};

/// What may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The disk.
    Free,
    /// The disk is below its floor: the rest of the active segment and the spare one, and free slots for
    /// keys. They are for records of who looked at what, so that reading goes on.
    Reserved,
}

/// Looks whether the folder is still ours and how full the disk is; mends sled, if it failed and there is
/// space.
///
/// # Errors
/// `Fenced` or `Unavailable`: nothing may be written.
pub fn room(shared: &Shared, floor_bytes: u64) -> Result<Room, StoreError> {
    shared.folder.fence().holds()?;
    // What is left of a failed sled serves reads until there is space to make it again, with some to
    // spare: a new one is often larger.
    let mending = if shared.sled.is_behind() {
        2 * shared.sled.bytes()
    } else {
        0
    };
    let free = folder::free_bytes(&shared.folder.path("journal"))?;
    if free < floor_bytes.saturating_add(mending) {
        return Ok(Room::Reserved);
    }
    if shared.sled.is_behind() {
        replay::reopen(shared)?;
    }
    Ok(Room::Free)
}
