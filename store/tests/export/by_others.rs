//! Whoever has only the files and the page that describes them can check and open them.

use std::fs;
use std::path::Path;
use std::process::Command;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::Value;
use uuid::Uuid;

use crate::ground::Ground;

/// The program that docs/export.md prints.
fn printed_program() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/export.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, after) = page.split_once("```python\n").unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_can_recompute_the_chains_with_the_lines_of_python_that_are_printed() {
    let ground = Ground::new().await;
    let python = |folder: &Path| {
        let ran = Command::new("python3")
            .arg("-c")
            .arg(printed_program())
            .arg(folder)
            .output();
        let ran = ran.unwrap();
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8(ran.stdout).unwrap()
    };
    let export = ground.at("export");
    let said = python(&export);
    assert_eq!(said.matches("holds").count(), 3, "{said}");
    // And it notices.
    let path = export.join("main.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"policy\":1", "\"policy\":2", 1)).unwrap();
    let said = python(&export);
    assert_eq!(said.matches("DOES NOT HOLD").count(), 1, "{said}");
    assert_eq!(said.matches("holds").count(), 2, "{said}");
}

/// Each part after its length, as the page says.
fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let with_length = |part: &&[u8]| [&(part.len() as u32).to_be_bytes(), *part].concat();
    parts.iter().flat_map(with_length).collect()
}

fn decrypt(key: &[u8], nonce: &[u8], msg: &[u8], aad: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new_from_slice(key).unwrap();
    cipher
        .decrypt(XNonce::from_slice(nonce), Payload { msg, aad })
        .unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text
        .chars()
        .map(|c| format!("{:06b}", digits.find(c).unwrap()))
        .collect();
    let bytes = bits.as_bytes().chunks_exact(8);
    bytes
        .map(|byte| u8::from_str_radix(str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_opens_with_the_keys_in_the_steps_that_the_page_gives() {
    let ground = Ground::new().await;
    let read = |name: &str| fs::read(ground.at(name)).unwrap();
    let manifest: Value = serde_json::from_slice(&read("its-keys/keys.json")).unwrap();
    let id = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
    let (store, organisation) = (id(&manifest["store"]), id(&manifest["organisation"]));
    let text = String::from_utf8(read("export/main.jsonl")).unwrap();
    let record: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    let aim = &record["data"]["aim"];
    let key_id = id(&aim["key"]);
    let (keys, wrapping) = (read("its-keys/keys"), read("its-keys/wrapping.key"));
    let slot = keys[16..]
        .chunks_exact(88)
        .find(|slot| slot[..16] == *key_id.as_bytes())
        .unwrap();
    let aad = parts(&[b"pipss key 1", store.as_bytes(), key_id.as_bytes()]);
    let key = decrypt(&wrapping, &slot[16..40], &slot[40..], &aad);
    let n = record["n"].as_u64().unwrap() as u32;
    let fact = Uuid::new_v5(&id(&record["command"]), &n.to_be_bytes());
    let shape = (record["v"].as_u64().unwrap() as u16).to_be_bytes();
    let stream = record["stream"].as_str().unwrap().as_bytes();
    let kind = record["kind"].as_str().unwrap().as_bytes();
    let fact = parts(&[
        organisation.as_bytes(),
        stream,
        fact.as_bytes(),
        kind,
        &shape,
    ]);
    let place = parts(&[b"aim", &0u32.to_be_bytes(), key_id.as_bytes()]);
    let sealed = base64(aim["sealed"].as_str().unwrap());
    let opened = decrypt(&key, &sealed[..24], &sealed[24..], &[fact, place].concat());
    assert_eq!(serde_json::from_slice::<Value>(&opened).unwrap(), "quor");
}
