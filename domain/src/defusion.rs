//! Logging a defusion after the fact: six answers, never refused for its time, only marked.

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::Case;
use crate::facts::{
    Affected, Answer, Band, DefusionHeld, DefusionLedBy, DefusionLogged, Incident, Occurred,
    PlaceClass, ReferralRaised, SafetyNow, ThemeSeen, Urgency,
};
use crate::history::Event;
use crate::ids::{CaseId, IncidentId, UnitId};
use crate::incident::{IncidentGroup, IncidentType};
use crate::offer::OfferKind;
use crate::pathway::{CaseCommand, Context, Decision, Happened};
use crate::policy::Act;
use crate::raise::reference;
use crate::refusal::{Faults, Refusal};
use crate::text::Moment;
use crate::triage::suggest;

const THEMES_MAX: usize = 5;
const ASKED_FOR_MAX: usize = 5;
const MINUTES: std::ops::RangeInclusive<u16> = 5..=600;
/// A year typed wrongly is caught here; this is not the window.
const BACK_MAX: Duration = Duration::days(730);

/// Logs a defusion that was held when there is no case yet: it opens one. Six answers are required.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenWithDefusion {
    /// The team: the id of a unit of level `team`.
    pub team: UnitId,
    /// What happened, coded.
    pub incident_type: IncidentType,
    /// When it happened.
    pub occurred_at: Moment,
    /// When the defusion was held.
    pub held_at: Moment,
    /// Led by which role.
    pub led_by: DefusionLedBy,
    /// How many were present, as a band. Never who.
    pub headcount: Band,
    /// What kind of place it happened in; `elsewhere` if absent.
    #[serde(default)]
    pub place: Option<PlaceClass>,
    /// How long the defusion took, in minutes (5 to 600).
    #[serde(default)]
    pub minutes: Option<u16>,
    /// At most five themes, each once.
    #[serde(default)]
    pub themes: Vec<ThemeSeen>,
    /// What more is asked for, if anything: at most five kinds of offer.
    #[serde(default)]
    pub asked_for: Vec<OfferKind>,
}

/// Logs a defusion that was held, in a case that exists. At any stage, whenever it was held.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogDefusion {
    /// When it was held.
    pub held_at: Moment,
    /// Led by which role.
    pub led_by: DefusionLedBy,
    /// How many were present, as a band. Never who.
    pub headcount: Band,
    /// How long it took, in minutes (5 to 600).
    #[serde(default)]
    pub minutes: Option<u16>,
    /// At most five themes, each once.
    #[serde(default)]
    pub themes: Vec<ThemeSeen>,
}

impl OpenWithDefusion {
    pub(crate) fn decide(self, context: &Context<'_>) -> Decision {
        self.check(context)?;
        let case = CaseId::new((context.fresh)());
        let defusion = self.defusion();
        let (mut raised, held_at) = (self.into_request(context), defusion.held_at.0);
        let logged = Event::DefusionLogged(defusion.into_fact(&raised.incidents));
        (raised.suggested, raised.because) = suggest(&raised);
        let raised = Event::ReferralRaised(Box::new(raised));
        Ok(vec![
            Happened::to_case(case, context.now, raised),
            Happened::to_case(case, held_at, logged),
        ])
    }

    fn defusion(&self) -> LogDefusion {
        LogDefusion {
            held_at: self.held_at,
            led_by: self.led_by,
            headcount: self.headcount,
            minutes: self.minutes,
            themes: self.themes.clone(),
        }
    }

    fn check(&self, context: &Context<'_>) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        faults.require(
            context.directory.team(self.team).is_some()
                && context.directory.may_ask_for(context.who, self.team),
            "/team",
            "Choose a team from the list of teams.",
        );
        faults.require(
            !matches!(
                self.incident_type.group(),
                IncidentGroup::Str | IncidentGroup::Pre
            ),
            "/incident_type",
            "Choose something that happened.",
        );
        faults.require(
            self.occurred_at.0 <= context.now,
            "/occurred_at",
            "Give a time that is not in the future.",
        );
        let asked = &self.asked_for;
        let distinct = (1..asked.len()).all(|n| !asked[..n].contains(&asked[n]));
        faults.require(
            asked.len() <= ASKED_FOR_MAX && distinct,
            "/asked_for",
            format!("Choose at most {ASKED_FOR_MAX} kinds of support, each once."),
        );
        self.defusion().check(context, &mut faults);
        faults.settle()
    }

    /// The request that opens the case. What nobody was asked at this moment stays unknown.
    fn into_request(self, context: &Context<'_>) -> ReferralRaised {
        let incident = Incident {
            incident: IncidentId::new((context.fresh)()),
            kind: self.incident_type,
            occurred: Occurred::At(self.occurred_at.0),
            known_at: None,
            place: self.place.unwrap_or(PlaceClass::Elsewhere),
            line: None,
            local_ref: None,
        };
        ReferralRaised {
            reference: reference((context.fresh)()),
            team: self.team,
            incidents: vec![incident],
            anticipated: None,
            strain: None,
            affected: Affected {
                directly: Band::Unknown,
                indirectly: Band::Unknown,
                groups: Vec::new(),
            },
            injuries: Answer::Unknown,
            staff_in_hospital: Answer::Unknown,
            absence: Answer::Unknown,
            signs_worsening: Answer::Unknown,
            safety: SafetyNow {
                threat_continuing: Answer::Unknown,
                area_safe: Answer::Unknown,
                someone_at_immediate_risk: Answer::Unknown,
            },
            defusion_held: Some(DefusionHeld {
                at: self.held_at.0,
                led_by: self.led_by,
            }),
            asked_for: self.asked_for,
            team_aware: Answer::Unknown,
            preferred_times: None,
            preferred_venue: None,
            shift_pattern: None,
            contact_out_of_hours: None,
            on_behalf: None,
            suggested: Urgency::U3,
            because: Vec::new(),
        }
    }
}

impl CaseCommand for LogDefusion {
    const ACT: Act = Act::LogDefusion;
    const NAME: &'static str = "log-defusion";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let mut faults = Faults::default();
        self.check(context, &mut faults);
        faults.settle()?;
        let held_at = self.held_at.0;
        let logged = self.into_fact(&case.request.incidents);
        let event = Event::DefusionLogged(logged);
        Ok(vec![Happened::to_case(case.case, held_at, event)])
    }
}

impl LogDefusion {
    fn check(&self, context: &Context<'_>, faults: &mut Faults) {
        let held_at = self.held_at.0;
        faults.require(
            held_at <= context.now && held_at > context.now - BACK_MAX,
            "/held_at",
            "Give a time within the last two years, not in the future.",
        );
        faults.require(
            self.minutes
                .is_none_or(|minutes| MINUTES.contains(&minutes)),
            "/minutes",
            format!("Give {} to {} minutes.", MINUTES.start(), MINUTES.end()),
        );
        let themes = &self.themes;
        let seen = |n: usize| themes[..n].iter().any(|t| t.theme == themes[n].theme);
        faults.require(
            themes.len() <= THEMES_MAX && !(1..themes.len()).any(seen),
            "/themes",
            format!("Choose at most {THEMES_MAX} themes, each once."),
        );
    }

    fn into_fact(self, incidents: &[Incident]) -> DefusionLogged {
        DefusionLogged {
            held_at: self.held_at.0,
            minutes: self.minutes,
            led_by: self.led_by,
            headcount: self.headcount,
            themes: self.themes,
            outside_window: outside_window(incidents, self.held_at.0),
        }
    }
}

/// Was it held outside the window, counted from every dated incident and from when one became known?
/// A defusion after the first of two incidents is in time for that one. With nothing dated there is
/// no window to be outside of.
fn outside_window(incidents: &[Incident], held_at: DateTime<Utc>) -> bool {
    let Some(window) = OfferKind::Defusion.row().window else {
        return false;
    };
    let starts = incidents
        .iter()
        .flat_map(|incident| [incident.occurred.latest(), incident.known_at]);
    let mut starts = starts.flatten().peekable();
    let inside = |from: DateTime<Utc>| held_at >= from + window.from && held_at <= from + window.to;
    starts.peek().is_some() && !starts.any(inside)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::given::cases::{Given, LEAD, NURSE, TEAM, at, team_case};

    fn logged(events: &[Event]) -> &DefusionLogged {
        let found = events.iter().find_map(|event| match event {
            Event::DefusionLogged(logged) => Some(logged),
            _ => None,
        });
        found.unwrap()
    }

    #[test]
    fn a_defusion_without_a_case_opens_one_with_six_answers() {
        let mut given = Given::at(at(0, 10));
        let opened = given.open_with_defusion(
            NURSE,
            json!({
                "team": TEAM, "incident_type": "assault_physical", "occurred_at": at(0, 0),
                "held_at": at(0, 9), "led_by": "nurse_in_charge", "headcount": "6-10"
            }),
        );
        let events = opened.unwrap();
        assert!(matches!(events[0], Event::ReferralRaised(_)));
        assert!(!logged(&events).outside_window);
    }

    #[test]
    fn a_defusion_outside_its_window_is_marked_and_not_refused() {
        let mut given = Given::at(at(9, 0));
        let case = team_case(&mut given, at(0, 0));
        let body = json!({ "held_at": at(2, 0), "led_by": "manager", "headcount": "1-5" });
        let events = given.gives::<LogDefusion>(LEAD, case, body).unwrap();
        assert!(logged(&events).outside_window);
        assert_eq!(given.case(case).aftercare.defusions.len(), 1);
    }

    #[test]
    fn a_defusion_in_the_future_or_with_a_theme_twice_is_refused_with_every_fault() {
        let mut given = Given::at(at(1, 0));
        let case = team_case(&mut given, at(0, 0));
        let twice = json!({ "theme": "psy.safety", "polarity": "mixed" });
        let body = json!({ "held_at": at(2, 0), "led_by": "manager", "headcount": "1-5",
                           "themes": [twice, twice] });
        let Err(Refusal::Invalid(faults)) = given.gives::<LogDefusion>(LEAD, case, body) else {
            panic!("it was not refused");
        };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/held_at", "/themes"]);
    }
}
