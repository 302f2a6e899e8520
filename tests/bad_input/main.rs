//! Bad input gets a clear refusal that never repeats it, and nothing of it is saved.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod apart;
mod ask;
mod bodies;
mod fields;
mod form;
mod ground;
mod headers;
mod ids;
mod injection;
mod lists;
mod order;
mod private;
mod repeats;
mod state;
mod times;
mod tokens;
