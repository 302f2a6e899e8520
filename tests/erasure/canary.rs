//! The search for planted words: it finds them before, and nothing after.

use std::fs;
use std::path::PathBuf;

use chrono::Duration;
use serde_json::json;

use crate::search::{files, hits};
use crate::support::demo::referral;
use crate::support::private::post;
use crate::support::ward::{team, text};
use crate::world::{World, expect_state, restore, serve};

/// Every word that is planted; each stands nowhere else in the program.
const WORDS: [&str; 24] = [
    "quorlineblue",
    "quorrefblue",
    "quorcontact",
    "quortimes",
    "quorvenue",
    "quorbehalf",
    "quorstrain",
    "quortriage",
    "quorneed",
    "quoraim",
    "quorlink",
    "quorsite",
    "quoraction",
    "quorchanged",
    "quordanger",
    "quorcallme",
    "quornote",
    "quorletters",
    "quorphone",
    "quorsupervise",
    "quorwanted",
    "quortheirs",
    "quordecided",
    "quorperson",
];
/// Whoever asks for themselves is erased as well.
const NAMES: [&str; 2] = ["sam heron", "sam.heron@"];

/// What is erased, and what the search found before.
struct Planted {
    subjects: Vec<String>,
    log: PathBuf,
    keys: PathBuf,
    mails: usize,
    shown: usize,
}

/// The search can find: everything that was planted is shown to somebody, and stands in no file.
async fn planted(world: &mut World) -> Planted {
    let mut cases = world.short_cases().await;
    cases.push(world.team_case().await);
    let one = world.one_to_one().await;
    let mut subjects = world.others().await;
    world.ids.extend(cases.clone());
    world.ids.extend([one.clone(), world.sam.id.clone()]);
    subjects.extend(cases.iter().map(|case| format!("case/{case}")));
    subjects.push(format!("one-to-one/{one}"));
    subjects.push(format!("person/{}", world.sam.id));
    world.wait(Duration::days(6)).await;
    let mut before = world.everything_read(true).await;
    for subject in &subjects {
        if let Some(person) = subject.strip_prefix("person/") {
            let body = json!({ "person": person });
            let written_out = post(&world.demo, &world.toni, "subject-access", &body).await;
            written_out.expect(200);
            before.push(written_out.text);
        }
    }
    let found = hits(&before, &WORDS);
    let is_found = |word: &&&str| found.iter().any(|(found, _)| found == *word);
    let missed: Vec<_> = WORDS.iter().filter(|word| !is_found(word)).collect();
    assert!(missed.is_empty(), "never shown: {missed:?}");
    assert_eq!(hits(&before, &NAMES[..1]).len(), 1);
    assert_eq!(hits(&files(&world.data()), &WORDS), []);
    let (log, keys) = world.backup();
    let mails = world.post.raw_messages();
    let by_mail = hits(&mails, &["quorletters"]);
    assert!(!by_mail.is_empty(), "nobody was written to");
    Planted {
        subjects,
        log,
        keys,
        mails: mails.len(),
        shown: found.iter().map(|(_, count)| count).sum(),
    }
}

/// Proposed, approved by another, and carried out when its time comes; no report changes.
async fn erased(world: &World, subjects: &[String]) {
    let proposal = json!({ "subjects": subjects, "ground": "person_asked" });
    let proposed = post(&world.demo, &world.alex, "erasures", &proposal).await;
    let decide = format!("erasures/{}/decide", text(&proposed.expect(201)["erasure"]));
    let approve = json!({ "approve": true });
    post(&world.demo, &world.alex, &decide, &approve)
        .await
        .expect(403);
    post(&world.demo, &world.toni, &decide, &approve)
        .await
        .expect(200);
    world.wait(Duration::days(12)).await;
    expect_state(world, "approved").await;
    let reports = world.reports().await;
    assert!(!reports.is_empty());
    world.wait(Duration::days(13) + Duration::hours(1)).await;
    let done = expect_state(world, "erased").await;
    let each = done["certificate"]["destroyed"].as_array().unwrap().iter();
    let keys: u64 = each.map(|one| one["keys"].as_u64().unwrap()).sum();
    assert!(keys >= 20, "{done}");
    assert_eq!(world.reports().await, reports, "a report changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_erasure_no_search_finds_a_planted_word_anywhere() {
    let mut world = World::opened().await;
    let planted = planted(&mut world).await;
    erased(&world, &planted.subjects).await;
    let all: Vec<&'static str> = WORDS.into_iter().chain(NAMES).collect();
    let texts = world.everything_read(true).await;
    assert_eq!(hits(&texts, &all), []);
    assert!(
        !hits(&texts, &["[erased]"]).is_empty(),
        "nothing says that it was erased"
    );
    assert_eq!(hits(&files(&world.data()), &all), []);
    let said = fs::read(world.folder.path().join("said")).unwrap();
    assert!(!said.is_empty(), "the log is empty");
    assert_eq!(hits(&[said], &all), []);
    let robin = world.demo.person("Robin Wren").await;
    let asked = referral(&team(&world.demo, &robin, "Harbour Stroke Ward").await);
    world.demo.raise(&robin, &asked).await.expect(201);
    world.wait(Duration::days(14)).await;
    let since = world.post.raw_messages().split_off(planted.mails);
    assert!(!since.is_empty(), "nothing was posted afterwards");
    assert_eq!(hits(&since, &WORDS), []);
    let body = json!({ "person": world.kim.id });
    let export = post(&world.demo, &world.toni, "subject-access", &body).await;
    export.expect(200);
    assert_eq!(hits(&[export.text], &all), []);

    // The older backup comes back without it, and serves the same nothing.
    let restored = world.folder.path().join("restored");
    let list = world.data().join("erasures");
    let back = restore(&planted.log, &planted.keys, &restored, Some(&list));
    assert!(
        back.status.success(),
        "{}",
        String::from_utf8_lossy(&back.stderr)
    );
    assert_eq!(hits(&files(&restored), &all), []);
    world.demo.interrupt();
    let said = world.folder.path().join("said");
    world.demo = serve(&restored, world.post.port, &said);
    let again = world.everything_read(false).await;
    assert_eq!(hits(&again, &all), []);
    println!(
        "canary search: {} words, shown {} times before; after the erasure 0 in {} answers and pages, the \
         files, the log, {} mails, an export, and a restored older backup",
        all.len(),
        planted.shown,
        texts.len() + again.len(),
        since.len()
    );
}
