//! The mail loop: posts what is owed, records what was taken, tries again, and gives up in the open.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::letters::MailOwed;
use pipss_domain::letter::LetterKind;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::invitation;
use crate::mail::{Mail, Postbox};

/// People posted to at the same time.
const AT_ONCE: usize = 8;
/// No mail is given up sooner after the first try of this process.
const TRIED_FOR_AT_LEAST: chrono::Duration = chrono::Duration::hours(1);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where mails go.
pub enum Way {
    /// Through the trust's mail server.
    Server(Box<Postbox>),
    /// Nowhere: a demonstration shows them instead.
    Shown,
}

/// The post room of the process.
pub struct PostRoom {
    app: Arc<App>,
    way: Way,
    base: String,
    /// What stands behind the `@` of a Message-ID.
    domain: String,
    /// The sender's bare address.
    organiser: String,
    /// By Message-ID. Kept in memory: after a restart everything owed is tried at once.
    waiting: Mutex<HashMap<String, Tried>>,
    /// Mails that were taken while that could not be recorded: on a full disk nobody gets one twice.
    unrecorded: Mutex<HashSet<String>>,
    /// Held for a whole round, so that no mail is posted twice at the same time.
    round: Mutex<()>,
}

/// A mail that was tried in vain.
#[derive(Clone, Copy)]
struct Tried {
    times: u32,
    since: DateTime<Utc>,
    /// It is not tried again before then.
    not_before: DateTime<Utc>,
}

impl PostRoom {
    /// Makes a post room. `base` is where people reach the program, `from` the sender's address.
    pub fn new(app: Arc<App>, way: Way, base: &str, from: &str) -> Self {
        let domain = from
            .trim_end_matches('>')
            .rsplit('@')
            .next()
            .unwrap_or("pipss.invalid");
        Self {
            app,
            way,
            base: base.into(),
            domain: domain.into(),
            organiser: bare(from).into(),
            waiting: Mutex::default(),
            unrecorded: Mutex::default(),
            round: Mutex::default(),
        }
    }

    /// Posts for ever.
    pub async fn run(self: Arc<Self>) {
        loop {
            self.clone().round().await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Tries everything that is due now, each person's mails in order. Whether a letter did not arrive
    /// is only known after it was tried.
    pub async fn round(self: Arc<Self>) {
        let _one_at_a_time = self.round.lock().await;
        for organisation in self.app.organisations() {
            let program = Actor::program(organisation);
            for after_the_rest in [false, true] {
                let mut due = self.due(&program);
                due.retain(|mail| tells_of_another(mail) == after_the_rest);
                self.clone().post_each(&program, due).await;
            }
        }
    }

    fn due(&self, program: &Actor) -> Vec<MailOwed> {
        self.app
            .mails_due(program, &self.base)
            .unwrap_or_else(|refusal| {
                tracing::error!(?refusal, "the program may not see its own letters");
                Vec::new()
            })
    }

    async fn post_each(self: Arc<Self>, program: &Actor, due: Vec<MailOwed>) {
        let mut people: HashMap<_, Vec<MailOwed>> = HashMap::new();
        for mail in due {
            people.entry(mail.to).or_default().push(mail);
        }
        let mut posting = JoinSet::new();
        for mails in people.into_values() {
            if posting.len() >= AT_ONCE {
                posting.join_next().await;
            }
            posting.spawn(self.clone().post_all(program.clone(), mails));
        }
        posting.join_all().await;
    }

    async fn post_all(self: Arc<Self>, program: Actor, mails: Vec<MailOwed>) {
        for (n, mail) in mails.into_iter().enumerate() {
            // Those before it may have taken a while, and what it asks for may have been done.
            if n == 0 {
                self.post(&program, mail).await;
            } else if let Ok(Some(mail)) =
                self.app
                    .mail_still_due(&program, &mail.message_id, &self.base)
            {
                self.post(&program, mail).await;
            }
        }
    }

    async fn post(&self, program: &Actor, mail: MailOwed) {
        let mail = &mail;
        let now = self.app.clock().now();
        let tried = self.waiting.lock().await.get(&mail.message_id).copied();
        if tried.is_some_and(|tried| now < tried.not_before) {
            return;
        }
        let outcome = match &self.way {
            Way::Shown => Ok(()),
            Way::Server(_) if self.unrecorded.lock().await.contains(&mail.message_id) => Ok(()),
            Way::Server(postbox) => postbox.post(&self.envelope(mail, now)).await,
        };
        let id = &mail.message_id;
        let taken = outcome.is_ok();
        let recorded = match outcome {
            Ok(()) => self.app.mail_taken(program, mail).await.map(|()| true),
            Err(not_accepted) => {
                tracing::warn!(mail = %id, %not_accepted, "the mail server did not take mail {id}");
                // What was owed while the program stood still is not given up at the first try.
                let since = tried.map_or(now, |tried| tried.since);
                if now < since + TRIED_FOR_AT_LEAST {
                    Ok(false)
                } else {
                    self.app.mail_given_up(program, mail).await
                }
            }
        };
        match recorded {
            Ok(true) => {
                self.unrecorded.lock().await.remove(id);
                self.waiting.lock().await.remove(id);
            }
            Ok(false) => {
                let times = tried.map_or(1, |tried| tried.times + 1);
                let tried = Tried {
                    times,
                    since: tried.map_or(now, |tried| tried.since),
                    not_before: now + wait(times),
                };
                self.waiting.lock().await.insert(id.clone(), tried);
            }
            // After a restart it will be posted again under the same Message-ID.
            Err(refused) => {
                if taken {
                    self.unrecorded.lock().await.insert(id.clone());
                }
                tracing::error!(mail = %id, ?refused, "what became of mail {id} was not recorded")
            }
        }
    }

    fn envelope(&self, mail: &MailOwed, now: DateTime<Utc>) -> Mail {
        enveloped(mail, (&self.organiser, &self.domain), now)
    }
}

/// A mail ready to leave: from this bare address, at this domain.
pub(crate) fn enveloped(
    mail: &MailOwed,
    (organiser, domain): (&str, &str),
    now: DateTime<Utc>,
) -> Mail {
    Mail {
        to: mail.address.clone(),
        subject: mail.words.subject.clone(),
        text: mail.words.text.clone(),
        message_id: format!("{}@{domain}", mail.message_id),
        date: now,
        calendar: mail.invitation.as_ref().map(|invitation| {
            let between = (organiser, bare(&mail.address));
            invitation::written(invitation, between, domain, now)
        }),
    }
}

fn tells_of_another(mail: &MailOwed) -> bool {
    let mut kinds = mail.carries.iter().map(|(_, kind, _)| *kind);
    kinds.any(|kind| kind == LetterKind::Undelivered)
}

/// The address without the name beside it.
pub(crate) fn bare(address: &str) -> &str {
    let inner = address.rsplit('<').next().unwrap_or(address);
    inner.trim_end_matches('>').trim()
}

/// 1 minute, doubling to 1 hour (product: "Letters").
fn wait(tries: u32) -> chrono::Duration {
    chrono::Duration::minutes(1 << (tries - 1).min(6)).min(chrono::Duration::hours(1))
}
