//! The process: what surrounds the running system and reaches the world outside.

pub mod backup;
pub mod config;
pub mod console;
pub mod demo;
mod erase;
pub mod faces;
pub mod invitation;
pub mod mail;
pub mod operate;
pub mod post;
pub mod prove;
pub mod serve;
