//! The same in a real browser, where forms, redirects and cookies have rules of their own.

use std::path::Path;
use std::process::Command;

use crate::step_up::house;

#[tokio::test]
async fn someone_signs_in_proves_again_who_they_are_and_signs_out_in_a_real_browser() {
    let house = house().await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut command = Command::new("node");
    command
        .arg(tests.join("run.mjs"))
        .args([&house.base, "sign_in.mjs"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages"))
        .env("PIPSS_SERVICE", &house.service.issuer);
    let walked = tokio::task::spawn_blocking(move || command.output());
    let output = walked.await.unwrap();
    let output = output.expect("node runs; tests/peers/setup installs what these tests need");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    println!("{said}");
}
