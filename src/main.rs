//! The one program a trust runs.

fn main() {}
