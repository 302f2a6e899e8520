//! What the end-to-end tests share; each test program uses the part it needs.

#![allow(dead_code)]
#![allow(clippy::unwrap_used)]

pub mod demo;
pub mod schedule;
pub mod smtp;
