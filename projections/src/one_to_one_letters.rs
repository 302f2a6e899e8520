//! Letters about one-to-one support: the same words to everyone, and nothing of what it is about.

use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::PersonId;
use pipss_domain::letter::LetterKind;
use pipss_domain::one_to_one::{OneToOne, OneToOneState};

use crate::session_letters::Called;

/// The letters that a fact calls for, the one-to-one being as it is after it. Whom a bar keeps from
/// knowing of it cannot be told here, where everything is sealed: whoever opens the mail leaves them out.
pub(crate) fn called_for(fact: &Fact, one: &OneToOne, directory: &Directory) -> Vec<Called> {
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
    to.into_iter()
        .filter(|to| Who::Person(*to) != fact.who)
        .map(|to| Called::now((LetterKind::News, to, None)))
        .collect()
}

/// Is it still right to send it to this person?
pub fn still_right(
    one: &OneToOne,
    to: PersonId,
    directory: &Directory,
    now: DateTime<Utc>,
) -> bool {
    let leads = directory.holds(to, Role::Lead, day_in_london(now));
    one.asker == Who::Person(to)
        || one.provider.is_some_and(|(provider, _)| provider == to)
        || (leads && (one.state == OneToOneState::Asked || one.at_risk))
}
