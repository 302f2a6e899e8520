//! One question: its words, what can be answered, and how it is drawn.

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The field of the command: `safety.area_safe`.
    pub name: String,
    /// The question itself.
    pub label: String,
    /// What helps to answer it.
    pub hint: Option<String>,
    /// What can be answered.
    pub kind: Kind,
    /// May it be left empty?
    pub optional: bool,
    /// What stands there at first. For several choices, one after another.
    pub given: Vec<String>,
    /// The words behind which it is folded away, together with its neighbours that have the same.
    pub fold: Option<&'static str>,
    /// Drawn as tiles, side by side, that are easily tapped?
    pub tiles: bool,
}

/// What can be answered, and as what it is sent.
#[derive(Clone, Debug)]
pub enum Kind {
    /// One of a few: a text.
    Choice(Vec<Choice>),
    /// One of many, from a list: a text.
    Select(Vec<Choice>),
    /// Some of a few: a list of texts.
    Several(Vec<Choice>),
    /// Yes or no: true or false.
    YesNo,
    /// One box: true if it is ticked, else nothing.
    Tick,
    /// One line, so long at most.
    Line(usize),
    /// A few lines, so long at most.
    Area(usize),
    /// A whole number, with its unit.
    Number(&'static str),
    /// A day: `2026-03-02`.
    Day,
    /// A day and a time of day in Europe/London: RFC 3339.
    Moment,
    /// Themes of the codebook, each a strength, a difficulty or both.
    Themes,
}

/// One thing that can be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// As it is sent.
    pub value: String,
    /// As it reads.
    pub label: String,
    /// What helps to choose it.
    pub hint: Option<String>,
    /// What is asked only of those who choose it.
    pub reveals: Vec<Question>,
}

impl Choice {
    /// Something to choose.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: None,
            reveals: Vec::new(),
        }
    }

    /// With help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With questions for those who choose it.
    #[must_use]
    pub fn reveals(mut self, questions: Vec<Question>) -> Self {
        self.reveals = questions;
        self
    }
}

impl Question {
    /// A question.
    pub fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: None,
            kind,
            optional: false,
            given: Vec::new(),
            fold: None,
            tiles: false,
        }
    }

    /// With help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// May be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// With an answer that stands there at first.
    #[must_use]
    pub fn given(mut self, value: impl Into<String>) -> Self {
        self.given.push(value.into());
        self
    }

    /// Folded away behind these words, together with its neighbours that have the same.
    #[must_use]
    pub fn fold(mut self, words: &'static str) -> Self {
        self.fold = Some(words);
        self
    }

    /// Drawn as tiles, side by side, that are easily tapped.
    #[must_use]
    pub fn tiles(mut self) -> Self {
        self.tiles = true;
        self
    }

    /// The same as the pointer of a refusal: `/safety/area_safe`.
    pub fn pointer(&self) -> String {
        format!("/{}", self.name.replace('.', "/"))
    }

    /// The id that its label and its errors point to.
    pub fn id(&self) -> String {
        self.name.replace('.', "-")
    }

    /// The part of the answer that is called so: `day` of a date.
    pub fn part(&self, part: &str) -> String {
        format!("{}-{part}", self.name)
    }
}
