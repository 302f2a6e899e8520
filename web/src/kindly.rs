//! What the record keeps none of (names, numbers, quotes) is pointed at once, kindly, before it is sent.

use pipss_domain::refusal::Fault;

use crate::fields::Fields;
use crate::form::{Form, Kind};

/// Above the form that is shown again. Nothing is wrong: whoever wrote it decides.
pub const TITLE: &str = "Before you send this";
/// What is asked there.
pub const DETAIL: &str = "Please look once more. You can change it, or send it as it is.";

/// What stands before a name. Whoever is meant by a role is not named.
const TITLES: [&str; 9] = [
    "dr",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "prof",
    "professor",
    "sister",
];

/// Words that stand in the names of places, services and times, with a capital, and in those of no person.
const NOBODY: [&str; 66] = [
    "ward",
    "room",
    "hospital",
    "unit",
    "team",
    "trust",
    "health",
    "centre",
    "center",
    "house",
    "service",
    "services",
    "resources",
    "guardian",
    "safety",
    "care",
    "road",
    "street",
    "lane",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "estates",
    "security",
    "safeguarding",
    "management",
    "manager",
    "lead",
    "adviser",
    "advisor",
    "department",
    "training",
    "support",
    "speak",
    "freedom",
    "up",
    "staff",
    "clinic",
    "community",
    "emergency",
    "intensive",
    "garden",
    "building",
    "site",
    "policy",
    "office",
    "officer",
    "review",
    "christmas",
    "easter",
];

/// What a text looks as if it held: `a name`, `a phone number`, `an NHS number`, `an e-mail address`,
/// `a quote`. Often wrong, so it may only ever lead to a question.
pub fn looks_like(text: &str) -> Option<&'static str> {
    if numbers(text).any(|number| is_nhs_number(&number)) {
        Some("an NHS number")
    } else if numbers(text).any(|number| is_phone_number(&number)) {
        Some("a phone number")
    } else if has_address(text) {
        Some("an e-mail address")
    } else if has_quote(text) {
        Some("a quote")
    } else if has_title(text) || has_two_names(text) {
        Some("a name")
    } else {
        None
    }
}

/// What is asked of it.
pub fn question(looks: &str) -> String {
    format!("This looks like {looks}. The record keeps none. Change it, or send it as it is.")
}

/// Every question whose answer looks like something that the record keeps none of.
pub(crate) fn faults(form: &Form, fields: &Fields) -> Vec<Fault> {
    let free = form.asked(fields).into_iter();
    let free = free.filter(|question| matches!(question.kind, Kind::Line(_) | Kind::Area(_)));
    free.filter_map(|asked| {
        let looks = looks_like(fields.get(&asked.name)?)?;
        Some(Fault::at(asked.pointer(), question(looks)))
    })
    .collect()
}

/// Digits as they are written in groups: `943 476 5919`, `(01632) 960-100`, `+44 7700 900123`.
fn numbers(text: &str) -> impl Iterator<Item = String> {
    let part_of = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '+');
    let runs = text.split(move |c| !part_of(c));
    runs.map(|run| {
        let digits = run.chars().filter(|c| c.is_ascii_digit() || *c == '+');
        digits.collect()
    })
}

/// Ten digits, of which the last is right for the nine before it (modulus 11).
fn is_nhs_number(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 10 || number.len() != 10 || digits.iter().all(|d| *d == digits[0]) {
        return false;
    }
    let weighed = digits[..9].iter().zip((2..=10).rev());
    let sum: u32 = weighed.map(|(digit, weight)| digit * weight).sum();
    (11 - sum % 11) % 11 == digits[9]
}

/// In the United Kingdom: nine or ten digits after the 0, or after +44.
fn is_phone_number(number: &str) -> bool {
    let after = number
        .strip_prefix("+44")
        .map(|rest| rest.strip_prefix('0').unwrap_or(rest))
        .or_else(|| number.strip_prefix("0044"))
        .or_else(|| number.strip_prefix('0'));
    after.is_some_and(|after| {
        let digits = after.chars().all(|c| c.is_ascii_digit());
        digits && matches!(after.len(), 9 | 10) && matches!(after.chars().next(), Some('1'..='9'))
    })
}

fn has_address(text: &str) -> bool {
    let parts = |word: &str| {
        word.split_once('@')
            .is_some_and(|(who, at)| !who.is_empty() && at.contains('.'))
    };
    text.split_whitespace().any(parts)
}

/// At least two words in quotation marks; an apostrophe is none.
fn has_quote(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let at = |n: Option<usize>| n.and_then(|n| letters.get(n)).copied();
    let opens = |n: usize| match letters[n] {
        '“' | '„' | '«' | '"' => true,
        '‘' | '\'' => {
            let before = at(n.checked_sub(1));
            let after = at(Some(n + 1));
            before.is_none_or(|c| !c.is_alphanumeric()) && after.is_some_and(char::is_alphabetic)
        }
        _ => false,
    };
    let closes = |n: usize, opened: char| match opened {
        '“' | '„' | '«' | '"' => matches!(letters[n], '”' | '“' | '»' | '"'),
        _ => {
            matches!(letters[n], '’' | '\'') && at(Some(n + 1)).is_none_or(|c| !c.is_alphanumeric())
        }
    };
    (0..letters.len()).filter(|n| opens(*n)).any(|from| {
        let mut ends = (from + 1..letters.len()).filter(|n| closes(*n, letters[from]));
        ends.next().is_some_and(|to| {
            let within: String = letters[from + 1..to].iter().collect();
            within.split_whitespace().count() >= 2
        })
    })
}

/// `Dr Heron`, `Mrs. Wren`.
fn has_title(text: &str) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let title = pair[0].trim_matches(|c: char| !c.is_alphabetic());
        let title = title.to_lowercase();
        TITLES.contains(&title.as_str()) && pair[1].chars().next().is_some_and(char::is_uppercase)
    })
}

/// Two or three words in a row that begin with a capital, after the first word of a sentence, and of
/// which none belongs to a place, a service or a time.
fn has_two_names(text: &str) -> bool {
    let mut row: Vec<String> = Vec::new();
    let mut begins = true;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let ends = word.ends_with(['.', '!', '?', ':', ';', ',', ')']);
        if !begins && is_capitalised(bare) {
            row.push(bare.to_lowercase());
        } else {
            if is_two_names(&row) {
                return true;
            }
            row.clear();
        }
        if ends {
            if is_two_names(&row) {
                return true;
            }
            row.clear();
        }
        begins = word.ends_with(['.', '!', '?', ':']);
    }
    is_two_names(&row)
}

fn is_two_names(row: &[String]) -> bool {
    (2..=3).contains(&row.len()) && !row.iter().any(|word| NOBODY.contains(&word.as_str()))
}

/// `Wren`, `O’Neill`, `Smith-Jones`: not `PETR`, and not `A`.
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.as_str();
    first
        && rest.chars().any(char::is_lowercase)
        && rest
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(looks: Option<&str>, texts: &[&str]) {
        for text in texts {
            assert_eq!(looks_like(text), looks, "{text}");
        }
    }

    #[test]
    fn an_nhs_number_is_known_by_its_check_digit() {
        all(
            Some("an NHS number"),
            &["9434765919", "for 943 476 5919 today", "no 943-476-5919"],
        );
        all(
            None,
            &[
                "9434765918",
                "943 476 591",
                "1111111111",
                "94347659191",
                "Datix 4470192",
            ],
        );
    }

    #[test]
    fn a_phone_number_is_known_as_it_is_written_here() {
        all(
            Some("a phone number"),
            &[
                "ring 01632 960100",
                "(01632) 960-100",
                "07700 900123",
                "+44 7700 900123",
                "+44 (0)1632 960100",
            ],
        );
        all(
            None,
            &[
                "extension 4410",
                "20:00 to 07:00",
                "on 01/02/2026",
                "room 0123",
                "8 to 12 people",
            ],
        );
    }

    #[test]
    fn an_address_is_known_by_its_parts() {
        all(Some("an e-mail address"), &["write to robin@example.test"]);
        all(None, &["meet @ 9", "@home"]);
    }

    #[test]
    fn words_in_quotation_marks_are_a_quote_and_apostrophes_are_none() {
        all(
            Some("a quote"),
            &[
                "They said “never again”",
                "one said \"I was afraid\"",
                "'not my fault' was heard",
            ],
        );
        all(
            None,
            &[
                "the nurses' room and the ward's rota",
                "don't forget what’s due",
                "the “huddle” sheet",
            ],
        );
    }

    #[test]
    fn a_title_or_two_names_are_a_name() {
        all(
            Some("a name"),
            &[
                "ask Dr Heron",
                "Mrs. Wren rings",
                "speak to Robin Wren",
                "with Siobhan O’Neill about it",
                "see Anna Smith-Jones.",
            ],
        );
        all(
            None,
            &[
                "Agree who may ring security at night, and how",
                "Risk stands first on the Handover sheet",
                "Ask Occupational Health for a date",
                "the Garden Room at Willow Community Hospital",
                "the Freedom to Speak Up Guardian",
                "PETR and PIPSS",
                "Ring Estates. Wards wait.",
                "by Monday 2 March",
            ],
        );
    }
}
