//! What keeps the program from starting: one clear line, an end that is not zero, and nothing changed.

#![allow(clippy::unwrap_used)]

#[path = "../store/tests/preload/mod.rs"]
mod preload;
#[path = "../store/tests/preload/small_disk.rs"]
mod small_disk;
mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use small_disk::SmallDisk;
use support::demo::{Demo, pipss};
use support::program::{Trust, refused, serve};

/// The user that nobody is.
const NOBODY: &str = "65534";

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A trust whose folder was served once.
fn served_once() -> Trust {
    let trust = Trust::new();
    assert!(trust.serve().interrupt().success());
    trust
}

/// Everything below a folder: what it is called, whose it is, and what it holds.
fn files(folder: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let owner = fs::metadata(&path).unwrap().uid();
        found.push((path.clone(), owner, fs::read(&path).unwrap_or_default()));
        found.extend(files(&path));
    }
    found.sort();
    found
}

/// Serving must be refused and must leave everything as it was; answers the line.
#[track_caller]
fn refused_unchanged(trust: &Trust, more: &str) -> String {
    let config = trust.config(more);
    let before = files(trust.folder.path());
    let said = refused(&mut serve(&config));
    assert_eq!(files(trust.folder.path()), before, "{said}");
    assert!(said.starts_with("pipss: "), "{said}");
    said
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let trust = Trust::new();
    fs::write(trust.data(), "a letter").unwrap();
    let said = refused_unchanged(&trust, "");
    let data = trust.data();
    let sentence = format!("{} is a file, not a data folder", data.display());
    assert_eq!(said, format!("pipss: {sentence}\n"));
}

#[test]
fn what_a_newer_version_wrote_is_refused_whichever_file_says_so() {
    for piece in ["store", "keys", "journal/00000001", "journal/00000002"] {
        let trust = served_once();
        let path = trust.data().join(piece);
        fs::write(&path, newer(piece, fs::read(&path).unwrap())).unwrap();
        let said = refused_unchanged(&trust, "");
        let sentence = "this data folder was written by a newer version of the program";
        assert_eq!(said, format!("pipss: {sentence}\n"), "{piece}");
    }
}

#[test]
fn what_a_development_version_wrote_is_refused_and_not_called_damaged() {
    let trust = served_once();
    let path = trust.data().join("store");
    let text = fs::read_to_string(&path).unwrap();
    let mut id: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    id.as_object_mut().unwrap().remove("incarnation").unwrap();
    let json = id.to_string();
    fs::write(&path, format!("{json}\n{:08x}\n", crc(json.as_bytes()))).unwrap();
    let said = refused_unchanged(&trust, "");
    let sentence = "this data folder was written by a development version of the program";
    assert!(said.starts_with(&format!("pipss: {sentence}")), "{said}");
    assert!(
        said.lines().count() == 1 && !said.contains("the log is damaged"),
        "{said}"
    );
}

/// A file with its format raised by one, its checksum right.
fn newer(piece: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    if piece == "store" {
        let text = String::from_utf8(bytes).unwrap();
        let json = text.lines().next().unwrap();
        let json = json.replace("\"format\":1", "\"format\":2");
        return format!("{json}\n{:08x}\n", crc(json.as_bytes())).into_bytes();
    }
    bytes[8..12].copy_from_slice(&2u32.to_be_bytes());
    let end = if piece == "keys" { 12 } else { 36 };
    let sum = crc(&bytes[..end]).to_be_bytes();
    bytes[end..end + 4].copy_from_slice(&sum);
    bytes
}

/// CRC-32 (IEEE 802.3), as the files carry it.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

#[test]
fn a_disk_without_space_is_refused_before_anything_is_made() {
    let trust = Trust::new();
    // More than any disk has.
    let said = refused_unchanged(&trust, "disk_floor_mib = 1_000_000_000_000");
    assert_eq!(said, "pipss: the disk is nearly full; nothing was saved\n");
    assert!(!trust.data().exists());

    let disk = SmallDisk::new(128);
    let mut config = fs::read_to_string(trust.config("")).unwrap();
    let data = disk.path().join("data");
    config = config.replace(trust.data().to_str().unwrap(), data.to_str().unwrap());
    let path = trust.folder.path().join("small.toml");
    fs::write(&path, config).unwrap();
    disk.fill();
    let mut start = serve(&path);
    disk.holds(&mut start);
    assert_eq!(
        refused(&mut start),
        "pipss: the disk is nearly full; nothing was saved\n"
    );
    assert!(!data.exists());
    disk.free();
    let mut start = serve(&path);
    disk.holds(&mut start);
    assert!(Demo::run(&mut start).interrupt().success());
}

#[test]
fn a_folder_that_can_only_be_read_is_refused() {
    let disk = SmallDisk::new(128);
    let trust = served_once();
    let data = disk.path().join("data");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(trust.data())
        .arg(&data)
        .status();
    assert!(copied.unwrap().success());
    let config = fs::read_to_string(trust.config("")).unwrap();
    let config = config.replace(trust.data().to_str().unwrap(), data.to_str().unwrap());
    let path = trust.folder.path().join("read.toml");
    fs::write(&path, config).unwrap();
    let by_mount = disk.only_read();
    if !by_mount {
        mode(&data, "a-w");
    }
    println!(
        "only to be read by {}",
        if by_mount {
            "its mount"
        } else {
            "its permissions"
        }
    );
    if by_mount || !is_root() {
        let before = files(&data);
        let said = refused(&mut serve(&path));
        let sentence = format!(
            "pipss: the data folder cannot be written to: opening {} failed: ",
            data.join("lock").display()
        );
        assert!(said.starts_with(&sentence), "{said}");
        assert_eq!(files(&data), before);
        return mode(&data, "u+w");
    }
    panic!("root may write anywhere, and nothing can be mounted: this cannot be shown here");
}

fn mode(folder: &Path, mode: &str) {
    let _ = Command::new("chmod")
        .arg("-R")
        .arg(mode)
        .arg(folder)
        .output();
}

fn give_to(user: &str, folder: &Path) {
    let given = Command::new("chown")
        .arg("-R")
        .arg(user)
        .arg(folder)
        .status();
    assert!(given.unwrap().success());
}

#[test]
fn the_folder_of_somebody_else_is_refused_and_both_are_named() {
    let trust = served_once();
    if !is_root() {
        // As its own root, in a namespace, this user meets the folders of the real one.
        println!("as root of a user namespace, before a folder of the real root");
        let config = fs::read_to_string(trust.config("")).unwrap();
        let config = config.replace(trust.data().to_str().unwrap(), "/usr");
        let path = trust.folder.path().join("theirs.toml");
        fs::write(&path, config).unwrap();
        let mut start = Command::new("unshare");
        start
            .arg("-r")
            .arg(env!("CARGO_BIN_EXE_pipss"))
            .args(["serve", "--config"])
            .arg(path);
        let said = refused(&mut start);
        assert!(said.contains("the data folder /usr belongs to"), "{said}");
        return assert!(
            said.contains("this program was started by root (user 0)"),
            "{said}"
        );
    }
    println!("as root, before a folder of nobody");
    let data = trust.data();
    give_to(NOBODY, &data);
    let said = refused_unchanged(&trust, "");
    let folder = format!("pipss: the data folder {} belongs to ", data.display());
    assert!(said.starts_with(&folder), "{said}");
    assert!(
        said.contains("(user 65534), and this program was started by root (user 0): start it as")
    );
    // An empty one, made for the service, as well.
    fs::remove_dir_all(&data).unwrap();
    fs::create_dir(&data).unwrap();
    give_to(NOBODY, &data);
    assert!(refused_unchanged(&trust, "").starts_with(&folder));
    give_to("0", &data);
    assert!(trust.serve().interrupt().success());
}

#[test]
fn root_speaks_to_the_program_that_another_user_runs() {
    if !is_root() {
        return println!("only root can try this");
    }
    let trust = Trust::new();
    let config = trust.config("");
    // Where that user may read and start it.
    let program = trust.folder.path().join("pipss");
    fs::copy(env!("CARGO_BIN_EXE_pipss"), &program).unwrap();
    give_to(NOBODY, trust.folder.path());
    let mut start = Command::new("setpriv");
    start.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    start.arg(&program).args(["serve", "--config"]).arg(&config);
    let serving = Demo::run(start.env("TMPDIR", trust.folder.path()));
    let granted = pipss()
        .args(["grant", "auditor", "toni.godwit@trust.example", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    assert!(granted.status.success(), "{granted:?}");
    assert!(serving.interrupt().success());
    let theirs = files(&trust.data())
        .into_iter()
        .all(|(_, owner, _)| owner.to_string() == NOBODY);
    assert!(theirs, "something there is root's");
    // With none running, root would have to open the folder, and leaves it alone.
    let said = refused(
        pipss()
            .args(["grant", "lead", "alex.kestrel@trust.example", "--config"])
            .arg(&config),
    );
    assert!(
        said.contains("this program was started by root (user 0)"),
        "{said}"
    );
}
