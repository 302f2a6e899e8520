//! The one place that asks the machine what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};

/// The time the program lives in.
#[derive(Clone)]
pub enum Clock {
    /// The machine's.
    Machine,
    /// The machine's, moved by so many microseconds: for demonstrations and tests.
    Moved(Arc<AtomicI64>),
    /// Always this instant: for looking at a copy.
    Frozen(DateTime<Utc>),
}

impl Clock {
    /// A clock that can be moved, starting at the given time.
    pub fn starting_at(time: DateTime<Utc>) -> Self {
        let ahead = time - Utc::now();
        let micros = ahead.num_microseconds().unwrap_or(0);
        Self::Moved(Arc::new(AtomicI64::new(micros)))
    }

    /// The time now, to the microsecond, which is what the log keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let machine = Utc::now();
        let ahead = match self {
            Self::Machine => 0,
            Self::Moved(micros) => micros.load(Ordering::SeqCst),
            Self::Frozen(instant) => return *instant,
        };
        let time = machine + Duration::microseconds(ahead);
        DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
    }

    /// Moves time forward to the given instant. Answers whether it could: time never runs backwards,
    /// and the machine's clock is not ours to move.
    pub fn move_to(&self, time: DateTime<Utc>) -> bool {
        let Self::Moved(micros) = self else {
            return false;
        };
        let step = (time - self.now()).num_microseconds();
        match step {
            Some(step) if step >= 0 => {
                micros.fetch_add(step, Ordering::SeqCst);
                true
            }
            _ => false,
        }
    }
}
