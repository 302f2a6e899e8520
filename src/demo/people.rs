//! The invented trust: its units, its people, every role. Nobody here exists.

use anyhow::anyhow;
use chrono::{DateTime, Duration, Utc};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::intent::Intent;
use pipss_api::signing::DemoIssuer;
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::{
    FacilitatorProfiled, GrantGiven, ManagerNamed, PersonRecorded, Role, SignIn, Training,
    UnitLevel, UnitOpened,
};
use pipss_domain::history::Event;
use pipss_domain::ids::{OrganisationId, PersonId, UnitId};
use pipss_domain::offer::{OFFERS, OfferKind};
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use serde::Serialize;
use uuid::Uuid;

use super::trust::WIDE;
use crate::config::Organisation;
use crate::serve::{found, say};

const NAME: &str = "Example Partnership NHS Trust";
/// For so long trainings and bounded grants hold: longer than the longest story.
const YEARS: Duration = Duration::days(730);
/// Ids of the demonstration are made of names, so that a kept folder is known again.
const SPACE: Uuid = Uuid::from_u128(0x7e3a_51c0_8d2f_4b6e_9a14_c05d_2e8f_7b31);

/// The trust.
pub fn organisation() -> OrganisationId {
    OrganisationId::new(Uuid::new_v5(&SPACE, b"organisation"))
}

/// A unit by its short name.
pub fn unit(short: &str) -> UnitId {
    UnitId::new(Uuid::new_v5(&SPACE, format!("unit/{short}").as_bytes()))
}

/// A person by their short name.
pub fn person(short: &str) -> PersonId {
    PersonId::new(Uuid::new_v5(&SPACE, format!("person/{short}").as_bytes()))
}

/// A unit that does not exist.
pub struct DemoUnit {
    /// What the code calls it, and the trust in its lists.
    pub short: &'static str,
    /// As people know it.
    pub name: &'static str,
    /// Its level.
    pub level: UnitLevel,
    /// What it is part of.
    pub parent: Option<&'static str>,
    /// How many work there.
    pub headcount: u32,
    /// Who manages it.
    pub manager: Option<&'static str>,
}

#[rustfmt::skip] // a table is read by its columns
/// The units of the short story.
pub const UNITS: [DemoUnit; 8] = [
    DemoUnit { short: "community", name: "Community Health Services", level: UnitLevel::Directorate, parent: None, headcount: 1900, manager: None },
    DemoUnit { short: "willow", name: "Willow Community Hospital", level: UnitLevel::Service, parent: Some("community"), headcount: 310, manager: Some("nic") },
    DemoUnit { short: "stroke", name: "Harbour Stroke Ward", level: UnitLevel::Team, parent: Some("willow"), headcount: 42, manager: Some("robin") },
    DemoUnit { short: "rehab", name: "Meadow Rehabilitation Ward", level: UnitLevel::Team, parent: Some("willow"), headcount: 38, manager: Some("jo") },
    DemoUnit { short: "mental", name: "Adult Mental Health Services", level: UnitLevel::Directorate, parent: None, headcount: 2100, manager: None },
    DemoUnit { short: "acute", name: "Acute Inpatient Care", level: UnitLevel::Service, parent: Some("mental"), headcount: 420, manager: None },
    DemoUnit { short: "ash", name: "Ash Ward", level: UnitLevel::Team, parent: Some("acute"), headcount: 36, manager: Some("val") },
    DemoUnit { short: "psychology", name: "Staff Psychology Team", level: UnitLevel::Team, parent: Some("mental"), headcount: 12, manager: None },
];

/// Someone who does not exist.
pub struct DemoPerson {
    /// What the code calls them.
    pub short: &'static str,
    /// As people know them.
    pub name: &'static str,
    /// Where they work; whoever works nowhere here is external.
    pub home: Option<&'static str>,
    /// What they were granted.
    pub roles: &'static [Role],
    /// What they do.
    pub what: &'static str,
}

#[rustfmt::skip] // a table is read by its columns
/// Everyone of the short story.
pub const PEOPLE: [DemoPerson; 14] = [
    DemoPerson { short: "robin", name: "Robin Wren", home: Some("stroke"), roles: &[], what: "manages Harbour Stroke Ward" },
    DemoPerson { short: "sam", name: "Sam Heron", home: Some("stroke"), roles: &[], what: "nurse in charge at night, no role here" },
    DemoPerson { short: "jo", name: "Jo Plover", home: Some("rehab"), roles: &[], what: "manages Meadow Rehabilitation Ward" },
    DemoPerson { short: "nic", name: "Nic Bittern", home: Some("willow"), roles: &[], what: "manages Willow Community Hospital" },
    DemoPerson { short: "val", name: "Val Teal", home: Some("ash"), roles: &[], what: "manages Ash Ward" },
    DemoPerson { short: "alex", name: "Alex Kestrel", home: Some("psychology"), roles: &[Role::Lead, Role::Facilitator], what: "PIPSS lead, also facilitates" },
    DemoPerson { short: "charlie", name: "Charlie Dunnock", home: Some("psychology"), roles: &[Role::Lead], what: "deputy of the lead" },
    DemoPerson { short: "ash", name: "Ash Linnet", home: Some("psychology"), roles: &[Role::Facilitator], what: "facilitator" },
    DemoPerson { short: "lee", name: "Lee Avocet", home: Some("stroke"), roles: &[Role::Facilitator], what: "facilitator who works on Harbour Stroke Ward" },
    DemoPerson { short: "kim", name: "Kim Siskin", home: None, roles: &[Role::Facilitator], what: "external counsellor" },
    DemoPerson { short: "pat", name: "Pat Curlew", home: Some("psychology"), roles: &[Role::SupervisionLead], what: "supervision lead" },
    DemoPerson { short: "max", name: "Max Dipper", home: Some("mental"), roles: &[Role::Governance], what: "governance" },
    DemoPerson { short: "toni", name: "Toni Godwit", home: Some("community"), roles: &[Role::Auditor], what: "auditor" },
    DemoPerson { short: "ray", name: "Ray Pipit", home: Some("community"), roles: &[Role::Administrator], what: "administrator" },
];

impl DemoPerson {
    /// How they sign in.
    fn sign_in(&self) -> SignIn {
        SignIn {
            issuer: DemoIssuer::NAME.into(),
            subject: self.subject(),
        }
    }

    /// How their tokens call them.
    pub fn subject(&self) -> String {
        format!("demo-{}", self.short)
    }

    /// Their address; the domain is reserved and leads nowhere.
    pub fn email(&self) -> String {
        format!(
            "{}@example.test",
            self.name.to_lowercase().replace(' ', ".")
        )
    }

    fn external(&self) -> bool {
        self.home.is_none()
    }

    /// Lee Avocet is new: no PETR debrief yet, and few sessions at a time.
    pub fn is_new(&self) -> bool {
        self.short == "lee"
    }
}

/// Someone of the demonstration, as `GET /demo/people` shows them.
#[derive(Serialize)]
pub struct Shown {
    /// Their id, for `POST /demo/token`.
    pub person: PersonId,
    /// Their name.
    pub name: &'static str,
    /// What they do.
    pub what: &'static str,
    /// Their roles.
    pub roles: Vec<String>,
    /// The units they manage.
    pub units: Vec<ShownUnit>,
}

/// A unit that someone manages.
#[derive(Serialize)]
pub struct ShownUnit {
    /// Its id.
    pub team: UnitId,
    /// As people know it.
    pub name: String,
}

/// Everyone of the demonstration, whether or not the whole trust was recorded.
pub fn everyone() -> impl Iterator<Item = &'static DemoPerson> {
    PEOPLE.iter().chain(&WIDE.people)
}

/// Everyone of the short story with the roles they have now; with `all`, everyone who was recorded.
pub fn shown(app: &App, all: bool) -> Vec<Shown> {
    let each = |who: &DemoPerson| {
        let id = person(who.short);
        let me = app.me(&Actor::person(organisation(), id)).ok();
        let mut roles: Vec<String> = me
            .iter()
            .flat_map(|me| &me.roles)
            .filter_map(|role| serde_json::to_value(role).ok())
            .filter_map(|role| role.as_str().map(str::to_owned))
            .collect();
        if who.external() {
            roles.push("external".into());
        }
        let manages = me.map(|me| me.manages).unwrap_or_default();
        Shown {
            person: id,
            name: who.name,
            what: who.what,
            roles,
            units: manages
                .into_iter()
                .map(|unit| ShownUnit {
                    team: unit.team,
                    name: unit.name,
                })
                .collect(),
        }
    };
    let wide = WIDE.people.iter().filter(|_| all).map(each);
    // Whoever has no role and manages nothing was not recorded: their part of the trust was left out.
    let recorded =
        wide.filter(|who| who.roles.iter().any(|r| r != "external") || !who.units.is_empty());
    PEOPLE.iter().map(each).chain(recorded).collect()
}

/// Everyone one can choose to be: those of the short story first.
#[cfg(feature = "pages")]
pub fn to_choose(app: &App) -> Vec<pipss_web::pages::Someone> {
    let chosen = shown(app, true).into_iter();
    chosen
        .filter_map(|shown| {
            let who = everyone().find(|who| person(who.short) == shown.person)?;
            Some(pipss_web::pages::Someone {
                signed_in: pipss_api::token::SignedIn {
                    organisation: organisation().uuid(),
                    issuer: DemoIssuer::NAME.into(),
                    subject: who.subject(),
                    name: Some(who.name.into()),
                    email: Some(who.email()),
                    just_proved: true,
                    program: false,
                },
                what: who.what.into(),
                first: PEOPLE.iter().any(|first| first.short == who.short),
            })
        })
        .collect()
}

/// How its pages look.
#[cfg(feature = "pages")]
pub fn brand() -> pipss_web::brand::Brand {
    pipss_web::brand::Brand {
        organisation: Some(NAME.into()),
        telephone: Some("01632 960 100".into()),
        ..pipss_web::brand::Brand::default()
    }
}

/// Says on the console who there is and how to act as each.
pub fn print(app: &App, base: &str) {
    say(&format!(
        "\nThe data are made up. Open {base} and choose who to be. What is behind it is at {base}/demo, \
         and the interface at {base}/api/v1/docs\n"
    ));
    for who in shown(app, false) {
        say(&format!(
            "  {}  {:<16} {:<46} {}",
            who.person,
            who.name,
            who.what,
            who.roles.join(", ")
        ));
    }
    say(&format!(
        "\nTo act as one of them, ask for a token and send it with each request:\n\n  \
         curl -s {base}/demo/token -H 'Content-Type: application/json' -d '{{\"person\":\"{}\"}}'\n\n\
         Ctrl-C ends the demonstration.",
        person("robin")
    ));
}

/// Records the trust, and the units and people of the short story, as the operator would.
pub async fn record(app: &App) -> anyhow::Result<()> {
    let trust = Organisation {
        id: organisation().uuid(),
        name: NAME.into(),
    };
    found(app, &trust).await?;
    keep(app, "demo", &UNITS, &PEOPLE).await
}

/// Records the rest of the trust: the same facts, through the same act, as its lists of units and
/// facilitators would (`pipss directory apply`), but with the names that its issuer would tell.
pub async fn record_wide(app: &App) -> anyhow::Result<()> {
    keep(app, "demo-wide", &WIDE.units, &WIDE.people).await
}

async fn keep(
    app: &App,
    key: &str,
    units: &[DemoUnit],
    people: &[DemoPerson],
) -> anyhow::Result<()> {
    let now = app.clock().now();
    let of_units = units.iter().flat_map(unit_facts);
    let of_people = people.iter().flat_map(|person| person_facts(person, now));
    let fact = |(stream, event)| Happened {
        stream,
        occurred_at: now,
        event,
    };
    let intent = Intent::keep_directory(key, of_units.chain(of_people).map(fact).collect());
    let operator = Actor::operator(organisation());
    app.execute(&operator, intent)
        .await
        .map(|_| ())
        .map_err(|refused| anyhow!("{}", refused.problem().detail))
}

fn unit_facts(demo: &DemoUnit) -> Vec<(Stream, Event)> {
    let stream = Stream::Unit(unit(demo.short));
    let opened = UnitOpened {
        code: demo.short.into(),
        name: demo.name.into(),
        level: demo.level,
        parent: demo.parent.map(unit),
        headcount: demo.headcount,
        partner: false,
    };
    let mut facts = vec![(stream, Event::UnitOpened(opened))];
    facts.extend(demo.manager.map(|manager| {
        let named = ManagerNamed {
            person: person(manager),
        };
        (stream, Event::ManagerNamed(named))
    }));
    facts
}

fn person_facts(demo: &DemoPerson, now: DateTime<Utc>) -> Vec<(Stream, Event)> {
    let id = person(demo.short);
    let recorded = PersonRecorded {
        name: Some(Personal::Known(demo.name.into())),
        email: Some(Personal::Known(demo.email())),
        sign_in: Some(Personal::Known(demo.sign_in())),
        home_unit: demo.home.map(unit),
        external: demo.external(),
    };
    let mut facts = vec![(Stream::Person(id), Event::PersonRecorded(recorded))];
    facts.extend(profile(demo, now).map(|profile| (Stream::Person(id), profile)));
    facts.extend(demo.roles.iter().map(|role| {
        // Deputies and external people are granted a role up to a day.
        let bound = demo.external() || demo.short == "charlie";
        let given = GrantGiven {
            role: *role,
            until: bound.then(|| day_in_london(now) + YEARS),
        };
        (Stream::Grants(id), Event::GrantGiven(given))
    }));
    facts
}

/// Facilitators are trained in everything for two years, but for Lee Avocet, who is new: no PETR debrief
/// yet, and few sessions at a time.
fn profile(demo: &DemoPerson, now: DateTime<Utc>) -> Option<Event> {
    let new = demo.is_new();
    let until = day_in_london(now) + YEARS;
    let kinds = OFFERS
        .iter()
        .filter(|row| row.has_sessions() || row.kind == OfferKind::OneToOne);
    let kinds = kinds.filter(|row| !new || row.kind != OfferKind::PetrDebrief);
    let profile = FacilitatorProfiled {
        trained: kinds
            .map(|row| Training {
                model: row.kind,
                until,
            })
            .collect(),
        sessions_max: new.then_some(3),
    };
    demo.roles
        .contains(&Role::Facilitator)
        .then_some(Event::FacilitatorProfiled(profile))
}
