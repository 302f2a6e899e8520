//! What people of the invented trust type: a line for each kind of incident, aims, notes, what changed.

/// Two lines for each kind of incident, naming nobody.
pub fn lines(incident: &str) -> &'static [&'static str] {
    match incident {
        "assault_physical" => &[
            "A patient struck several staff during the evening shift.",
            "Staff were kicked and bitten while helping a patient who was very unwell.",
        ],
        "threat_verbal" => &[
            "Repeated threats to staff and their families over two shifts.",
            "A visitor shouted abuse and threatened to wait outside.",
        ],
        "patient_suicide" => &[
            "A patient known to the team for years died by suicide.",
            "A patient died by suicide a week after leaving the ward.",
        ],
        "patient_death_unexpected" => &[
            "A patient was found dead on a home visit.",
            "A patient died suddenly during the night.",
        ],
        "self_harm_serious" => &[
            "Serious self-harm on the ward; staff gave first aid for a long time.",
            "A young patient was badly hurt by self-harm in front of others.",
        ],
        "restraint" => &[
            "A long restraint that staff found hard to bear.",
            "Several restraints in one week of the same patient.",
        ],
        "resuscitation_attempt" => &[
            "A resuscitation in the dining room, in front of other patients.",
            "Staff tried for forty minutes to resuscitate a patient.",
        ],
        "expected_death_distressing" => &["A death that was expected and very hard to watch."],
        "serious_injury" => &["A member of staff fell and was badly hurt during an alarm."],
        "colleague_death" => &["A colleague of many years died suddenly."],
        "safeguarding_child" => &["Distressing disclosures in a case about a small child."],
        "patient_safety_event" => &["A medication error with serious consequences."],
        "run_of_incidents" => &["Six incidents within three weeks; no single one explains it."],
        _ => &["An inquest next month at which several of the team are witnesses."],
    }
}

/// What a session is usually about after an incident, the most likely themes first.
pub fn themes(incident: &str) -> &'static [&'static str] {
    match incident {
        "assault_physical" | "threat_verbal" | "restraint" => &[
            "psy.safety",
            "env.security",
            "sys.training",
            "sys.staffing",
            "psy.confidence",
        ],
        "patient_suicide" | "self_harm_serious" => &[
            "psy.guilt_blame",
            "psy.bereavement",
            "sys.handover",
            "gov.investigation",
            "lead.support",
        ],
        "patient_death_unexpected" | "expected_death_distressing" | "colleague_death" => &[
            "psy.bereavement",
            "psy.distress",
            "lead.support",
            "gov.aftercare",
            "sys.pathway",
        ],
        "resuscitation_attempt" | "serious_injury" | "patient_safety_event" => &[
            "psy.distress",
            "sys.equipment",
            "team.communication",
            "sys.policy",
            "psy.guilt_blame",
        ],
        _ => &[
            "psy.cumulative",
            "sys.staffing",
            "lead.visibility",
            "env.rest_space",
            "psy.moral",
        ],
    }
}

/// What shows as a strength.
pub const STRENGTHS: [&str; 3] = ["team.cohesion", "team.communication", "lead.support"];

/// Offers that may stand beside the main one: kind, owner, aim, and who takes it on.
pub const BESIDE: [(&str, &str, Option<&str>, &str); 6] = [
    ("one_to_one", "counselling_service", None, ""),
    (
        "liaison",
        "security_adviser",
        Some("Safer evenings: who comes when the alarm is pressed"),
        "security_adviser",
    ),
    (
        "training",
        "training_department",
        Some("Refresher in disengagement skills"),
        "training_department",
    ),
    (
        "process_change",
        "ward_management",
        Some("A clearer handover of risk between shifts"),
        "ward_management",
    ),
    (
        "liaison",
        "estates",
        Some("Lighting and locks at the staff entrance"),
        "estates",
    ),
    (
        "signposting",
        "occupational_health",
        Some("Where to find support beyond this"),
        "occupational_health",
    ),
];

/// What a session asks for, and of whom.
pub const ACTIONS: [(&str, &str); 6] = [
    (
        "Agree whom to ring at night, and put it on the wall",
        "ward_management",
    ),
    (
        "Bring the alarm points to the next site meeting",
        "security_adviser",
    ),
    ("Offer a quiet room for breaks", "estates"),
    (
        "Tell the team what the review will look at and when",
        "patient_safety",
    ),
    ("Thank the bank staff who were there", "ward_management"),
    ("Invite the chaplain to the next team meeting", "chaplaincy"),
];

/// What had changed when something was done.
pub const CHANGED: [&str; 5] = [
    "It was agreed, and the team was told.",
    "Done since this week; the team has the number.",
    "The first group was trained, the second has a date.",
    "It now stands first on the handover sheet.",
    "Repaired and checked together with the team.",
];

/// Where sessions are held: a site, never the ward.
pub const SITES: [&str; 5] = [
    "Willow Community Hospital, Garden Room",
    "Meadow House, Room 2",
    "Training Centre, Room 4",
    "Riverside Building, Library",
    "Orchard House, Board Room",
];
