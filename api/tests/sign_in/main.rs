//! Who gets in with an access token, and who does not.

#![allow(clippy::unwrap_used)]

mod bad_tokens;
#[path = "../../../tests/oidc/browser.rs"]
#[allow(dead_code)]
mod browser;
mod clients;
mod door;
mod garbled;
mod keys;
mod logout_tokens;
#[path = "../../../tests/oidc/program.rs"]
#[allow(dead_code)]
mod program;
mod real_service;
mod refused;
#[path = "../../../tests/oidc/service.rs"]
#[allow(dead_code)]
mod service;
mod signer;
mod tokens;
