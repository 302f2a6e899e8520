//! A hundred kills under thirty-two writing clients: nothing is lost, nothing is doubled.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use support::demo::{fresh_key, referral};
use support::letters::{Carried, carried, letters};
use support::lives::{Asked, Ground, LEADS, Life, PATIENCE, RAISERS, later};
use support::random::Random;
use support::smtp::SmtpPeer;
use support::ward::{team, text};
use tokio::sync::watch;
use tokio::task::JoinSet;

const CLIENTS: usize = 32;
/// The drill kills more often.
fn kills() -> usize {
    std::env::var("PIPSS_KILLS").map_or(100, |kills| kills.parse().unwrap())
}
/// A kill comes after so many more answers, at most.
const ANSWERS_MAX: u64 = 80;

/// A request with its answer.
struct Done {
    asked: Asked,
    status: u16,
    answer: Value,
}

/// A case with everything that was done to it.
struct Story {
    case: String,
    reference: String,
    urgent: bool,
    triaged: bool,
    done: Vec<Done>,
}

/// One of the sixteen.
struct Client {
    n: usize,
    team: String,
    lives: watch::Receiver<Arc<Life>>,
    answered: watch::Sender<u64>,
}

impl Client {
    /// Raises and works on one case after another until the kills are over.
    async fn run(mut self, over: watch::Receiver<bool>) -> Vec<Story> {
        let mut stories = Vec::new();
        while !*over.borrow() {
            let round = self.n + stories.len();
            stories.push(
                self.story(round.is_multiple_of(2), !round.is_multiple_of(3))
                    .await,
            );
        }
        stories
    }

    async fn story(&mut self, urgent: bool, worked_on: bool) -> Story {
        let mut body = referral(&self.team);
        body["signs_worsening"] = json!(if urgent { "yes" } else { "no" });
        let raiser = RAISERS[self.n % RAISERS.len()];
        let raised = self.ask(raiser, "referrals".into(), None, body).await;
        assert_eq!(raised.status, 201, "{}", raised.answer);
        let mut story = Story {
            case: text(&raised.answer["case"]),
            reference: text(&raised.answer["reference"]),
            urgent,
            triaged: worked_on,
            done: vec![raised],
        };
        if worked_on {
            self.work_on(&mut story).await;
        }
        story
    }

    async fn work_on(&mut self, story: &mut Story) {
        let lead = LEADS[self.n % LEADS.len()];
        for (name, body) in [
            ("acknowledge", json!({ "by": "email" })),
            ("triage", triage(story.urgent)),
            ("plan-offer", offer("training", "training_department")),
            ("plan-offer", offer("liaison", "estates")),
        ] {
            let version = story.done.last().unwrap().answer["version"].as_u64();
            let path = format!("cases/{}/{name}", story.case);
            let done = self.ask(lead, path, version, body).await;
            assert_eq!(done.status, 200, "{}", done.answer);
            story.done.push(done);
        }
    }

    async fn ask(
        &mut self,
        who: &'static str,
        path: String,
        if_match: Option<u64>,
        body: Value,
    ) -> Done {
        let path = format!("/api/v1/{path}");
        let key = fresh_key();
        let asked = Asked {
            who,
            path,
            key,
            if_match,
            body,
        };
        let answer = asked.until_answered(&mut self.lives).await;
        self.answered.send_modify(|answered| *answered += 1);
        let (status, answer) = (answer.status.as_u16(), answer.json());
        Done {
            asked,
            status,
            answer,
        }
    }
}

fn triage(urgent: bool) -> Value {
    json!({
        "urgency": if urgent { "U2" } else { "U3" }, "outcome": "accept",
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    })
}

fn offer(kind: &str, owner: &str) -> Value {
    json!({ "kind": kind, "owner": owner })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_kills_under_thirty_two_writing_clients_lose_nothing_and_double_nothing() {
    let mut random = Random::printed();
    let ground = Ground {
        folder: tempfile::tempdir().unwrap(),
        post: SmtpPeer::start("ok"),
    };
    let (lives, life) = watch::channel(ground.start().await);
    let (answered, _) = watch::channel(0);
    let (over, until_over) = watch::channel(false);
    let stroke = {
        let life = Arc::clone(&life.borrow());
        team(
            &life.demo,
            &life.people["Robin Wren"],
            "Harbour Stroke Ward",
        )
        .await
    };
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        let (lives, answered) = (life.clone(), answered.clone());
        let client = Client {
            n,
            team: stroke.clone(),
            lives,
            answered,
        };
        clients.spawn(client.run(until_over.clone()));
    }
    for kill in 0..kills() {
        kill_under_load(&lives, &answered, &mut random).await;
        if kill.is_multiple_of(4) {
            let instant = Duration::from_millis(random.below(300));
            ground.start_in_vain(instant).await;
        }
        lives.send_replace(ground.start().await);
    }
    over.send_replace(true);
    let stories: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    let last = Arc::clone(&lives.borrow());
    println!("{} cases, {} answers", stories.len(), *answered.borrow());

    every_answer_is_the_same_again(&life, &stories).await;
    every_case_is_there_once(&last, &stories).await;
    every_case_holds_what_was_acknowledged_once(&last, &stories).await;
    every_letter_arrived(&ground, &last, &stories).await;
}

/// Kills the process at a random instant while requests are under way.
async fn kill_under_load(
    lives: &watch::Sender<Arc<Life>>,
    answered: &watch::Sender<u64>,
    random: &mut Random,
) {
    let target = *answered.borrow() + 1 + random.below(ANSWERS_MAX);
    let mut answers = answered.subscribe();
    let reached = tokio::time::timeout(PATIENCE, answers.wait_for(|n| *n >= target)).await;
    reached.expect("clients are answered").unwrap();
    // A random instant is what this is about; nothing is waited for.
    tokio::time::sleep(Duration::from_micros(random.below(20_000))).await;
    lives.borrow().demo.kill();
}

async fn every_answer_is_the_same_again(life: &watch::Receiver<Arc<Life>>, stories: &[Story]) {
    for done in stories.iter().flat_map(|story| &story.done) {
        let again = done.asked.until_answered(&mut life.clone()).await;
        assert_eq!(again.status.as_u16(), done.status, "{}", again.text);
        assert_eq!(again.json(), done.answer);
    }
}

async fn every_case_is_there_once(life: &Life, stories: &[Story]) {
    let raised: HashSet<_> = stories.iter().map(|story| story.case.clone()).collect();
    assert_eq!(raised.len(), stories.len());
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/cases?limit=200{after}");
        let page = read(life, LEADS[0], &path).await;
        seen.extend(
            page["cases"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| text(&c["case"])),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), stories.len());
    assert_eq!(seen.into_iter().collect::<HashSet<_>>(), raised);
}

async fn every_case_holds_what_was_acknowledged_once(life: &Life, stories: &[Story]) {
    for (n, story) in stories.iter().enumerate() {
        let path = format!("/api/v1/cases/{}", story.case);
        let who = LEADS[n % LEADS.len()];
        let case = read(life, who, &path).await;
        assert_eq!(case["reference"], story.reference);
        assert_eq!(case["version"], story.done.len());
        let planned = story
            .done
            .iter()
            .filter_map(|done| done.answer["offer"].as_str());
        let offers = case["offers"].as_array().unwrap().iter();
        let offers: Vec<_> = offers
            .map(|offer| offer["offer"].as_str().unwrap())
            .collect();
        assert_eq!(offers, planned.collect::<Vec<_>>());
        let timeline = read(life, who, &format!("{path}/timeline")).await;
        let entries = timeline["entries"].as_array().unwrap().iter();
        let kinds: Vec<_> = entries.map(|entry| text(&entry["kind"])).collect();
        assert_eq!(kinds, &FACTS[..story.done.len()]);
    }
}

const FACTS: [&str; 5] = [
    "ReferralRaised",
    "ReferralAcknowledged",
    "CaseTriaged",
    "OfferPlanned",
    "OfferPlanned",
];

/// Reads as someone, waiting as long as the program asks to.
async fn read(life: &Life, who: &str, path: &str) -> Value {
    loop {
        let answer = life.demo.get(&life.people[who], path).await;
        if answer.status != 429 {
            return answer.expect(200);
        }
        later(&answer).await;
    }
}

/// Whatever counts as sent arrived, nothing else did, and nothing under two Message-IDs. A letter that
/// a case needs someone at once is pointless once it was triaged; all others must have been sent.
async fn every_letter_arrived(ground: &Ground, life: &Life, stories: &[Story]) {
    let wanted = wanted(stories);
    let lead = &life.people[LEADS[1]];
    let mut sent = BTreeSet::new();
    for quarters in 1..40 {
        let later = chrono::Utc::now() + chrono::Duration::minutes(16 * quarters);
        let shown = letters(&life.demo, lead).await;
        let of_state = shown.into_iter().filter(|letter| letter.state == "sent");
        let of_cases = of_state.filter(|letter| !letter.carried.reference.is_empty());
        sent = of_cases.map(|letter| letter.carried).collect();
        if wanted.is_subset(&sent) {
            break;
        }
        life.demo.move_clock(later).await;
    }
    let missing: Vec<_> = wanted.difference(&sent).collect();
    assert!(missing.is_empty(), "never sent: {missing:?}");
    let mut received: BTreeMap<Carried, BTreeSet<String>> = BTreeMap::new();
    for mail in ground.post.messages() {
        // That more waits is said again, each time in a letter of its own; a digest each week.
        for letter in carried(&mail)
            .into_iter()
            .filter(|l| !l.reference.is_empty())
        {
            let id = mail.header("Message-ID")[0].to_owned();
            received.entry(letter).or_default().insert(id);
        }
    }
    let lost: Vec<_> = sent
        .iter()
        .filter(|letter| !received.contains_key(letter))
        .collect();
    assert!(lost.is_empty(), "called sent and never received: {lost:?}");
    // A process may die between the mail server's answer and recording it, and the case be triaged
    // before the next one looks: then it is not sent again. So with what is due.
    let pointless = |kind: &str| kind == "urgent" || kind.contains("due");
    let unrecorded = received.keys().filter(|letter| !sent.contains(letter));
    let unrecorded: Vec<_> = unrecorded
        .filter(|letter| !pointless(&letter.kind))
        .collect();
    assert!(
        unrecorded.is_empty(),
        "received and never called sent: {unrecorded:?}"
    );
    for (letter, ids) in &received {
        assert_eq!(ids.len(), 1, "{letter:?} came under {ids:?}");
    }
}

fn wanted(stories: &[Story]) -> BTreeSet<Carried> {
    let letter = |kind: &str, to: &str, story: &Story| Carried {
        kind: kind.into(),
        to: format!("{}@example.test", to.to_lowercase().replace(' ', ".")),
        reference: story.reference.clone(),
    };
    let mut wanted = BTreeSet::new();
    for story in stories {
        wanted.insert(letter("received", story.done[0].asked.who, story));
        if story.urgent && !story.triaged {
            wanted.extend(LEADS.map(|lead| letter("urgent", lead, story)));
        }
    }
    wanted
}
