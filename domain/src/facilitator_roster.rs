//! The trust's list of facilitators: what it would change, or what is wrong with it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::directory_facts::{
    FacilitatorProfiled, GrantEnded, GrantGiven, PersonRecorded, Role, Training,
};
use crate::history::Event;
use crate::ids::{PersonId, UnitId};
use crate::offer::OfferKind;
use crate::personal::Personal;
use crate::sheet::{Around, Cells, Difference, Face, Faces, Row, SheetFault};
use crate::stream::Stream;

/// The columns of the list; each must be there, in any order.
pub const COLUMNS: [&str; 7] = [
    "email",
    "name",
    "external",
    "home_unit",
    "trained",
    "sessions_max",
    "granted_until",
];

const TRAININGS_MAX: usize = 20;
const SESSIONS_MAX: u32 = 500;

struct FacilitatorRow {
    number: u64,
    email: String,
    name: String,
    external: bool,
    home_unit: Option<UnitId>,
    profile: FacilitatorProfiled,
    until: Option<NaiveDate>,
}

/// What the list would change. Whoever is missing in it facilitates no more.
///
/// # Errors
/// Everything that is wrong, in the order of the rows.
pub fn difference(rows: &[Row], around: &Around<'_>) -> Result<Difference, Vec<SheetFault>> {
    let mut faults = Vec::new();
    let read: Vec<_> = rows
        .iter()
        .map(|row| read(row, around, &mut faults))
        .collect();
    let mut faces = Faces::new(around);
    let mut all = Difference::default();
    let mut listed = BTreeSet::new();
    for row in &read {
        match faces.of(&row.email) {
            Ok(face) if listed.insert(face.person) => compare(&mut all, row, &face, around),
            Ok(_) => faults.push(fault(row, "this address stands twice")),
            Err(detail) => faults.push(fault(row, detail)),
        }
    }
    end_missing(&mut all, &listed, around);
    if faults.is_empty() {
        Ok(all)
    } else {
        faults.sort_by_key(|fault| fault.row);
        Err(faults)
    }
}

fn read(row: &Row, around: &Around<'_>, faults: &mut Vec<SheetFault>) -> FacilitatorRow {
    let mut cells = Cells {
        row,
        columns: &COLUMNS,
        faults,
    };
    let external = cells.yes_no("external");
    let text = cells.text("granted_until");
    let until = (!text.is_empty())
        .then(|| cells.day("granted_until", text))
        .flatten();
    if text.is_empty() && external {
        cells.fault("granted_until", "someone external needs a last day");
    }
    if until.is_some_and(|last| last < around.today) {
        cells.fault("granted_until", "expected today or a later day");
    }
    let sessions_max = cells.number("sessions_max", SESSIONS_MAX);
    let text = cells.text("email");
    FacilitatorRow {
        number: row.number,
        email: cells.email("email", text).unwrap_or_default(),
        name: cells.required("name", 120),
        external,
        home_unit: home_unit(&mut cells, around),
        profile: FacilitatorProfiled {
            trained: trained(&mut cells),
            sessions_max: sessions_max.and_then(|max| u16::try_from(max).ok()),
        },
        until,
    }
}

fn home_unit(cells: &mut Cells<'_>, around: &Around<'_>) -> Option<UnitId> {
    let code = cells.text("home_unit");
    let mut units = around.directory.units.iter();
    let unit = units.find(|(_, unit)| unit.opened.code == code && !unit.closed);
    if unit.is_none() && !code.is_empty() {
        cells.fault("home_unit", "no open unit has this code");
    }
    unit.map(|(id, _)| *id)
}

fn trained(cells: &mut Cells<'_>) -> Vec<Training> {
    let mut trained: Vec<Training> = Vec::new();
    let parts = cells.text("trained").split(';').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (model, until) = part.split_once(':').unwrap_or((part, ""));
        let model: Result<OfferKind, _> = serde_json::from_value(model.trim().into());
        let Ok(model) = model else {
            cells.fault(
                "trained",
                "expected kinds of offer, as petr_debrief:2027-03-31",
            );
            continue;
        };
        if trained.iter().any(|training| training.model == model) {
            cells.fault("trained", "a kind of offer stands twice");
        }
        let until = cells.day("trained", until.trim());
        trained.extend(until.map(|until| Training { model, until }));
    }
    if trained.len() > TRAININGS_MAX {
        cells.fault("trained", "expected at most 20 kinds of offer");
    }
    trained
}

fn fault(row: &FacilitatorRow, detail: &str) -> SheetFault {
    SheetFault {
        row: row.number,
        column: Some("email"),
        detail: detail.into(),
    }
}

fn compare(all: &mut Difference, row: &FacilitatorRow, face: &Face, around: &Around<'_>) {
    let person = face.person;
    let line = |what: &str| format!("row {}: {what}", row.number);
    let before = face.recorded.as_ref();
    let wanted = PersonRecorded {
        name: Some(Personal::Known(row.name.clone())),
        email: Some(Personal::Known(row.email.clone())),
        sign_in: before.and_then(|person| person.sign_in.clone()),
        home_unit: row.home_unit,
        external: row.external,
    };
    if before != Some(&wanted) {
        let what = before.map_or("record the person", |_| "change the person");
        all.lines.push(line(what));
        all.add(Stream::Person(person), Event::PersonRecorded(wanted));
    }
    if around.directory.profile(person) != Some(&row.profile) {
        all.lines.push(line("record training and bounds"));
        let profiled = Event::FacilitatorProfiled(row.profile.clone());
        all.add(Stream::Person(person), profiled);
    }
    if around.directory.granted(person, Role::Facilitator) != Some(row.until) {
        all.lines.push(line(&match row.until {
            Some(last) => format!("let them facilitate until {last}"),
            None => "let them facilitate".into(),
        }));
        let given = GrantGiven {
            role: Role::Facilitator,
            until: row.until,
        };
        all.add(Stream::Grants(person), Event::GrantGiven(given));
    }
}

fn end_missing(all: &mut Difference, listed: &BTreeSet<PersonId>, around: &Around<'_>) {
    for person in around.directory.holders(Role::Facilitator, around.today) {
        all.ending.1 += 1;
        if listed.contains(&person) {
            continue;
        }
        all.ending.0 += 1;
        all.lines
            .push("end the role of a facilitator who is not in the list".into());
        let ended = GrantEnded {
            role: Role::Facilitator,
        };
        all.add(Stream::Grants(person), Event::GrantEnded(ended));
    }
}
