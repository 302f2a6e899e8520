//! What the end-to-end tests share; each test program uses the part it needs.

#![allow(dead_code)]
#![allow(clippy::unwrap_used)]

pub mod demo;
pub mod letters;
pub mod lives;
pub mod night;
pub mod office;
pub mod pathway;
pub mod private;
pub mod program;
pub mod random;
pub mod readme;
pub mod schedule;
pub mod served;
pub mod silence;
pub mod smtp;
pub mod trust;
pub mod ward;
