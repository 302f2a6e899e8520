//! The choices that are offered where someone asks for support for a team, in plain words.

use pipss_api::people::TeamsAnswer;
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::facts::{
    Answer, AskedThrough, Band, DefusionLedBy, PlaceClass, ShiftPattern, StaffGroup,
};
use pipss_domain::incident::{INCIDENT_TYPES, IncidentGroup};
use pipss_domain::offer::OfferKind;
use pipss_domain::refusal::Refusal;

use crate::case_forms::code;
use crate::fields::Fields;
use crate::form::{Choice, Kind, Question};
use crate::pages::Pages;
use crate::visitor::Visitor;

/// What stands for a team that is not among one's own.
pub const OTHER_TEAM: &str = "other";
/// What must not stand in what people type.
pub const NAME_NOBODY: &str =
    "Please name nobody: no staff, no patients, no dates of birth, no numbers.";

/// With a capital letter, to stand by itself.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

const ANSWERS: [Answer; 3] = [Answer::Yes, Answer::No, Answer::Unknown];
const PLACES: [PlaceClass; 8] = [
    PlaceClass::InpatientWard,
    PlaceClass::Clinic,
    PlaceClass::EmergencySetting,
    PlaceClass::PatientHome,
    PlaceClass::CommunitySite,
    PlaceClass::PublicPlace,
    PlaceClass::Online,
    PlaceClass::Elsewhere,
];
const GROUPS: [StaffGroup; 6] = [
    StaffGroup::Bank,
    StaffGroup::Agency,
    StaffGroup::Students,
    StaffGroup::NightStaff,
    StaffGroup::Volunteers,
    StaffGroup::SupportServices,
];
const SHIFTS: [ShiftPattern; 5] = [
    ShiftPattern::OfficeHours,
    ShiftPattern::LongDays,
    ShiftPattern::DaysAndNights,
    ShiftPattern::NightsOnly,
    ShiftPattern::Mixed,
];

fn choices<T: serde::Serialize + Copy>(all: &[T], label: fn(T) -> &'static str) -> Vec<Choice> {
    let choice = |one: &T| Choice::new(code(one), capital(label(*one)));
    all.iter().map(choice).collect()
}

/// Yes, no, I do not know.
pub fn answers() -> Vec<Choice> {
    let words = |answer| match answer {
        Answer::Yes => "Yes",
        Answer::No => "No",
        Answer::Unknown => "I do not know",
    };
    choices(&ANSWERS, words)
}

/// How many.
pub fn bands() -> Vec<Choice> {
    let words = |band| match band {
        Band::Unknown => "I do not know",
        band => band.label(),
    };
    choices(&Band::ALL, words)
}

/// Where.
pub fn places() -> Vec<Choice> {
    choices(&PLACES, PlaceClass::label)
}

/// Who is easily forgotten.
pub fn groups_of_staff() -> Vec<Choice> {
    choices(&GROUPS, StaffGroup::label)
}

/// Which role led a defusion.
pub fn led_by() -> Vec<Choice> {
    choices(&DefusionLedBy::ALL, DefusionLedBy::label)
}

/// How the team works.
pub fn shifts() -> Vec<Choice> {
    choices(&SHIFTS, ShiftPattern::label)
}

/// How a request reached the lead.
pub fn sources() -> Vec<Choice> {
    choices(&AskedThrough::ALL, AskedThrough::label)
}

/// What can be asked for, each with what it is. One-to-one support is asked for by whoever wants it.
pub fn kinds_of_support() -> Vec<Choice> {
    const KINDS: [(OfferKind, &str); 11] = [
        (
            OfferKind::PetrDebrief,
            "The team reflects together with two trained facilitators, 3 to 28 days afterwards.",
        ),
        (
            OfferKind::PetrPreBrief,
            "The team prepares together for something that is going to happen.",
        ),
        (
            OfferKind::Defusion,
            "A short talk on the same shift, within 12 hours.",
        ),
        (
            OfferKind::OneToOne,
            "The whole team is told how to ask. Nobody sees who does.",
        ),
        (
            OfferKind::Postvention,
            "Support for a team after someone died by suicide.",
        ),
        (
            OfferKind::ReflectivePractice,
            "A group that meets again and again to think about the work.",
        ),
        (
            OfferKind::ManagerConsultation,
            "For whoever leads the team: staff support talks it through with you.",
        ),
        (OfferKind::Training, ""),
        (OfferKind::ProcessChange, ""),
        (
            OfferKind::Liaison,
            "For example about security, estates or safeguarding.",
        ),
        (OfferKind::Signposting, ""),
    ];
    let choice = |(kind, hint): &(OfferKind, &str)| {
        let choice = Choice::new(code(kind), capital(kind.row().label));
        if hint.is_empty() {
            choice
        } else {
            choice.hint(*hint)
        }
    };
    KINDS.iter().map(choice).collect()
}

/// What it is about, in two steps: first what kind of thing, then what. `name` is that of the first.
pub fn about(name: &str, label: &str, groups: &[IncidentGroup]) -> Question {
    let choice = |group: &IncidentGroup| {
        let types = INCIDENT_TYPES.iter().filter(|(_, of, _)| of == group);
        let types: Vec<_> = types
            .map(|(kind, _, label)| Choice::new(code(kind), capital(label)))
            .collect();
        let choice = Choice::new(code(group), capital(group.label()));
        match &types[..] {
            [_] => choice,
            _ => {
                let which = format!("{name}_{}", code(group));
                choice.reveals(vec![Question::new(
                    which,
                    "Which of these is nearest?",
                    Kind::Choice(types),
                )])
            }
        }
    };
    let groups = groups.iter().map(choice).collect();
    Question::new(name, label, Kind::Choice(groups))
}

/// What happened; without what is expected, and without strain.
pub const HAPPENED: [IncidentGroup; 8] = [
    IncidentGroup::Vio,
    IncidentGroup::Dth,
    IncidentGroup::Hrm,
    IncidentGroup::Res,
    IncidentGroup::Saf,
    IncidentGroup::Org,
    IncidentGroup::Maj,
    IncidentGroup::Oth,
];

/// Without scripts every type is there to be chosen: it says of itself what kind of thing it is.
pub fn infer_group(answers: &mut Fields, name: &str) {
    if answers.get(name).is_some() {
        return;
    }
    let chosen = IncidentGroup::ALL.iter().map(code);
    let chosen: Vec<_> = chosen
        .filter(|group| answers.get(&format!("{name}_{group}")).is_some())
        .collect();
    if let [group] = &chosen[..] {
        answers.set(name, group.clone());
    }
}

/// The type that was chosen in two steps.
pub fn kind_of(group: &str, chosen: Option<&str>) -> Option<String> {
    let of = |(_, of, _): &&(_, IncidentGroup, _)| code(of) == group;
    let mut types = INCIDENT_TYPES.iter().filter(of);
    match (types.next(), types.next()) {
        (Some((kind, _, _)), None) => Some(code(kind)),
        _ => chosen.map(str::to_owned),
    }
}

/// Which team: one's own first, then any other.
///
/// # Errors
/// `NotAllowed` for those who have nothing to do with teams.
pub fn team(pages: &Pages, visitor: &Visitor) -> Result<Question, Refusal> {
    let all = every_team(&pages.app.teams(&visitor.actor)?);
    let own = own_teams(visitor, &all);
    let label = "Which team is it for?";
    if own.is_empty() {
        return Ok(Question::new("team", label, Kind::Select(all)));
    }
    let mut choices = own;
    let another = Question::new("team_other", "Which other team?", Kind::Select(all));
    choices.push(Choice::new(OTHER_TEAM, "Another team").reveals(vec![another]));
    Ok(Question::new("team", label, Kind::Choice(choices)))
}

/// One's own teams: those one manages, and the one one works in.
///
/// # Errors
/// `NotAllowed` for those who have nothing to do with teams.
pub fn own(pages: &Pages, visitor: &Visitor) -> Result<Vec<Choice>, Refusal> {
    let all = every_team(&pages.app.teams(&visitor.actor)?);
    Ok(own_teams(visitor, &all))
}

fn own_teams(visitor: &Visitor, all: &[Choice]) -> Vec<Choice> {
    let mut own: Vec<Choice> = Vec::new();
    for team in visitor.me.manages.iter().chain(&visitor.me.works_in) {
        let id = team.team.to_string();
        let team = all.iter().find(|team| team.value == id);
        if own.iter().all(|known| known.value != id) {
            own.extend(team.cloned());
        }
    }
    own
}

fn every_team(known: &TeamsAnswer) -> Vec<Choice> {
    let teams = known
        .teams
        .iter()
        .filter(|unit| unit.level == UnitLevel::Team && !unit.closed);
    let mut teams: Vec<_> = teams
        .map(|team| Choice::new(team.team.to_string(), team.name.clone()))
        .collect();
    teams.sort_by(|a, b| a.label.cmp(&b.label));
    teams
}
