//! Words of the codebook as they stand at the beginning of a line.

use serde::Serialize;

use crate::case_forms::code;
use crate::form::Choice;

/// With a capital at the beginning.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Something of the codebook to choose.
pub fn choice(value: &impl Serialize, label: &str) -> Choice {
    Choice::new(code(value), sentence(label))
}
