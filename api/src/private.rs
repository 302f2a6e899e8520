//! How whoever asks stands to what is private: their own, entrusted to them, or kept from them by a bar.

use pipss_domain::directory_facts::SignIn;
use pipss_domain::history::Who;
use pipss_domain::ids::{OneToOneId, PersonId, UnitId};
use pipss_domain::one_to_one::OneToOne;
use pipss_domain::policy::{Act, Hat, Relation, may};
use pipss_domain::refusal::Refusal;
use pipss_domain::sheet;
use pipss_domain::stream::Stream;
use pipss_store::EventStore;
use uuid::Uuid;

use crate::intent::{Intent, Target};
use crate::view::View;

impl View<'_> {
    /// How whoever asks signs in.
    pub fn sign_in(&self) -> Option<SignIn> {
        if let Some(unmet) = &self.actor.unmet {
            return Some(unmet.sign_in.clone());
        }
        let Who::Person(person) = self.actor.who else {
            return None;
        };
        let recorded = self.views.directory.people.get(&person)?;
        let sign_in = recorded.sign_in.as_ref()?;
        self.app.store.open(sign_in).known().cloned()
    }

    /// The one-to-ones that whoever asks asked for, in a stable order.
    pub fn own_one_to_ones(&self, sign_in: &SignIn) -> Vec<&OneToOne> {
        let streams = self
            .app
            .store
            .find(self.actor.organisation, &sign_in.lookup());
        let support = streams.into_iter().filter_map(|stream| match stream {
            Stream::Support(id) => self.views.one_to_ones.get(id),
            _ => None,
        });
        support
            .filter(|one| self.asked_by(one, Some(sign_in)))
            .collect()
    }

    /// May they, to this one-to-one? One they may not know of is not there.
    ///
    /// # Errors
    /// `NotFound`, or `NotAllowed` for a part of what they may see.
    pub fn allow_one_to_one(&self, act: Act, id: OneToOneId) -> Result<Relation, Refusal> {
        let one = self.views.one_to_ones.get(id).ok_or(Refusal::NotFound)?;
        let relation = self.stands_to(one);
        if !may(Act::SeeOneToOnes, &self.hats, relation) {
            return Err(Refusal::NotFound);
        }
        may(act, &self.hats, relation)
            .then_some(relation)
            .ok_or(Refusal::NotAllowed)
    }

    /// How whoever asks stands to a one-to-one. Whoever manages or belongs to the team of whoever asked,
    /// or was named by them, is barred from it; but nobody from their own.
    pub fn stands_to(&self, one: &OneToOne) -> Relation {
        let Who::Person(person) = self.actor.who else {
            return Relation::default();
        };
        let own = self.asked_by(one, self.sign_in().as_ref());
        Relation {
            own,
            assigned: one.assigned(person, self.now),
            barred: !own && !self.may_know(one, person),
            ..Relation::default()
        }
    }

    /// Is there nothing that keeps this person from knowing of it, whatever their rights?
    pub fn may_know(&self, one: &OneToOne, person: PersonId) -> bool {
        let directory = &self.views.directory;
        let outside = self
            .teams_of(one)
            .into_iter()
            .all(|team| directory.neutral_to(person, team));
        let mut named = one.asked.not_seen_by.iter();
        outside
            && !named.any(|named| {
                let text = self.app.known_text(&named.person);
                text.is_some_and(|text| self.is_known_as(person, &text))
            })
    }

    /// In what capacity someone acts: what they ask for themselves, and what they do about it, is done
    /// under an id that was drawn for it.
    pub fn capacity(
        &self,
        intent: &Intent<'_>,
        relation: Relation,
        fresh: &dyn Fn() -> Uuid,
    ) -> Who {
        match intent.target {
            Target::Nothing if intent.act == Act::AskForOneToOne => {
                Who::Person(PersonId::new(fresh()))
            }
            Target::OneToOne(id) if relation.own => {
                let one = self.views.one_to_ones.get(id);
                one.map_or(self.actor.who, |one| one.asker)
            }
            _ => self.actor.who,
        }
    }

    /// Whom of those who have a role here, or manage a unit, a name or an address means.
    pub fn known_as(&self, text: &str) -> Vec<PersonId> {
        let directory = &self.views.directory;
        let has_a_role = |person: &PersonId| {
            let hats = directory.hats(Who::Person(*person), self.now);
            hats.iter().any(|hat| *hat != Hat::Staff)
        };
        let people = directory.people.keys().copied();
        let mut known: Vec<_> = people
            .filter(|person| self.is_known_as(*person, text))
            .filter(has_a_role)
            .collect();
        known.sort();
        known
    }

    /// Is this their name or their address at work?
    fn is_known_as(&self, person: PersonId, text: &str) -> bool {
        let Some(recorded) = self.views.directory.people.get(&person) else {
            return false;
        };
        let is = |value: &Option<_>, wanted: &str| {
            let opened = value.as_ref().and_then(|value| self.app.known_text(value));
            opened.is_some_and(|opened| plain(&opened) == wanted)
        };
        match sheet::email(text) {
            Some(address) => is(&recorded.email, &address),
            None => is(&recorded.name, &plain(text)),
        }
    }

    /// Did this person of the directory ask for it?
    pub fn asked_for(&self, one: &OneToOne, person: PersonId) -> bool {
        let recorded = self.views.directory.people.get(&person);
        let sign_in = recorded.and_then(|recorded| recorded.sign_in.as_ref());
        let sign_in = sign_in.map(|sign_in| self.app.store.open(sign_in));
        self.asked_by(one, sign_in.as_ref().and_then(|opened| opened.known()))
    }

    fn asked_by(&self, one: &OneToOne, sign_in: Option<&SignIn>) -> bool {
        let opened = self.app.store.open(&one.asked.sign_in);
        sign_in.is_some() && opened.known() == sign_in
    }

    /// The team whoever asked named, and the one the directory knows them to work in.
    fn teams_of(&self, one: &OneToOne) -> Vec<UnitId> {
        let named = one.asked.team.as_ref();
        let named = named.and_then(|team| self.app.store.open(team).known().copied());
        let directory = &self.views.directory;
        let sign_in = self.app.store.open(&one.asked.sign_in);
        let organisation = self.actor.organisation;
        let works_in = sign_in
            .known()
            .and_then(|sign_in| self.app.met(organisation, directory, sign_in))
            .and_then(|person| directory.people.get(&person)?.home_unit);
        named.into_iter().chain(works_in).collect()
    }
}

/// A name without what people type differently.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}
