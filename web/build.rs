//! Pages are drawn with the official NHS templates, which are fetched, never committed.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed=templates");
    let fetched = Path::new("assets/templates/nhsuk/template.jinja");
    assert!(
        fetched.exists(),
        "the NHS templates are not here: run make assets (needs npm and pip)"
    );
}
