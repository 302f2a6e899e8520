//! From what a form sent to the body of a command.

use pipss_domain::refusal::Fault;
use serde_json::{Map, Value, json};

use super::question::{Choice, Kind, Question};
use super::themes;
use crate::fields::Fields;
use crate::london;

/// The same words as those of the JSON interface.
pub(super) const REQUIRED: &str = "This answer is required.";
const NUMBER: &str = "Write a whole number, such as 60.";
const DAY: &str = "Give a date that exists, such as 2 3 2026.";

/// The body, or every fault that can be told without asking the rule.
pub fn body(questions: &[Question], fields: &Fields) -> Result<Map<String, Value>, Vec<Fault>> {
    let mut body = Value::Object(Map::new());
    let asked = asked(questions, fields);
    let faults = faults(&asked, fields);
    for question in asked {
        if let Ok(Some(value)) = answer(question, fields) {
            put(&mut body, &question.name, value);
        }
    }
    match body {
        Value::Object(body) if faults.is_empty() => Ok(body),
        _ => Err(faults),
    }
}

/// What was not answered, or not so that it can be understood.
pub(crate) fn faults(asked: &[&Question], fields: &Fields) -> Vec<Fault> {
    let fault = |question: &&Question| {
        let detail = match answer(question, fields) {
            Ok(None) if !question.optional => REQUIRED.to_owned(),
            Ok(_) => too_long(question, fields)?,
            Err(detail) => detail.to_owned(),
        };
        Some(Fault::at(question.pointer(), detail))
    };
    asked.iter().filter_map(fault).collect()
}

fn too_long(question: &Question, fields: &Fields) -> Option<String> {
    let (Kind::Line(max) | Kind::Area(max)) = question.kind else {
        return None;
    };
    let long = fields.get(&question.name)?.chars().count() > max;
    // The same words as those of the JSON interface.
    long.then(|| format!("Expected at most {max} characters."))
}

/// The questions that were asked: those that a choice reveals only where it was chosen.
pub(crate) fn asked<'q>(questions: &'q [Question], fields: &Fields) -> Vec<&'q Question> {
    let mut all = Vec::new();
    for question in questions {
        all.push(question);
        let chosen = |choice: &&Choice| fields.all(&question.name).any(|v| v == choice.value);
        if let Kind::Choice(choices) | Kind::Several(choices) = &question.kind {
            let revealed = choices.iter().filter(chosen);
            all.extend(revealed.flat_map(|choice| asked(&choice.reveals, fields)));
        }
    }
    all
}

fn answer(question: &Question, fields: &Fields) -> Result<Option<Value>, &'static str> {
    let text = fields.get(&question.name);
    Ok(match &question.kind {
        Kind::Choice(_) | Kind::Select(_) | Kind::Line(_) | Kind::Area(_) => text.map(Value::from),
        Kind::Several(_) => {
            let chosen: Vec<_> = fields.all(&question.name).collect();
            (!chosen.is_empty()).then(|| json!(chosen))
        }
        Kind::YesNo => text.map(|text| json!(text == "yes")),
        Kind::Tick => Some(json!(text.is_some())),
        Kind::Number(_) => match text.map(str::parse::<u32>) {
            None => None,
            Some(Ok(number)) => Some(json!(number)),
            Some(Err(_)) => return Err(NUMBER),
        },
        Kind::Themes => themes::read(question, fields),
        Kind::Day => day(question, fields)?.map(|day| json!(day.to_string())),
        Kind::Moment => {
            let time = fields.get(&question.part("time"));
            match (day(question, fields)?, time) {
                (None, None) => None,
                (None, Some(_)) => return Err("Give the day as well."),
                (Some(_), None) => return Err("Give the time as well, such as 14:30."),
                (Some(day), Some(time)) => Some(json!(london::typed_moment(day, time)?)),
            }
        }
    })
}

fn day(question: &Question, fields: &Fields) -> Result<Option<chrono::NaiveDate>, &'static str> {
    let part = |part| fields.get(&question.part(part));
    match (part("day"), part("month"), part("year")) {
        (None, None, None) => Ok(None),
        (Some(day), Some(month), Some(year)) => {
            let day = london::typed_day(day, month, year);
            day.map(Some).ok_or(DAY)
        }
        _ => Err(DAY),
    }
}

/// Puts a value where its name says: `incidents.0.type`.
fn put(body: &mut Value, name: &str, value: Value) {
    let mut place = body;
    for part in name.split('.') {
        place = match part.parse::<usize>() {
            Ok(n) => {
                if !place.is_array() {
                    *place = json!([]);
                }
                let list = place.as_array_mut().expect("it is one now");
                // Questions are ours: they stand in order, without gaps.
                while list.len() <= n {
                    list.push(json!({}));
                }
                &mut list[n]
            }
            Err(_) => &mut place[part],
        };
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.add(name, *value);
        }
        fields
    }

    fn yes_no() -> Vec<Choice> {
        vec![
            Choice::new("yes", "Yes").reveals(vec![Question::new(
                "since",
                "Since when?",
                Kind::Day,
            )]),
            Choice::new("no", "No"),
        ]
    }

    #[test]
    fn answers_stand_where_the_command_has_them() {
        let questions = [
            Question::new("safety.area_safe", "Safe?", Kind::Choice(yes_no())),
            Question::new("groups", "Who?", Kind::Several(Vec::new())),
            Question::new("actions.0.what", "What?", Kind::Line(60)),
            Question::new("actions.0.due", "By when?", Kind::Day),
            Question::new("minutes", "How long?", Kind::Number("minutes")),
            Question::new("implicated", "Implicated?", Kind::YesNo),
            Question::new("starts_at", "When?", Kind::Moment),
        ];
        let sent = fields(&[
            ("safety.area_safe", "no"),
            ("groups", "bank"),
            ("groups", "students"),
            ("actions.0.what", " Lights "),
            ("actions.0.due-day", "2"),
            ("actions.0.due-month", "3"),
            ("actions.0.due-year", "2026"),
            ("minutes", "75"),
            ("implicated", "no"),
            ("starts_at-day", "1"),
            ("starts_at-month", "7"),
            ("starts_at-year", "2026"),
            ("starts_at-time", "14:00"),
        ]);
        let body = Value::Object(body(&questions, &sent).unwrap());
        let expected = json!({
            "safety": { "area_safe": "no" }, "groups": ["bank", "students"],
            "actions": [{ "what": "Lights", "due": "2026-03-02" }], "minutes": 75,
            "implicated": false, "starts_at": "2026-07-01T14:00:00+01:00"
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once_and_what_was_not_asked_is_not_missed() {
        let questions = [
            Question::new("worse", "Worse?", Kind::Choice(yes_no())),
            Question::new("minutes", "How long?", Kind::Number("minutes")),
            Question::new("note", "Note", Kind::Area(300)).optional(),
        ];
        let faults = body(&questions, &fields(&[("minutes", "long")])).unwrap_err();
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/worse", "/minutes"]);
        let faults = body(&questions, &fields(&[("worse", "yes"), ("minutes", "5")])).unwrap_err();
        assert_eq!(faults[0].pointer, "/since");
        assert!(body(&questions, &fields(&[("worse", "no"), ("minutes", "5")])).is_ok());
    }
}
