//! What the end-to-end tests share; each test program uses the part it needs.

#![allow(dead_code)]

pub mod demo;
pub mod smtp;
pub mod trust;
