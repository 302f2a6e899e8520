//! Random ids: drawn from the machine, or, where two answers are compared, the same for the same act.

use std::cell::Cell;

use uuid::Uuid;

/// Where random ids come from.
#[derive(Clone, Copy)]
pub(crate) enum Dice {
    /// The machine.
    Machine,
    /// The act itself: only for a copy that is looked at and never written to.
    Same,
}

/// The ids of one act, one after another.
pub(crate) struct Roll {
    act: Option<Uuid>,
    drawn: Cell<u32>,
}

impl Dice {
    /// Begins to draw for an act.
    pub fn roll(self, act: &[u8]) -> Roll {
        let act = match self {
            Self::Machine => None,
            Self::Same => Some(Uuid::new_v5(&Uuid::NAMESPACE_OID, act)),
        };
        Roll {
            act,
            drawn: Cell::new(0),
        }
    }
}

impl Roll {
    /// The next one.
    pub fn uuid(&self) -> Uuid {
        let Some(act) = self.act else {
            return Uuid::new_v4();
        };
        let n = self.drawn.get();
        self.drawn.set(n + 1);
        Uuid::new_v5(&act, &n.to_be_bytes())
    }
}
