//! The pathway itself: what may happen and in what order, who may do it, who may see it.
//!
//! Pure: no clock, no random numbers, no files, no network. Time and ids arrive as arguments.

pub mod directory_facts;
pub mod facts;
pub mod fields;
pub mod history;
pub mod ids;
pub mod incident;
pub mod letter;
pub mod offer;
pub mod personal;
pub mod refusal;
pub mod stream;
pub mod text;
pub mod theme;
