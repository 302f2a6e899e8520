//! Letters about one-to-one support, supervision and danger: they say that something waits, and no more.

use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::{GlassOver, GlassTelling};
use pipss_domain::glass::Glass;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, OneToOneId, PersonId};
use pipss_domain::letter::LetterKind;
use pipss_domain::one_to_one::{OneToOne, OneToOneState};
use pipss_domain::stream::Stream;
use pipss_domain::supervision::Supervision;

use crate::letters::{Around, Letter};
use crate::session_letters::Called;

/// The letters that a fact in a private stream calls for, everything being as it is after it.
pub(crate) fn called_for(fact: &Fact, around: Around<'_>) -> Vec<Called> {
    match fact.stream {
        Stream::Support(id) => around
            .one_to_ones
            .get(id)
            .map_or_else(Vec::new, |one| of_one_to_one(fact, one, around.directory)),
        Stream::Supervision(_) if matches!(fact.event, Event::SupervisionRequested(_)) => {
            let today = day_in_london(fact.recorded_at);
            let leads = around.directory.holders(Role::SupervisionLead, today);
            told(fact, LetterKind::News, leads)
        }
        Stream::Restricted(case) if matches!(fact.event, Event::DangerEscalated(_)) => {
            let leads = around
                .directory
                .holders(Role::Lead, day_in_london(fact.recorded_at));
            let may = |to: &PersonId| may_hear_of_danger(case, *to, around);
            told(fact, LetterKind::Danger, leads.into_iter().filter(may))
        }
        Stream::Glass(id) => around
            .glasses
            .get(id)
            .map_or_else(Vec::new, |glass| of_glass(fact, glass, around)),
        _ => Vec::new(),
    }
}

/// Is a letter about something private still right?
pub(crate) fn still_right(letter: &Letter, around: Around<'_>, now: DateTime<Utc>) -> bool {
    let to = letter.id.2;
    let holds = |role| around.directory.holds(to, role, day_in_london(now));
    match letter.about {
        Stream::Support(id) => around
            .one_to_ones
            .get(id)
            .is_some_and(|one| still_right_of(one, to, holds(Role::Lead))),
        Stream::Supervision(id) => {
            let request = around.supervisions.get(id);
            let waits =
                |request: &Supervision| request.answered.is_none() && request.closed.is_none();
            request.is_some_and(waits) && holds(Role::SupervisionLead)
        }
        Stream::Restricted(case) => {
            let mut reports = around.escalations.iter();
            reports.any(|report| report.case == case && report.handled.is_none())
                && holds(Role::Lead)
                && may_hear_of_danger(case, to, around)
        }
        Stream::Glass(id) => around.glasses.get(id).is_some_and(|glass| {
            // Every auditor is told, also of what another has decided by then.
            concerned_by(glass, around) == Some(to)
                || glass.asked_by == Who::Person(to)
                || holds(Role::Auditor)
        }),
        _ => false,
    }
}

/// Of a breaking of the glass: the other auditors when it is asked for, whoever asked when it is decided,
/// and whoever it is about once it is open. Whom a bar keeps from knowing of it is left out by whoever
/// opens the mail.
fn of_glass(fact: &Fact, glass: &Glass, around: Around<'_>) -> Vec<Called> {
    let today = day_in_london(fact.recorded_at);
    let auditors = || around.directory.holders(Role::Auditor, today);
    let asker = match glass.asked_by {
        Who::Person(asker) => Some(asker),
        Who::Operator | Who::Program => None,
    };
    let opened = glass.opened_at() == Some(fact.occurred_at);
    let concerned = concerned_by(glass, around).filter(|_| opened);
    let to: Vec<PersonId> = match &fact.event {
        Event::GlassAsked(_) => auditors().into_iter().chain(concerned).collect(),
        Event::GlassDecided(_) => asker.into_iter().chain(concerned).collect(),
        _ => Vec::new(),
    };
    told(fact, LetterKind::News, to)
}

/// Whom it is about, and who is told: whoever asked for the one-to-one. A case is about a team, and a
/// report names nobody.
fn concerned_by(glass: &Glass, around: Around<'_>) -> Option<PersonId> {
    let told = glass.opened_at().is_some() && glass.asked.telling == GlassTelling::Told;
    if !told || glass.asked.what != GlassOver::OneToOne {
        return None;
    }
    let one = OneToOneId::new(glass.asked.object.uuid());
    match around.one_to_ones.get(one)?.asker {
        Who::Person(asker) => Some(asker),
        Who::Operator | Who::Program => None,
    }
}

/// Whoever manages or belongs to the team, or is barred from the case, is not told of danger in it.
fn may_hear_of_danger(case: CaseId, to: PersonId, around: Around<'_>) -> bool {
    around.cases.get(case).is_some_and(|case| {
        around.directory.neutral_to(to, case.team()) && !around.directory.barred(to, case)
    })
}

fn told(fact: &Fact, kind: LetterKind, to: impl IntoIterator<Item = PersonId>) -> Vec<Called> {
    to.into_iter()
        .filter(|to| Who::Person(*to) != fact.who)
        .map(|to| Called::now((kind, to, None)))
        .collect()
}

/// Of a one-to-one. Whom a bar keeps from
/// knowing of it cannot be told here, where everything is sealed: whoever opens the mail leaves them out.
fn of_one_to_one(fact: &Fact, one: &OneToOne, directory: &Directory) -> Vec<Called> {
    let leads = || directory.holders(Role::Lead, day_in_london(fact.recorded_at));
    let asker = || match one.asker {
        Who::Person(asker) => Some(asker),
        Who::Operator | Who::Program => None,
    };
    let to: Vec<PersonId> = match &fact.event {
        Event::OneToOneAsked(_) => leads(),
        Event::RiskFlagged(flagged) if flagged.at_risk => leads(),
        Event::OneToOneOffered(offered) => asker().into_iter().chain([offered.provider]).collect(),
        Event::OneToOneArranged(_) => asker().into_iter().collect(),
        Event::OneToOneDeclined(_) => one.provider.into_iter().map(|(who, _)| who).collect(),
        _ => Vec::new(),
    };
    told(fact, LetterKind::News, to)
}

/// Is it still right to send it to this person?
fn still_right_of(one: &OneToOne, to: PersonId, leads: bool) -> bool {
    one.asker == Who::Person(to)
        || one.provider.is_some_and(|(provider, _)| provider == to)
        || (leads && (one.state == OneToOneState::Asked || one.at_risk))
}
