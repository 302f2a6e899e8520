//! Whom to ring, now and in working hours: a number that can be tapped where it is one.

use pipss_api::reading::HelpLine;
use serde::Serialize;

use crate::pages::Pages;

/// Someone who answers.
#[derive(Serialize)]
pub struct Ring {
    name: String,
    number: String,
    /// What a telephone dials.
    dials: Option<String>,
}

impl From<&HelpLine> for Ring {
    fn from(line: &HelpLine) -> Self {
        Self {
            name: line.name.clone(),
            dials: dials(&line.number),
            number: line.number.clone(),
        }
    }
}

/// Who answers at any hour.
pub fn now(pages: &Pages) -> Vec<Ring> {
    pages.app.urgent_help().iter().map(Ring::from).collect()
}

/// Staff support itself.
pub fn staff_support(pages: &Pages) -> Option<Ring> {
    let number = pages.brand.telephone.clone()?;
    Some(Ring {
        name: pages.brand.service.clone(),
        dials: dials(&number),
        number,
    })
}

/// The number that a text begins with.
pub(crate) fn dials(text: &str) -> Option<String> {
    let number: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || [' ', '+', '-'].contains(c))
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    (number.len() >= 3).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_begins_with_a_number_can_be_dialled() {
        for (text, number) in [
            ("999", Some("999")),
            ("111, option 2", Some("111")),
            ("116 123", Some("116123")),
            ("+44 1632 960 100", Some("+441632960100")),
            ("SHOUT to 85258", None),
            ("", None),
        ] {
            assert_eq!(dials(text).as_deref(), number, "{text}");
        }
    }
}
