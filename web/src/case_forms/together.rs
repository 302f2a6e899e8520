//! Cases that belong together: linking their incidents, merging one into another, and undoing either.

use pipss_api::aftercare_answer::LinkAnswer;
use pipss_api::case_answer::{CaseAnswer, IncidentAnswer};
use pipss_api::intent::Intent;
use pipss_api::problem::Refused;
use pipss_domain::link::LinkIncident;
use pipss_domain::merge::{MergeCase, UnmergeCase};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::unlink::UnlinkIncident;
use serde_json::{Map, Value};

use super::{About, CaseForm, nothing_to_choose, plain};
use crate::case_page::{capital, occurred};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::Instead;

const GIVE: &str = "Give the reference of another case that you can see, such as PS-XB8NV-ATS7Y.";
const NONE: &str = "none";

/// The rows of these commands.
pub const FORMS: [CaseForm; 4] = [
    CaseForm {
        path: "/cases/{case}/link",
        query: &[],
        act: Act::LinkIncident,
        form: link,
        intent: Intent::to_case::<LinkIncident>,
        refused: not_found,
        more: their_incident_unasked,
        done: "The cases are linked.",
    },
    CaseForm {
        path: "/cases/{case}/unlink",
        query: &["link"],
        act: Act::UnlinkIncident,
        form: unlink,
        intent: Intent::to_case::<UnlinkIncident>,
        refused: plain,
        more: super::never,
        done: "The link is undone.",
    },
    CaseForm {
        path: "/cases/{case}/merge",
        query: &[],
        act: Act::MergeCase,
        form: merge,
        intent: Intent::to_case::<MergeCase>,
        refused: not_found,
        more: super::never,
        done: "The case is merged. The work goes on in the other one.",
    },
    CaseForm {
        path: "/cases/{case}/unmerge",
        query: &[],
        act: Act::UnmergeCase,
        form: unmerge,
        intent: Intent::to_case::<UnmergeCase>,
        refused: plain,
        more: super::never,
        done: "The case stands by itself again.",
    },
];

/// The case that was named, if there is one to be seen.
fn named(about: &About<'_>, field: &str) -> Option<CaseAnswer> {
    let reference = about.sent?.get(field)?;
    let found = about
        .pages
        .app
        .case_called(&about.visitor.actor, reference)
        .ok()?;
    (found.case != about.case.case).then_some(found)
}

fn reference(field: &str, label: &str) -> Question {
    Question::new(field, label, Kind::Line(20)).hint("Its reference, such as PS-XB8NV-ATS7Y.")
}

fn incidents(all: &[IncidentAnswer]) -> Vec<Choice> {
    let each = all.iter();
    each.map(|one| {
        let choice = Choice::new(one.incident.to_string(), capital(one.kind.label()));
        choice.hint(occurred(&one.occurred))
    })
    .collect()
}

fn of(case: &CaseAnswer) -> &[IncidentAnswer] {
    case.request
        .as_ref()
        .map_or(&[], |request| &request.incidents)
}

fn link(about: &About<'_>) -> Result<Form, Instead> {
    let own = of(about.case);
    if own.is_empty() {
        return Err(nothing_to_choose("No incident stands in this case."));
    }
    let other = named(about, "case");
    let mut which = Question::new("incident", "Which incident?", Kind::Choice(incidents(own)));
    if let [only] = own {
        which.given = vec![only.incident.to_string()];
    }
    let mut questions = vec![
        which,
        reference("case", "Which other case is about it too?"),
    ];
    let theirs = other.as_ref().map_or(&[][..], of);
    if !theirs.is_empty() {
        questions.push(their_incident(theirs));
    }
    let form = Form::new("Link an incident with another case", questions)
        .lead("One incident can be about several teams, each with a case of its own. Neither team’s manager learns of the other.")
        .reshape(their_own)
        .button("Link the cases");
    Ok(match other {
        Some(other) => form.settled("case", other.case.to_string()),
        None => form,
    })
}

/// A list, since its box is sent also where nothing was chosen: so it is known whether it was asked.
fn their_incident(theirs: &[IncidentAnswer]) -> Question {
    let mut all: Vec<_> = theirs
        .iter()
        .map(|one| {
            let label = format!("{}, {}", capital(one.kind.label()), occurred(&one.occurred));
            Choice::new(one.incident.to_string(), label)
        })
        .collect();
    all.push(Choice::new(NONE, "None of these"));
    Question::new(
        "their_incident",
        "Which incident of the other case is the same?",
        Kind::Select(all),
    )
}

fn their_incident_unasked(about: &About<'_>) -> bool {
    let sent = about
        .sent
        .is_some_and(|sent| sent.iter().any(|(name, _)| name == "their_incident"));
    let own = about
        .sent
        .is_some_and(|sent| sent.get("incident").is_some());
    own && !sent && named(about, "case").is_some_and(|other| !of(&other).is_empty())
}

fn their_own(body: &mut Map<String, Value>) {
    if body
        .get("their_incident")
        .is_some_and(|theirs| theirs == NONE)
    {
        body.remove("their_incident");
    }
}

fn merge(about: &About<'_>) -> Result<Form, Instead> {
    let form = Form::new(
        "Merge this case into another one",
        vec![reference("into", "In which case does the work go on?")],
    )
    .lead("What happened stays where it happened. This can be undone.")
    .button("Merge the case");
    Ok(match named(about, "into") {
        Some(into) => form.settled("into", into.case.to_string()),
        None => form,
    })
}

/// What was typed is no id: the reference is what is wanted.
fn not_found(about: &About<'_>, _: &mut Form, refused: &mut Refused) {
    let Refused::Rule(Refusal::Invalid(faults)) = refused else {
        return;
    };
    for fault in faults {
        let field = fault.pointer.trim_start_matches('/');
        let typed = about.sent.and_then(|sent| sent.get(field));
        if ["case", "into"].contains(&field) && typed.is_some() {
            fault.detail = GIVE.into();
        }
    }
}

fn unmerge(about: &About<'_>) -> Result<Form, Instead> {
    let into = about.case.aftercare.merged_into.as_ref();
    let into = into.map_or("another one".to_owned(), |into| into.reference.clone());
    Ok(Form::new("Undo the merge", Vec::new())
        .lead(format!(
            "The case was merged into {into}. It will stand where it stood before."
        ))
        .button("Undo the merge"))
}

fn unlink(about: &About<'_>) -> Result<Form, Instead> {
    let links: Vec<_> = about.case.aftercare.links.iter().flatten().collect();
    let asked = about.visitor.asked("link");
    let found = links
        .iter()
        .find(|link| asked.as_deref() == Some(&value(link)));
    let only = if let [only] = links[..] {
        Some(only)
    } else {
        None
    };
    if let Some(link) = found.copied().or(only) {
        return Ok(Form::new("Undo the link", Vec::new())
            .lead(format!("This case is linked with {}.", link.with.reference))
            .settled("case", link.with.case.to_string())
            .settled("shared", link.shared.to_string())
            .button("Undo the link"));
    }
    if links.is_empty() {
        return Err(nothing_to_choose("This case is linked with no other."));
    }
    let each = links
        .iter()
        .map(|link| Choice::new(value(link), link.with.reference.clone()));
    let which = Question::new("case", "Which link?", Kind::Choice(each.collect()));
    Ok(Form::new("Undo a link", vec![which])
        .reshape(parted)
        .button("Undo the link"))
}

/// Which link, in one word: the other case and what it says the two share.
fn value(link: &LinkAnswer) -> String {
    format!("{}.{}", link.with.case, link.shared)
}

/// Where one goes to undo this link.
pub fn unlink_query(link: &LinkAnswer) -> String {
    format!("unlink?link={}", value(link))
}

fn parted(body: &mut Map<String, Value>) {
    let text = body
        .get("case")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if let Some((case, shared)) = text.split_once('.') {
        body.insert("case".into(), case.into());
        body.insert("shared".into(), shared.into());
    }
}
