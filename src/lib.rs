//! The process: what surrounds the running system and reaches the world outside.

pub mod mail;
