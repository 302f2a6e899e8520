//! What the directory says of units, people and roles.

use super::*;
use crate::given::*;

#[test]
fn only_a_unit_of_the_lowest_level_is_a_team() {
    let directory = Given::a_trust().directory;
    assert!(directory.team(TEAM).is_some());
    for unit in [SERVICE, DIRECTORATE, id(99)] {
        assert!(directory.team(unit).is_none());
    }
}

#[test]
fn managing_a_unit_is_not_managing_the_teams_in_it() {
    let directory = Given::a_trust().directory;
    assert!(directory.manages(MANAGER, TEAM));
    assert!(!directory.manages(SERVICE_MANAGER, TEAM));
    assert!(!directory.manages(MANAGER, OTHER_TEAM));
}

#[test]
fn a_line_of_management_goes_up_and_ends() {
    let mut directory = Given::a_trust().directory;
    assert_eq!(directory.line_of(TEAM), [TEAM, SERVICE, DIRECTORATE]);
    let top = directory.units.get_mut(&DIRECTORATE).unwrap();
    top.opened.parent = Some(TEAM);
    assert_eq!(
        directory.line_of(TEAM),
        [TEAM, SERVICE, DIRECTORATE],
        "even if it is a circle"
    );
}

#[test]
fn neutral_is_whoever_is_neither_of_the_team_nor_above_it() {
    let directory = Given::a_trust().directory;
    for person in [OF_THE_TEAM, STAFF, MANAGER, SERVICE_MANAGER, DIRECTOR] {
        assert!(!directory.neutral_to(person, TEAM), "{person}");
    }
    for person in [ASH, KIM, OTHER_MANAGER, LEAD] {
        assert!(directory.neutral_to(person, TEAM), "{person}");
    }
}

#[test]
fn a_grant_holds_up_to_and_on_its_last_day() {
    let mut given = Given::a_trust();
    given.granted(STAFF, Role::Lead, Some(day(7).date_naive()));
    let holds = |days| {
        given
            .directory
            .holds(STAFF, Role::Lead, day(days).date_naive())
    };
    assert!(holds(0) && holds(7) && !holds(8));
    let on = |days| given.directory.holders(Role::Lead, day(days).date_naive());
    assert_eq!((on(7), on(8)), (vec![LEAD, STAFF], vec![LEAD]));
}

#[test]
fn everyone_wears_the_hats_they_were_given_and_no_others() {
    use Hat::{Facilitator, Lead, Manager, Staff};
    let directory = Given::a_trust().directory;
    let hats = |person| directory.hats(Who::Person(person), monday());
    assert_eq!(hats(STAFF), [Staff]);
    assert_eq!(hats(MANAGER), [Staff, Manager, Facilitator]);
    assert_eq!(hats(LEAD), [Staff, Lead]);
    assert_eq!(hats(KIM), [Facilitator], "an external person is not staff");
    assert_eq!(hats(id(99)), [Staff], "whoever was never met is staff");
    assert_eq!(directory.hats(Who::Operator, monday()), [Hat::Operator]);
    assert_eq!(directory.hats(Who::Program, monday()), [Hat::Program]);
}

#[test]
fn what_someone_manages_is_found_from_either_side() {
    use crate::directory_facts::ManagerEnded;
    let mut given = Given::a_trust();
    let ends = |given: &mut Given, person, unit| {
        let ended = ManagerEnded { person };
        given.record(Stream::Unit(unit), Event::ManagerEnded(ended));
    };
    let check = |given: &Given| {
        let directory = &given.directory;
        for person in [STAFF, MANAGER, SERVICE_MANAGER, DIRECTOR, OTHER_MANAGER] {
            let managed: Vec<_> = directory.managed_by(person).collect();
            let units = directory.units.iter();
            let named = units.filter(|(_, unit)| unit.managers.contains(&person));
            assert_eq!(managed, named.map(|(id, _)| *id).collect::<Vec<_>>());
            let hats = directory.hats(Who::Person(person), monday());
            assert_eq!(hats.contains(&Hat::Manager), !managed.is_empty());
        }
    };
    check(&given);
    assert!(given.directory.managed_by(MANAGER).next().is_some());
    ends(&mut given, MANAGER, TEAM);
    check(&given);
    assert!(!given.directory.manages(MANAGER, TEAM));
}
