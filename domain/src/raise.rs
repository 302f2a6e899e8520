//! Raising a referral: someone asks for help for a team, in at most eight required answers.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bar::Wished;
use crate::calendar::day_in_london;
use crate::facts::{
    Affected, Answer, AnticipatedEvent, AskedThrough, DefusionHeld, DefusionLedBy, Incident,
    Occurred, OnBehalf, PlaceClass, ReferralRaised, SafetyNow, ShiftPattern, Strain,
};
use crate::history::Event;
use crate::ids::{CaseId, IncidentId, UnitId};
use crate::incident::{IncidentGroup, IncidentType};
use crate::offer::OfferKind;
use crate::pathway::{Context, Decision, Happened};
use crate::refusal::Faults;
use crate::text::{Day, Line, Moment, Text};
use crate::triage::suggest;

const INCIDENTS_MAX: usize = 10;
const ASKED_FOR_MAX: usize = 5;
const GROUPS_MAX: usize = 6;

/// Asks for support for a team. No member of staff is named as affected.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseReferral {
    /// The team: the id of a unit of level `team`.
    pub team: UnitId,
    /// What happened; empty where something is anticipated, or it is about strain.
    #[serde(default)]
    pub incidents: Vec<IncidentReport>,
    /// What a pre-brief should prepare for.
    #[serde(default)]
    pub anticipated: Option<AnticipatedReport>,
    /// Strain that no single incident explains.
    #[serde(default)]
    pub strain: Option<StrainReport>,
    /// Who was affected, as bands and groups.
    pub affected: Affected,
    /// Was anyone hurt?
    pub injuries: Answer,
    /// Is a member of staff in hospital?
    #[serde(default = "unknown")]
    pub staff_in_hospital: Answer,
    /// Is anyone absent because of it?
    #[serde(default = "unknown")]
    pub absence: Answer,
    /// Are signs getting worse?
    pub signs_worsening: Answer,
    /// Are people safe now? If not: ring the crisis route first; this is not an emergency service.
    pub safety: SafetyNow,
    /// A defusion that was already held.
    #[serde(default)]
    pub defusion_held: Option<DefusionReport>,
    /// What is asked for: one to five kinds of offer.
    pub asked_for: Vec<OfferKind>,
    /// Does the team know that this is asked for?
    pub team_aware: Answer,
    /// Times that would suit.
    #[serde(default)]
    pub preferred_times: Option<Text<200>>,
    /// A place that would suit.
    #[serde(default)]
    pub preferred_venue: Option<Text<200>>,
    /// How the team works.
    #[serde(default)]
    pub shift_pattern: Option<ShiftPattern>,
    /// Whom to ring out of hours.
    #[serde(default)]
    pub contact_out_of_hours: Option<Text<200>>,
    /// Should your manager not be told? Then no manager of this team sees it unless the PIPSS lead decides so.
    #[serde(default)]
    pub not_through_my_manager: bool,
    /// Should anyone not see this? Names or addresses at work, at most five.
    #[serde(default)]
    pub not_seen_by: Vec<Line<200>>,
    /// For leads only: that you raise it for someone who asked you to.
    #[serde(default)]
    pub on_behalf: Option<OnBehalfReport>,
}

/// That the lead raises it for someone else. Only leads read it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnBehalfReport {
    /// How it reached the lead.
    pub source: AskedThrough,
    /// In at most 200 characters. Please name nobody.
    #[serde(default)]
    pub note: Option<Text<200>>,
}

/// One incident as reported.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentReport {
    /// What happened, coded.
    #[serde(rename = "type")]
    pub kind: IncidentType,
    /// When: a time, a period, or unknown.
    pub occurred: OccurredReport,
    /// When it became known, if that was later.
    #[serde(default)]
    pub known_at: Option<Moment>,
    /// What kind of place.
    pub place: PlaceClass,
    /// One line, at most 300 characters. Please name nobody.
    #[serde(default)]
    pub line: Option<Line<300>>,
    /// The reference in the local incident system.
    #[serde(default)]
    pub local_ref: Option<Line<60>>,
}

/// When an incident happened, as reported.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OccurredReport {
    /// At a known time.
    At(Moment),
    /// Over a period.
    Between {
        /// Its start.
        from: Moment,
        /// Its end.
        to: Moment,
    },
    /// Nobody knows when.
    Undated,
}

/// Something that is expected.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnticipatedReport {
    /// When it is expected.
    #[serde(default)]
    pub expected_on: Option<Day>,
    /// One line, at most 300 characters. Please name nobody.
    #[serde(default)]
    pub line: Option<Line<300>>,
}

/// Strain as reported.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StrainReport {
    /// `run_of_incidents` or `sustained_strain`.
    #[serde(rename = "type")]
    pub kind: IncidentType,
    /// One line, at most 300 characters. Please name nobody.
    #[serde(default)]
    pub line: Option<Line<300>>,
}

/// A defusion that was already held, as reported.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefusionReport {
    /// When.
    pub at: Moment,
    /// Led by which role.
    pub led_by: DefusionLedBy,
}

const fn unknown() -> Answer {
    Answer::Unknown
}

impl RaiseReferral {
    pub(crate) fn decide(self, context: &Context<'_>) -> Decision {
        self.check(context)?;
        let case = CaseId::new((context.fresh)());
        let bars = self.wished().bars(case, context);
        let mut raised = self.into_fact(context);
        (raised.suggested, raised.because) = suggest(&raised);
        let event = Event::ReferralRaised(Box::new(raised));
        let raised = Happened::to_case(case, context.now, event);
        Ok(std::iter::once(raised).chain(bars).collect())
    }

    fn wished(&self) -> Wished<'_> {
        Wished {
            not_through_manager: self.not_through_my_manager,
            not_seen_by: &self.not_seen_by,
        }
    }

    fn check(&self, context: &Context<'_>) -> Result<(), crate::refusal::Refusal> {
        let mut faults = Faults::default();
        faults.require(
            context.directory.team(self.team).is_some()
                && context.directory.may_ask_for(context.who, self.team),
            "/team",
            "Choose a team from the list of teams.",
        );
        let something =
            !self.incidents.is_empty() || self.anticipated.is_some() || self.strain.is_some();
        faults.require(
            something,
            "/incidents",
            "Say what happened, what is expected, or that it is about strain.",
        );
        faults.require(
            self.incidents.len() <= INCIDENTS_MAX,
            "/incidents",
            format!("Give at most {INCIDENTS_MAX} incidents."),
        );
        for (n, incident) in self.incidents.iter().take(INCIDENTS_MAX).enumerate() {
            incident.check(n, context, &mut faults);
        }
        self.check_the_rest(context, &mut faults);
        faults.settle()
    }

    fn check_the_rest(&self, context: &Context<'_>, faults: &mut Faults) {
        let today = day_in_london(context.now);
        if let Some(day) = self.anticipated.as_ref().and_then(|a| a.expected_on) {
            faults.require(
                day.0 >= today,
                "/anticipated/expected_on",
                "Give a day that is not in the past.",
            );
        }
        if let Some(strain) = &self.strain {
            faults.require(
                strain.kind.group() == IncidentGroup::Str,
                "/strain/type",
                "Choose run_of_incidents or sustained_strain.",
            );
        }
        if let Some(held) = &self.defusion_held {
            faults.require(
                held.at.0 <= context.now,
                "/defusion_held/at",
                "Give a time that is not in the future.",
            );
        }
        self.wished().check(context, faults);
        faults.require(
            self.on_behalf.is_none() || context.is_lead(),
            "/on_behalf",
            "Only a PIPSS lead raises on behalf of someone. Leave this out.",
        );
        let asked = &self.asked_for;
        let distinct = (1..asked.len()).all(|n| !asked[..n].contains(&asked[n]));
        faults.require(
            (1..=ASKED_FOR_MAX).contains(&asked.len()) && distinct,
            "/asked_for",
            format!("Choose one to {ASKED_FOR_MAX} kinds of support, each once."),
        );
        let groups = &self.affected.groups;
        let distinct = (1..groups.len()).all(|n| !groups[..n].contains(&groups[n]));
        faults.require(
            groups.len() <= GROUPS_MAX && distinct,
            "/affected/groups",
            "Name each group once.",
        );
    }

    fn into_fact(self, context: &Context<'_>) -> ReferralRaised {
        let incident = |report: IncidentReport| report.into_fact((context.fresh)());
        ReferralRaised {
            reference: reference((context.fresh)()),
            team: self.team,
            incidents: self.incidents.into_iter().map(incident).collect(),
            anticipated: self.anticipated.map(|report| AnticipatedEvent {
                expected_on: report.expected_on.map(|day| day.0),
                line: report.line.map(Into::into),
            }),
            strain: self.strain.map(|report| Strain {
                kind: report.kind,
                line: report.line.map(Into::into),
            }),
            affected: self.affected,
            injuries: self.injuries,
            staff_in_hospital: self.staff_in_hospital,
            absence: self.absence,
            signs_worsening: self.signs_worsening,
            safety: self.safety,
            defusion_held: self.defusion_held.map(|report| DefusionHeld {
                at: report.at.0,
                led_by: report.led_by,
            }),
            asked_for: self.asked_for,
            team_aware: self.team_aware,
            preferred_times: self.preferred_times.map(Into::into),
            preferred_venue: self.preferred_venue.map(Into::into),
            shift_pattern: self.shift_pattern,
            contact_out_of_hours: self.contact_out_of_hours.map(Into::into),
            on_behalf: self.on_behalf.map(|report| OnBehalf {
                source: report.source,
                note: report.note.map(Into::into),
            }),
            suggested: crate::facts::Urgency::U3,
            because: Vec::new(),
        }
    }
}

impl IncidentReport {
    fn check(&self, n: usize, context: &Context<'_>, faults: &mut Faults) {
        let at = |field: &str| format!("/incidents/{n}/{field}");
        faults.require(
            !matches!(self.kind.group(), IncidentGroup::Str | IncidentGroup::Pre),
            at("type"),
            "Use `strain` or `anticipated` for this.",
        );
        let latest = match self.occurred {
            OccurredReport::At(at) => Some(at.0),
            OccurredReport::Between { from, to } => {
                faults.require(
                    from <= to,
                    at("occurred/between"),
                    "The period ends before it starts.",
                );
                Some(to.0.max(from.0))
            }
            OccurredReport::Undated => None,
        };
        faults.require(
            latest.is_none_or(|latest| latest <= context.now),
            at("occurred"),
            "Give a time that is not in the future.",
        );
        if let Some(known) = self.known_at {
            faults.require(
                known.0 <= context.now && latest.is_none_or(|latest| latest <= known.0),
                at("known_at"),
                "It became known after it happened, and not in the future.",
            );
        }
    }

    fn into_fact(self, id: Uuid) -> Incident {
        Incident {
            incident: IncidentId::new(id),
            kind: self.kind,
            occurred: match self.occurred {
                OccurredReport::At(at) => Occurred::At(at.0),
                OccurredReport::Between { from, to } => Occurred::Between {
                    from: from.0,
                    to: to.0,
                },
                OccurredReport::Undated => Occurred::Undated,
            },
            known_at: self.known_at.map(|at| at.0),
            place: self.place,
            line: self.line.map(Into::into),
            local_ref: self.local_ref.map(Into::into),
        }
    }
}

/// What people quote on the telephone: ten letters and digits that are not mistaken for one another,
/// drawn at random (50 bits), so that it tells nothing about how many there are or when.
pub(crate) fn reference(random: Uuid) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = random.as_bytes();
    // A version 4 UUID is random in its last eight bytes but for two bits of the first of them.
    let mut bits = u64::from_be_bytes([
        0, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15],
    ]);
    let mut text = String::from("PS-");
    for n in 0..10 {
        if n == 5 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    text
}

#[cfg(test)]
mod tests;
