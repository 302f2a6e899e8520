//! Points kindly at what should not stand in a text: something like a name, an NHS number, a telephone number. It never blocks.

/// What a text seems to hold, in words that go on from “may hold”.
pub fn seems_to_hold(text: &str) -> Option<&'static str> {
    if long_number(text) {
        return Some("a telephone number or an NHS number");
    }
    if text.contains('@') {
        return Some("an address");
    }
    name(text).then_some("a name")
}

/// Nine or more digits with nothing but spaces, dashes or brackets between them.
fn long_number(text: &str) -> bool {
    let mut digits = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => digits += 1,
            ' ' | '-' | '(' | ')' | '+' => {}
            _ => digits = 0,
        }
        if digits >= 9 {
            return true;
        }
    }
    false
}

/// A title before a capital letter, or two words with capital letters within a sentence.
fn name(text: &str) -> bool {
    const TITLES: [&str; 8] = ["mr", "mrs", "ms", "miss", "dr", "sister", "nurse", "prof"];
    const PLACES: [&str; 14] = [
        "ward",
        "hospital",
        "unit",
        "team",
        "centre",
        "center",
        "clinic",
        "house",
        "road",
        "street",
        "trust",
        "service",
        "suite",
        "community",
    ];
    let plain = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |n: usize| {
        let word: &str = words.get(n).copied().unwrap_or_default();
        let rest = word.chars().skip(1).any(char::is_lowercase);
        rest && word.chars().next().is_some_and(char::is_uppercase)
    };
    let place = |n: usize| {
        words
            .get(n)
            .is_some_and(|word| PLACES.contains(&plain(word).as_str()))
    };
    let ends = |n: usize| words[n].ends_with(['.', '!', '?', ':']);
    (0..words.len()).any(|n| {
        let titled = TITLES.contains(&plain(words[n]).as_str()) && capital(n + 1) && !place(n + 1);
        let begins = n == 0 || ends(n - 1);
        let pair = !begins && capital(n) && capital(n + 1) && !ends(n);
        titled || (pair && !(n..n + 4).any(place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_someone_is_pointed_at() {
        for (text, holds) in [
            ("The patient, Sam Heron, hit two of us.", Some("a name")),
            ("Mrs Wren was taken to hospital.", Some("a name")),
            (
                "NHS number 943 476 5919",
                Some("a telephone number or an NHS number"),
            ),
            (
                "Ring me on 07700 900123 tonight",
                Some("a telephone number or an NHS number"),
            ),
            ("Write to robin@example.test", Some("an address")),
        ] {
            assert_eq!(seems_to_hold(text), holds, "{text}");
        }
    }

    #[test]
    fn what_does_not_is_left_alone() {
        for text in [
            "A long resuscitation in front of the whole shift.",
            "On Harbour Stroke Ward, at night. Staff were hit.",
            "Two events within 24 hours on 12 and 13 June 2026",
            "",
        ] {
            assert_eq!(seems_to_hold(text), None, "{text}");
        }
    }
}
