//! People sign in at a real sign-in service, stay signed in while it rests, and sign out of it.

#![allow(clippy::unwrap_used)]

mod at_start;
mod browser;
mod house;
mod in_a_browser;
mod program;
mod service;
mod service_rests;
mod sign_in;
mod sign_out;
mod step_up;
