//! Letters: what became of each, for the lead; what is to be posted, for the mail loop.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use pipss_domain::clocks::ClockCode;
use pipss_domain::facts::Looked;
use pipss_domain::history::Event;
use pipss_domain::ids::{CaseId, CommandId, OrganisationId, PersonId};
use pipss_domain::letter::{LetterKind, LetterSent, LetterUndelivered};
use pipss_domain::pathway::{Decision, Happened};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_domain::working_time::at_work_from;
use pipss_projections::digest::counts;
use pipss_projections::letters::{GIVE_UP_AFTER, Letter, LetterId, LetterState};
use pipss_projections::wording::{self, Words, words};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Asking, Caller, Server};
use crate::intent::{Intent, Situation};
use crate::invitations::{Invitation, of_letter};
use crate::leads::link;
use crate::letters_seen::{may_know, reaches};
use crate::lists::{limit, place};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// A page of letters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LettersAsked {
    /// Only letters of which this became.
    #[serde(default)]
    pub state: Option<LetterStateCode>,
    /// Go on from here: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many, at most 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// A page of letters, the latest first.
#[derive(Serialize, ToSchema)]
pub struct LettersAnswer {
    /// The letters.
    pub letters: Vec<LetterAnswer>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A letter.
#[derive(Serialize, ToSchema)]
pub struct LetterAnswer {
    /// What it says.
    pub kind: LetterKind,
    /// For whom.
    pub to: PersonName,
    /// About which case, if about one.
    pub case: Option<CaseId>,
    /// What people quote.
    pub reference: Option<String>,
    /// About which of its clocks, if about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockCode>,
    /// Since when it is owed.
    pub owed_at: DateTime<Utc>,
    /// What became of it.
    pub state: LetterStateCode,
    /// When that was.
    pub at: Option<DateTime<Utc>>,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterStateCode {
    /// The mail server has not taken it yet; it is tried again.
    Owed,
    /// The mail server took it.
    Sent,
    /// Given up after 72 hours: someone must tell the person in another way.
    Undelivered,
    /// Not sent, because it became pointless before it could be.
    Withdrawn,
}

/// One mail to one person, carrying one letter or several.
#[derive(Clone)]
pub struct MailOwed {
    /// For whom.
    pub to: PersonId,
    /// The address.
    pub address: String,
    /// Which letters it carries, the oldest first.
    pub carries: Vec<LetterId>,
    /// The part of the Message-ID before the `@`: the same at every attempt.
    pub message_id: String,
    /// Since when the oldest is owed.
    pub owed_at: DateTime<Utc>,
    /// What it says.
    pub words: Words,
    /// What it says to a calendar.
    pub invitation: Option<Invitation>,
}

impl App {
    /// What became of each letter, the latest first.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads.
    pub fn letters(&self, actor: &Actor, asked: &LettersAsked) -> Result<LettersAnswer, Refused> {
        let limit = limit(asked.limit)?;
        // Only which letter: its place in the log would say how much else was recorded.
        let before: Option<LetterId> = place(self, actor, "letters", asked.after.as_ref())?;
        self.view(actor, |view| {
            view.allow(Act::SeeLetters, None)?;
            let at = |id| (view.views.letters.position(id).unwrap_or(u64::MAX), id);
            let before = before.map(at);
            let by_time = by_time(view);
            let mut page: Vec<_> = shown(view, by_time)
                .filter(|letter| may_know(view, letter))
                .filter(|letter| asked.state.is_none_or(|s| s == state(view, letter).0))
                .filter(|letter| before.is_none_or(|before| (letter.position, letter.id) < before))
                .take(limit + 1)
                .collect();
            let more = page.len() > limit;
            page.truncate(limit);
            let last = page.last().filter(|_| more).map(|letter| letter.id);
            view.looked(Looked::Letters, "letters");
            Ok(LettersAnswer {
                letters: page
                    .into_iter()
                    .map(|letter| answer(view, &letter))
                    .collect(),
                next: last.map(|place| self.cursors.seal(actor, "letters", &place)),
            })
        })
    }

    /// Every organisation that has a log.
    pub fn organisations(&self) -> Vec<OrganisationId> {
        self.every_organisation()
    }

    /// The mails that are due now, by the program's own right. `base` is where pages are reached from
    /// outside. Links need sign-in.
    ///
    /// # Errors
    /// `NotAllowed` for anyone but the program.
    pub fn mails_due(&self, program: &Actor, base: &str) -> Result<Vec<MailOwed>, Refusal> {
        self.view(program, |view| {
            view.allow(Act::KeepLetters, None)?;
            let due = view.views.letters.due(view.views.around(), view.now);
            let mails = due.iter().filter_map(|letters| mail(view, letters, base));
            Ok(mails.collect())
        })
    }

    /// A mail as it is to leave now, if it still is: others may have gone before it for minutes.
    ///
    /// # Errors
    /// `NotAllowed` for anyone but the program.
    pub fn mail_still_due(
        &self,
        program: &Actor,
        message_id: &str,
        base: &str,
    ) -> Result<Option<MailOwed>, Refusal> {
        let mut due = self.mails_due(program, base)?.into_iter();
        Ok(due.find(|mail| mail.message_id == message_id))
    }

    /// Every letter that was ever owed, each as the mail it would be by itself, with what became of it,
    /// the latest first; by the program's own right.
    ///
    /// # Errors
    /// `NotAllowed` for anyone but the program.
    pub fn outbox(
        &self,
        program: &Actor,
        base: &str,
    ) -> Result<Vec<(MailOwed, LetterAnswer)>, Refusal> {
        self.view(program, |view| {
            view.allow(Act::KeepLetters, None)?;
            let by_time = by_time(view);
            let each = shown(view, by_time).filter_map(|letter| {
                let mail = mail(view, std::slice::from_ref(&letter), base)?;
                Some((mail, answer(view, &letter)))
            });
            Ok(each.collect())
        })
    }

    /// Records that a mail was taken: of every letter it carried at once, or of none.
    ///
    /// # Errors
    /// When it could not be recorded: then it will be sent again, under the same Message-ID.
    pub async fn mail_taken(&self, program: &Actor, mail: &MailOwed) -> Result<(), Refused> {
        let sent = |letter| {
            Event::LetterSent(LetterSent {
                letter,
                message_id: mail.message_id.clone(),
                sequence: mail
                    .invitation
                    .as_ref()
                    .map(|invitation| invitation.sequence),
            })
        };
        self.keep_letters(program, mail, "sent", sent).await
    }

    /// Records that a mail was given up, if it has been owed for 72 hours. Answers whether it was.
    ///
    /// # Errors
    /// When it could not be recorded: then it will be tried again.
    pub async fn mail_given_up(&self, program: &Actor, mail: &MailOwed) -> Result<bool, Refused> {
        if self.clock().now() < mail.owed_at + GIVE_UP_AFTER {
            return Ok(false);
        }
        let given_up = |letter| Event::LetterUndelivered(LetterUndelivered { letter });
        self.keep_letters(program, mail, "undelivered", given_up)
            .await?;
        Ok(true)
    }

    /// One append for a whole mail: half of it recorded would be sent again under another Message-ID.
    async fn keep_letters(
        &self,
        program: &Actor,
        mail: &MailOwed,
        step: &str,
        event: impl Fn(LetterKind) -> Event + Send + Sync,
    ) -> Result<(), Refused> {
        let Some((cause, kind, to)) = mail.carries.first() else {
            return Ok(());
        };
        let step = CommandId::of_step(*cause, &format!("{kind:?}/{to}/{step}"));
        let decide = |situation: &Situation<'_>| -> Decision {
            let happened = |letter: &LetterId| {
                let known = situation.letters.knows(*letter);
                let (cause, kind, to) = *letter;
                let happened = Happened {
                    stream: Stream::Letter(cause, to),
                    occurred_at: situation.context.now,
                    event: event(kind),
                };
                known.then_some(happened).ok_or(Refusal::NotFound)
            };
            mail.carries.iter().map(happened).collect()
        };
        self.execute(program, Intent::keep_letters(step, decide))
            .await
            .map(|_| ())
    }
}

/// What the time calls for now, whether it goes now or waits; the last in the order first.
pub(crate) fn by_time(view: &View<'_>) -> Vec<Letter> {
    let owed = view
        .views
        .letters
        .owed_by_time(view.views.around(), view.now);
    let mut all: Vec<_> = owed.mails.into_iter().flatten().collect();
    all.extend(owed.held_back);
    all.sort_by_key(|letter| std::cmp::Reverse(letter.id));
    all
}

/// Every letter there is to show, the latest first.
fn shown<'v>(view: &View<'v>, by_time: Vec<Letter>) -> impl Iterator<Item = Letter> {
    let recorded = view
        .views
        .letters
        .shown(view.views.around(), view.now)
        .rev();
    by_time.into_iter().chain(recorded)
}

fn mail(view: &View<'_>, letters: &[Letter], base: &str) -> Option<MailOwed> {
    let letters: Vec<_> = letters
        .iter()
        .filter(|letter| reaches(view, letter))
        .collect();
    let first = letters.first()?;
    let to = first.id.2;
    let address = view.app.known_text(view.views.around().address_of(to)?)?;
    let links = letters.iter().map(|letter| link(view, base, letter));
    let links: Option<Vec<_>> = links.collect();
    let about: Vec<_> = letters
        .iter()
        .zip(links.as_ref()?)
        .map(|(letter, link)| wording::About {
            kind: letter.id.1,
            reference: reference(view, letter),
            link,
            clock: letter.clock,
            counts: (letter.id.1 == LetterKind::Digest)
                .then(|| counts(view.views.around(), to, view.now)),
            until_then: until_then(view, letter),
        })
        .collect();
    Some(MailOwed {
        to,
        address,
        carries: letters.iter().map(|letter| letter.id).collect(),
        message_id: first.message_id().to_string(),
        owed_at: first.owed_at,
        words: words(&about),
        invitation: of_letter(view, first, base),
    })
}

/// What the receipt says of something asked for while nobody is at work (product: "Clocks").
fn until_then(view: &View<'_>, letter: &Letter) -> Option<String> {
    let (cause, kind, _) = letter.id;
    let from = at_work_from(letter.owed_at);
    let asleep = kind == LetterKind::Received && from != letter.owed_at;
    if !asleep || view.views.letters.reaches_duty(cause) {
        return None;
    }
    let lines = view.app.urgent_help().iter();
    let lines: Vec<_> = lines
        .map(|line| format!("{}: {}", line.name, line.number))
        .collect();
    Some(format!(
        "{}\nUntil then these answer:\n{}",
        wording::nobody_reads_until(from),
        lines.join("\n")
    ))
}

fn reference<'v>(view: &View<'v>, letter: &Letter) -> Option<&'v str> {
    let case = view.views.cases.get(letter.case()?)?;
    Some(&case.request.reference)
}

/// What became of a letter, and when.
fn state(view: &View<'_>, letter: &Letter) -> (LetterStateCode, Option<DateTime<Utc>>) {
    match letter.state {
        LetterState::Owed => {
            let around = view.views.around();
            let right = view.views.letters.is_right(letter, around, view.now);
            let state = if right {
                LetterStateCode::Owed
            } else {
                LetterStateCode::Withdrawn
            };
            (state, None)
        }
        LetterState::Sent(at) => (LetterStateCode::Sent, Some(at)),
        LetterState::Undelivered(at) => (LetterStateCode::Undelivered, Some(at)),
    }
}

fn answer(view: &View<'_>, letter: &Letter) -> LetterAnswer {
    let (state, at) = state(view, letter);
    LetterAnswer {
        kind: letter.id.1,
        to: person_name(view, letter.id.2),
        case: letter.case(),
        reference: reference(view, letter).map(str::to_owned),
        clock: letter.clock,
        owed_at: letter.owed_at,
        state,
        at,
    }
}

/// What became of each letter.
#[utoipa::path(get, path = "/api/v1/letters", tag = "letters", params(LettersAsked),
    responses((status = 200, body = LettersAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<LettersAsked>,
) -> Result<Json<LettersAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeLetters, None)?;
    server.app.letters(&actor, &asked?).map(Json)
}
