//! How far the telling has come: a bar on a terminal, a few plain lines elsewhere.

use std::io::{IsTerminal, Write};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};

/// So many plain lines, at most.
const LINES: usize = 4;
/// A story this short is told before anyone could read how far it is.
const SHORT: usize = 100;

/// Progress over a number of steps. It goes to stderr: on stdout the first word is "ready".
pub struct Progress {
    bar: Option<ProgressBar>,
    steps: usize,
}

impl Progress {
    /// Begins.
    pub fn over(steps: usize) -> Self {
        let style = "telling eighteen months of made-up work [{bar:40}] {pos}/{len} {msg}";
        let bar = (steps > SHORT && std::io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template(style);
            let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, steps }
    }

    /// So many steps were told, the last one at that time.
    pub fn at(&self, told: usize, time: DateTime<Utc>) {
        let month = time.format("%B %Y").to_string();
        match &self.bar {
            Some(bar) => {
                bar.set_message(month);
                bar.set_position(u64::try_from(told).unwrap_or(u64::MAX));
            }
            None if self.steps > SHORT && told.is_multiple_of((self.steps / LINES).max(1)) => {
                let line = format!("told {told} of {} steps, up to {month}", self.steps);
                // Whoever started the program may have stopped listening: that is no reason to end.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            None => {}
        }
    }

    /// Everything is told.
    pub fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
