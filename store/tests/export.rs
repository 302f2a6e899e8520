//! The way out and back in: an organisation's logs as lines that anybody can check, with equal chains after.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use common::*;
use pipss_domain::history::Fact;
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::{Log, LogId};
use pipss_store::{
    Appended, EventStore, Export, Exported, Import, Imported, Options, SledStore, StoreError,
    import,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// A store with one organisation in all three logs, and an export of it.
struct Ground {
    dir: TempDir,
    heads: Vec<pipss_store::Head>,
    facts: Vec<Fact>,
    erased: KeyId,
    exported: Exported,
}

fn log_of(organisation: OrganisationId, log: Log) -> LogId {
    LogId { organisation, log }
}

fn neighbour() -> OrganisationId {
    id(2)
}

/// Facts in each log of an organisation; the texts are sealed, each under a key of its own.
async fn fill(store: &SledStore, organisation: OrganisationId, from: u64) {
    for n in from..from + 40 {
        let planned = vec![
            write(
                case(n),
                0,
                vec![offer_planned(&format!("aim {n}")), offer_planned("quor")],
            ),
            write(unit(n), 0, vec![unit_opened("Unit")]),
        ];
        put(
            store,
            append_of(log_of(organisation, Log::Main), n, planned),
        )
        .await;
        for log in [Log::Access, Log::Feedback] {
            let named = vec![write(
                unit(n),
                0,
                vec![unit_opened("Unit ü \u{2028} \" \\ ")],
            )];
            put(store, append_of(log_of(organisation, log), n, named)).await;
        }
    }
    let writes = vec![write(person(from), 0, vec![person_recorded("Sam", "sam")])];
    put(
        store,
        append_of(log_of(organisation, Log::Main), from + 900, writes),
    )
    .await;
}

impl Ground {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir.path().join("data"));
        store.command_id(organisation(), &[b"x"]).unwrap();
        fill(&store, neighbour(), 5000).await;
        fill(&store, organisation(), 0).await;
        let mut facts = everything(&store, main_log());
        let mut erased = None;
        facts[0]
            .event
            .personals(&mut |_, value| erased = value.sealed_mut().map(|s| s.key));
        let erased = erased.unwrap();
        store.erase(Uuid::from_u128(1), at(1), &[erased]).unwrap();
        let asked = Export {
            organisation: organisation(),
            to: dir.path().join("export"),
            keys: Some(dir.path().join("its-keys")),
        };
        let exported = store.export(&asked, at(2)).unwrap();
        let heads = Log::ALL.map(|log| store.head(log_of(organisation(), log)));
        let heads = heads.to_vec();
        Self {
            dir,
            heads,
            facts,
            erased,
            exported,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn asked(&self, into: &str) -> Import {
        Import {
            from: self.at("export"),
            keys: self.at("its-keys"),
            erasures: None,
            into: options(&self.at(into)),
        }
    }

    fn import(&self, into: &str) -> Result<Imported, StoreError> {
        import(&self.asked(into), at(3))
    }

    /// Tries to take it in; nothing may be made of it. What it said.
    #[track_caller]
    fn refused(&self) -> String {
        match self.import("never") {
            Err(StoreError::Refused(why)) => {
                assert!(!self.at("never").exists(), "{why}");
                assert_eq!(why.lines().count(), 1, "{why}");
                why
            }
            Err(other) => panic!("{other}"),
            Ok(imported) => panic!("{} facts were taken in", imported.facts),
        }
    }

    /// Changes a file of the export, looks at what is said of it, and puts it back.
    #[track_caller]
    fn refused_with(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
        let path = self.at("export").join(name);
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        change(&mut bytes);
        assert!(bytes != whole, "{name} was not changed");
        fs::write(&path, bytes).unwrap();
        let said = self.refused();
        fs::write(&path, whole).unwrap();
        said
    }

    /// The same with the lines of a file.
    #[track_caller]
    fn refused_lines(&self, name: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
        self.refused_with(name, |bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            change(&mut lines);
            *bytes = lines
                .iter()
                .flat_map(|line| [line.as_bytes(), b"\n"].concat())
                .collect();
        })
    }

    fn heads_in(&self, store: &SledStore) -> Vec<pipss_store::Head> {
        let heads = Log::ALL.map(|log| store.head(log_of(organisation(), log)));
        heads.to_vec()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_goes_out_and_comes_in_with_equal_chains_and_all_that_it_promised() {
    let ground = Ground::new().await;
    let own = open(&ground.at("data"));
    // Into a folder in which others live, with several segments of theirs.
    let other = open(&ground.at("other"));
    fill(&other, id(77), 100).await;
    let theirs: Vec<_> = Log::ALL
        .map(|log| everything(&other, log_of(id(77), log)))
        .into();
    drop(other);
    let imported = ground.import("other").unwrap();
    assert_eq!(
        (imported.facts, imported.erased),
        (ground.exported.facts, 0)
    );
    let (store, seen) = open_seeing(&ground.at("other"));
    assert_eq!(ground.heads_in(&store), ground.heads);
    assert_eq!(everything(&store, main_log()), everything(&own, main_log()));
    let untouched: Vec<_> = Log::ALL
        .map(|log| everything(&store, log_of(id(77), log)))
        .into();
    assert_eq!(untouched, theirs);
    assert_eq!(store.head(log_of(neighbour(), Log::Main)).position, 0);
    assert_eq!(
        seen.lock().unwrap().len() as u64,
        imported.facts + theirs.iter().flatten().count() as u64
    );
    // Reading works, and what was erased stays erased.
    assert_eq!(opened_aim(&store, &ground.facts[0].event), None);
    assert_eq!(
        opened_aim(&store, &ground.facts[1].event).as_deref(),
        Some("quor")
    );
    // A command keeps its id, and a repeat is recognised with its body.
    let parts: &[&[u8]] = &[b"someone", b"route", b"key"];
    let same = |store: &SledStore| store.command_id(organisation(), parts).unwrap();
    assert_eq!(same(&store), same(&own));
    let again = append_of(
        main_log(),
        7,
        vec![write(unit(7), 0, vec![unit_opened("Unit")])],
    );
    let Appended::Repeated(repeat) = store.append(again).await.unwrap() else {
        panic!("a repeat was taken for new");
    };
    assert!(repeat.same_body && repeat.facts.len() == 3);
    let differs = store.repeated(main_log(), command(7), b"another").unwrap();
    assert!(!differs.unwrap().same_body);
    // It goes on, also after a start, and cannot be taken in again.
    put(&store, simple(800)).await;
    drop(store);
    let store = open(&ground.at("other"));
    assert_eq!(
        store.head(main_log()).position,
        ground.heads[0].position + 1
    );
    drop(store);
    let again = ground.import("other").unwrap_err().to_string();
    assert!(again.contains("has that organisation already"), "{again}");
    assert!(!ground.at("other/journal.next").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_goes_out_again_byte_for_byte_and_is_backed_up_and_restored() {
    let ground = Ground::new().await;
    ground.import("new").unwrap();
    let store = open(&ground.at("new"));
    let asked = Export {
        organisation: organisation(),
        to: ground.at("again"),
        keys: Some(ground.at("again-keys")),
    };
    store.export(&asked, at(5)).unwrap();
    for log in ["main", "access", "feedback"] {
        for end in ["jsonl", "chain"] {
            let read = |dir: &str| fs::read(ground.at(dir).join(format!("{log}.{end}"))).unwrap();
            assert_eq!(read("export"), read("again"), "{log}.{end}");
        }
    }
    let taken = store
        .backup(&ground.at("log"), &ground.at("keys"), at(6))
        .unwrap();
    assert_eq!(taken.facts, ground.exported.facts);
    // Neither folder is written over, and keys do not lie beside what they open.
    assert!(
        store
            .export(&asked, at(7))
            .unwrap_err()
            .to_string()
            .contains("is there already")
    );
    let beside = Export {
        to: ground.at("x"),
        keys: Some(ground.at("x/keys")),
        ..asked
    };
    assert!(store.export(&beside, at(7)).is_err());
    assert!(!ground.at("x").exists() && !ground.at("x.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_not_as_it_was_written_is_refused_and_named() {
    let ground = Ground::new().await;
    let lines = |name: &str, expected: &str, change: fn(&mut Vec<String>)| {
        let said = ground.refused_lines(name, change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    let bytes = |name: &str, expected: &str, change: fn(&mut Vec<u8>)| {
        let said = ground.refused_with(name, change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    lines("main.jsonl", "line 9 of main.jsonl was changed", |lines| {
        lines[8] = lines[8].replacen("\"policy\":1", "\"policy\":2", 1);
    });
    lines(
        "main.jsonl",
        "line 9 of main.jsonl is not spelled",
        |lines| {
            lines[8] = lines[8].replacen("\"policy\":1", "\"policy\": 1", 1);
        },
    );
    lines(
        "access.jsonl",
        "line 3 of access.jsonl is not the next",
        |lines| lines.swap(2, 3),
    );
    lines(
        "main.jsonl",
        "line 5 of main.jsonl is not the next",
        |lines| drop(lines.remove(4)),
    );
    lines(
        "main.jsonl",
        "line 6 of main.jsonl is not the next",
        |lines| {
            lines.insert(5, lines[4].clone());
        },
    );
    lines(
        "feedback.jsonl",
        "line 39 of feedback.jsonl is where it ends",
        |lines| {
            lines.truncate(39);
        },
    );
    lines(
        "main.jsonl",
        "line 4 of main.jsonl is of another organisation",
        |lines| {
            let (own, other) = (organisation().to_string(), neighbour().to_string());
            lines[3] = lines[3].replacen(&own, &other, 1);
        },
    );
    lines(
        "main.jsonl",
        "line 4 of main.jsonl is of another log",
        |lines| {
            lines[3] = lines[3].replacen("\"main\"", "\"access\"", 1);
        },
    );
    lines("main.jsonl", "line 2 of main.jsonl is longer", |lines| {
        lines[1] = " ".repeat(300 << 10);
    });
    lines("main.jsonl", "line 7 of main.jsonl is no record", |lines| {
        lines[6] = "{}".into()
    });
    lines("main.chain", "line 1 of main.chain is longer", |lines| {
        lines[0].push('0')
    });
    lines("main.chain", "main.chain is not the file", |lines| {
        lines.swap(0, 1)
    });
    lines("main.chain", "main.chain is not the file", |lines| {
        drop(lines.pop())
    });
    bytes("main.jsonl", "line 1 of main.jsonl is no record", |bytes| {
        bytes[60] = 0xFF
    });
    bytes(
        "access.jsonl",
        "line 40 of access.jsonl is cut off",
        |bytes| bytes.truncate(bytes.len() - 1),
    );
    ground.import("after-all").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_bit_is_refused_or_changes_nothing_that_is_kept() {
    let ground = Ground::new().await;
    let tries: u64 = std::env::var("PIPSS_FLIPS").map_or(60, |n| n.parse().unwrap());
    let seed: u64 = std::env::var("PIPSS_SEED").map_or(4, |n| n.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let mut random = seed;
    let mut files: Vec<_> = ["main", "access", "feedback"]
        .into_iter()
        .flat_map(|log| [format!("export/{log}.jsonl"), format!("export/{log}.chain")])
        .collect();
    files.extend(["its-keys/keys".into(), "its-keys/wrapping.key".into()]);
    for _ in 0..tries {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let path = ground.at(&files[(random >> 33) as usize % files.len()]);
        let whole = fs::read(&path).unwrap();
        flip(&path, (random >> 20) as usize % whole.len());
        ground.refused();
        fs::write(&path, whole).unwrap();
    }
    println!("{tries} bits flipped in an export and its keys, 0 taken in");
}

/// Changes a manifest and puts it back afterwards.
#[track_caller]
fn manifest(ground: &Ground, path: &str, change: impl FnOnce(&mut Value)) -> String {
    let path = ground.at(path);
    let whole = fs::read(&path).unwrap();
    let mut manifest: Value = serde_json::from_slice(&whole).unwrap();
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).unwrap();
    let said = ground.refused();
    fs::write(&path, whole).unwrap();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_manifest_and_wrong_keys_are_refused_with_a_sentence() {
    let ground = Ground::new().await;
    let of = |expected: &str, change: fn(&mut Value)| {
        let said = manifest(&ground, "export/manifest.json", change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    of("newer version", |m| m["format"] = json!(2));
    of("does not read", |m| m["more"] = json!(2));
    of("in the clear", |m| m["open"] = json!(true));
    of("three logs", |m| {
        m["logs"][0]["records"]["name"] = json!("../main.jsonl")
    });
    of("three logs", |m| {
        m["logs"].as_array_mut().unwrap().truncate(2)
    });
    of("of another organisation", |m| {
        m["organisation"] = json!(neighbour())
    });
    of("where the manifest says", |m| {
        m["logs"][0]["facts"] = json!(3)
    });
    of("where the manifest says", |m| {
        m["logs"][1]["chain"] = m["logs"][0]["chain"].clone()
    });
    of("not the file", |m| {
        m["logs"][0]["records"]["bytes"] = json!(3)
    });
    of("keys are not of", |m| m["store"] = json!(Uuid::nil()));
    let keys = manifest(&ground, "its-keys/keys.json", |m| {
        m["organisation"] = json!(neighbour())
    });
    assert!(keys.contains("keys are not of"), "{keys}");
    let late = import(&ground.asked("never"), at(2) + TimeDelta::days(36)).map(drop);
    assert!(late.unwrap_err().to_string().contains("35 days"));
    // The keys of a neighbour never come along, nor do those of another export fit.
    let store = open(&ground.at("data"));
    let theirs = Export {
        organisation: neighbour(),
        to: ground.at("theirs"),
        keys: Some(ground.at("their-keys")),
    };
    store.export(&theirs, at(2)).unwrap();
    for name in ["keys", "wrapping.key"] {
        fs::copy(
            ground.at("their-keys").join(name),
            ground.at("its-keys").join(name),
        )
        .unwrap();
    }
    assert!(ground.refused().contains("was changed"));
    fs::remove_dir_all(ground.at("its-keys")).unwrap();
    assert!(ground.refused().contains("there are no keys at"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_export_comes_in_without_what_was_erased_since() {
    let ground = Ground::new().await;
    let list = ground.at("list");
    let with_list = Options {
        erasures: Some(list.clone()),
        ..options(&ground.at("data"))
    };
    let store = SledStore::open(with_list, Box::new(|_| ())).unwrap();
    let mut key = None;
    let mut fact = ground.facts[1].clone();
    fact.event
        .personals(&mut |_, value| key = value.sealed_mut().map(|s| s.key));
    store
        .erase(Uuid::from_u128(2), at(9), &[key.unwrap(), ground.erased])
        .unwrap();
    let asked = Import {
        erasures: Some(list),
        ..ground.asked("new")
    };
    let imported = import(&asked, at(10)).unwrap();
    assert_eq!(imported.erased, 1);
    let new = open(&ground.at("new"));
    assert_eq!(opened_aim(&new, &ground.facts[1].event), None);
    assert_eq!(ground.heads_in(&new), ground.heads);
    // Without the list, it would have come back: that is what it is for.
    ground.import("without").unwrap();
    let without = open(&ground.at("without"));
    assert!(opened_aim(&without, &ground.facts[1].event).is_some());
    let nowhere = Import {
        erasures: Some(ground.at("nowhere")),
        ..ground.asked("never")
    };
    assert!(import(&nowhere, at(10)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_form_holds_every_word_but_those_erased_and_is_not_taken_in() {
    let ground = Ground::new().await;
    let store = open(&ground.at("data"));
    let asked = Export {
        organisation: organisation(),
        to: ground.at("open"),
        keys: None,
    };
    let exported = store.export(&asked, at(4)).unwrap();
    assert_eq!((exported.facts, exported.keys), (ground.exported.facts, 0));
    let text = fs::read_to_string(ground.at("open/main.jsonl")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["data"]["aim"], json!({ "erased": true }));
    assert_eq!(lines[1]["data"]["aim"], "quor");
    assert_eq!(lines.last().unwrap()["data"]["name"], "Sam");
    assert!(!text.contains("\"sealed\""));
    let sealed = fs::read_to_string(ground.at("export/main.jsonl")).unwrap();
    assert!(!sealed.contains("quor"));
    let into = Import {
        from: ground.at("open"),
        ..ground.asked("never")
    };
    let said = import(&into, at(5)).unwrap_err().to_string();
    assert!(said.contains("in the clear"), "{said}");
}

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
