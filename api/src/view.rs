//! An organisation through the eyes of one actor: what every window asks before it shows anything.

use pipss_domain::case::Case;
use pipss_domain::directory_facts::Role;
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::policy::{Act, Hat, Reach, Relation, may, may_somewhere, reach};
use pipss_domain::refusal::Refusal;
use pipss_projections::Views;
use pipss_projections::cases::{About, Cases, relation};
use pipss_projections::known::Known;

use crate::actor::Actor;
use crate::app::App;
use crate::intent::{Intent, Target};

/// An organisation through the eyes of one actor: every window looks through this.
pub(crate) struct View<'a> {
    pub app: &'a App,
    pub views: &'a Views,
    pub actor: &'a Actor,
    pub now: chrono::DateTime<chrono::Utc>,
    pub hats: Vec<Hat>,
}

impl View<'_> {
    /// May they, to this case or at all? Answers how they stand to it.
    pub fn allow(&self, act: Act, target: Option<CaseId>) -> Result<Relation, Refusal> {
        let Some(id) = target else {
            let allowed = may(act, &self.hats, Relation::default());
            return allowed.then(Relation::default).ok_or(Refusal::NotAllowed);
        };
        let case = self.views.cases.get(id).ok_or(Refusal::NotFound)?;
        let directory = &self.views.directory;
        let relation = relation(case, About::Case, self.actor.who, directory, self.now);
        if !may(Act::SeeCase, &self.hats, relation) {
            return Err(Refusal::NotFound);
        }
        may(act, &self.hats, relation)
            .then_some(relation)
            .ok_or(Refusal::NotAllowed)
    }

    pub fn allow_intent(&self, intent: &Intent<'_>) -> Result<Relation, Refusal> {
        match intent.target {
            Target::Nothing => self.allow(intent.act, None),
            Target::Case(case) => self.allow(intent.act, Some(case)),
            Target::Apart(case) => self
                .allow_apart(intent.act, case)
                .map(|_| Relation::default()),
            Target::Diary(person) => self.allow_diary(intent.act, person),
            Target::Supervision(id) => self
                .allow_supervision(intent.act, id)
                .map(|_| Relation::default()),
            Target::OneToOne(one) => self.allow_one_to_one(intent.act, one),
        }
    }

    /// May they, to this facilitator's diary? Answers how they stand to it.
    pub fn allow_diary(&self, act: Act, person: PersonId) -> Result<Relation, Refusal> {
        if !may_somewhere(act, &self.hats) {
            return Err(Refusal::NotAllowed);
        }
        let relation = Relation {
            own: self.actor.who == Who::Person(person),
            ..Relation::default()
        };
        let today = pipss_domain::calendar::day_in_london(self.now);
        // Whoever no longer facilitates may still have sessions to hand over.
        let known = self.views.directory.holds(person, Role::Facilitator, today)
            || !self.views.diaries.of(person).is_empty();
        (known && may(act, &self.hats, relation))
            .then_some(relation)
            .ok_or(Refusal::NotFound)
    }

    /// Does the right to this act reach every session, by something else than being assigned?
    pub fn every_session(&self, act: Act, relation: Relation) -> bool {
        let unassigned = Relation {
            assigned: false,
            ..relation
        };
        may(act, &self.hats, unassigned)
    }

    /// May they see this part of a case?
    pub fn sees(&self, act: Act, case: &pipss_domain::case::Case, about: About) -> bool {
        let directory = &self.views.directory;
        let relation = relation(case, about, self.actor.who, directory, self.now);
        may(act, &self.hats, relation)
    }

    /// Does a bar keep whoever asks from knowing of a case?
    pub fn bars_from(&self, case: &pipss_domain::case::Case) -> bool {
        match self.actor.who {
            Who::Person(person) => self.views.directory.barred(person, case),
            Who::Operator | Who::Program => false,
        }
    }

    /// The cases as if those from which a bar keeps whoever asks did not exist, whatever the window is
    /// that they are counted for.
    pub fn without_barred<'c>(&'c self, cases: &'c Cases) -> Known<'c> {
        // Rights are today's, and so are bars.
        cases.without(&self.views.once_barred, |case| {
            self.bars_from(self.views.cases.get(case.case).unwrap_or(case))
        })
    }

    /// The cases that a list of theirs is chosen from, the newest first: every case to which the right to
    /// this act may reach. Each is still to be asked about.
    pub fn reachable<'c>(&'c self, act: Act) -> Box<dyn Iterator<Item = &'c Case> + 'c> {
        let cases = &self.views.cases;
        if self.everywhere(act) {
            return Box::new(cases.newest_first());
        }
        let directory = &self.views.directory;
        Box::new(cases.concerning(self.actor.who, directory, self.now))
    }

    /// Do any of their hats reach everywhere in this act?
    pub fn everywhere(&self, act: Act) -> bool {
        self.hats.iter().any(|hat| reach(act, *hat) == Reach::All)
    }
}
