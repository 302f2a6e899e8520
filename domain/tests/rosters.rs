//! The trust's lists, given an organisation: what they change, and what is refused.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;

use chrono::{DateTime, NaiveDate};
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::{PersonRecorded, Role, SignIn};
use pipss_domain::first_grants::FirstGrant;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CommandId, OrganisationId, PersonId, UnitId};
use pipss_domain::personal::Personal;
use pipss_domain::sheet::{Around, Difference, Row, SheetFault};
use pipss_domain::stream::{LogId, Stream};
use pipss_domain::{facilitator_roster, roster};
use uuid::Uuid;

type List = fn(&[Row], &Around<'_>) -> Result<Difference, Vec<SheetFault>>;

#[derive(Default)]
struct Trust {
    directory: Directory,
    drawn: Cell<u128>,
}

impl Trust {
    fn around<T>(&self, look: impl FnOnce(&Around<'_>) -> T) -> T {
        let find = |email: &str| {
            let wanted = Some(Personal::Known(email.to_owned()));
            let people = self.directory.people.iter();
            people
                .filter(|(_, person)| person.email == wanted)
                .map(|(id, person)| (*id, person.clone()))
                .collect()
        };
        let fresh = || {
            self.drawn.set(self.drawn.get() + 1);
            Uuid::from_u128(self.drawn.get())
        };
        look(&Around {
            directory: &self.directory,
            find: &find,
            fresh: &fresh,
            today: day("2026-03-02"),
        })
    }

    fn would(&self, list: List, csv: &str) -> Result<Difference, Vec<String>> {
        let said = |faults: Vec<SheetFault>| faults.iter().map(ToString::to_string).collect();
        self.around(|around| list(&rows(csv), around)).map_err(said)
    }

    fn take(&mut self, list: List, csv: &str) -> Vec<String> {
        let difference = self.would(list, csv).unwrap();
        self.record(difference.facts);
        difference.lines
    }

    fn record(&mut self, facts: Vec<(Stream, Event)>) {
        for (stream, event) in facts {
            self.directory.evolve(&Fact {
                log: LogId::main(OrganisationId::new(Uuid::nil())),
                position: 1,
                stream,
                version: 1,
                command: CommandId::new(Uuid::nil()),
                number: 0,
                occurred_at: DateTime::UNIX_EPOCH,
                recorded_at: DateTime::UNIX_EPOCH,
                who: Who::Operator,
                policy: 1,
                event,
            });
        }
    }

    fn unit(&self, code: &str) -> UnitId {
        let mut units = self.directory.units.iter();
        *units.find(|(_, u)| u.opened.code == code).unwrap().0
    }

    fn person(&self, email: &str) -> PersonId {
        let wanted = Some(Personal::Known(email.to_owned()));
        let mut people = self.directory.people.iter();
        *people.find(|(_, p)| p.email == wanted).unwrap().0
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Cells of these lists hold no comma and no quote.
fn rows(csv: &str) -> Vec<Row> {
    let lines = csv.lines().zip(2..);
    lines
        .map(|(line, number)| Row {
            number,
            cells: line.split(',').map(str::to_owned).collect(),
        })
        .collect()
}

const UNITS: &str = "\
d1,Community,,directorate,900,,no
s1,Willow Hospital,d1,service,300,nic@x.test,no
t1,Stroke Ward,s1,team,42,Robin@x.test;nic@x.test,no
t2,Rehab Ward,s1,team,38,,no
p1,Ambulance crew,,team,20,,yes";

fn trust() -> Trust {
    let mut trust = Trust::default();
    trust.take(roster::difference, UNITS);
    trust
}

#[test]
fn a_first_list_opens_its_units_and_meets_each_manager_once() {
    let trust = trust();
    assert_eq!(trust.directory.units.len(), 5);
    assert_eq!(trust.directory.people.len(), 2);
    let nic = trust.person("nic@x.test");
    assert!(trust.directory.manages(nic, trust.unit("t1")));
    assert!(trust.directory.manages(nic, trust.unit("s1")));
    let robin = trust.person("robin@x.test");
    assert!(trust.directory.manages(robin, trust.unit("t1")));
}

#[test]
fn the_same_list_again_changes_nothing() {
    let trust = trust();
    let again = trust.would(roster::difference, UNITS).unwrap();
    assert_eq!((again.facts, again.lines), (vec![], vec![]));
}

#[test]
fn a_renamed_and_moved_unit_stays_the_same_unit() {
    let mut trust = trust();
    let before = trust.unit("t1");
    let list = UNITS.replace("t1,Stroke Ward,s1,team,42", "t1,Harbour Ward,d1,team,40");
    let lines = trust.take(roster::difference, &list);
    assert_eq!(
        lines,
        [
            "rename Stroke Ward to Harbour Ward",
            "move Harbour Ward to d1",
            "change the headcount of Harbour Ward from 42 to 40"
        ]
    );
    assert_eq!(trust.unit("t1"), before);
    assert_eq!(
        trust.directory.units[&before].opened.parent,
        Some(trust.unit("d1"))
    );
}

#[test]
fn a_missing_unit_closes_with_its_managers_and_opens_again_as_itself() {
    let mut trust = trust();
    let stroke = trust.unit("t1");
    let line = UNITS.lines().nth(2).unwrap();
    let without = UNITS.replace(&format!("{line}\n"), "");
    let difference = trust.would(roster::difference, &without).unwrap();
    assert_eq!(difference.ending, (1, 5));
    assert!(!difference.ends_many());
    trust.record(difference.facts);
    assert!(trust.directory.team(stroke).is_none());
    assert!(trust.directory.units[&stroke].managers.is_empty());
    trust.take(roster::difference, UNITS);
    assert_eq!(trust.unit("t1"), stroke);
    assert!(trust.directory.team(stroke).is_some());
}

#[test]
fn half_a_file_is_noticed() {
    let trust = trust();
    let half: Vec<_> = UNITS.lines().take(3).collect();
    let difference = trust.would(roster::difference, &half.join("\n")).unwrap();
    assert!(difference.ends_many());
}

#[test]
fn a_manager_who_is_missing_ends_and_the_unit_stays() {
    let mut trust = trust();
    let lines = trust.take(
        roster::difference,
        &UNITS.replace("Robin@x.test;nic@x.test", "nic@x.test"),
    );
    assert_eq!(lines, ["end a manager of Stroke Ward"]);
    let robin = trust.person("robin@x.test");
    assert!(!trust.directory.manages(robin, trust.unit("t1")));
}

#[test]
#[rustfmt::skip] // a table is read by its columns
fn every_wrong_cell_is_named_by_row_and_column() {
    for (cells, said) in [
        ("d1,Twice,,directorate,1,,no", "row 7, column code: this code"),
        ("a b,New,s1,team,1,,no", "row 7, column code: expected 1"),
        ("n,,s1,team,1,,no", "row 7, column unit: expected some"),
        ("n,New,zz,team,1,,no", "row 7, column parent: no row"),
        ("n,New,,team,1,,no", "row 7, column parent: expected the"),
        ("n,New,n,service,1,,no", "row 7, column parent: the unit"),
        ("n,New,t1,team,1,,no", "row 7, column parent: expected a unit"),
        ("n,New,s1,ward,1,,no", "row 7, column level: expected"),
        ("n,New,s1,team,-1,,no", "row 7, column headcount: expected"),
        ("n,New,s1,team,,,no", "row 7, column headcount: expected"),
        ("n,New,s1,team,100001,,no", "row 7, column headcount: expected"),
        ("n,New,s1,team,1,robin,no", "row 7, column manager_email:"),
        ("n,New,s1,team,1,a@b@c,no", "row 7, column manager_email:"),
        ("n,New,s1,team,1,,maybe", "row 7, column partner: expected yes"),
    ] {
        let faults = trust()
            .would(roster::difference, &format!("{UNITS}\n{cells}"))
            .unwrap_err();
        let found = faults.iter().any(|fault| fault.starts_with(said));
        assert!(found, "{cells}: {faults:?}");
    }
}

#[test]
fn a_circle_of_units_is_refused() {
    let list = "a,A,b,service,1,,no\nb,B,a,service,1,,no";
    let faults = Trust::default()
        .would(roster::difference, list)
        .unwrap_err();
    let circular = |fault: &String| fault.ends_with("the unit would be part of itself");
    assert!(
        faults.len() == 2 && faults.iter().all(circular),
        "{faults:?}"
    );
}

#[test]
fn an_open_unit_keeps_its_level_and_whose_it_is() {
    let list = UNITS
        .replace("s1,team,38,,no", "d1,service,38,,no")
        .replace("20,,yes", "20,,no")
        .replace("p1,Ambulance crew,", "p1,Ambulance crew,s1");
    let faults = trust().would(roster::difference, &list).unwrap_err();
    assert!(faults[0].starts_with("row 5, column level: "), "{faults:?}");
    assert!(
        faults[1].starts_with("row 6, column partner: "),
        "{faults:?}"
    );
}

#[test]
fn an_address_that_two_people_have_is_refused() {
    let mut trust = trust();
    let nic = trust.directory.people[&trust.person("nic@x.test")].clone();
    let other = Stream::Person(PersonId::new(Uuid::from_u128(1 << 90)));
    trust.record(vec![(other, Event::PersonRecorded(nic))]);
    let faults = trust.would(roster::difference, UNITS).unwrap_err();
    assert!(faults[0].starts_with("row 3, column manager_email: two people"));
}

const FACILITATORS: &str = "\
lee@x.test,Lee Avocet,no,t1,petr_debrief:2027-03-31;defusion:2026-12-31,4,
kim@x.test,Kim Siskin,yes,,petr_debrief:2026-09-30,,2026-12-31";

#[test]
fn facilitators_are_recorded_with_training_bounds_and_an_end() {
    let mut trust = trust();
    trust.take(facilitator_roster::difference, FACILITATORS);
    let (lee, kim) = (trust.person("lee@x.test"), trust.person("kim@x.test"));
    let facilitators = trust
        .directory
        .holders(Role::Facilitator, day("2026-12-31"));
    assert_eq!(facilitators.len(), 2);
    assert!(
        !trust
            .directory
            .holds(kim, Role::Facilitator, day("2027-01-01"))
    );
    let profile = trust.directory.profile(lee).unwrap();
    assert_eq!((profile.trained.len(), profile.sessions_max), (2, Some(4)));
    assert_eq!(
        trust.directory.people[&lee].home_unit,
        Some(trust.unit("t1"))
    );
    let again = trust.would(facilitator_roster::difference, FACILITATORS);
    assert_eq!(again.unwrap().lines, [""; 0]);
}

#[test]
fn whoever_is_missing_facilitates_no_more_and_a_later_end_is_given() {
    let mut trust = trust();
    trust.take(facilitator_roster::difference, FACILITATORS);
    let lee = trust.person("lee@x.test");
    let kim = FACILITATORS.lines().nth(1).unwrap();
    let later = kim.replace("2026-12-31", "2027-12-31");
    let difference = trust.would(facilitator_roster::difference, &later).unwrap();
    assert_eq!(difference.ending, (1, 2));
    assert_eq!(
        difference.lines,
        [
            "row 2: let them facilitate until 2027-12-31",
            "end the role of a facilitator who is not in the list"
        ]
    );
    trust.record(difference.facts);
    assert!(
        !trust
            .directory
            .holds(lee, Role::Facilitator, day("2026-03-02"))
    );
}

#[test]
#[rustfmt::skip] // a table is read by its columns
fn wrong_cells_of_facilitators_are_named() {
    for (cells, said) in [
        ("kim@x.test,Kim,yes,,,,", "row 2, column granted_until: someone external"),
        ("kim@x.test,Kim,no,,,,2026-03-01", "row 2, column granted_until: expected today"),
        ("kim@x.test,Kim,no,,,,2026-02-30", "row 2, column granted_until: expected a date"),
        ("kim@x.test,Kim,no,zz,,,", "row 2, column home_unit: no open"),
        ("kim@x.test,Kim,no,,magic:2027-01-01,,", "row 2, column trained: expected kinds"),
        ("kim@x.test,Kim,no,,petr_debrief,,", "row 2, column trained: expected a date"),
        ("kim@x.test,Kim,no,,,many,", "row 2, column sessions_max: expected"),
        ("kim,Kim,no,,,,", "row 2, column email: expected"),
        ("kim@x.test,,no,,,,", "row 2, column name: expected"),
        ("k@x.test,K,no,,,,\nK@x.test,K,no,,,,", "row 3, column email: this address stands"),
    ] {
        let faults = trust()
            .would(facilitator_roster::difference, cells)
            .unwrap_err();
        let found = faults.iter().any(|fault| fault.starts_with(said));
        assert!(found, "{cells}: {faults:?}");
    }
}

fn first(trust: &Trust, role: Role, email: &str) -> Option<Vec<(Stream, Event)>> {
    let grant = FirstGrant {
        role,
        email: email.into(),
        sign_in: None,
    };
    trust.around(|around| grant.decide(around)).ok()
}

#[test]
fn the_first_lead_and_auditor_are_two_people_and_then_no_more() {
    let mut trust = trust();
    let facts = first(&trust, Role::Lead, "alex@x.test").unwrap();
    trust.record(facts);
    assert!(first(&trust, Role::Lead, "other@x.test").is_none());
    assert!(first(&trust, Role::Auditor, "alex@x.test").is_none());
    let facts = first(&trust, Role::Auditor, "toni@x.test").unwrap();
    trust.record(facts);
    assert!(first(&trust, Role::Auditor, "other@x.test").is_none());
    assert!(first(&trust, Role::Governance, "other@x.test").is_none());
}

#[test]
fn a_first_grant_does_not_take_an_address_from_another_sign_in() {
    let mut trust = trust();
    let sign_in = |subject: &str| SignIn {
        issuer: "https://a.test".into(),
        subject: subject.into(),
    };
    let bound = PersonRecorded {
        name: None,
        email: Some(Personal::Known("alex@x.test".into())),
        sign_in: Some(Personal::Known(sign_in("one"))),
        home_unit: None,
        external: false,
    };
    let stream = Stream::Person(PersonId::new(Uuid::from_u128(1 << 90)));
    trust.record(vec![(stream, Event::PersonRecorded(bound))]);
    let grant = |subject| FirstGrant {
        role: Role::Lead,
        email: "alex@x.test".into(),
        sign_in: Some(sign_in(subject)),
    };
    assert!(trust.around(|around| grant("two").decide(around)).is_err());
    assert!(trust.around(|around| grant("one").decide(around)).is_ok());
}
