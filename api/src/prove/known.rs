//! What a manager can name when they ask: everything they may read, and everything that is private.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use pipss_domain::action;
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::Case;
use pipss_domain::directory_facts::Role;
use pipss_domain::ids::PersonId;
use pipss_domain::policy::Act;
use pipss_domain::private::Part;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;

use super::samples::Marks;
use super::world::World;
use crate::actor::Actor;
use crate::leads::codes;
use crate::view::View;

/// An id that nothing has.
pub(crate) const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";
const PEOPLE_MAX: usize = 3;
const LETTERS_MAX: usize = 5;
const REFERENCES_MAX: usize = 20;

/// What one manager can name.
#[derive(Default)]
pub(crate) struct Known {
    /// The cases they may read, those that changed last first.
    pub cases: Vec<KnownCase>,
    pub teams: Vec<String>,
    pub groups: Vec<String>,
    pub people: Vec<String>,
    /// References of the local incident system that they may read.
    pub references: Vec<String>,
    /// One-to-ones and requests for supervision that they are part of: id and version.
    pub one_to_ones: Vec<(String, u64)>,
    pub supervisions: Vec<(String, u64)>,
    /// The last letters to them, as their links name them.
    pub letters: Vec<String>,
    /// Requests from outside that they may decide on.
    pub disclosures: Vec<String>,
    /// Breakings of the glass that they may know of.
    pub glasses: Vec<String>,
    /// The ids of the streams that are private to them.
    pub private: Vec<String>,
    /// The same as `Pipss-After` would name them.
    pub private_streams: Vec<String>,
    /// Three instants at which something private had just been recorded.
    pub instants: Vec<String>,
    /// Nothing in particular.
    pub marks: Marks,
}

/// A case with what a command to it can name.
pub(crate) struct KnownCase {
    pub id: String,
    pub version: u64,
    pub sessions: Vec<String>,
    pub escalations: Vec<String>,
    pub marks: Marks,
}

impl Known {
    /// What the query of a page of a case can name, of the cases that changed last.
    pub fn of_their_cases(&self, name: &str) -> Vec<String> {
        let cases = self.cases.iter().take(2);
        let own = cases.filter_map(|case| case.marks.get(name).cloned());
        own.chain(self.private.first().cloned()).collect()
    }
}

/// Looks through their eyes at a world.
pub(crate) fn known(world: &World, manager: PersonId, private: &[(Stream, Part)]) -> Known {
    let actor = Actor::person(world.organisation, manager);
    world.app.view(&actor, |view| {
        let mut cases: Vec<&Case> = view
            .views
            .cases
            .iter()
            .filter(|case| view.sees(Act::SeeCase, case, About::Case))
            .collect();
        cases.sort_by_key(|case| (std::cmp::Reverse(case.changed_at), case.case));
        let mut marks = marks(view, manager);
        let first = private.first().map(|(stream, _)| id_of(stream));
        let openable = openable(view).or(first).map(|id| ("openable", id));
        marks.extend(openable);
        Known {
            teams: teams(view, manager, &cases),
            groups: view
                .views
                .groups
                .iter()
                .map(|(id, _)| id.to_string())
                .collect(),
            people: people(view, manager),
            references: references(view, &cases),
            one_to_ones: one_to_ones(view),
            supervisions: supervisions(view),
            letters: codes(view, manager, LETTERS_MAX),
            disclosures: disclosures(view),
            glasses: glasses(view),
            private: private.iter().map(|(stream, _)| id_of(stream)).collect(),
            private_streams: private
                .iter()
                .map(|(stream, _)| stream.to_string())
                .collect(),
            instants: instants(private),
            cases: cases
                .into_iter()
                .map(|case| known_case(view, case, &marks))
                .collect(),
            marks,
        }
    })
}

/// The id of a private stream.
pub(crate) fn id_of(stream: &Stream) -> String {
    let text = stream.to_string();
    text.rsplit('/').next().unwrap_or_default().to_owned()
}

fn marks(view: &View<'_>, manager: PersonId) -> Marks {
    let directory = &view.views.directory;
    let mut units = directory.units.iter();
    let manages =
        units.find(|(id, unit)| directory.team(**id).is_some() && unit.managers.contains(&manager));
    let mut marks = Marks::from([("me", manager.to_string())]);
    marks.extend(manages.map(|(id, _)| ("team", id.to_string())));
    let facilitators = directory.holders(Role::Facilitator, day_in_london(view.now));
    let names = ["facilitator", "other_facilitator"].into_iter();
    marks.extend(names.zip(facilitators.iter().map(ToString::to_string)));
    marks
}

fn known_case(view: &View<'_>, case: &Case, marks: &Marks) -> KnownCase {
    let mut marks = marks.clone();
    let directory = &view.views.directory;
    let mut offers = case.offers.iter().filter(|offer| offer.state().is_open());
    let offer = offers.next_back().or(case.offers.last());
    let session = case.sessions().filter(|(_, s)| s.is_open()).last();
    let session = session
        .or(case.sessions().last())
        .map(|(_, session)| session);
    let mut actions = action::of_case(case, view.now).into_iter();
    let action = actions.find_map(|action| match action.source {
        action::Source::Session(_, agreed) => Some(agreed.action),
        action::Source::HandedOver(_) => None,
    });
    let mut others = view
        .views
        .cases
        .iter()
        .filter(|other| other.case != case.case && view.sees(Act::SeeCase, other, About::Case));
    let manager = directory
        .units
        .get(&case.team())
        .and_then(|unit| unit.managers.first());
    let incident = case.request.incidents.first();
    let holds = session.and_then(|session| session.arranged.facilitators.first());
    marks.insert("team", case.team().to_string());
    marks.extend(offer.map(|offer| ("offer", offer.id().to_string())));
    marks.extend(session.map(|session| ("session", session.id().to_string())));
    marks.extend(holds.map(|person| ("facilitator", person.to_string())));
    marks.extend(action.map(|action| ("action", action.to_string())));
    marks.extend(manager.map(|manager| ("manager", manager.to_string())));
    let link = case.aftercare.links.first();
    marks.extend(link.map(|link| ("shared", link.shared.to_string())));
    marks.extend(link.map(|link| ("linked_case", link.with.to_string())));
    marks.extend(incident.map(|incident| ("incident", incident.incident.to_string())));
    marks.extend(
        others
            .by_ref()
            .map(|other| other.case)
            .min()
            .map(|other| ("other_case", other.to_string())),
    );
    KnownCase {
        id: case.case.to_string(),
        version: case.version,
        sessions: case.sessions().map(|(_, s)| s.id().to_string()).collect(),
        escalations: view.escalations_of(case.case),
        marks,
    }
}

fn one_to_ones(view: &View<'_>) -> Vec<(String, u64)> {
    let all = view.views.one_to_ones.iter();
    all.filter(|one| view.allow_one_to_one(Act::SeeOneToOnes, one.id).is_ok())
        .map(|one| (one.id.to_string(), one.version))
        .collect()
}

fn disclosures(view: &View<'_>) -> Vec<String> {
    let decides = view.everywhere(Act::SeeDisclosures);
    let all = view.views.disclosures.iter().filter(|_| decides);
    all.map(|disclosure| disclosure.id.to_string()).collect()
}

/// A one-to-one that they know of and cannot read.
fn openable(view: &View<'_>) -> Option<String> {
    let mut all = view.views.one_to_ones.iter();
    let closed = all.find(|one| {
        view.allow_one_to_one(Act::SeeOneToOnes, one.id).is_ok()
            && view
                .allow_one_to_one(Act::SeeOneToOneRequest, one.id)
                .is_err()
    });
    closed.map(|one| one.id.to_string())
}

fn glasses(view: &View<'_>) -> Vec<String> {
    let all = view.views.glasses.iter();
    let known = all.filter(|glass| view.known_glass(glass.id).is_ok());
    known.map(|glass| glass.id.to_string()).collect()
}

fn supervisions(view: &View<'_>) -> Vec<(String, u64)> {
    let all = view.views.supervisions.iter();
    all.filter(|(id, _)| view.allow_supervision(Act::SeeSupervision, **id).is_ok())
        .map(|(id, _)| (id.to_string(), 1))
        .collect()
}

fn teams(view: &View<'_>, manager: PersonId, cases: &[&Case]) -> Vec<String> {
    let directory = &view.views.directory;
    let units = directory.units.keys().copied();
    let mut teams: BTreeSet<_> = units
        .filter(|unit| directory.manages(manager, *unit))
        .collect();
    teams.extend(directory.people.get(&manager).and_then(|p| p.home_unit));
    teams.extend(cases.iter().map(|case| case.team()));
    teams.iter().map(ToString::to_string).collect()
}

fn people(view: &View<'_>, manager: PersonId) -> Vec<String> {
    let today = day_in_london(view.now);
    let facilitators = view.views.directory.holders(Role::Facilitator, today);
    let others = facilitators.into_iter().take(PEOPLE_MAX);
    std::iter::once(manager)
        .chain(others)
        .map(|person| person.to_string())
        .collect()
}

fn references(view: &View<'_>, cases: &[&Case]) -> Vec<String> {
    let readable = cases
        .iter()
        .filter(|case| view.sees(Act::SeeRequestText, case, About::Case));
    let incidents = readable.flat_map(|case| &case.request.incidents);
    let references = incidents.filter_map(|incident| incident.local_ref.as_ref());
    let opened: BTreeSet<_> = references
        .filter_map(|reference| view.app.known_text(reference))
        .take(REFERENCES_MAX)
        .collect();
    opened.into_iter().collect()
}

/// The first, the one in the middle and the last: each is the instant itself, and so just after it.
fn instants(private: &[(Stream, Part)]) -> Vec<String> {
    let mut all: Vec<DateTime<Utc>> = private
        .iter()
        .flat_map(|(_, part)| part.recorded.iter().copied())
        .collect();
    all.sort();
    all.dedup();
    let Some(last) = all.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut three = vec![0, last / 2, last];
    three.dedup();
    let text = |n: usize| all[n].format("%FT%T%.6fZ").to_string();
    three.into_iter().map(text).collect()
}

/// Every manager of a unit, in a stable order.
pub(crate) fn managers(world: &World) -> Vec<PersonId> {
    let program = Actor::program(world.organisation);
    world.app.view(&program, |view| {
        let units = view.views.directory.units.values();
        let managers: BTreeSet<_> = units
            .flat_map(|unit| unit.managers.iter().copied())
            .collect();
        managers.into_iter().collect()
    })
}
