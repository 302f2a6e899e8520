//! How many people: with one tap, without typing, unless there were very many.

use serde_json::{Map, Value, json};

use crate::form::{Choice, Kind, Question};

/// A tile for each number up to `most`, and one for more.
pub fn question(name: &str, label: &str, most: u16) -> Question {
    let numbers = (1..=most).map(|n| Choice::new(n.to_string(), n.to_string()));
    let more = Question::new(more(name), "How many?", Kind::Number("people"));
    let more = Choice::new("more", "More").reveals(vec![more]);
    Question::new(name, label, Kind::Choice(numbers.chain([more]).collect())).tiles()
}

/// Puts the number where the command has it.
pub fn settle(body: &mut Map<String, Value>, name: &str) {
    let more = body.remove(&more(name));
    let counted = body.get(name).and_then(Value::as_str);
    let counted = counted.and_then(|text| text.parse::<u16>().ok());
    if let Some(number) = counted.map(|number| json!(number)).or(more) {
        body.insert(name.into(), number);
    }
}

fn more(name: &str) -> String {
    format!("{name}_more")
}
