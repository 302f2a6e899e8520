//! What the team is told about a session before it, on one page that a manager prints.
//!
//! The same words for every kind of session and every team; nothing of what happened.

/// Coming is voluntary.
pub const VOLUNTARY: &str = "Coming is voluntary. You can leave at any time and need not say why. \
    Nobody records who came, and nobody is told who did not.";

/// What is written down about it.
pub const RECORDED: &str = "Afterwards the facilitators write down when it was and how long it took, \
    how many people were there, a few themes from a fixed list, and anything practical that \
    the group wants done, with the role that will do it.";

/// What is not.
pub const NOT_RECORDED: &str = "They do not write down who was there, anyone's name, what anyone said, \
    or what happened. It is not part of an investigation and not part of anyone's employment record. \
    It is not minuted, filmed or recorded.";

/// Where confidentiality ends.
pub const CONFIDENTIALITY: &str = "What is said in the room stays in the room. There is one limit: if \
    someone is in serious danger, or a law requires it, the facilitators have to pass that on. \
    They would tell you first wherever that is safe.";

/// How to get help alone.
pub const ONE_TO_ONE: &str = "If you would rather talk to someone alone, you can ask for one-to-one \
    support yourself, at any time and for any reason, whether or not you come. You ask for it directly. \
    No manager sees who asks.";

/// What this is not.
pub const NOT_AN_EMERGENCY_SERVICE: &str = "This is not an emergency service. In danger, ring 999.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_promises_no_treatment_and_uses_the_words_of_the_pathway() {
        let all = [
            VOLUNTARY,
            RECORDED,
            NOT_RECORDED,
            CONFIDENTIALITY,
            ONE_TO_ONE,
            NOT_AN_EMERGENCY_SERVICE,
        ]
        .join(" ")
        .to_lowercase();
        for never in [
            "treat",
            "client",
            "victim",
            "psychological debriefing",
            "ptsd",
            "attendance",
        ] {
            assert!(!all.contains(never), "{never}");
        }
    }
}
