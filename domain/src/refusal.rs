//! The four shapes in which the program says no, each with a sentence a tired manager can act on.

/// Why a command or a question was refused. Nothing was recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// One may know of the thing but not do this to it (403).
    NotAllowed,
    /// There is no such thing, or one may not know of it; the two look the same (404).
    NotFound,
    /// The thing is in a state in which this cannot be done (409).
    OutOfStep {
        /// A stable code, such as `offers_open`.
        code: &'static str,
        /// What is in the way.
        sentence: String,
        /// The commands that can be given now.
        next: Vec<&'static str>,
        /// Which fields are in the way, where that can be said.
        faults: Vec<Fault>,
    },
    /// Something in the request cannot be right (422).
    Invalid(Vec<Fault>),
    /// Someone else changed it first (412).
    Stale,
}

/// One thing that is wrong with a request. Never repeats the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// RFC 6901 pointer to the field.
    pub pointer: String,
    /// What would be right.
    pub detail: String,
}

impl Fault {
    /// A fault at a field.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

impl Refusal {
    /// One wrong field.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::at(pointer, detail)])
    }
}

/// Collects faults so that a form shows all of them at once.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault unless the condition holds.
    pub fn require(&mut self, holds: bool, pointer: impl Into<String>, detail: impl Into<String>) {
        if !holds {
            self.0.push(Fault::at(pointer, detail));
        }
    }

    /// Refuses if anything was noted.
    pub fn settle(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(self.0))
        }
    }
}
