//! What is private to a manager: which facts belong to a private stream, and who is part of it.
//!
//! Computed from the facts alone and never through the policy table, so that a mistake in the table
//! cannot hide itself from the proof that looks for it (product: "Non-interference").

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::directory::Directory;
use crate::directory_facts::Role;
use crate::facts::GlassOver;
use crate::history::{Event, Fact, Who};
use crate::ids::{CaseId, FactId, OneToOneId, PersonId, UnitId};
use crate::stream::Stream;

/// Every private stream of a log and what belongs to each: a fold.
#[derive(Clone, Debug, Default)]
pub struct Private {
    streams: BTreeMap<Stream, Part>,
    facts: HashMap<FactId, Stream>,
}

/// Who is part of a private stream, and when something was last recorded about it.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Whoever asked or wrote in it. A subject or provider who did neither is added here as well.
    pub people: BTreeSet<PersonId>,
    /// Who provides it, if it is a one-to-one and someone does.
    pub provider: Option<PersonId>,
    /// The one-to-one that it was asked to open, if it was.
    pub opens: Option<OneToOneId>,
    /// When each of its facts was recorded.
    pub recorded: Vec<DateTime<Utc>>,
}

impl Private {
    /// Takes in the next fact of the log. What a fact causes comes after it.
    pub fn evolve(&mut self, fact: &Fact) {
        let Some(stream) = self.stream_of(fact) else {
            return;
        };
        self.facts.insert(fact.id(), stream);
        let part = self.streams.entry(stream).or_default();
        part.recorded.push(fact.recorded_at);
        if let (true, Who::Person(person)) = (fact.stream.is_private(), fact.who) {
            part.people.insert(person);
        }
        if let Event::GlassAsked(asked) = &fact.event
            && asked.what == GlassOver::OneToOne
        {
            part.opens = Some(OneToOneId::new(asked.object.uuid()));
        }
        // Whoever provided it before is not part of it any more.
        if let Event::OneToOneOffered(offered) = &fact.event {
            part.people.retain(|person| Some(*person) != part.provider);
            part.people.insert(offered.provider);
            part.provider = Some(offered.provider);
        }
    }

    /// The private stream that a fact belongs to, if it does: it stands there, or one that does caused
    /// it. Every kind of fact is named, so that a new one is not forgotten.
    pub fn stream_of(&self, fact: &Fact) -> Option<Stream> {
        if fact.stream.is_private() {
            return Some(fact.stream);
        }
        match &fact.event {
            Event::LetterSent(_) | Event::LetterUndelivered(_) => match fact.stream {
                Stream::Letter(cause, _) => self.facts.get(&cause).copied(),
                _ => None,
            },
            // A provider's time for a one-to-one.
            Event::AppointmentBooked(booked) => Some(Stream::Support(booked.one_to_one)),
            Event::AppointmentReleased(released) => Some(Stream::Support(released.one_to_one)),
            // The booking of a session: it names the case that it is held for.
            Event::SessionBooked(_) | Event::SessionReleased(_) => None,
            Event::OrganisationFounded(_)
            | Event::UnitOpened(_)
            | Event::ManagerNamed(_)
            | Event::ManagerEnded(_)
            | Event::PersonRecorded(_)
            | Event::GrantGiven(_)
            | Event::GrantEnded(_)
            | Event::FacilitatorProfiled(_)
            | Event::LeavePlanned(_)
            | Event::LeaveCancelled(_)
            | Event::UnitChanged(_)
            | Event::UnitClosed(_)
            // That it was proved is for everyone, and the same in both worlds.
            | Event::PrivacyProved(_)
            | Event::ReferralRaised(_)
            | Event::ReferralAcknowledged(_)
            | Event::CaseTriaged(_)
            | Event::ScopingRecorded(_)
            | Event::OfferPlanned(_)
            | Event::SessionArranged(_)
            | Event::SessionRecorded(_)
            | Event::SessionNotHeld(_)
            | Event::OfferEnded(_)
            | Event::HandoverCompleted(_)
            | Event::CaseClosed(_)
            | Event::CaseReopened(_)
            | Event::DefusionLogged(_)
            | Event::ActionCompleted(_)
            | Event::FollowUpConfirmed(_)
            | Event::FollowUpAnswered(_)
            | Event::IncidentLinked(_)
            | Event::CaseMerged(_)
            | Event::CaseTookIn(_)
            | Event::CaseUnmerged(_)
            | Event::CaseGaveBack(_)
            | Event::ReflectiveGroupAgreed(_)
            | Event::ReflectiveGroupEnded(_)
            | Event::InvolvementDeclared(_)
            | Event::SessionMoved(_)
            | Event::SessionCancelled(_)
            | Event::SessionHandedOver(_)
            | Event::FacilitatorAnswered(_)
            | Event::IncidentUnlinked(_)
            | Event::OneToOneAsked(_)
            | Event::OneToOneOffered(_)
            | Event::OneToOneArranged(_)
            | Event::OneToOneTakenUp(_)
            | Event::OneToOneDeclined(_)
            | Event::OneToOneEnded(_)
            | Event::RiskFlagged(_)
            | Event::BarSet(_)
            | Event::BarLifted(_)
            | Event::GrantProposed(_)
            | Event::GrantRefused(_)
            | Event::EmergencyGranted(_)
            | Event::ProgramProposed(_)
            | Event::ProgramGranted(_)
            | Event::DisclosureRequested(_)
            | Event::DisclosureDecided(_)
            | Event::DisclosureMade(_)
            | Event::RetentionSet(_)
            | Event::HoldSet(_)
            | Event::HoldLifted(_)
            | Event::ErasureProposed(_)
            | Event::ErasureDecided(_)
            | Event::ErasureWithdrawn(_)
            | Event::ErasureBegun(_)
            | Event::Erased(_)
            | Event::SubjectAccessGiven(_)
            | Event::SupervisionRequested(_)
            | Event::SupervisionAnswered(_)
            | Event::SupervisionClosed(_)
            | Event::DangerEscalated(_)
            | Event::EscalationHandled(_)
            | Event::GlassAsked(_)
            | Event::GlassDecided(_)
            | Event::GlassReviewed(_)
            | Event::RecordRead(_)
            | Event::FeedbackGiven(_) => None,
        }
    }

    /// Every private stream, in a stable order.
    pub fn streams(&self) -> impl Iterator<Item = (&Stream, &Part)> {
        self.streams.iter()
    }

    /// The private streams that a manager is part of: to them they are not private.
    pub fn exempt(
        &self,
        manager: PersonId,
        around: &Around<'_>,
        team_of: impl Fn(CaseId) -> Option<UnitId>,
    ) -> BTreeSet<Stream> {
        let part_of = |(stream, part): &(&Stream, &Part)| {
            let team = match stream {
                Stream::Restricted(case) => team_of(*case),
                _ => None,
            };
            exempt(manager, (stream, part), team, around)
        };
        let mine = self.streams.iter().filter(part_of);
        mine.map(|(stream, _)| *stream).collect()
    }
}

/// What decides beside the private facts themselves: rights are those of today.
pub struct Around<'a> {
    /// The organisation.
    pub directory: &'a Directory,
    /// The day, in England.
    pub today: NaiveDate,
    /// What a one-to-one's sealed facts say of someone: opened for this question alone.
    pub one_to_one: &'a dyn Fn(OneToOneId, PersonId) -> Standing,
}

/// How someone stands to a one-to-one, by what was sealed when it was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// They asked for it themselves.
    pub asked: bool,
    /// They manage or belong to the team of whoever asked, or were named as someone who must not see it.
    pub kept: bool,
}

/// Is this manager part of a private stream? Its subject, asker or provider is; a lead is, unless they
/// manage or belong to the team it is about; of a request for supervision, whoever leads supervision.
pub fn exempt(
    manager: PersonId,
    (stream, part): (&Stream, &Part),
    team: Option<UnitId>,
    around: &Around<'_>,
) -> bool {
    let role = match stream {
        Stream::Supervision(_) => Some(Role::SupervisionLead),
        // Auditors who manage a unit take no part in it but by asking.
        Stream::Glass(_) => None,
        _ => Some(Role::Lead),
    };
    let standing = match (stream, part.opens) {
        (Stream::Support(id), _) => (around.one_to_one)(*id, manager),
        (Stream::Glass(_), Some(id)) => (around.one_to_one)(id, manager),
        _ => Standing::default(),
    };
    let directory = around.directory;
    let barred = standing.kept
        || team.is_some_and(|team| {
            let home = directory.people.get(&manager).and_then(|p| p.home_unit);
            directory.manages(manager, team) || home == Some(team)
        });
    standing.asked
        || part.people.contains(&manager)
        || (role.is_some_and(|role| directory.holds(manager, role, around.today)) && !barred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::ids::{CommandId, SupervisionId};
    use crate::letter::{LetterKind, LetterSent};
    use crate::stream::LogId;
    use uuid::Uuid;

    fn fact(n: u128, stream: Stream, who: PersonId) -> Fact {
        Fact {
            log: LogId::main(crate::ids::OrganisationId::new(Uuid::nil())),
            position: n as u64,
            stream,
            version: 1,
            command: CommandId::new(Uuid::from_u128(n)),
            number: 0,
            occurred_at: monday(),
            recorded_at: monday(),
            who: Who::Person(who),
            policy: 1,
            event: Event::LetterSent(LetterSent {
                letter: LetterKind::Received,
                message_id: String::new(),
                sequence: None,
            }),
        }
    }

    const ASKED: Stream = Stream::Support(OneToOneId::new(Uuid::from_u128(7)));

    #[test]
    fn a_letter_belongs_to_what_caused_it_and_what_it_causes_belongs_there_too() {
        let mut private = Private::default();
        let asked = fact(1, ASKED, STAFF);
        private.evolve(&asked);
        let letter = fact(2, Stream::Letter(asked.id(), STAFF), STAFF);
        assert_eq!(private.stream_of(&letter), Some(ASKED));
        private.evolve(&letter);
        let next = fact(3, Stream::Letter(letter.id(), STAFF), STAFF);
        assert_eq!(private.stream_of(&next), Some(ASKED));
        let other = fact(4, Stream::Letter(next.id(), STAFF), STAFF);
        assert_eq!(private.stream_of(&other), None);
    }

    #[test]
    fn whoever_asked_is_part_of_it_and_an_unbarred_lead_but_no_other_manager() {
        let given = Given::a_trust();
        let around = Around {
            directory: &given.directory,
            today: monday().date_naive(),
            one_to_one: &|_, _| Standing::default(),
        };
        let mut private = Private::default();
        private.evolve(&fact(1, ASKED, MANAGER));
        let part = |person| !private.exempt(person, &around, |_| None).is_empty();
        assert!(part(MANAGER) && part(LEAD));
        assert!(!part(OTHER_MANAGER) && !part(SERVICE_MANAGER) && !part(STAFF));
    }

    #[test]
    fn a_lead_who_manages_or_belongs_to_the_team_is_barred_from_what_is_about_it() {
        let mut given = Given::a_trust();
        for person in [MANAGER, OF_THE_TEAM] {
            given.granted(person, Role::Lead, None);
        }
        let around = Around {
            directory: &given.directory,
            today: monday().date_naive(),
            one_to_one: &|_, _| Standing::default(),
        };
        let case = CaseId::new(Uuid::from_u128(5));
        let mut private = Private::default();
        private.evolve(&fact(1, Stream::Restricted(case), STAFF));
        let part = |person| !private.exempt(person, &around, |_| Some(TEAM)).is_empty();
        assert!(part(LEAD) && !part(MANAGER) && !part(OF_THE_TEAM));
    }

    #[test]
    fn a_request_for_supervision_is_private_to_leads_of_anything_else() {
        let given = Given::a_trust();
        let around = Around {
            directory: &given.directory,
            today: monday().date_naive(),
            one_to_one: &|_, _| Standing::default(),
        };
        let mut private = Private::default();
        let asked = Stream::Supervision(SupervisionId::new(Uuid::from_u128(9)));
        private.evolve(&fact(1, asked, KIM));
        assert!(private.exempt(LEAD, &around, |_| None).is_empty());
        assert!(!private.exempt(KIM, &around, |_| None).is_empty());
    }
}
