//! What the program shows to a network: nothing that anyone who only sends requests can make use of.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod carried;
mod logs;
mod process;
mod proxied;
mod raw;
mod slow;
mod unread;
