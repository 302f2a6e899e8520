//! Opening the data folder: how far it has come, as a bar on a terminal and as a line now and then elsewhere.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use pipss_store::{Options, Progress, Stage};

/// Nothing is said of what is over sooner.
const SOON: Duration = Duration::from_secs(1);
/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// One stage of opening, as it is shown.
struct Shown {
    stage: Stage,
    began: Instant,
    said: Instant,
    bar: Option<ProgressBar>,
}

/// The same options, with their progress shown on stderr: on stdout the first word is "ready".
pub(crate) fn shown(options: Options) -> Options {
    let shown = Mutex::new(None);
    let progress = Progress::to(move |stage, done, total| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_ref().is_none_or(|now: &Shown| now.stage != stage) {
            *shown = Some(Shown::new(stage));
        }
        if let Some(now) = shown.as_mut() {
            now.at(done, total);
        }
    });
    Options {
        progress,
        ..options
    }
}

impl Shown {
    fn new(stage: Stage) -> Self {
        let now = Instant::now();
        Self {
            stage,
            began: now,
            said: now,
            bar: None,
        }
    }

    fn at(&mut self, done: u64, total: u64) {
        let over = done >= total;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            if over {
                bar.finish_and_clear();
            }
        } else if !over && std::io::stderr().is_terminal() {
            if self.began.elapsed() > SOON {
                self.bar = Some(bar(self.words(), total));
            }
        } else if !over && self.said.elapsed() > EVERY {
            self.said = Instant::now();
            let share = done * 100 / total.max(1);
            tracing::info!("{}: {share} % of {} MB", self.words(), total / 1_000_000);
        }
    }

    const fn words(&self) -> &'static str {
        match self.stage {
            Stage::Reading => "reading the journal",
            Stage::Rebuilding => "making the reading copy again from the journal",
        }
    }
}

fn bar(words: &'static str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {bytes}/{total_bytes}, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(words)
}
