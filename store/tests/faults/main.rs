//! Calls to the disk fail, the disk is full, the folder goes away: no answer is ever untrue.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod fenced;
mod full;
mod oracle;
mod planted;
#[path = "../preload/mod.rs"]
mod preload;
#[path = "../../../tests/support/random.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod random;
mod scenario;
#[path = "../preload/small_disk.rs"]
mod small_disk;
mod spare;
mod sweep;
