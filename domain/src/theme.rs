//! The theme codebook, version 1: what a session was about, without a word of what was said.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a theme was present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Polarity {
    Strength,
    Difficulty,
    Mixed,
}

impl Polarity {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::Strength, Self::Difficulty, Self::Mixed];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Strength => "a strength",
            Self::Difficulty => "a difficulty",
            Self::Mixed => "mixed",
        }
    }
}

/// A theme of the codebook.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[allow(missing_docs, reason = "each is described by its row")]
pub enum Theme {
    #[serde(rename = "psy.distress")]
    Distress,
    #[serde(rename = "psy.safety")]
    Safety,
    #[serde(rename = "psy.guilt_blame")]
    GuiltBlame,
    #[serde(rename = "psy.moral")]
    Moral,
    #[serde(rename = "psy.bereavement")]
    Bereavement,
    #[serde(rename = "psy.cumulative")]
    Cumulative,
    #[serde(rename = "psy.identity")]
    Identity,
    #[serde(rename = "psy.confidence")]
    Confidence,
    #[serde(rename = "team.cohesion")]
    Cohesion,
    #[serde(rename = "team.conflict")]
    Conflict,
    #[serde(rename = "team.communication")]
    Communication,
    #[serde(rename = "lead.support")]
    Support,
    #[serde(rename = "lead.visibility")]
    Visibility,
    #[serde(rename = "env.security")]
    Security,
    #[serde(rename = "env.physical")]
    Physical,
    #[serde(rename = "env.rest_space")]
    RestSpace,
    #[serde(rename = "sys.staffing")]
    Staffing,
    #[serde(rename = "sys.handover")]
    Handover,
    #[serde(rename = "sys.pathway")]
    Pathway,
    #[serde(rename = "sys.training")]
    Training,
    #[serde(rename = "sys.equipment")]
    Equipment,
    #[serde(rename = "sys.policy")]
    Policy,
    #[serde(rename = "gov.investigation")]
    Investigation,
    #[serde(rename = "gov.aftercare")]
    Aftercare,
    #[serde(rename = "gov.recognition")]
    Recognition,
}

use Theme as T;

/// Every theme: its parent and its name in plain words.
pub const THEMES: [(Theme, &str, &str); 25] = [
    (T::Distress, "psy", "distress"),
    (T::Safety, "psy", "feeling unsafe"),
    (T::GuiltBlame, "psy", "guilt and blame"),
    (T::Moral, "psy", "moral distress"),
    (T::Bereavement, "psy", "bereavement"),
    (T::Cumulative, "psy", "one thing after another"),
    (T::Identity, "psy", "who I am at work"),
    (T::Confidence, "psy", "confidence"),
    (T::Cohesion, "team", "holding together as a team"),
    (T::Conflict, "team", "conflict in the team"),
    (T::Communication, "team", "communication in the team"),
    (T::Support, "lead", "support from leaders"),
    (T::Visibility, "lead", "visibility of leaders"),
    (T::Security, "env", "security of the site"),
    (T::Physical, "env", "the building"),
    (T::RestSpace, "env", "somewhere to rest"),
    (T::Staffing, "sys", "staffing"),
    (T::Handover, "sys", "handover"),
    (T::Pathway, "sys", "the care pathway"),
    (T::Training, "sys", "training and skills"),
    (T::Equipment, "sys", "equipment"),
    (T::Policy, "sys", "policy"),
    (T::Investigation, "gov", "being investigated"),
    (T::Aftercare, "gov", "care afterwards"),
    (T::Recognition, "gov", "recognition"),
];

/// Every parent theme: what is reported, in plain words.
pub const PARENTS: [(&str, &str); 6] = [
    ("psy", "Thoughts and feelings"),
    ("team", "The team"),
    ("lead", "Leadership"),
    ("env", "The place of work"),
    ("sys", "How the work is organised"),
    ("gov", "What comes afterwards"),
];

/// A parent theme in plain words.
pub fn parent_label(parent: &str) -> &'static str {
    let found = PARENTS.iter().find(|(code, _)| *code == parent);
    found.map_or("Other", |(_, label)| label)
}

impl Theme {
    /// The code of its parent: what is reported.
    pub const fn parent(self) -> &'static str {
        THEMES[self as usize].1
    }

    /// In plain words.
    pub const fn label(self) -> &'static str {
        THEMES[self as usize].2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_finds_its_own_row_under_its_own_parent() {
        for (n, (theme, parent, _)) in THEMES.iter().enumerate() {
            assert_eq!(*theme as usize, n);
            let code = serde_json::to_value(theme).unwrap();
            assert!(code.as_str().unwrap().starts_with(&format!("{parent}.")));
            assert!(PARENTS.iter().any(|(code, _)| code == parent));
        }
    }
}
