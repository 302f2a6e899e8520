//! Ten ways to tamper with a log: each is found, and the first bad position named; nothing else cries wolf.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod base;
#[path = "../common/mod.rs"]
mod common;
mod forge;
mod tamperings;
mod untouched;
