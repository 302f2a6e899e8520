//! Sled alone, without our journal: the known faults that cuts must find.

use std::fs::File;
use std::path::Path;

use super::child::Say;

const VALUES: u32 = 600;
const VALUE_BYTES: usize = 400;
/// What several writers write at once, and how often what they wrote is flushed or made durable.
const WRITERS: u32 = 32;
const VALUES_EACH: u32 = 500;
const BETWEEN: u32 = 50;
const CHECKPOINTS: u32 = 40;

fn open(folder: &Path) -> ::sled::Db {
    let config = ::sled::Config::new().path(folder).flush_every_ms(None);
    config.open().unwrap()
}

fn value(n: u32) -> Vec<u8> {
    let mut bytes = n.to_be_bytes().repeat(VALUE_BYTES / 4);
    bytes[0] = 7;
    bytes
}

/// Each value flushed, as sled's documentation says, then acknowledged.
pub fn flushed(folder: &Path, say: &Say) {
    let db = open(folder);
    for n in 0..VALUES {
        db.insert(n.to_be_bytes(), value(n)).unwrap();
        db.flush().unwrap();
        say.line(&format!("kept {n}"));
    }
}

/// Made durable only now and then, while several write; nothing is acknowledged, it is only to open.
pub fn now_and_then(folder: &Path, say: &Say) {
    let db = open(folder);
    let file = File::open(folder.join("db")).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let db = &db;
            scope.spawn(move || {
                for n in 0..VALUES_EACH {
                    let key = [writer.to_be_bytes(), n.to_be_bytes()].concat();
                    db.insert(key, value(n).repeat(2)).unwrap();
                    if n % BETWEEN == 0 {
                        db.flush().unwrap();
                    }
                }
            });
        }
        for _ in 0..CHECKPOINTS {
            db.flush().unwrap();
            file.sync_data().unwrap();
            say.line("synced");
        }
    });
}

/// Prints each value that was acknowledged and is not there, and `checked` if it opened at all.
pub fn check(folder: &Path, lines: &[String]) {
    let db = open(folder);
    for line in lines {
        let Some(n) = line.strip_prefix("kept ") else {
            continue;
        };
        let n: u32 = n.parse().unwrap();
        if db.get(n.to_be_bytes()).unwrap().as_deref() != Some(&value(n)) {
            println!("lost: {n}");
        }
    }
    println!("checked");
}
