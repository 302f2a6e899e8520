//! A large log: one demonstration told again of many teams and over ten years, through the store's own door.
//!
//! The story of eighteen months is told seven times over, one after another, and by so many tellings side by
//! side as give the number of facts that was asked for. Every telling has its own cases, sessions, letters
//! and texts under its own ids; five tellings share the units, managers and facilitators of one part of the
//! trust; leads and auditors are the same everywhere. Only the last telling leaves cases unfinished.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use chrono::{Duration, NaiveDate};
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CommandId, FactId, Id};
use pipss_domain::offer::POLICY_VERSION;
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Options, Purpose, SledStore, StoreError, Write};
use uuid::Uuid;

use crate::app_known::put;
use crate::app_source::{Cause, Line, Source, Told};

/// The story covers 78 weeks and a few days; seven of them are ten years and a half.
const STORY: Duration = Duration::weeks(79);
const STORIES: i32 = 7;
/// So many tellings share one part of the trust: units, managers, facilitators.
const SHARE: u32 = 5;
/// Appends under way at once.
const UNDER_WAY: usize = 512;

/// One telling of the story.
struct Telling {
    /// Which of those that go on side by side.
    n: u32,
    /// Its own ids are made of this.
    own: Uuid,
    /// The ids of its part of the trust are made of this; the first part keeps those of the story.
    part: Option<Uuid>,
    later: Duration,
    first: bool,
    last: bool,
}

/// Makes a data folder of about so many facts. The same source and seed give the same facts.
///
/// # Errors
/// When the source is no demonstration's folder, or the store refuses.
pub async fn grow(source: &Path, folder: &Path, facts: usize, seed: u64) -> anyhow::Result<()> {
    let source = Source::read(source)?;
    ensure!(!folder.exists(), "{} is there already", folder.display());
    let store = SledStore::open(Options::new(folder, Purpose::Real), Box::new(|_| ()))?;
    let tellings = tellings(&source, facts, seed)?;
    let mut turns: BinaryHeap<_> = (tellings.iter().enumerate())
        .map(|(n, telling)| Reverse((source.told[0].at + telling.later, n, 0)))
        .collect();
    let mut grower = Grower {
        source: &source,
        versions: HashMap::new(),
        facts: 0,
    };
    let (began, mut under_way) = (Instant::now(), FuturesOrdered::new());
    let mut touched = HashSet::new();
    while let Some(Reverse((_, n, turn))) = turns.pop() {
        let (telling, told) = (&tellings[n], &source.told[turn]);
        if let Some(next) = source.told.get(turn + 1) {
            turns.push(Reverse((next.at + telling.later, n, turn + 1)));
        }
        for append in grower.appends(telling, told)? {
            // Nothing rests on what is not yet on the disk.
            let rests = |write: &Write| touched.contains(&write.stream);
            if under_way.len() >= UNDER_WAY || append.writes.iter().any(rests) {
                while let Some(done) = under_way.next().await {
                    kept(done)?;
                }
                touched.clear();
            }
            touched.extend(append.writes.iter().map(|write| write.stream));
            // They are numbered in this order: none may step back in the queue.
            under_way.push_back(tokio::task::unconstrained(store.append(append)));
        }
    }
    while let Some(done) = under_way.next().await {
        kept(done)?;
    }
    let (facts, took) = (grower.facts, began.elapsed().as_secs_f64());
    drop(under_way);
    drop(store);
    println!(
        "{facts} facts in {took:.1} s, {:.0} a second",
        facts as f64 / took
    );
    Ok(())
}

fn kept(done: Result<Appended, StoreError>) -> anyhow::Result<()> {
    match done {
        Ok(Appended::New(_)) => Ok(()),
        Ok(Appended::Repeated(_)) => anyhow::bail!("a command was told twice"),
        Err(error) => anyhow::bail!("{error}"),
    }
}

fn tellings(source: &Source, facts: usize, seed: u64) -> anyhow::Result<Vec<Telling>> {
    let stories = usize::try_from(STORIES)?;
    let each = source.ended * (stories - 1) + source.passing;
    let side_by_side = u32::try_from((facts + each / 2) / each)?.max(1);
    let space = Uuid::new_v5(&source.organisation.uuid(), &seed.to_be_bytes());
    let telling = |story: i32, n: u32| Telling {
        n,
        own: Uuid::new_v5(&space, format!("telling {story} {n}").as_bytes()),
        part: (n >= SHARE).then(|| Uuid::new_v5(&space, format!("part {}", n / SHARE).as_bytes())),
        // Nobody does the same at the same minute.
        later: STORY * (story - STORIES + 1) + Duration::minutes(i64::from(n % 50)),
        first: story == 0 && n % SHARE == 0,
        last: story == STORIES - 1,
    };
    let all = (0..STORIES).flat_map(|story| (0..side_by_side).map(move |n| (story, n)));
    Ok(all.map(|(story, n)| telling(story, n)).collect())
}

/// Writes the appends, and remembers how far each stream has come.
struct Grower<'a> {
    source: &'a Source,
    versions: HashMap<Stream, u64>,
    facts: usize,
}

impl Grower<'_> {
    fn appends(&mut self, telling: &Telling, told: &Told) -> anyhow::Result<Vec<Append>> {
        let mut appends = Vec::new();
        if telling.first && !told.standing.is_empty() {
            let command = CommandId::new(Uuid::new_v5(
                &telling.own,
                &told.command.uuid().as_bytes()[..],
            ));
            let standing = CommandId::new(Uuid::new_v5(&command.uuid(), b"standing"));
            appends.extend(self.append(telling, told, standing, &told.standing)?);
        }
        let other = (told.unfinished && !telling.last) || (told.weekly && telling.n > 0);
        if !other && !told.passing.is_empty() {
            let command = CommandId::new(telling.fresh(told.command.uuid()));
            appends.extend(self.append(telling, told, command, &told.passing)?);
        }
        Ok(appends)
    }

    fn append(
        &mut self,
        telling: &Telling,
        told: &Told,
        command: CommandId,
        lines: &[Line],
    ) -> anyhow::Result<Option<Append>> {
        let mut writes: Vec<Write> = Vec::new();
        for line in lines {
            let stream = self.stream(telling, line.stream);
            // What everybody shares is told by the first part of the trust alone.
            if telling.part.is_some() && self.is_shared(line.stream) {
                continue;
            }
            let event = (line.occurred_at + telling.later, self.event(telling, line)?);
            let version = self.versions.entry(stream).or_default();
            match writes.last_mut().filter(|write| write.stream == stream) {
                Some(write) => write.events.push(event),
                None => writes.push(Write {
                    stream,
                    expected: *version,
                    events: vec![event],
                }),
            }
            *version += 1;
            self.facts += 1;
        }
        Ok((!writes.is_empty()).then(|| Append {
            log: LogId::main(self.source.organisation),
            command,
            who: match told.who {
                Who::Person(person) => Who::Person(Id::new(self.id(telling, person.uuid()))),
                who => who,
            },
            policy: POLICY_VERSION,
            now: told.at + telling.later,
            body: None,
            writes,
            guards: Vec::new(),
        }))
    }

    fn is_shared(&self, stream: Stream) -> bool {
        match stream {
            Stream::Policy | Stream::Retention => true,
            Stream::Person(person) | Stream::Grants(person) => {
                self.source.shared.contains(&person.uuid())
            }
            _ => false,
        }
    }

    fn event(&self, telling: &Telling, line: &Line) -> anyhow::Result<Event> {
        let id = |old| self.id(telling, old);
        let data = line.data.told(&id, telling.later);
        let shape = Event::shape_version(line.kind);
        let event = Event::from_stored(line.kind, shape, &data);
        let mut event = event.map_err(|_| anyhow::anyhow!("{} became unreadable", line.kind))?;
        let plain = line.plain.iter().map(|text| text.told(&id, telling.later));
        ensure!(
            put(&mut event, &plain.collect::<Vec<_>>()),
            "a value was lost"
        );
        telling.make_own(&mut event);
        Ok(event)
    }

    fn id(&self, telling: &Telling, old: Uuid) -> Uuid {
        if self.source.shared.contains(&old) || old == self.source.organisation.uuid() {
            return old;
        }
        if self.source.own.contains(&old) {
            return telling.of_part(old);
        }
        match self.source.causes.get(&old) {
            Some(Cause::Fact(command, n)) => {
                FactId::of(CommandId::new(telling.fresh(command.uuid())), *n).uuid()
            }
            Some(Cause::Clock(case, clock)) => {
                Uuid::new_v5(&telling.fresh(*case), clock.as_bytes())
            }
            None => telling.fresh(old),
        }
    }

    fn stream(&self, telling: &Telling, old: Stream) -> Stream {
        // The name of a stream is its kind and its ids; there is no shorter way to all of them.
        let text = old.to_string();
        let parts = text.split('/').map(|part| {
            Uuid::try_parse(part).map_or(part.to_owned(), |id| self.id(telling, id).to_string())
        });
        let text = parts.collect::<Vec<_>>().join("/");
        text.parse().expect("it was a stream's name before")
    }
}

impl Telling {
    fn fresh(&self, old: Uuid) -> Uuid {
        Uuid::new_v5(&self.own, old.as_bytes())
    }

    fn of_part(&self, old: Uuid) -> Uuid {
        self.part
            .map_or(old, |part| Uuid::new_v5(&part, old.as_bytes()))
    }

    /// What must not be the same in two tellings or two parts of the trust, or end too early.
    fn make_own(&self, event: &mut Event) {
        let part = self.n / SHARE + 1;
        let for_ever = NaiveDate::from_ymd_opt(2099, 12, 31).expect("there is such a day");
        match event {
            Event::GrantGiven(given) => given.until = given.until.map(|_| for_ever),
            Event::FacilitatorProfiled(profile) => {
                profile.trained.iter_mut().for_each(|t| t.until = for_ever);
            }
            Event::ReferralRaised(raised) => {
                raised.reference = reference(Uuid::new_v5(&self.own, raised.reference.as_bytes()));
            }
            Event::UnitOpened(unit) if self.part.is_some() => {
                unit.name = format!("{} {part}", unit.name);
                unit.code = format!("{}-{part}", unit.code);
            }
            Event::PersonRecorded(person) if self.part.is_some() => {
                let other = |value: &mut Option<Personal<String>>,
                             make: &dyn Fn(&str) -> String| {
                    let made = value
                        .as_ref()
                        .and_then(Personal::known)
                        .map(|old| make(old));
                    *value = made.map(Personal::Known);
                };
                other(&mut person.name, &|name| format!("{name} {part}"));
                other(&mut person.email, &|email| format!("{part}.{email}"));
                if let Some(Personal::Known(sign_in)) = &mut person.sign_in {
                    sign_in.subject = format!("{}-{part}", sign_in.subject);
                }
            }
            _ => {}
        }
    }
}

/// A reference as people quote it.
fn reference(id: Uuid) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = id.as_bytes();
    let letter = |n: usize| char::from(LETTERS[usize::from(bytes[n] & 31)]);
    let (first, second) = (0..5, 5..10);
    let text = |range: std::ops::Range<usize>| range.map(letter).collect::<String>();
    format!("PS-{}-{}", text(first), text(second))
}
