//! What was asked for, what triage decided and what scoping found, in plain words.

use pipss_api::aftercare_answer::OnBehalfAnswer;
use pipss_api::case_answer::{IncidentAnswer, RequestAnswer, ScopingAnswer, TriageAnswer};
use pipss_domain::calendar::day_in_words;
use pipss_domain::facts::{Answer, Contraindications, Occurred};
use serde::Serialize;

use super::{Row, capital, row, rows};
use crate::london;

/// What one conversation found.
#[derive(Serialize)]
pub struct Scoping {
    when: String,
    with: String,
    needs: Vec<Need>,
}

#[derive(Serialize)]
struct Need {
    theme: String,
    note: Option<String>,
}

/// What was asked for.
pub fn rows_of(asked: &RequestAnswer, on_behalf: Option<&OnBehalfAnswer>) -> Vec<Row> {
    let mut all: Vec<Row> = asked.incidents.iter().map(incident).collect();
    if let Some(expected) = &asked.anticipated {
        let day = expected.expected_on.map(day_in_words);
        let words = day.map_or("The day is not known".into(), |day| format!("On {day}"));
        all.extend(rows("What is expected", lines(words, [&expected.line])));
    }
    if let Some(strain) = &asked.strain {
        let words = capital(strain.kind.label());
        all.extend(rows(
            "What weighs on the team",
            lines(words, [&strain.line]),
        ));
    }
    let kinds = asked.asked_for.iter();
    let kinds: Vec<_> = kinds.map(|kind| capital(kind.row().label)).collect();
    all.push(rows("Support asked for", kinds).unwrap_or(row("Support asked for", "Nothing yet")));
    all.extend(rows("Safe now?", safety(asked)));
    all.extend(rows("Who is affected", affected(asked)));
    all.extend(rows("What it did to staff", effects(asked)));
    if let Some(held) = &asked.defusion_held {
        let when = london::moment(held.at);
        let words = format!("{when}, led by {}", held.led_by.label());
        all.push(row("A defusion was held", words));
    }
    all.push(row("Does the team know?", asked.team_aware.label()));
    if let Some(pattern) = asked.shift_pattern {
        all.push(row("Shifts", capital(pattern.label())));
    }
    let texts = [
        ("Times that suit", &asked.preferred_times),
        ("A place that suits", &asked.preferred_venue),
        ("Contact out of hours", &asked.contact_out_of_hours),
    ];
    let texts = texts.into_iter();
    all.extend(texts.filter_map(|(key, text)| Some(row(key, text.clone()?))));
    if let Some(on_behalf) = on_behalf {
        let words = format!("It reached the PIPSS lead {}", on_behalf.source.label());
        all.extend(rows(
            "On behalf of someone",
            lines(words, [&on_behalf.note]),
        ));
    }
    all
}

fn lines<const N: usize>(first: String, texts: [&Option<String>; N]) -> Vec<String> {
    let texts = texts.into_iter().flatten().cloned();
    std::iter::once(first).chain(texts).collect()
}

fn incident(incident: &IncidentAnswer) -> Row {
    let mut values = vec![
        capital(incident.kind.label()),
        format!(
            "{}, in {}",
            occurred(&incident.occurred),
            incident.place.label()
        )
        .replace(", in online", ", online")
        .replace(", in somewhere else", ", somewhere else"),
    ];
    if let Some(known) = incident.known_at {
        values.push(format!("Known from {}", london::moment(known)));
    }
    values.extend(incident.line.clone());
    let reference = incident.local_ref.as_ref();
    values.extend(reference.map(|text| format!("Incident reference: {text}")));
    Row {
        key: "What happened",
        values,
    }
}

/// When it happened.
pub fn occurred(occurred: &Occurred) -> String {
    match occurred {
        Occurred::At(at) => london::moment(*at),
        Occurred::Between { from, to } => {
            format!(
                "Between {} and {}",
                london::moment(*from),
                london::moment(*to)
            )
        }
        Occurred::Undated => "The day is not known".into(),
    }
}

fn safety(asked: &RequestAnswer) -> Vec<String> {
    let safety = &asked.safety;
    vec![
        format!(
            "Is the threat continuing? {}",
            safety.threat_continuing.label()
        ),
        format!("Is the area safe? {}", safety.area_safe.label()),
        format!(
            "Is someone at immediate risk? {}",
            safety.someone_at_immediate_risk.label()
        ),
    ]
}

fn affected(asked: &RequestAnswer) -> Vec<String> {
    let affected = &asked.affected;
    let mut words = vec![
        format!("Directly: {}", affected.directly.label()),
        format!("Indirectly: {}", affected.indirectly.label()),
    ];
    let groups: Vec<_> = affected.groups.iter().map(|group| group.label()).collect();
    if !groups.is_empty() {
        words.push(format!("Among them {}", groups.join(", ")));
    }
    words
}

/// What nobody knew is not said.
fn effects(asked: &RequestAnswer) -> Vec<String> {
    let all = [
        ("Injuries", asked.injuries),
        ("Staff in hospital", asked.staff_in_hospital),
        ("Staff absent because of it", asked.absence),
        ("Signs getting worse", asked.signs_worsening),
    ];
    let known = all.into_iter().filter(|(_, it)| *it != Answer::Unknown);
    known
        .map(|(what, it)| format!("{what}: {}", it.label()))
        .collect()
}

/// What triage decided; how it came to that only where it may be seen.
pub fn triage(triage: &TriageAnswer) -> Vec<Row> {
    let mut all = vec![
        row("Urgency", triage.urgency.label()),
        row("Outcome", capital(triage.outcome.label())),
    ];
    if let Some(suggested) = triage.suggested {
        let because = triage.because.iter().flatten();
        let because: Vec<_> = because.map(|reason| reason.label()).collect();
        let words = format!("{}, because: {}", suggested.label(), because.join("; "));
        all.push(row("The program suggested", words));
    }
    if let Some(reason) = &triage.reason {
        all.push(row("Why", reason.clone()));
    }
    if let Some(prompts) = &triage.contraindications {
        let yes = prompted(prompts);
        let none = row("Reasons to think twice", "None");
        all.push(rows("Reasons to think twice", yes).unwrap_or(none));
    }
    all
}

/// The six prompts before a group is brought together: the field of the command, and the question.
pub const PROMPTS: [(&str, &str); 6] = [
    ("threat_continuing", "Is the threat continuing?"),
    (
        "staff_not_safe_or_rested",
        "Are staff not safe, or not rested?",
    ),
    (
        "witness_position_unsettled",
        "Is it unsettled who may be a witness?",
    ),
    (
        "very_different_exposure_or_conflict",
        "Was it very different for different people, or is there conflict in the group?",
    ),
    ("manager_implicated", "Is a manager implicated?"),
    (
        "really_an_investigation",
        "Is this really an investigation?",
    ),
];

fn prompted(prompts: &Contraindications) -> Vec<String> {
    let yes = [
        (prompts.threat_continuing, "The threat is continuing"),
        (
            prompts.staff_not_safe_or_rested,
            "Staff are not safe or not rested",
        ),
        (
            prompts.witness_position_unsettled,
            "It is unsettled who may be a witness",
        ),
        (
            prompts.very_different_exposure_or_conflict,
            "It was very different for different people, or there is conflict in the group",
        ),
        (prompts.manager_implicated, "A manager is implicated"),
        (
            prompts.really_an_investigation,
            "It is really an investigation",
        ),
    ];
    let yes = yes.into_iter().filter(|(yes, _)| *yes);
    yes.map(|(_, words)| words.to_owned()).collect()
}

/// What a conversation found.
pub fn scoping(scoping: &ScopingAnswer) -> Scoping {
    let with: Vec<_> = scoping.with.iter().map(|with| with.label()).collect();
    let needs = scoping.needs.iter().map(|need| Need {
        theme: capital(need.theme.label()),
        note: need.note.clone(),
    });
    Scoping {
        when: london::moment(scoping.held_at),
        with: with.join(" and "),
        needs: needs.collect(),
    }
}
