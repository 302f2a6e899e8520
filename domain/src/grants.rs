//! Grants: a lead proposes, an auditor approves, never for oneself; a deputy's and an external's end on a date.

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::directory_facts::{
    GrantEnded, GrantGiven, GrantProposed, GrantRefused, PersonRecorded, Role,
};
use crate::history::{Event, Who};
use crate::ids::PersonId;
use crate::pathway::{Context, Decision, Happened};
use crate::personal::Personal;
use crate::policy::Hat;
use crate::program::ProgramGranted;
use crate::refusal::{Faults, Refusal};
use crate::sheet;
use crate::stream::Stream;
use crate::text::{Day, Line};

/// The longest that a grant with an end lasts, in days: then someone looks at it again.
pub(crate) const DAYS_MAX: u64 = 366;
/// The longest that a deputy named by an auditor acts, in days.
const NAMED_DAYS_MAX: u64 = 90;

/// Whom an address means: their id, and what is recorded of them.
pub struct Meant {
    /// Who; a fresh id if nobody is recorded with this address.
    pub person: PersonId,
    /// What is recorded of them.
    pub recorded: Option<PersonRecorded>,
}

/// Proposes that someone is given a role. Nothing is granted until an auditor approves.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeGrant {
    /// Their address at work.
    pub email: Line<200>,
    /// Which role. Another lead is a deputy, until a date.
    pub role: Role,
    /// The last day, at most a year away. Required for a deputy, and for someone who works elsewhere.
    #[serde(default)]
    pub until: Option<Day>,
}

impl ProposeGrant {
    /// The address to look for; nothing if it is none.
    pub fn address(&self) -> Option<String> {
        sheet::email(self.email.as_str())
    }

    /// The rule. `meant` is whom the address means.
    ///
    /// # Errors
    /// `Invalid` with every fault, `OutOfStep` if it is so or waits already.
    pub fn decide(self, meant: Meant, context: &Context<'_>) -> Decision {
        let external = meant.recorded.as_ref().is_some_and(|r| r.external);
        let ends = self.role == Role::Lead || external;
        let until = self.until.map(|day| day.0);
        let mut faults = Faults::default();
        check_until(until, DAYS_MAX, context, &mut faults);
        faults.require(
            !ends || until.is_some(),
            "/until",
            "Give the last day: deputies and people from outside have one.",
        );
        faults.require(
            context.who != Who::Person(meant.person),
            "/email",
            "Nobody proposes a role for themselves.",
        );
        faults.require(
            self.role != Role::Integration,
            "/role",
            "A program is proposed in a way of its own: it says what it may do, and for which teams.",
        );
        faults.settle()?;
        let (person, directory) = (meant.person, context.directory);
        let today = day_in_london(context.now);
        if directory.proposal(person, self.role).is_some() {
            return Err(out_of_step(
                "already_proposed",
                "This waits for an auditor already.",
            ));
        }
        if directory.holds(person, self.role, today)
            && directory.granted(person, self.role) == Some(until)
        {
            return Err(out_of_step("already_granted", "They have this role."));
        }
        let proposed = Event::GrantProposed(GrantProposed {
            role: self.role,
            until,
        });
        let mut happened: Vec<_> = recorded(&meant, self.address(), context)
            .into_iter()
            .collect();
        happened.push(to_grants(person, context, proposed));
        Ok(happened)
    }
}

/// Approves or refuses what was proposed, or ends what is granted.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantNamed {
    /// Which role of that person.
    pub role: Role,
}

impl Role {
    /// Leads end the other roles too.
    pub const fn ended_only_by_auditors(self) -> bool {
        matches!(self, Self::Auditor | Self::Administrator)
    }
}

impl GrantNamed {
    /// Approves: from now on they have it. Not what one proposed oneself, and not for oneself.
    ///
    /// # Errors
    /// `NotAllowed`, or `OutOfStep` if nothing waits.
    pub fn approve(self, person: PersonId, context: &Context<'_>) -> Decision {
        if self.role == Role::Integration {
            return approve_program(person, context);
        }
        let proposal = context
            .directory
            .proposal(person, self.role)
            .ok_or_else(nothing_waits)?;
        if proposal.by == context.who || context.who == Who::Person(person) {
            return Err(Refusal::NotAllowed);
        }
        let until = proposal.until;
        if until.is_some_and(|until| until < day_in_london(context.now)) {
            let sentence = "Its last day is over. Refuse it; it can be proposed again.";
            return Err(out_of_step("too_late", sentence));
        }
        let given = Event::GrantGiven(GrantGiven {
            role: self.role,
            until,
        });
        Ok(vec![to_grants(person, context, given)])
    }

    /// Refuses what was proposed.
    ///
    /// # Errors
    /// `OutOfStep` if nothing waits.
    pub fn refuse(self, person: PersonId, context: &Context<'_>) -> Decision {
        let directory = context.directory;
        let program = directory
            .program(person)
            .filter(|_| self.role == Role::Integration);
        let waits = directory.proposal(person, self.role).is_some()
            || program.is_some_and(|program| program.proposed.is_some());
        if !waits {
            return Err(nothing_waits());
        }
        let refused = Event::GrantRefused(GrantRefused { role: self.role });
        Ok(vec![to_grants(person, context, refused)])
    }

    /// Ends what is granted, at once.
    ///
    /// # Errors
    /// `OutOfStep` if it is not granted, or nobody would be left in a role that must have someone.
    pub fn end(self, person: PersonId, context: &Context<'_>) -> Decision {
        let today = day_in_london(context.now);
        let auditor = matches!(context.who, Who::Person(who)
            if context.directory.hats(Who::Person(who), context.now).contains(&Hat::Auditor));
        if self.role.ended_only_by_auditors() && !auditor {
            return Err(Refusal::NotAllowed);
        }
        let program = context.directory.program(person);
        let held = context.directory.holds(person, self.role, today)
            || context
                .directory
                .in_emergency(person, self.role, context.now)
            || (self.role == Role::Integration && program.is_some_and(|p| p.granted.is_some()));
        if !held {
            let sentence = "They do not have this role.";
            return Err(out_of_step("not_granted", sentence));
        }
        let needed = matches!(self.role, Role::Lead | Role::Auditor);
        let holders = context.directory.holders(self.role, today);
        if needed && holders == [person] {
            let sentence = "Nobody else has this role. Give it to someone else first.";
            return Err(out_of_step("last_of_its_kind", sentence));
        }
        let ended = Event::GrantEnded(GrantEnded { role: self.role });
        Ok(vec![to_grants(person, context, ended)])
    }
}

/// Approves what a program was proposed for: it replaces what it was granted before.
fn approve_program(person: PersonId, context: &Context<'_>) -> Decision {
    let program = context.directory.program(person);
    let proposed = program.and_then(|program| program.proposed.as_ref());
    let (scope, by) = proposed.ok_or_else(nothing_waits)?;
    if *by == context.who {
        return Err(Refusal::NotAllowed);
    }
    if scope.until < day_in_london(context.now) {
        let sentence = "Its last day is over. Refuse it; it can be proposed again.";
        return Err(out_of_step("too_late", sentence));
    }
    let granted = Event::ProgramGranted(ProgramGranted {
        scope: scope.clone(),
    });
    Ok(vec![to_grants(person, context, granted)])
}

/// Names a deputy where something waits that no lead may know of. For auditors.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameDeputy {
    /// Their address at work.
    pub email: Line<200>,
    /// The last day, at most 90 days away.
    pub until: Day,
}

impl NameDeputy {
    /// The address to look for; nothing if it is none.
    pub fn address(&self) -> Option<String> {
        sheet::email(self.email.as_str())
    }

    /// The rule. `helps` says whether this person could see anything of what no lead may see.
    ///
    /// # Errors
    /// `Invalid`, or `OutOfStep` if nothing waits that no lead may see.
    pub fn decide(
        self,
        meant: Meant,
        waits: bool,
        helps: impl Fn(PersonId) -> bool,
        context: &Context<'_>,
    ) -> Decision {
        if !waits {
            let sentence = "A lead can see everything that waits. Leads propose their deputies.";
            return Err(out_of_step("leads_can_act", sentence));
        }
        let until = Some(self.until.0);
        let today = day_in_london(context.now);
        let mut faults = Faults::default();
        check_until(until, NAMED_DAYS_MAX, context, &mut faults);
        faults.require(
            context.who != Who::Person(meant.person),
            "/email",
            "Nobody names themselves.",
        );
        faults.require(
            helps(meant.person) && !context.directory.holds(meant.person, Role::Lead, today),
            "/email",
            "Choose someone else: this person is a lead already, or may not see what waits either.",
        );
        faults.settle()?;
        let given = Event::GrantGiven(GrantGiven {
            role: Role::Lead,
            until,
        });
        let mut happened: Vec<_> = recorded(&meant, self.address(), context)
            .into_iter()
            .collect();
        happened.push(to_grants(meant.person, context, given));
        Ok(happened)
    }
}

/// Someone of whom nothing is recorded yet is expected by their address.
fn recorded(meant: &Meant, email: Option<String>, context: &Context<'_>) -> Option<Happened> {
    if meant.recorded.is_some() {
        return None;
    }
    let recorded = PersonRecorded {
        name: None,
        email: email.map(Personal::Known),
        sign_in: None,
        home_unit: None,
        external: false,
    };
    Some(Happened {
        stream: Stream::Person(meant.person),
        occurred_at: context.now,
        event: Event::PersonRecorded(recorded),
    })
}

fn check_until(
    until: Option<NaiveDate>,
    days_max: u64,
    context: &Context<'_>,
    faults: &mut Faults,
) {
    let today = day_in_london(context.now);
    let last = today + Days::new(days_max);
    faults.require(
        until.is_none_or(|until| (today..=last).contains(&until)),
        "/until",
        format!("Give a day from today on, at most {days_max} days away."),
    );
}

pub(crate) fn to_grants(person: PersonId, context: &Context<'_>, event: Event) -> Happened {
    Happened {
        stream: Stream::Grants(person),
        occurred_at: context.now,
        event,
    }
}

fn nothing_waits() -> Refusal {
    out_of_step("not_proposed", "Nothing of the kind was proposed.")
}

pub(crate) fn out_of_step(code: &'static str, sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    }
}
