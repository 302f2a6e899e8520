//! How far the opening of a store has come, for whoever waits for it.

use std::fmt;
use std::sync::Arc;

/// It is told at most once in so many bytes.
const STEP: u64 = 1 << 20;

/// What opening a store does that may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Every fact is read from the journal and checked.
    Reading,
    /// The reading copy (sled) is made anew, or brought up, from the journal.
    Rebuilding,
}

/// Is told a stage, how many bytes of the journal are done, and how many there are.
pub type Tell = dyn Fn(Stage, u64, u64) + Send + Sync;

/// Whom to tell; nobody, unless said otherwise.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Tell>>);

impl Progress {
    /// Tells `tell`: of each stage at its beginning, now and then, and at its end.
    pub fn to(tell: impl Fn(Stage, u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    /// Begins a stage over so many bytes.
    pub(crate) fn begin(&self, stage: Stage, total: u64) -> Meter<'_> {
        let meter = Meter {
            progress: self,
            stage,
            total,
            done: 0,
            told: 0,
        };
        meter.tell(0);
        meter
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0.as_ref().map_or("nobody", |_| "somebody");
        write!(f, "Progress({told})")
    }
}

/// One stage.
pub(crate) struct Meter<'a> {
    progress: &'a Progress,
    stage: Stage,
    total: u64,
    done: u64,
    told: u64,
}

impl Meter<'_> {
    /// So many bytes more are done.
    pub fn add(&mut self, bytes: usize) {
        self.done = self.total.min(self.done + bytes as u64);
        if self.done >= self.told + STEP {
            self.told = self.done;
            self.tell(self.done);
        }
    }

    /// The stage is over: what was not read of the bytes is empty.
    pub fn end(self) {
        self.tell(self.total);
    }

    fn tell(&self, done: u64) {
        if let Some(tell) = &self.progress.0 {
            tell(self.stage, done, self.total);
        }
    }
}
