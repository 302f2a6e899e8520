//! Arranging a session: when, where, and facilitators who are neutral and free.

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::{Case, Offer};
use crate::facts::{
    DepartureReason, ManagersAttend, Obstacle, Overridden, SessionArranged, SessionBooked,
};
use crate::history::Event;
use crate::ids::{CaseId, OfferId, PersonId, SessionId};
use crate::joint::{self, JOINED_MAX, JointWith};
use crate::offer::{OfferRow, Window};
use crate::pathway::booked_at_that_time;
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open, out_of_step};
use crate::plan::known_offer;
use crate::policy::Act;
use crate::refusal::{Fault, Faults, Refusal};
use crate::stream::Stream;
use crate::suitable::{Asked, weigh};
use crate::text::{Line, Moment, Text};

const FACILITATORS_MAX: usize = 6;
pub(crate) const SESSIONS_MAX: usize = 20;
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
    /// Facilitators who are asked although something speaks against it; never although they are booked.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// Up to five other cases it is held for together with this one, which leads it. Each must be
    /// linked with this one by an incident.
    #[serde(default)]
    pub joint_with: Vec<JointWith>,
}

/// A facilitator is asked all the same.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Whom.
    pub facilitator: PersonId,
    /// Why it is right, in at most 300 characters. Only leads read it.
    pub reason: Text<300>,
}

impl CaseCommand for ArrangeSession {
    const ACT: Act = Act::ArrangeSession;
    const NAME: &'static str = "arrange-session";

    fn also(&self) -> Vec<CaseId> {
        let joint = self.joint_with.iter().take(JOINED_MAX);
        joint.map(|other| other.case).collect()
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let offer = known_offer(case, self.offer)?;
        let mut faults = Faults::default();
        let joined = joint::cases(&self.joint_with, case, offer, context, &mut faults);
        let asked = self.asked(case, &joined, offer)?;
        let checked = self.check(offer, &asked, context, faults)?;
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
        if !checked.booked.is_empty() {
            return Err(booked_at_that_time(case, checked.booked));
        }
        Ok(self.into_facts(&asked, checked.overridden, context))
    }
}

impl ArrangeSession {
    fn asked<'a>(
        &self,
        case: &'a Case,
        joined: &'a [&'a Case],
        offer: &Offer,
    ) -> Result<Asked<'a>, Refusal> {
        let sentence = "Offers of this kind have no sessions.";
        let usual = offer.row().minutes.map(|(_, usual, _)| usual);
        let usual = usual.ok_or_else(|| Refusal::invalid("/offer", sentence))?;
        Ok(Asked {
            case,
            joined,
            row: offer.row(),
            starts_at: self.starts_at.0,
            minutes: self.minutes.unwrap_or(usual),
            session: None,
        })
    }

    fn check(
        &self,
        offer: &Offer,
        asked: &Asked<'_>,
        context: &Context<'_>,
        mut faults: Faults,
    ) -> Result<Checked, Refusal> {
        check_time(asked, context, &mut faults);
        faults.require(
            self.site.is_some() || self.link.is_some(),
            "/site",
            "Give the site or a link.",
        );
        check_link(self.link.as_ref(), &mut faults);
        let all = &self.facilitators;
        let distinct = (1..all.len()).all(|n| !all[..n].contains(&all[n]));
        faults.require(
            (1..=FACILITATORS_MAX).contains(&all.len()) && distinct,
            "/facilitators",
            format!("Choose one to {FACILITATORS_MAX} facilitators, each once."),
        );
        if self.departs_because.is_none() {
            check_usual(asked, &mut faults);
            let wanted = offer.row().facilitators;
            faults.require(
                all.len() >= wanted.into(),
                "/departs_because",
                format!("Usually {wanted} facilitators. Say why it is different."),
            );
        }
        let all = &all[..all.len().min(FACILITATORS_MAX)];
        check_facilitators(asked, all, &|_| vec![], &self.overrides, context, faults)
    }

    fn into_facts(
        self,
        asked: &Asked<'_>,
        overrides: Vec<Overridden>,
        context: &Context<'_>,
    ) -> Vec<Happened> {
        let (case, minutes) = (asked.case, asked.minutes);
        let session = SessionId::new((context.fresh)());
        let booked = SessionBooked {
            session,
            case: case.case,
            starts_at: self.starts_at.0,
            minutes,
        };
        let arranged = SessionArranged {
            session,
            offer: self.offer,
            starts_at: self.starts_at.0,
            minutes,
            site: self.site.map(Into::into),
            link: self.link.map(Into::into),
            facilitators: self.facilitators.clone(),
            managers_attend: self.managers_attend,
            departs_because: self.departs_because,
            overrides,
            joined: self.joint_with.iter().map(|other| other.case).collect(),
            led_in: None,
        };
        let joined = self.joint_with.iter();
        let joined = joined.map(|other| (other.case, other.arranged(&arranged, case.case)));
        let each = joined.collect::<Vec<_>>();
        let each = std::iter::once((case.case, arranged)).chain(each);
        let mut happened: Vec<_> = each
            .map(|(case, arranged)| {
                Happened::to_case(case, context.now, Event::SessionArranged(arranged))
            })
            .collect();
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

/// What is left against the facilitators of a session.
pub(crate) struct Checked {
    faults: Faults,
    /// Who is booked at that time.
    pub booked: Vec<Fault>,
    /// Who is asked all the same.
    pub overridden: Vec<Overridden>,
}

impl Checked {
    fn settle(mut self) -> Result<Self, Refusal> {
        std::mem::take(&mut self.faults).settle().map(|()| self)
    }
}

/// Every facilitator, each with all that speaks against them at `/facilitators/N`.
pub(crate) fn check_facilitators(
    asked: &Asked<'_>,
    facilitators: &[PersonId],
    settled: &dyn Fn(PersonId) -> Vec<Obstacle>,
    overrides: &[Override],
    context: &Context<'_>,
    mut faults: Faults,
) -> Result<Checked, Refusal> {
    let (mut booked, mut overridden) = (Vec::new(), Vec::new());
    for (n, each) in overrides.iter().enumerate() {
        let first = overrides[..n]
            .iter()
            .all(|e| e.facilitator != each.facilitator);
        faults.require(
            first && facilitators.contains(&each.facilitator),
            format!("/overrides/{n}/facilitator"),
            "Choose a facilitator of this session, each once.",
        );
    }
    for (n, person) in facilitators.iter().enumerate() {
        let reason = overrides.iter().find(|each| each.facilitator == *person);
        let weighed = weigh(
            *person,
            asked.obstacles(*person, context),
            &settled(*person),
            reason.map(|each| &each.reason),
            &format!("/facilitators/{n}"),
        );
        for fault in weighed.faults {
            faults.require(false, fault.pointer, fault.detail);
        }
        booked.extend(weighed.booked);
        overridden.extend(weighed.overridden);
    }
    Checked {
        faults,
        booked,
        overridden,
    }
    .settle()
}

/// A time to come and a possible length.
pub(crate) fn check_time(asked: &Asked<'_>, context: &Context<'_>, faults: &mut Faults) {
    faults.require(
        asked.starts_at > context.now && asked.starts_at < context.now + AHEAD_MAX,
        "/starts_at",
        "Give a time in the future, within two years.",
    );
    faults.require(
        MINUTES.contains(&asked.minutes),
        "/minutes",
        format!("Give {} to {} minutes.", MINUTES.start(), MINUTES.end()),
    );
}

/// The window and the length that are usual for its kind.
pub(crate) fn check_usual(asked: &Asked<'_>, faults: &mut Faults) {
    let row = asked.row;
    let in_time = row.window.is_none_or(|window| {
        asked
            .cases()
            .all(|case| within(&window, case, asked.starts_at))
    });
    faults.require(in_time, "/departs_because", outside(row));
    if let Some((shortest, _, longest)) = row.minutes {
        faults.require(
            (shortest..=longest).contains(&asked.minutes),
            "/departs_because",
            format!("Usually {shortest} to {longest} minutes. Say why it is different."),
        );
    }
}

pub(crate) fn check_link(link: Option<&Line<300>>, faults: &mut Faults) {
    let fine = link
        .cloned()
        .map(String::from)
        .is_none_or(|link| is_link(&link));
    faults.require(fine, "/link", "Give a link that starts with https://");
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

fn outside(row: &OfferRow) -> String {
    let words = row.window.map_or("", |window| window.words);
    format!("Usually {words}. Say why it is at another time.")
}

#[cfg(test)]
mod tests;
