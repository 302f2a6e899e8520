//! Programs: another system of the trust may ask for support, for the teams and in the ways that were granted to it.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::directory_facts::{PersonRecorded, SignIn};
use crate::grants::{DAYS_MAX, out_of_step, to_grants};
use crate::history::{Event, Who};
use crate::ids::{PersonId, UnitId};
use crate::pathway::{Context, Decision, Happened};
use crate::personal::Personal;
use crate::policy::Act;
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::text::{Day, Line};

/// The most teams that one program is granted.
const TEAMS_MAX: usize = 500;

/// What a program can be granted to do. Never anything about one-to-one support, and never the access log.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProgramAct {
    /// Ask for support for a listed team.
    RaiseReferral,
    /// Log a defusion that a listed team held.
    LogDefusion,
    /// See what became of what it asked for: the outline, as whoever raised it sees it.
    FollowOwn,
}

impl ProgramAct {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RaiseReferral => "Ask for support",
            Self::LogDefusion => "Log a defusion that was held",
            Self::FollowOwn => "Follow what it asked for",
        }
    }

    /// What it stands for in the policy table.
    const fn acts(self) -> &'static [Act] {
        match self {
            Self::RaiseReferral => &[Act::RaiseReferral],
            Self::LogDefusion => &[Act::OpenWithDefusion],
            Self::FollowOwn => &[Act::SeeCase, Act::SeeRequest, Act::SeeDefusions],
        }
    }
}

/// The acts of one program, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProgramActs(u8);

impl ProgramActs {
    /// Every act that a program can be granted.
    pub const ALL: Self = Self(0b111);

    /// Is this act of the policy table among them? Every program may see who it is, and the codebooks.
    pub fn hold(self, act: Act) -> bool {
        let every = [
            ProgramAct::RaiseReferral,
            ProgramAct::LogDefusion,
            ProgramAct::FollowOwn,
        ];
        let granted = |one: &ProgramAct| self.0 & (1 << *one as u8) != 0;
        matches!(act, Act::SeeMe | Act::SeeCodebook)
            || every
                .into_iter()
                .filter(granted)
                .any(|one| one.acts().contains(&act))
    }
}

impl FromIterator<ProgramAct> for ProgramActs {
    fn from_iter<I: IntoIterator<Item = ProgramAct>>(acts: I) -> Self {
        Self(acts.into_iter().fold(0, |set, act| set | 1 << act as u8))
    }
}

/// What one program may do, for which teams, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramScope {
    /// What it may do.
    pub acts: Vec<ProgramAct>,
    /// The teams.
    pub teams: Vec<UnitId>,
    /// The last day.
    pub until: NaiveDate,
}

/// `ProgramProposed` (in `grants/`): a lead proposes it; nothing is granted until an auditor approves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramProposed {
    /// What it would be granted.
    pub scope: ProgramScope,
}

/// `ProgramGranted` (in `grants/`): from now on this program may do that; it replaces what it was granted before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramGranted {
    /// What it may do.
    pub scope: ProgramScope,
}

/// A program as it stands.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// What waits for an auditor, and who proposed it.
    pub proposed: Option<(ProgramScope, Who)>,
    /// What it was granted.
    pub granted: Option<ProgramScope>,
}

impl Program {
    /// What it may do on that day.
    pub fn acts_on(&self, day: NaiveDate) -> ProgramActs {
        let held = self.granted.iter().filter(|scope| day <= scope.until);
        held.flat_map(|scope| scope.acts.iter().copied()).collect()
    }

    /// Is this one of its teams?
    pub fn serves(&self, team: UnitId) -> bool {
        let granted = self.granted.as_ref();
        granted.is_some_and(|scope| scope.teams.contains(&team))
    }
}

/// Proposes that a program is granted some acts for some teams. Nothing is granted until an auditor approves.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeProgram {
    /// What people call it.
    pub name: Line<200>,
    /// The sign-in service that gives it its tokens.
    pub issuer: Line<255>,
    /// What that service calls it: the subject of its tokens.
    pub subject: Line<255>,
    /// What it may do: 1 to 3.
    pub acts: Vec<ProgramAct>,
    /// The teams: 1 to 500.
    pub teams: Vec<UnitId>,
    /// The last day, at most a year away.
    pub until: Day,
}

impl ProposeProgram {
    /// How it signs in.
    pub fn sign_in(&self) -> SignIn {
        SignIn {
            issuer: self.issuer.as_str().to_owned(),
            subject: self.subject.as_str().to_owned(),
        }
    }

    /// The rule. `met` is who signs in like that, if anyone did.
    ///
    /// # Errors
    /// `Invalid` with every fault, `OutOfStep` if it is so or waits already.
    pub fn decide(self, met: Option<PersonId>, context: &Context<'_>) -> Decision {
        self.check(met, context)?;
        let scope = ProgramScope {
            acts: self.acts.clone(),
            teams: self.teams.clone(),
            until: self.until.0,
        };
        let program = met.and_then(|met| context.directory.program(met));
        if program.is_some_and(|program| program.granted.as_ref() == Some(&scope)) {
            return Err(out_of_step("already_granted", "It has been granted this."));
        }
        let waits = program.and_then(|program| program.proposed.as_ref());
        if waits.is_some_and(|(waits, _)| *waits == scope) {
            let sentence = "This waits for an auditor already.";
            return Err(out_of_step("already_proposed", sentence));
        }
        let person = met.unwrap_or_else(|| PersonId::new((context.fresh)()));
        let recorded = met.is_none().then(|| Happened {
            stream: Stream::Person(person),
            occurred_at: context.now,
            event: Event::PersonRecorded(self.recorded()),
        });
        let proposed = Event::ProgramProposed(ProgramProposed { scope });
        let proposed = to_grants(person, context, proposed);
        Ok(recorded.into_iter().chain([proposed]).collect())
    }

    fn check(&self, met: Option<PersonId>, context: &Context<'_>) -> Result<(), Refusal> {
        let today = day_in_london(context.now);
        let last = today + Days::new(DAYS_MAX);
        let mut faults = Faults::default();
        faults.require(
            !self.acts.is_empty() && distinct(&self.acts),
            "/acts",
            "Choose at least one act, each once.",
        );
        faults.require(
            (1..=TEAMS_MAX).contains(&self.teams.len())
                && distinct(&self.teams)
                && self
                    .teams
                    .iter()
                    .all(|team| context.directory.team(*team).is_some()),
            "/teams",
            "Choose 1 to 500 teams from the list of teams, each once.",
        );
        faults.require(
            (today..=last).contains(&self.until.0),
            "/until",
            "Give a day from today on, at most 366 days away.",
        );
        faults.require(
            met.is_none_or(|met| context.directory.program(met).is_some()),
            "/subject",
            "A person signs in like this. A program has a sign-in of its own.",
        );
        faults.settle()
    }

    fn recorded(&self) -> PersonRecorded {
        PersonRecorded {
            name: Some(Personal::Known(self.name.as_str().to_owned())),
            email: None,
            sign_in: Some(Personal::Known(self.sign_in())),
            home_unit: None,
            // Not one of the trust's staff: nothing that staff may do comes with it.
            external: true,
        }
    }
}

fn distinct<T: Ord>(all: &[T]) -> bool {
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort();
    sorted.windows(2).all(|two| two[0] != two[1])
}
