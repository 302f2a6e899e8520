//! Who gets in with an access token, and who does not.

#![allow(clippy::unwrap_used)]

mod bad_tokens;
mod keys;
mod signer;
mod tokens;
