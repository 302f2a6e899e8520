//! The whole invented trust: 6 directorates, their services and teams, and who manages each.
//!
//! Teams are named after plants, birds and points of the compass: no place in the world is meant.

use std::sync::LazyLock;

use pipss_domain::directory_facts::{Role, UnitLevel};

use super::people::{DemoPerson, DemoUnit, PEOPLE, UNITS};

/// A service: its code, the directorate it is part of, its name, how many work there, and its teams.
/// The first teams of a service that the short story has too are those of that story.
struct Service(
    &'static str,
    &'static str,
    &'static str,
    u32,
    &'static [&'static str],
);

/// Directorates besides the two of the short story: code, name, headcount. With 1,900 and 2,100 of those
/// two they are 6,500, the size of a middling trust for mental health and community care.
const DIRECTORATES: [(&str, &str, u32); 4] = [
    ("secure", "Secure and Specialist Care", 800),
    ("children", "Children, Young People and Families", 780),
    ("disability", "Learning Disability and Autism", 340),
    ("support", "Estates, Support and Corporate Services", 580),
];

#[rustfmt::skip] // a table is read by its columns
const SERVICES: [Service; 25] = [
    Service("willow", "community", "Willow Community Hospital", 310, &["Juniper Ward", "Hawthorn Ward", "Day Hospital", "Outpatient Therapies"]),
    Service("nursing", "community", "Community Nursing", 520, &["Community Nursing North", "Community Nursing East", "Community Nursing South", "Community Nursing West", "Evening and Night Nursing", "Tissue Viability", "Continence Service", "Diabetes Nursing", "Heart Failure Nursing"]),
    Service("intermediate", "community", "Intermediate Care", 330, &["Rapid Response North", "Rapid Response South", "Reablement Team", "Falls Service", "Virtual Ward"]),
    Service("therapies", "community", "Adult Therapies", 260, &["Physiotherapy", "Occupational Therapy", "Speech and Language Therapy", "Dietetics", "Podiatry", "Wheelchair Service", "Musculoskeletal Service"]),
    Service("endoflife", "community", "Palliative and End of Life Care", 180, &["Kingfisher Ward", "Hospice at Home", "Bereavement Service"]),
    Service("urgent", "community", "Urgent Community Care", 300, &["Minor Injuries North", "Minor Injuries South", "Care Coordination", "Discharge Hub", "Home First"]),
    Service("acute", "mental", "Acute Inpatient Care", 420, &["Beech Ward", "Cedar Ward", "Elm Ward", "Fir Ward", "Place of Safety", "Psychiatric Intensive Care"]),
    Service("crisis", "mental", "Crisis and Liaison", 340, &["Crisis Team North", "Crisis Team South", "Liaison Psychiatry", "Street Triage", "Crisis Line", "Home Treatment"]),
    Service("cmht", "mental", "Community Mental Health", 450, &["Community Team North", "Community Team East", "Community Team South", "Community Team West", "Assertive Outreach", "Early Intervention", "Perinatal Team", "Complex Needs", "Physical Health Clinic"]),
    Service("older", "mental", "Older People's Mental Health", 330, &["Larch Ward", "Maple Ward", "Memory Service", "Older People's Community North", "Older People's Community South", "Care Home Liaison"]),
    Service("talking", "mental", "Talking Therapies", 280, &["Talking Therapies North", "Talking Therapies South", "Talking Therapies East", "Talking Therapies West", "Step Four Psychology", "Eating Disorders"]),
    Service("rehabilitation", "mental", "Rehabilitation and Recovery", 268, &["Rowan House", "Linden House", "Recovery College", "Employment Support"]),
    Service("medium", "secure", "Medium Secure Care", 360, &["Osprey Ward", "Harrier Ward", "Merlin Ward", "Falcon Ward", "Secure Therapies", "Hobby Ward"]),
    Service("low", "secure", "Low Secure Care", 220, &["Lapwing Ward", "Redshank Ward", "Sanderling Ward", "Dunlin Ward"]),
    Service("justice", "secure", "Health in Justice", 220, &["Custody Healthcare", "Court Liaison", "Prison Mental Health", "Community Forensic Team"]),
    Service("camhs", "children", "Child and Adolescent Mental Health", 300, &["Fern Unit", "Young People's Crisis Team", "Young People's Community North", "Young People's Community South", "Young People's Eating Disorders", "Schools Mental Health"]),
    Service("visiting", "children", "Health Visiting and School Nursing", 280, &["Health Visiting North", "Health Visiting East", "Health Visiting South", "Health Visiting West", "School Nursing", "Family Nurse Partnership", "Infant Feeding"]),
    Service("paediatric", "children", "Community Paediatrics", 200, &["Paediatric Therapies", "Children's Community Nursing", "Looked After Children", "Child Development Centre", "Continuing Care"]),
    Service("ldinpatient", "disability", "Learning Disability Inpatient Care", 150, &["Bluebell House", "Cowslip House", "Short Breaks"]),
    Service("ldcommunity", "disability", "Learning Disability Community Care", 130, &["Learning Disability North", "Learning Disability South", "Intensive Support Team"]),
    Service("autism", "disability", "Autism and Neurodevelopment", 60, &["Autism Assessment", "Adult Neurodevelopment", "Sensory Service"]),
    Service("estates", "support", "Estates and Facilities", 260, &["Domestic Services North", "Domestic Services South", "Catering", "Portering", "Security", "Maintenance"]),
    Service("digital", "support", "Digital and Records", 110, &["Service Desk", "Clinical Records", "Information Team", "Networks"]),
    Service("people", "support", "People and Culture", 120, &["People Services", "Learning and Development", "Bank Office", "Staff Wellbeing", "Chaplaincy and Spiritual Care"]),
    Service("governance", "support", "Governance and Safety", 90, &["Patient Safety", "Complaints", "Safeguarding", "Infection Prevention"]),
];

/// Facilitators besides those of the short story: short name, name, where they work (nowhere: external).
const FACILITATORS: [(&str, &str, Option<&str>); 12] = [
    ("f1", "Bo Whimbrel", Some("people-4")),
    ("f2", "Dana Fieldfare", Some("talking-1")),
    ("f3", "Eddie Redstart", Some("cmht-2")),
    ("f4", "Frankie Garganey", Some("governance-1")),
    ("f5", "Harper Shoveler", Some("endoflife-3")),
    ("f6", "Indy Brambling", Some("camhs-3")),
    ("f7", "Jamie Whinchat", Some("medium-5")),
    ("f8", "Lou Ptarmigan", Some("therapies-2")),
    ("f9", "Morgan Dotterel", Some("older-3")),
    ("x1", "Ollie Corncrake", None),
    ("x2", "Riley Twite", None),
    ("x3", "Nicky Gadwall", None),
];

const FIRST_NAMES: [&str; 16] = [
    "Ali", "Billie", "Chris", "Drew", "Ellis", "Fran", "Gray", "Hollis", "Izzy", "Jules", "Kit",
    "Leigh", "Mel", "Noor", "Oakley", "Perry",
];
const LAST_NAMES: [&str; 16] = [
    "Teasel", "Sorrel", "Bracken", "Clover", "Campion", "Yarrow", "Mallow", "Betony", "Tansy",
    "Fennel", "Burdock", "Comfrey", "Thrift", "Vetch", "Sedge", "Bryony",
];

/// A team as the stories need it.
#[derive(Clone, Copy)]
pub struct Team {
    /// Its code.
    pub short: &'static str,
    /// Who manages it.
    pub manager: &'static str,
}

/// What is invented beyond the short story.
pub struct Wide {
    /// Units, each after the one it is part of.
    pub units: Vec<DemoUnit>,
    /// Facilitators and managers.
    pub people: Vec<DemoPerson>,
}

/// Everyone and everything beyond the short story. Invented once; the names live as long as the process.
pub static WIDE: LazyLock<Wide> = LazyLock::new(|| {
    let mut wide = Wide {
        units: DIRECTORATES.iter().map(directorate).collect(),
        people: FACILITATORS.iter().map(facilitator).collect(),
    };
    for service in &SERVICES {
        let known = UNITS.iter().any(|unit| unit.short == service.0);
        wide.units.extend((!known).then(|| opened(service)));
        add_teams(&mut wide, service);
    }
    wide
});

/// Every team that has a manager, those of the short story first.
pub fn teams() -> Vec<Team> {
    let all = UNITS.iter().chain(&WIDE.units);
    all.filter(|unit| unit.level == UnitLevel::Team)
        .filter_map(|unit| {
            Some(Team {
                short: unit.short,
                manager: unit.manager?,
            })
        })
        .collect()
}

/// Everyone who facilitates every kind of session, with the team they work in.
pub fn facilitators() -> impl Iterator<Item = &'static DemoPerson> {
    let all = PEOPLE.iter().chain(&WIDE.people);
    all.filter(|who| who.roles.contains(&Role::Facilitator) && !who.is_new())
}

fn directorate(&(short, name, headcount): &(&'static str, &'static str, u32)) -> DemoUnit {
    DemoUnit {
        short,
        name,
        level: UnitLevel::Directorate,
        parent: None,
        headcount,
        manager: None,
    }
}

fn opened(&Service(short, directorate, name, headcount, _): &Service) -> DemoUnit {
    DemoUnit {
        short,
        name,
        level: UnitLevel::Service,
        parent: Some(directorate),
        headcount,
        manager: None,
    }
}

/// The teams of a service share what is left of its people; the first have one more if it does not divide.
fn add_teams(wide: &mut Wide, &Service(service, _, _, headcount, teams): &Service) {
    let known = UNITS.iter().filter(|unit| unit.parent == Some(service));
    let left = headcount - known.map(|unit| unit.headcount).sum::<u32>();
    let number = u32::try_from(teams.len()).unwrap_or(1);
    for (n, name) in (1..).zip(teams) {
        let team: &'static str = format!("{service}-{n}").leak();
        let manager = manager(wide.people.len(), team, name);
        wide.units.push(DemoUnit {
            short: team,
            name,
            level: UnitLevel::Team,
            parent: Some(service),
            headcount: left / number + u32::from(n <= left % number),
            manager: Some(manager.short),
        });
        wide.people.push(manager);
    }
}

/// Sixteen first names and sixteen last names make 256 people, no two with the same name.
fn manager(n: usize, team: &'static str, team_name: &str) -> DemoPerson {
    let (first, last) = (FIRST_NAMES[n % 16], LAST_NAMES[(n / 16 + n) % 16]);
    DemoPerson {
        short: format!("m-{team}").leak(),
        name: format!("{first} {last}").leak(),
        home: Some(team),
        roles: &[],
        what: format!("manages {team_name}").leak(),
    }
}

fn facilitator(
    &(short, name, home): &(&'static str, &'static str, Option<&'static str>),
) -> DemoPerson {
    DemoPerson {
        short,
        name,
        home,
        roles: &[Role::Facilitator],
        what: match home {
            Some(_) => "facilitator",
            None => "external facilitator",
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_a_trust_of_six_and_a_half_thousand_in_134_teams() {
        let all: Vec<_> = UNITS.iter().chain(&WIDE.units).collect();
        let of = |level| all.iter().filter(move |unit| unit.level == level);
        let sum = |level| of(level).map(|unit| unit.headcount).sum::<u32>();
        assert_eq!(sum(UnitLevel::Directorate), 6500);
        assert_eq!(sum(UnitLevel::Team), 6500);
        assert_eq!(of(UnitLevel::Directorate).count(), 6);
        assert_eq!(of(UnitLevel::Service).count(), 25);
        assert_eq!(of(UnitLevel::Team).count(), 134);
        for unit in &all {
            let parts: Vec<_> = all
                .iter()
                .filter(|u| u.parent == Some(unit.short))
                .collect();
            let together: u32 = parts.iter().map(|part| part.headcount).sum();
            assert!(
                parts.is_empty() || together == unit.headcount,
                "{}",
                unit.name
            );
        }
    }

    #[test]
    fn no_two_people_or_units_go_by_the_same_name() {
        let people: Vec<_> = PEOPLE.iter().chain(&WIDE.people).collect();
        let names: BTreeSet<_> = people.iter().map(|who| who.name).collect();
        assert_eq!(names.len(), people.len());
        let units: Vec<_> = UNITS.iter().chain(&WIDE.units).collect();
        let shorts: BTreeSet<_> = units.iter().map(|unit| unit.short).collect();
        let names: BTreeSet<_> = units.iter().map(|unit| unit.name).collect();
        assert_eq!((shorts.len(), names.len()), (units.len(), units.len()));
        for who in people {
            assert!(
                who.home.is_none_or(|home| shorts.contains(home)),
                "{}",
                who.name
            );
        }
    }
}
