//! The doors of the program: who is asking, and what they are told.

mod claims;
mod key_set;
mod keys;
pub mod signing;
pub mod token;
