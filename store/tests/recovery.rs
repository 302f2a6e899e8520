//! What happens when files are damaged, missing or half written: all is there, or it says what is not.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::*;
use pipss_store::{EventStore, Options, Purpose, SledStore, StoreError};

const MAGIC: [u8; 4] = [0xF7, b'P', b'J', 0x01];

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder.join("journal"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    all.sort();
    all
}

/// The last segment with frames, and where the frames in it begin.
fn last_frames(folder: &Path) -> (PathBuf, Vec<usize>) {
    let frames = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let at: Vec<_> = (64..bytes.len())
            .step_by(8)
            .filter(|at| bytes[*at..].starts_with(&MAGIC))
            .collect();
        (path, at)
    };
    segments(folder)
        .into_iter()
        .map(frames)
        .rfind(|(_, at)| !at.is_empty())
        .unwrap()
}

fn corrupt(folder: &Path) -> String {
    match try_open(folder) {
        Err(StoreError::Corrupt(what)) => what,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it opened"),
    }
}

#[test]
fn a_folder_that_is_in_use_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path());
    let refused = try_open(folder.path()).err().unwrap();
    assert_eq!(refused, StoreError::Locked);
    assert_eq!(
        refused.to_string(),
        "another process is using this data folder"
    );
}

#[test]
fn a_folder_made_for_another_purpose_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let demo = Options::new(folder.path(), Purpose::Demo);
    let refused = SledStore::open(demo, Box::new(|_| ())).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "this data folder is real and cannot be used for a demonstration"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_we_may_read_the_folder_and_the_keys() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    filled(&folder).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["store", "lock", "keys", "wrapping.key"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert!(segments(&folder).iter().all(|path| mode(path) == 0o600));
}

#[test]
fn a_folder_whose_making_was_interrupted_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let path = folder.path().join("store");
    let text = fs::read_to_string(&path).unwrap();
    let json = text
        .lines()
        .next()
        .unwrap()
        .replace("\"ready\":true", "\"ready\":false");
    fs::write(
        &path,
        format!("{json}\n{:08x}\n", crc32fast::hash(json.as_bytes())),
    )
    .unwrap();
    fs::remove_file(folder.path().join("keys")).unwrap();
    assert_eq!(open(folder.path()).head(main_log()).position, 0);
}

#[test]
fn what_a_newer_version_wrote_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let path = folder.path().join("store");
    let text = fs::read_to_string(&path).unwrap();
    let json = text
        .lines()
        .next()
        .unwrap()
        .replace("\"format\":1", "\"format\":2");
    fs::write(
        &path,
        format!("{json}\n{:08x}\n", crc32fast::hash(json.as_bytes())),
    )
    .unwrap();
    assert!(matches!(
        try_open(folder.path()),
        Err(StoreError::Refused(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_and_is_missing_is_never_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    for piece in [
        "journal",
        "keys",
        "wrapping.key",
        "store",
        "journal/00000001",
        "journal/00000002",
    ] {
        let (there, away) = (folder.path().join(piece), folder.path().join("away"));
        fs::rename(&there, &away).unwrap();
        corrupt(folder.path());
        assert!(!there.exists(), "{piece} was made anew");
        fs::rename(&away, &there).unwrap();
    }
    open(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn below_the_floor_of_the_disk_nothing_is_saved_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let facts = filled(folder.path()).await;
    let options = Options {
        floor_bytes: u64::MAX,
        ..options(folder.path())
    };
    let store = SledStore::open(options, Box::new(|_| ())).unwrap();
    assert_eq!(
        store.append(simple(900)).await.unwrap_err(),
        StoreError::Full
    );
    assert!(matches!(
        store.append(simple(1)).await,
        Ok(pipss_store::Appended::Repeated(_))
    ));
    assert_eq!(everything(&store, main_log()), facts);
    drop(store);
    whole(folder.path(), &facts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_torn_is_cleared_and_everything_before_it_is_there() {
    for damage in ["flipped", "cut", "garbage"] {
        let folder = tempfile::tempdir().unwrap();
        let facts = filled(folder.path()).await;
        let (path, frames) = last_frames(folder.path());
        let last = *frames.last().unwrap();
        let kept = match damage {
            "flipped" => {
                flip(&path, last + 100);
                &facts[..facts.len() - 1]
            }
            "cut" => {
                fs::File::options()
                    .write(true)
                    .open(&path)
                    .unwrap()
                    .set_len(last as u64 + 60)
                    .unwrap();
                &facts[..facts.len() - 1]
            }
            _ => {
                // The middle of a frame whose beginning never reached the disk.
                let bytes = fs::read(&path).unwrap();
                let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
                flip(&path, end + 600);
                &facts[..]
            }
        };
        if damage != "garbage" {
            // Neither sled nor the mark had got that far.
            fs::remove_dir_all(folder.path().join("sled")).unwrap();
            fs::remove_file(folder.path().join("mark")).unwrap();
        }
        whole(folder.path(), kept).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_last_commit_that_sled_still_holds_is_damage_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let (path, frames) = last_frames(folder.path());
    let last = *frames.last().unwrap();
    flip(&path, last + 100);
    let segment: u64 = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let what = corrupt(folder.path());
    assert!(
        what.starts_with(&format!("journal segment {segment} from byte {last}")),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_damaged_in_the_middle_is_named_and_never_skipped() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let (path, frames) = last_frames(folder.path());
    let before = fs::read(&path).unwrap();
    let [first, second] = [frames[0], frames[1]];
    flip(&path, first + 200);
    assert!(corrupt(folder.path()).ends_with(&format!("from byte {first}")));
    // Left out, as if it had never been.
    let mut without = before.clone();
    without.drain(first..second);
    fs::write(&path, &without).unwrap();
    assert!(corrupt(folder.path()).ends_with(&format!("from byte {first}")));
    // Never written to the disk at all, though later ones were.
    let mut zeroed = before.clone();
    zeroed[first..second].fill(0);
    fs::write(&path, &zeroed).unwrap();
    assert!(corrupt(folder.path()).ends_with(&format!("from byte {first}")));
    fs::write(&path, &before).unwrap();
    open(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_rewritten_with_a_fitting_checksum_breaks_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let path = segments(folder.path())[0].clone();
    let mut bytes = fs::read(&path).unwrap();
    let length = u32::from_be_bytes(bytes[68..72].try_into().unwrap()) as usize;
    let frame = &mut bytes[64..64 + 32 + length];
    let name = frame.windows(6).position(|six| six == b"Unit 0").unwrap();
    frame[name + 5] = b'7';
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&frame[..28]);
    hasher.update(&frame[32..]);
    let crc = hasher.finalize().to_be_bytes();
    frame[28..32].copy_from_slice(&crc);
    fs::write(&path, bytes).unwrap();
    let what = corrupt(folder.path());
    assert!(what.starts_with("position 1 of log main"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_without_facts_are_let_go_and_keys_with_facts_are_missed() {
    let folder = tempfile::tempdir().unwrap();
    let facts = filled(folder.path()).await;
    let path = folder.path().join("keys");
    let before = fs::read(&path).unwrap();
    let end = before.iter().rposition(|byte| *byte != 0).unwrap() / 88 * 88;
    // A key that was half written when the power went.
    let mut torn = before.clone();
    torn[end + 88 + 20..end + 88 + 60].fill(9);
    fs::write(&path, &torn).unwrap();
    whole(folder.path(), &facts).await;
    for at in [40, 16 + 88 * 3 + 30, end - 100] {
        let mut damaged = before.clone();
        damaged[at] ^= 1;
        fs::write(&path, &damaged).unwrap();
        corrupt(folder.path());
    }
    fs::write(&path, &before[..16 + 88 * 20]).unwrap();
    assert!(corrupt(folder.path()).contains("key 20 of the key file"));
}
