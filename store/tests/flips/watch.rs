//! Ends the test when something hangs, and says at which try.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Far longer than any try takes, also on a busy machine.
const TOO_LONG: Duration = Duration::from_secs(180);

/// Watches one try after another.
pub struct Watch(Sender<Option<String>>);

impl Watch {
    pub fn new() -> Self {
        let (tell, told) = channel();
        thread::spawn(move || watch(&told));
        Self(tell)
    }

    /// Does something that must end, and must not panic: then what it said of it is the error.
    pub fn over<T>(
        &self,
        place: &str,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Result<T, String> {
        self.0.send(Some(place.to_owned())).unwrap();
        let done = catch_unwind(AssertUnwindSafe(work));
        self.0.send(None).unwrap();
        done.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()));
            Err(format!("it panicked: {}", text.unwrap_or_default()))
        })
    }
}

fn watch(told: &Receiver<Option<String>>) {
    let mut doing = None;
    loop {
        match (told.recv_timeout(TOO_LONG), &doing) {
            (Ok(now), _) => doing = now,
            (Err(RecvTimeoutError::Timeout), Some(place)) => {
                eprintln!("{place}: it hangs");
                std::process::abort();
            }
            (Err(RecvTimeoutError::Timeout), None) => {}
            (Err(RecvTimeoutError::Disconnected), _) => return,
        }
    }
}
