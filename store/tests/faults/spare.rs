//! The segment that is ready for when the others are full is missing, and the disk has no room for another:
//! the store opens for reading, says so, and makes it as soon as there is room.

use std::path::{Path, PathBuf};

use pipss_store::{EventStore, Options, SledStore, StoreError};

use crate::common::*;
use crate::full::{BALLAST, FOLDER, said_on};
use crate::small_disk::{SmallDisk, fill};

/// A segment takes more than sled needs to open, so that there is room for one and not for the other.
const SEGMENT: u64 = 4 << 20;

fn store_on(folder: &Path) -> Result<SledStore, StoreError> {
    let options = Options {
        segment_bytes: SEGMENT,
        floor_bytes: SEGMENT,
        ..options(folder)
    };
    SledStore::open(options, Box::new(|_| ()))
}

/// Not a test of its own: lives on the small disk.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_without_a_spare_segment() {
    let (Ok(folder), Ok(ballast)) = (std::env::var(FOLDER), std::env::var(BALLAST)) else {
        return;
    };
    let (folder, ballast) = (PathBuf::from(folder), PathBuf::from(ballast));
    tracing_subscriber::fmt()
        .with_writer(std::io::stdout)
        .init();
    let store = store_on(&folder).unwrap();
    for n in 0..20 {
        put(&store, simple(n)).await;
    }
    let facts = everything(&store, main_log());
    drop(store);
    let spare = folder.join("journal/00000002");
    std::fs::remove_file(&spare).unwrap();
    fill(&ballast);
    if ballast.starts_with(folder.parent().unwrap()) {
        let file = std::fs::File::options().write(true).open(&ballast).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - SEGMENT / 2).unwrap();
        // Held open, it would keep its space.
        drop(file);
        let store = store_on(&folder).unwrap();
        assert!(!spare.exists());
        assert_eq!(everything(&store, main_log()), facts);
        assert_eq!(
            store.append(simple(50)).await.unwrap_err(),
            StoreError::Full
        );
        std::fs::remove_file(&ballast).unwrap();
        put(&store, simple(50)).await;
        drop(store);
        assert!(spare.exists());
    } else {
        // Calls that fail know no half-full disk: there the start says why there is none.
        assert_eq!(store_on(&folder).err(), Some(StoreError::Full));
        std::fs::remove_file(&ballast).unwrap();
        put(&store_on(&folder).unwrap(), simple(50)).await;
    }
    assert_eq!(
        everything(&store_on(&folder).unwrap(), main_log()).len(),
        21
    );
}

#[test]
fn without_a_spare_segment_and_room_for_one_reading_goes_on_and_writing_comes_back() {
    let disk = SmallDisk::new(24);
    let said = said_on(&disk, "spare::the_process_without_a_spare_segment");
    if disk.ballast().starts_with(disk.path()) {
        let sentence = "the next journal segment cannot be made yet";
        assert!(said.contains(sentence), "{said}");
    }
}
