//! Arranging a session: when, where, and facilitators who are neutral and free.

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::case::{Case, Offer};
use crate::directory_facts::Role;
use crate::facts::{DepartureReason, ManagersAttend, SessionArranged, SessionBooked};
use crate::history::Event;
use crate::ids::{OfferId, PersonId, SessionId};
use crate::offer::Window;
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open, out_of_step};
use crate::plan::known_offer;
use crate::policy::Act;
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::text::{Line, Moment};

const FACILITATORS_MAX: usize = 6;
const SESSIONS_MAX: usize = 20;
const MINUTES: std::ops::RangeInclusive<u16> = 10..=480;
/// Nobody plans further ahead; a year typed wrongly is caught here.
const AHEAD_MAX: Duration = Duration::days(730);

/// Arranges a session of an offer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrangeSession {
    /// The offer; its kind must have sessions.
    pub offer: OfferId,
    /// Start, in the future.
    pub starts_at: Moment,
    /// Length in minutes (10 to 480); the usual length of its kind if absent.
    #[serde(default)]
    pub minutes: Option<u16>,
    /// The site, never the ward, in at most 120 characters.
    #[serde(default)]
    pub site: Option<Line<120>>,
    /// The link, if it is held by video: `https://…`.
    #[serde(default)]
    pub link: Option<Line<300>>,
    /// One to six facilitators.
    pub facilitators: Vec<PersonId>,
    /// Whether managers attend, decided with the team.
    pub managers_attend: ManagersAttend,
    /// Why it departs from what is usual for its kind (time after the incident, length, number of
    /// facilitators); required where it does.
    #[serde(default)]
    pub departs_because: Option<DepartureReason>,
}

impl CaseCommand for ArrangeSession {
    const ACT: Act = Act::ArrangeSession;
    const NAME: &'static str = "arrange-session";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let offer = known_offer(case, self.offer)?;
        let minutes = self.check(case, offer, context)?;
        must_be_open(case)?;
        if offer.ended.is_some() {
            return Err(out_of_step(
                case,
                "offer_ended",
                "This offer has already ended.",
            ));
        }
        if offer.sessions.len() >= SESSIONS_MAX {
            let sentence = format!("An offer has at most {SESSIONS_MAX} sessions.");
            return Err(out_of_step(case, "too_many_sessions", sentence));
        }
        self.must_be_free(case, minutes, context)?;
        Ok(self.into_facts(case, minutes, context))
    }
}

impl ArrangeSession {
    fn check(&self, case: &Case, offer: &Offer, context: &Context<'_>) -> Result<u16, Refusal> {
        let Some((shortest, usual, longest)) = offer.row().minutes else {
            return Err(Refusal::invalid(
                "/offer",
                "Offers of this kind have no sessions.",
            ));
        };
        let starts_at = self.starts_at.0;
        let minutes = self.minutes.unwrap_or(usual);
        let mut faults = Faults::default();
        faults.require(
            starts_at > context.now && starts_at < context.now + AHEAD_MAX,
            "/starts_at",
            "Give a time in the future, within two years.",
        );
        faults.require(
            MINUTES.contains(&minutes),
            "/minutes",
            format!("Give {} to {} minutes.", MINUTES.start(), MINUTES.end()),
        );
        faults.require(
            self.site.is_some() || self.link.is_some(),
            "/site",
            "Give the site or a link.",
        );
        self.check_link(&mut faults);
        self.check_facilitators(case, offer, context, &mut faults);
        if self.departs_because.is_none() {
            let in_time = offer
                .row()
                .window
                .is_none_or(|w| within(&w, case, starts_at));
            faults.require(in_time, "/departs_because", outside(offer));
            faults.require(
                (shortest..=longest).contains(&minutes),
                "/departs_because",
                format!("Usually {shortest} to {longest} minutes. Say why it is different."),
            );
            let wanted = offer.row().facilitators;
            faults.require(
                self.facilitators.len() >= wanted.into(),
                "/departs_because",
                format!("Usually {wanted} facilitators. Say why it is different."),
            );
        }
        faults.settle().map(|()| minutes)
    }

    fn check_link(&self, faults: &mut Faults) {
        let link = self.link.clone().map(String::from);
        let fine = link.is_none_or(|link| is_link(&link));
        faults.require(fine, "/link", "Give a link that starts with https://");
    }

    fn check_facilitators(
        &self,
        case: &Case,
        offer: &Offer,
        context: &Context<'_>,
        faults: &mut Faults,
    ) {
        let all = &self.facilitators;
        let distinct = (1..all.len()).all(|n| !all[..n].contains(&all[n]));
        faults.require(
            (1..=FACILITATORS_MAX).contains(&all.len()) && distinct,
            "/facilitators",
            format!("Choose one to {FACILITATORS_MAX} facilitators, each once."),
        );
        let day = day_in_london(self.starts_at.0);
        for (n, person) in all.iter().take(FACILITATORS_MAX).enumerate() {
            let can = context.directory.holds(*person, Role::Facilitator, day)
                && context
                    .directory
                    .holds(*person, Role::Facilitator, day_in_london(context.now));
            faults.require(
                can,
                format!("/facilitators/{n}"),
                "Choose someone who is a facilitator now and on that day.",
            );
            faults.require(
                !can || !offer.row().neutral || context.directory.neutral_to(*person, case.team()),
                format!("/facilitators/{n}"),
                "Choose someone who is neither of this team nor in its line of management.",
            );
        }
    }

    /// Never overridden: nobody is in two places at once.
    fn must_be_free(
        &self,
        case: &Case,
        minutes: u16,
        context: &Context<'_>,
    ) -> Result<(), Refusal> {
        let taken = self.facilitators.iter().any(|person| {
            context
                .diaries
                .taken(*person, self.starts_at.0, minutes, None)
        });
        if taken {
            let sentence = "One of the facilitators is already booked at that time. Choose another time or another facilitator.";
            return Err(out_of_step(case, "facilitator_busy", sentence));
        }
        Ok(())
    }

    fn into_facts(self, case: &Case, minutes: u16, context: &Context<'_>) -> Vec<Happened> {
        let session = SessionId::new((context.fresh)());
        let booked = SessionBooked {
            session,
            case: case.case,
            starts_at: self.starts_at.0,
            minutes,
        };
        let arranged = Event::SessionArranged(SessionArranged {
            session,
            offer: self.offer,
            starts_at: self.starts_at.0,
            minutes,
            site: self.site.map(Into::into),
            link: self.link.map(Into::into),
            facilitators: self.facilitators.clone(),
            managers_attend: self.managers_attend,
            departs_because: self.departs_because,
        });
        let mut happened = vec![Happened::to_case(case.case, context.now, arranged)];
        happened.extend(self.facilitators.iter().map(|person| Happened {
            stream: Stream::Diary(*person),
            occurred_at: context.now,
            event: Event::SessionBooked(booked.clone()),
        }));
        happened
    }
}

/// A scheme, something that can be a host, and nothing that would end the link where it is shown.
fn is_link(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(c);
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && rest.chars().all(plain)
    })
}

/// Is that time within the window, counted from the latest dated incident, or from when it became
/// known? With nothing dated there is no window.
fn within(window: &Window, case: &Case, at: DateTime<Utc>) -> bool {
    let incidents = &case.request.incidents;
    let occurred = incidents.iter().filter_map(|i| i.occurred.latest()).max();
    let known = incidents.iter().filter_map(|i| i.known_at).max();
    let inside = |from: DateTime<Utc>| at >= from + window.from && at <= from + window.to;
    match (occurred, known) {
        (None, None) => true,
        (occurred, known) => occurred.is_some_and(inside) || known.is_some_and(inside),
    }
}

fn outside(offer: &Offer) -> String {
    let words = offer.row().window.map_or("", |window| window.words);
    format!("Usually {words}. Say why it is at another time.")
}

#[cfg(test)]
mod tests;
