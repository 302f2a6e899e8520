//! The questions of a request for support for a team: four pages, the necessary first, the rest folded away.

use chrono::{DateTime, Utc};
use pipss_api::people::RoleCode;
use pipss_domain::incident::IncidentGroup;
use pipss_domain::refusal::{Fault, Refusal};

use super::{when, words};
use crate::case_forms::code;
use crate::fields::Fields;
use crate::form::{self, Choice, Form, Kind, Question};
use crate::pages::Pages;
use crate::visitor::Visitor;

/// More incidents are seldom told at once.
pub const INCIDENTS_MAX: usize = 4;
const CAPTION: &str = "Ask for support for a team";

/// A page of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Which team, and what it is about.
    Team,
    /// When and where; or what is expected; or the strain.
    Details,
    /// Another incident: the second, third or fourth.
    Another(usize),
    /// Who was affected, and are they safe.
    People,
    /// What would help.
    Support,
}

impl Step {
    /// Those that everyone is asked, in their order.
    pub const ALL: [Self; 4] = [Self::Team, Self::Details, Self::People, Self::Support];

    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Team => "/ask",
            Self::Details => "/ask/details",
            Self::Another(n) => ANOTHER[n - 1],
            Self::People => "/ask/people",
            Self::Support => "/ask/support",
        }
    }

    /// What its answers are about.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Team => "The team, and what it is about",
            Self::Details => "When and where",
            Self::Another(_) => "Another incident",
            Self::People => "The people",
            Self::Support => "Support",
        }
    }

    /// That it was answered.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Team => "seen.team",
            Self::Details => "seen.details",
            Self::Another(_) => "seen.another",
            Self::People => "seen.people",
            Self::Support => "seen.support",
        }
    }
}

/// Where further incidents are told.
pub const ANOTHER: [&str; INCIDENTS_MAX - 1] =
    ["/ask/incident-2", "/ask/incident-3", "/ask/incident-4"];

/// What the questions depend on.
pub struct Situation<'a> {
    pub pages: &'a Pages,
    pub visitor: &'a Visitor,
    pub answers: &'a Fields,
}

impl Situation<'_> {
    pub fn now(&self) -> DateTime<Utc> {
        self.pages.app.clock().now()
    }

    /// The group that was chosen for an incident.
    pub fn group(&self, n: usize) -> Option<&str> {
        self.answers.get(&format!("incidents.{n}.group"))
    }

    fn is_about(&self, group: IncidentGroup) -> bool {
        self.group(0) == Some(code(&group).as_str())
    }

    /// Did something happen? Else something is expected, or it is strain.
    pub fn happened(&self) -> bool {
        !self.is_about(IncidentGroup::Pre) && !self.is_about(IncidentGroup::Str)
    }

    /// How many incidents were told.
    pub fn incidents(&self) -> usize {
        if !self.happened() {
            return 0;
        }
        (0..INCIDENTS_MAX)
            .take_while(|n| self.group(*n).is_some())
            .count()
    }

    /// The questions of a page.
    ///
    /// # Errors
    /// `NotAllowed` for those who have nothing to do with teams.
    pub fn form(&self, step: Step) -> Result<Form, Refusal> {
        let form = match step {
            Step::Team => self.team()?,
            Step::Details if self.is_about(IncidentGroup::Pre) => expected(),
            Step::Details if self.is_about(IncidentGroup::Str) => strain(),
            Step::Details => Form::new("When and where did it happen?", self.when_and_where(0))
                .fold(MORE, more(0)),
            Step::Another(n) => self.another(n),
            Step::People => people(),
            Step::Support => self.support(),
        };
        let form = form.button("Continue");
        Ok(if step == Step::Team {
            form
        } else {
            form.caption(CAPTION)
        })
    }

    fn team(&self) -> Result<Form, Refusal> {
        let about = words::about(
            "incidents.0.group",
            "What is it about?",
            &IncidentGroup::ALL,
        );
        let about = about.hint(
            "If several things happened, choose the most serious. You can add the others later.",
        );
        let form = Form::new(CAPTION, vec![words::team(self.pages, self.visitor)?, about]);
        if self.visitor.is(RoleCode::Lead) {
            return Ok(form.fold("You ask on behalf of someone", vec![on_behalf()]));
        }
        Ok(form)
    }

    fn when_and_where(&self, n: usize) -> Vec<Question> {
        let incident = format!("incidents.{n}");
        let place = format!("{incident}.place");
        vec![
            when::question(&incident, self.now()),
            Question::new(place, "Where did it happen?", Kind::Choice(words::places())),
        ]
    }

    fn another(&self, n: usize) -> Form {
        let name = format!("incidents.{n}.group");
        let mut questions = vec![words::about(&name, "What else happened?", &words::HAPPENED)];
        questions.extend(self.when_and_where(n));
        Form::new("Another incident", questions).fold(MORE, more(n))
    }

    fn support(&self) -> Form {
        let kinds = Question::new(
            "asked_for",
            "What do you ask for?",
            Kind::Several(words::kinds_of_support()),
        );
        let mut questions = vec![
            kinds.hint("Choose up to five. Not sure? Choose what is nearest: the PIPSS lead talks it through with you."),
            Question::new("team_aware", "Does the team know that you ask?", Kind::Choice(words::answers())),
        ];
        if !self.manages() {
            questions.push(not_through_manager());
        }
        Form::new("What would help the team?", questions).fold(
            "Say more: times, places, and who should not see this",
            wishes(),
        )
    }

    fn manages(&self) -> bool {
        let team = self
            .answers
            .get("team")
            .filter(|team| *team != words::OTHER_TEAM);
        let team = team.or_else(|| self.answers.get("team_other"));
        let mut managed = self.visitor.me.manages.iter();
        managed.any(|own| Some(own.team.to_string().as_str()) == team)
    }

    /// What is in the way on a page, with these answers.
    ///
    /// # Errors
    /// `NotAllowed` for those who have nothing to do with teams.
    pub fn faults(&self, step: Step) -> Result<Vec<Fault>, Refusal> {
        let questions = self.form(step)?.questions;
        let asked = form::asked(&questions, self.answers);
        let mut faults = form::faults(&asked, self.answers);
        let dated = match step {
            Step::Details if self.happened() => Some(0),
            Step::Another(n) => Some(n),
            _ => None,
        };
        if let Some(n) = dated.filter(|_| faults.is_empty()) {
            let incident = format!("incidents.{n}");
            faults.extend(when::occurred(self.answers, &incident, self.now()).err());
        }
        if self.answers.all("asked_for").count() > 5 && step == Step::Support {
            faults.push(Fault::at(
                "/asked_for",
                "Choose one to 5 kinds of support, each once.",
            ));
        }
        Ok(faults)
    }

    /// The first page that is not answered yet.
    ///
    /// # Errors
    /// `NotAllowed` for those who have nothing to do with teams.
    pub fn next(&self) -> Result<Option<Step>, Refusal> {
        let further = (1..self.incidents()).map(Step::Another);
        for step in Step::ALL.into_iter().chain(further) {
            if self.answers.get(step.mark()).is_none() || !self.faults(step)?.is_empty() {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }
}

const MORE: &str = "Say more about it";

fn more(n: usize) -> Vec<Question> {
    let at = |part: &str| format!("incidents.{n}.{part}");
    vec![
        line(at("line")),
        Question::new(
            at("local_ref"),
            "Its reference in the incident system",
            Kind::Line(60),
        )
        .hint("For example the number in Datix or Ulysses.")
        .optional(),
        Question::new(
            at("known_at"),
            "When did it become known, if that was later?",
            Kind::Moment,
        )
        .optional(),
    ]
}

fn line(name: impl Into<String>) -> Question {
    let line = Question::new(name, "What happened, in one line", Kind::Line(300));
    line.hint(words::NAME_NOBODY).optional()
}

fn expected() -> Form {
    let mut about = line("anticipated.line");
    about.label = "What is going to happen, in one line".into();
    let on = Question::new("anticipated.expected_on", "On which day?", Kind::Day);
    Form::new("What is going to happen?", vec![on.optional(), about])
}

fn strain() -> Form {
    let mut about = line("strain.line");
    about.label = "What makes it hard, in one line".into();
    Form::new("About the strain", vec![about])
}

fn people() -> Form {
    let safety = |name: &str, label: &str| {
        let name = format!("safety.{name}");
        Question::new(name, label, Kind::Choice(words::answers()))
    };
    let unsafe_now = vec![
        safety("threat_continuing", "Does the threat go on?"),
        safety("area_safe", "Is the place safe?"),
        safety("someone_at_immediate_risk", "Is someone at immediate risk?"),
    ];
    let safe = vec![
        Choice::new("yes", "Yes, as far as I know")
            .hint("The threat is over, the place is safe, and nobody is at immediate risk."),
        Choice::new("no", "No, or I am not sure").reveals(unsafe_now),
    ];
    let injuries = vec![
        Choice::new("no", "No"),
        Choice::new("yes", "Yes, but nobody is in hospital"),
        Choice::new("hospital", "Yes, and a member of staff is in hospital"),
        Choice::new("unknown", "I do not know"),
    ];
    let band = |name: &str, label: &str| Question::new(name, label, Kind::Choice(words::bands()));
    let staff = band(
        "affected.directly",
        "How many staff were there, or directly affected?",
    );
    let worse = Question::new(
        "signs_worsening",
        "Are people getting worse rather than better?",
        Kind::Choice(words::answers()),
    );
    let questions = vec![
        Question::new("safe", "Is everyone safe now?", Kind::Choice(safe)),
        staff.hint("A guess is enough. Never a list of names."),
        band("affected.indirectly", "How many others are affected?"),
        Question::new("injuries", "Was anyone hurt?", Kind::Choice(injuries)),
        worse.hint("For example not sleeping, not eating, not able to come back to work."),
    ];
    let groups = Kind::Several(words::groups_of_staff());
    let fold = vec![
        Question::new("affected.groups", "Are any of these among them?", groups).optional(),
        Question::new(
            "absence",
            "Is anyone away from work because of it?",
            Kind::Choice(words::answers()),
        )
        .optional(),
    ];
    Form::new("How are people now?", questions).fold("Who is easily forgotten", fold)
}

fn on_behalf() -> Question {
    let note = Question::new("on_behalf.note", "Note", Kind::Line(200));
    let source = Question::new(
        "on_behalf.source",
        "How did it reach you?",
        Kind::Choice(words::sources()),
    );
    let yes = Choice::new("yes", "Yes, someone asked me to").reveals(vec![
        source,
        note.hint("Only leads read it. Please name nobody.")
            .optional(),
    ]);
    let asked = Kind::Choice(vec![Choice::new("no", "No"), yes]);
    Question::new("behalf", "Do you ask on behalf of someone?", asked).optional()
}

fn not_through_manager() -> Question {
    let tick = Question::new(
        "not_through_my_manager",
        "Do not go through the team’s manager",
        Kind::Tick,
    );
    tick.hint(
        "If you tick this box, the managers of the team see nothing of this request, unless the PIPSS lead decides so.",
    )
    .optional()
}

fn wishes() -> Vec<Question> {
    let text = |name: &str, label: &str| Question::new(name, label, Kind::Line(200)).optional();
    let held = vec![
        Question::new("defusion_held.at", "When was it held?", Kind::Moment),
        Question::new(
            "defusion_held.led_by",
            "Who led it?",
            Kind::Choice(words::led_by()),
        ),
    ];
    let held = Kind::Choice(vec![
        Choice::new("no", "No"),
        Choice::new("yes", "Yes").reveals(held),
    ]);
    let held = Question::new("held", "Was a defusion held already?", held);
    let unseen = Question::new(
        "not_seen_by",
        "Should anyone not see this?",
        Kind::Area(600),
    );
    vec![
        held.hint("A short talk of the team on the same shift.").optional(),
        text("preferred_times", "Times that would suit"),
        text("preferred_venue", "A place that would suit"),
        Question::new("shift_pattern", "How does the team work?", Kind::Choice(words::shifts())).optional(),
        text("contact_out_of_hours", "Whom can we ring out of hours?")
            .hint("A ward or a role, and its number. It is sealed, and read by staff support only."),
        unseen
            .hint("Their names or addresses at work, one on each line, five at most. They will not know that you named them.")
            .optional(),
    ]
}
