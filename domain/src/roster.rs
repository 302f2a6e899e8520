//! The trust's list of units: what it would change in the directory, or what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::Unit;
use crate::directory_facts::{
    ManagerEnded, ManagerNamed, PersonRecorded, UnitChanged, UnitClosed, UnitLevel, UnitOpened,
};
use crate::history::Event;
use crate::ids::{PersonId, UnitId};
use crate::personal::Personal;
use crate::sheet::{Around, Cells, Difference, Faces, Row, SheetFault};
use crate::stream::Stream;

/// The columns of the list; each must be there, in any order.
pub const COLUMNS: [&str; 7] = [
    "code",
    "unit",
    "parent",
    "level",
    "headcount",
    "manager_email",
    "partner",
];

const MANAGERS_MAX: usize = 5;
const HEADCOUNT_MAX: u32 = 100_000;

/// A row that is right in itself.
struct UnitRow {
    number: u64,
    code: String,
    name: String,
    parent: Option<String>,
    level: UnitLevel,
    headcount: u32,
    managers: Vec<String>,
    partner: bool,
}

/// What the list would change. Units that are missing in it close, managers that are missing end.
///
/// # Errors
/// Everything that is wrong, in the order of the rows.
pub fn difference(rows: &[Row], around: &Around<'_>) -> Result<Difference, Vec<SheetFault>> {
    let mut faults = Vec::new();
    let units: Vec<_> = rows.iter().map(|row| read(row, &mut faults)).collect();
    check_codes(&units, &mut faults);
    if faults.is_empty() {
        check_parents(&units, &mut faults);
        check_kept(&units, around, &mut faults);
    }
    let mut faces = Faces::new(around);
    let managers: Vec<_> = units
        .iter()
        .map(|unit| managers(unit, &mut faces, &mut faults))
        .collect();
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.row);
        return Err(faults);
    }
    Ok(compared(&units, &managers, around))
}

fn read(row: &Row, faults: &mut Vec<SheetFault>) -> UnitRow {
    let mut cells = Cells {
        row,
        columns: &COLUMNS,
        faults,
    };
    let level = level(&mut cells);
    let headcount = cells.number("headcount", HEADCOUNT_MAX);
    if headcount.is_none() && cells.text("headcount").is_empty() {
        cells.fault("headcount", "expected a number");
    }
    let parent = (!cells.text("parent").is_empty()).then(|| cells.code("parent"));
    let managers: Vec<_> = cells
        .text("manager_email")
        .split(';')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .filter_map(|text| cells.email("manager_email", text))
        .collect();
    if managers.len() > MANAGERS_MAX {
        cells.fault("manager_email", "expected at most 5 managers");
    }
    UnitRow {
        number: row.number,
        code: cells.code("code"),
        name: cells.required("unit", 120),
        parent,
        level,
        headcount: headcount.unwrap_or(0),
        managers,
        partner: cells.yes_no("partner"),
    }
}

fn level(cells: &mut Cells<'_>) -> UnitLevel {
    match cells.text("level") {
        "directorate" => UnitLevel::Directorate,
        "service" => UnitLevel::Service,
        "team" => UnitLevel::Team,
        _ => {
            cells.fault("level", "expected directorate, service or team");
            UnitLevel::Team
        }
    }
}

fn check_codes(units: &[UnitRow], faults: &mut Vec<SheetFault>) {
    let mut seen = BTreeSet::new();
    for unit in units {
        if !seen.insert(&unit.code) {
            faults.push(fault(unit, "code", "this code stands twice"));
        }
    }
}

fn check_parents(units: &[UnitRow], faults: &mut Vec<SheetFault>) {
    let by_code: BTreeMap<_, _> = units.iter().map(|unit| (&unit.code, unit)).collect();
    for unit in units {
        let wrong = match &unit.parent {
            None if unit.level == UnitLevel::Directorate || unit.partner => None,
            None => Some("expected the code of the unit it is part of"),
            Some(parent) => match by_code.get(parent) {
                None => Some("no row has this code"),
                Some(_) if circular(unit, &by_code) => Some("the unit would be part of itself"),
                Some(parent) if parent.level < unit.level => None,
                Some(_) => Some("expected a unit of a higher level"),
            },
        };
        faults.extend(wrong.map(|detail| fault(unit, "parent", detail)));
    }
}

fn circular(unit: &UnitRow, by_code: &BTreeMap<&String, &UnitRow>) -> bool {
    let above = |unit: &&UnitRow| unit.parent.as_ref().and_then(|p| by_code.get(p)).copied();
    // As many steps as there are units: a circle above this unit that leaves it out ends too.
    std::iter::successors(above(&unit), above)
        .take(by_code.len())
        .any(|other| other.code == unit.code)
}

/// An open unit stays what it is: past figures were counted by its level and by whose it was.
fn check_kept(units: &[UnitRow], around: &Around<'_>, faults: &mut Vec<SheetFault>) {
    let known = known(around);
    for unit in units {
        let Some((_, before)) = known.get(unit.code.as_str()).filter(|(_, u)| !u.closed) else {
            continue;
        };
        if before.opened.level != unit.level {
            let detail = "a unit keeps its level; give the new one another code";
            faults.push(fault(unit, "level", detail));
        }
        if before.opened.partner != unit.partner {
            let detail = "a unit stays the trust's or a partner's; give the new one another code";
            faults.push(fault(unit, "partner", detail));
        }
    }
}

fn managers(
    unit: &UnitRow,
    faces: &mut Faces<'_>,
    faults: &mut Vec<SheetFault>,
) -> BTreeMap<PersonId, Option<String>> {
    let mut managers = BTreeMap::new();
    for email in &unit.managers {
        match faces.of(email) {
            Ok(face) => {
                let new = face.recorded.is_none().then(|| email.clone());
                managers.insert(face.person, new);
            }
            Err(detail) => faults.push(fault(unit, "manager_email", detail)),
        }
    }
    managers
}

fn fault(unit: &UnitRow, column: &'static str, detail: &str) -> SheetFault {
    SheetFault {
        row: unit.number,
        column: Some(column),
        detail: detail.into(),
    }
}

fn known<'a>(around: &'a Around<'_>) -> BTreeMap<&'a str, (UnitId, &'a Unit)> {
    let units = around.directory.units.iter();
    units
        .map(|(id, unit)| (unit.opened.code.as_str(), (*id, unit)))
        .collect()
}

type Managers = BTreeMap<PersonId, Option<String>>;

fn compared(units: &[UnitRow], managers: &[Managers], around: &Around<'_>) -> Difference {
    let known = known(around);
    let id = |unit: &UnitRow| match known.get(unit.code.as_str()) {
        Some((id, _)) => *id,
        None => UnitId::new((around.fresh)()),
    };
    let ids: BTreeMap<&str, UnitId> = units.iter().map(|u| (u.code.as_str(), id(u))).collect();
    let mut all = Difference::default();
    let mut met = BTreeSet::new();
    for (unit, managers) in units.iter().zip(managers) {
        let id = ids[unit.code.as_str()];
        let parent = unit.parent.as_deref().map(|code| ids[code]);
        let before = around.directory.units.get(&id).filter(|u| !u.closed);
        match before {
            None => open(&mut all, id, unit, parent),
            Some(before) => change(&mut all, id, before, unit, parent),
        }
        for (person, email) in managers {
            if let Some(email) = email.as_ref().filter(|_| met.insert(*person)) {
                all.add(Stream::Person(*person), met_by_address(email));
            }
        }
        change_managers(&mut all, id, before, &unit.name, managers);
    }
    close_missing(&mut all, &ids, around);
    all
}

/// Someone of whom nothing is known but where letters go.
pub(crate) fn met_by_address(email: &str) -> Event {
    Event::PersonRecorded(PersonRecorded {
        name: None,
        email: Some(Personal::Known(email.into())),
        sign_in: None,
        home_unit: None,
        external: false,
    })
}

fn open(all: &mut Difference, id: UnitId, unit: &UnitRow, parent: Option<UnitId>) {
    let opened = UnitOpened {
        code: unit.code.clone(),
        name: unit.name.clone(),
        level: unit.level,
        parent,
        headcount: unit.headcount,
        partner: unit.partner,
    };
    all.lines
        .push(format!("open {} ({} people)", unit.name, unit.headcount));
    all.add(Stream::Unit(id), Event::UnitOpened(opened));
}

fn change(all: &mut Difference, id: UnitId, before: &Unit, unit: &UnitRow, parent: Option<UnitId>) {
    let before = &before.opened;
    let mut lines = Vec::new();
    if before.name != unit.name {
        lines.push(format!("rename {} to {}", before.name, unit.name));
    }
    if before.parent != parent {
        let to = unit.parent.as_deref().unwrap_or("no unit");
        lines.push(format!("move {} to {to}", unit.name));
    }
    if before.headcount != unit.headcount {
        lines.push(format!(
            "change the headcount of {} from {} to {}",
            unit.name, before.headcount, unit.headcount
        ));
    }
    if !lines.is_empty() {
        let changed = UnitChanged {
            name: unit.name.clone(),
            parent,
            headcount: unit.headcount,
        };
        all.add(Stream::Unit(id), Event::UnitChanged(changed));
        all.lines.extend(lines);
    }
}

fn change_managers(
    all: &mut Difference,
    id: UnitId,
    before: Option<&Unit>,
    name: &str,
    managers: &Managers,
) {
    let nobody = BTreeSet::new();
    let old = before.map_or(&nobody, |unit| &unit.managers);
    for person in old.iter().filter(|person| !managers.contains_key(person)) {
        all.lines.push(format!("end a manager of {name}"));
        let ended = ManagerEnded { person: *person };
        all.add(Stream::Unit(id), Event::ManagerEnded(ended));
    }
    for person in managers.keys().filter(|person| !old.contains(person)) {
        all.lines.push(format!("name a manager of {name}"));
        let named = ManagerNamed { person: *person };
        all.add(Stream::Unit(id), Event::ManagerNamed(named));
    }
}

fn close_missing(all: &mut Difference, ids: &BTreeMap<&str, UnitId>, around: &Around<'_>) {
    let open = around.directory.units.iter().filter(|(_, u)| !u.closed);
    for (id, unit) in open {
        all.ending.1 += 1;
        if ids.contains_key(unit.opened.code.as_str()) {
            continue;
        }
        all.ending.0 += 1;
        change_managers(all, *id, Some(unit), &unit.opened.name, &Managers::new());
        all.lines.push(format!("close {}", unit.opened.name));
        all.add(Stream::Unit(*id), Event::UnitClosed(UnitClosed {}));
    }
}
