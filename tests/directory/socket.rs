//! The socket in the data folder: for the same user only, and harmed by nothing that is sent to it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use crate::support::trust::Trust;
use crate::{ROBIN, UNITS};

/// Sends bytes and reads one line back; null if there is none.
fn say(trust: &Trust, bytes: &[u8]) -> Value {
    let mut stream = UnixStream::connect(trust.data().join("console")).unwrap();
    // It may hang up before all is sent.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut line = String::new();
    let _ = BufReader::new(stream).read_line(&mut line);
    serde_json::from_str(&line).unwrap_or(Value::Null)
}

#[test]
fn only_the_same_user_can_speak_to_it() {
    let trust = Trust::new();
    let serving = trust.serve();
    let socket = std::fs::metadata(trust.data().join("console")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.mode() & 0o777, 0o600);
    let folder = std::fs::metadata(trust.data()).unwrap();
    assert_eq!(folder.mode() & 0o777, 0o700);
    serving.end();
    assert!(!trust.data().join("console").exists());
}

#[tokio::test]
async fn garbage_does_no_harm() {
    let trust = Trust::new();
    let serving = trust.serve();
    let older = json!({ "version": 0, "organisation": null,
        "ask": { "grant": { "role": "lead", "email": ROBIN, "sign_in": null } } });
    let other_role = older.to_string().replace("\"lead\"", "\"governance\"");
    let other_role = other_role.replace("\"version\":0", "\"version\":1");
    for bytes in [
        b"\n".to_vec(),
        b"hello\n".to_vec(),
        b"{\"version\":1}\n".to_vec(),
        b"{\"version\":1".to_vec(),
        vec![0xff; 4096],
        vec![b'['; 1 << 20],
        vec![b'x'; (16 << 20) + 2],
        format!("{older}\n").into(),
        format!("{other_role}\n").into(),
    ] {
        let said = say(&trust, &bytes);
        assert!(said.is_null() || said["refused"].is_array(), "{said}");
        assert!(!said.to_string().contains("robin"), "{said}");
    }
    let robin = trust.token("robin-1", ROBIN);
    let (status, me) = serving.get("/api/v1/me", &robin).await;
    assert_eq!((status, &me["roles"]), (200, &json!(["staff"])));
    trust.does(&["directory", "apply", UNITS, "--yes"]);
}

#[test]
fn a_socket_that_a_killed_program_left_is_replaced_and_stepped_over() {
    let trust = Trust::new();
    drop(trust.serve());
    assert!(trust.data().join("console").exists());
    trust.does(&["directory", "apply", UNITS, "--yes"]);
    let _serving = trust.serve();
    assert!(
        trust
            .does(&["directory", "apply", UNITS, "--yes"])
            .contains("Nothing")
    );
}

#[test]
fn a_mistyped_data_folder_is_not_made() {
    let trust = Trust::new();
    let folder = trust.folder.path().join("nowhere");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_pipss"))
        .args(["directory", "apply", UNITS, "--yes", "--data"])
        .arg(&folder)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(!folder.exists());
}
