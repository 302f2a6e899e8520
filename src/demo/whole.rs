//! A story is told whole or not at all: beside the data folder, which it becomes when it has been told.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_domain::calendar::day_in_london;
use pipss_store::StoreError;

use super::script::{Script, Step, at_hour};
use super::{FROM, people, store, story, tell, year};
use crate::post::{PostRoom, Way};

/// Fills a data folder that does not exist yet, or leaves one as it is. A demonstration that is killed
/// meanwhile leaves a folder beside it that the next start clears away.
///
/// # Errors
/// Whatever keeps the story from being told, or the folder from being new, in a plain sentence.
pub async fn told(
    folder: &Path,
    short: bool,
    base: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    if folder.join("store").exists() {
        return Ok(());
    }
    let aside = aside(folder);
    clear(&aside)?;
    let (begins, steps) = script(short, now);
    let app = Arc::new(App::open(store(&aside), Clock::starting_at(begins))?);
    // What lies in the past counts as posted on its day: this room shows letters and sends none, wherever
    // the demonstration posts from now on. Nobody's mail server gets a flood of old letters.
    let post = Arc::new(PostRoom::new(Arc::clone(&app), Way::Shown, base, FROM));
    people::record(&app).await?;
    if !short {
        people::record_wide(&app).await?;
    }
    tell::tell(&app, &post, &steps, at_hour(day_in_london(now), 0, 0)).await?;
    drop(post);
    // Closes the store: nothing else holds it.
    drop(app);
    closed(&aside).await;
    fs::rename(&aside, folder).with_context(|| {
        format!(
            "{} is not a new or empty folder, and no data folder",
            folder.display()
        )
    })
}

/// When the story begins, and its steps: a function of the day.
fn script(short: bool, now: DateTime<Utc>) -> (DateTime<Utc>, Vec<Step>) {
    let (today, began) = (day_in_london(now), story::begins(now));
    let script = story::write(Script::default(), began);
    if short {
        (began, script.until(now))
    } else {
        let script = year::write(script, today, &story::sitting(began));
        (year::begins(today), script.until(at_hour(today, 0, 0)))
    }
}

/// The folder beside it, on the same disk.
fn aside(folder: &Path) -> PathBuf {
    let mut name = OsString::from(folder.file_name().unwrap_or_default());
    name.push(".unfinished");
    folder.with_file_name(name)
}

/// Waits until the last thread of the reading copy has let go of it: opened before that, it would be set
/// aside and built again from the journal, which is right too but takes longer.
async fn closed(folder: &Path) {
    let Ok(reading_copy) = File::open(folder.join("sled/db")) else {
        return;
    };
    for _ in 0..200 {
        if reading_copy.try_lock().is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Removes what a telling that was cut short left behind, unless it still goes on.
fn clear(aside: &Path) -> anyhow::Result<()> {
    let lock = match File::open(aside.join("lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context("cannot look at an unfinished folder"),
    };
    if lock.try_lock().is_err() {
        bail!(StoreError::Locked);
    }
    fs::remove_dir_all(aside).context("cannot clear an unfinished folder")
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    /// Some minutes; part of `make drill`.
    #[tokio::test]
    #[ignore = "it takes minutes"]
    async fn it_can_be_told_on_any_day_of_the_year() {
        let first: DateTime<Utc> = "2026-11-23T00:30:00Z".parse().unwrap();
        for n in 0..24 {
            // Every day of the week, bank holidays, both clock changes, a leap day.
            let now = first + Days::new(n * 37 % 480);
            let folder = tempfile::tempdir().unwrap();
            let told = told(&folder.path().join("data"), false, "http://demo", now).await;
            told.unwrap_or_else(|error| panic!("on {now}: {error:#}"));
        }
    }

    #[test]
    fn the_same_day_gives_the_same_story_and_no_step_lies_in_the_future() {
        let now: DateTime<Utc> = "2026-11-22T13:00:00Z".parse().unwrap();
        let (begins, steps) = script(false, now);
        assert!(steps == script(false, now).1);
        assert!(steps != script(false, now + Days::new(1)).1);
        assert!(steps.iter().all(|step| begins <= step.at && step.at < now));
    }
}
