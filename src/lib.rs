//! The process: what surrounds the running system and reaches the world outside.

pub mod backup;
mod brought_back;
pub mod config;
pub mod console;
pub mod demo;
pub mod doorstep;
mod erase;
pub mod export;
pub mod faces;
mod followed;
pub mod hardened;
pub mod invitation;
pub mod listen;
pub mod mail;
mod opening;
pub mod operate;
pub mod post;
pub mod prove;
pub mod proxies;
pub mod serve;
pub mod verify;
