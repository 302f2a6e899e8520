//! A store with an organisation to be written out, and ways to spoil what was.

use std::fs;
use std::path::PathBuf;

use pipss_domain::history::Fact;
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::{Log, LogId};
use pipss_store::{EventStore, Export, Exported, Import, Imported, SledStore, StoreError, import};
use tempfile::TempDir;
use uuid::Uuid;

use crate::common::*;

/// A store with one organisation in all three logs, and an export of it.
pub struct Ground {
    pub dir: TempDir,
    pub heads: Vec<pipss_store::Head>,
    pub facts: Vec<Fact>,
    pub erased: KeyId,
    pub exported: Exported,
}

pub fn log_of(organisation: OrganisationId, log: Log) -> LogId {
    LogId { organisation, log }
}

pub fn neighbour() -> OrganisationId {
    id(2)
}

/// Facts in each log of an organisation; the texts are sealed, each under a key of its own.
pub async fn fill(store: &SledStore, organisation: OrganisationId, from: u64) {
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
    pub async fn new() -> Self {
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

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn asked(&self, into: &str) -> Import {
        Import {
            from: self.at("export"),
            keys: self.at("its-keys"),
            erasures: None,
            into: options(&self.at(into)),
        }
    }

    pub fn import(&self, into: &str) -> Result<Imported, StoreError> {
        import(&self.asked(into), at(3))
    }

    /// Tries to take it in; nothing may be made of it. What it said.
    #[track_caller]
    pub fn refused(&self) -> String {
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
    pub fn refused_with(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
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
    pub fn refused_lines(&self, name: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
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

    pub fn heads_in(&self, store: &SledStore) -> Vec<pipss_store::Head> {
        let heads = Log::ALL.map(|log| store.head(log_of(organisation(), log)));
        heads.to_vec()
    }
}
