//! A file that is empty, or another one of its kind, or has another name: found, or harmless.

use std::fs;
use std::path::Path;

use crate::common::*;
use crate::ground::{Came, Ground, Kind, files};

/// Every file of a folder by its name within it.
fn names(folder: &Path) -> Vec<String> {
    let name = |path: &std::path::PathBuf| {
        path.strip_prefix(folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    files(folder).iter().map(name).collect()
}

/// May a file be replaced or emptied without anybody being told?
fn may_be_lost(kind: Kind) -> bool {
    kind.is_sled()
        || matches!(
            kind,
            Kind::Spare | Kind::Lock | Kind::Erasures | Kind::Other
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_anything_in_it_is_found_or_made_again() {
    let ground = Ground::new().await;
    for name in names(ground.path()) {
        let folder = ground.copied();
        let path = folder.path().join(&name);
        let kind = Kind::of(folder.path(), &path);
        fs::write(&path, b"").unwrap();
        let came = ground
            .came_of(folder.path())
            .unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        assert_eq!(came != Came::Found, may_be_lost(kind), "{name}: {came:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_store_is_found_or_made_again() {
    let (ground, other) = (Ground::new().await, Ground::new().await);
    for name in names(ground.path()) {
        let from = other.path().join(&name);
        if !from.exists() {
            continue;
        }
        let folder = ground.copied();
        let path = folder.path().join(&name);
        let kind = Kind::of(folder.path(), &path);
        fs::copy(from, &path).unwrap();
        let came = ground
            .came_of(folder.path())
            .unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        // A list of erasures of another store would erase nothing here: it is refused.
        let lost = may_be_lost(kind) && kind != Kind::Erasures;
        assert_eq!(came != Came::Found, lost, "{name}: {came:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_under_other_names_are_found() {
    let ground = Ground::new().await;
    let segment = |n: u64| format!("journal/{n:08}");
    let last = (1..)
        .take_while(|n| ground.path().join(segment(*n)).exists())
        .count() as u64;
    assert!(last > 3, "{last} segments are too few");
    for n in 1..last {
        for to in [
            segment(n) + ".bak",
            format!("journal/{n}"),
            segment(last + 1),
            segment(n + 1),
        ] {
            let folder = ground.copied();
            let (from, to) = (folder.path().join(segment(n)), folder.path().join(to));
            let away = folder.path().join("journal/away");
            if to.exists() {
                fs::rename(&to, &away).unwrap();
            }
            fs::rename(&from, &to).unwrap();
            if away.exists() {
                fs::rename(&away, &from).unwrap();
            }
            assert_eq!(
                ground.came_of(folder.path()),
                Ok(Came::Found),
                "{n} to {}",
                to.display()
            );
        }
    }
    // The last with commits and the spare after it both away: only sled knows.
    let folder = ground.copied();
    for n in [last - 1, last] {
        fs::remove_file(folder.path().join(segment(n))).unwrap();
    }
    assert_eq!(ground.came_of(folder.path()), Ok(Came::Found));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_the_list_lost_is_written_down_again() {
    let ground = Ground::new().await;
    for damage in ["gone", "newline"] {
        let folder = ground.copied();
        let list = folder.path().join("erasures");
        let before = fs::read_to_string(&list).unwrap();
        match damage {
            "gone" => fs::remove_file(&list).unwrap(),
            _ => flip(&list, before.len() - 1),
        }
        drop(open(folder.path()));
        let after = fs::read_to_string(&list).unwrap();
        let keys = |text: &str| text.split_once("\"keys\":").unwrap().1.trim().to_owned();
        assert_eq!(keys(&after), keys(&before), "{damage}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_facts_and_missing_ones_would_be_noticed() {
    let (ground, other) = (Ground::new().await, Ground::new().await);
    let wrong = ground.came_of(other.copied().path()).unwrap_err();
    assert!(wrong.starts_with("other facts"), "{wrong}");
    // A last commit that is gone from the journal and from sled: the mark beside the journal tells it. Without
    // that one too, nothing here does.
    let folder = ground.copied();
    let segments = files(&folder.path().join("journal"));
    let used = |path: &std::path::PathBuf| Kind::of(folder.path(), path) == Kind::Segment;
    let last = segments.into_iter().rfind(used).unwrap();
    let bytes = fs::read(&last).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    flip(&last, end - 20);
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    assert_eq!(ground.came_of(folder.path()), Ok(Came::Found));
    fs::remove_file(folder.path().join("mark")).unwrap();
    assert_eq!(ground.came_of(folder.path()), Ok(Came::Shorter));
}
