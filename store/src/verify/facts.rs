//! Checking what commits say: every record, chain, version and sealed value, on all cores at once.

use std::collections::{BTreeMap, HashMap};
use std::thread;

use pipss_domain::history::Fact;
use pipss_domain::stream::LogId;

use super::keys::{Opened, Ring};
use super::report::{Bad, Kind, Place};
use super::walk::Placed;
use crate::chain::{self, Link};
use crate::codec;
use crate::frame::Block;
use crate::index::{Index, LogIndex};

/// Fewer blocks than this are not worth another thread.
const WORTH: usize = 256;

/// What was found of the logs so far.
pub struct Facts {
    /// How far each log was found sound.
    pub index: Index,
    /// How many facts were.
    pub count: u64,
    /// What became of their sealed values.
    pub sealed: Opened,
    /// The chain at the positions that somebody asked for.
    pub asked: Asked,
    /// The chain that each log claims so far.
    claimed: HashMap<LogId, Link>,
    ring: Option<Ring>,
}

/// Positions, and the chain there once it is known.
pub type Asked = HashMap<LogId, BTreeMap<u64, Option<Link>>>;

/// One block, with the chain before it as the log claims it.
struct Item<'a> {
    place: Place,
    block: &'a Block,
    before: Link,
}

/// What checking a block alone gave.
struct Checked {
    facts: Vec<Fact>,
    sealed: Opened,
    links: Vec<(u64, Link)>,
    bad: Option<Bad>,
}

impl Facts {
    /// Nothing yet.
    pub fn new(ring: Option<Ring>, asked: Asked) -> Self {
        Self {
            index: HashMap::new(),
            count: 0,
            sealed: Opened::default(),
            claimed: HashMap::new(),
            asked,
            ring,
        }
    }

    /// How many keys there are now; `None` without keys.
    pub fn keys(&self) -> Option<u64> {
        self.ring.as_ref().and_then(|ring| ring.count().ok())
    }

    /// The position of the last sound fact of a log.
    pub fn position(&self, log: LogId) -> u64 {
        self.index.get(&log).map_or(0, |log| log.head().position)
    }

    /// Takes in the commits that come next.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub fn take(&mut self, frames: &[Placed]) -> Result<(), Box<Bad>> {
        let mut items = Vec::new();
        for placed in frames {
            for block in &placed.frame.blocks {
                let start = || chain::start(block.log);
                let before = self.claimed.insert(block.log, block.chain);
                items.push(Item {
                    place: placed.place,
                    block,
                    before: before.unwrap_or_else(start),
                });
            }
        }
        let checked = self.checked(&items);
        for (item, checked) in items.iter().zip(checked) {
            self.add(item, checked)?;
        }
        Ok(())
    }

    fn checked(&self, items: &[Item<'_>]) -> Vec<Checked> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if items.len() < WORTH || cores == 1 {
            return items.iter().map(|item| self.alone(item)).collect();
        }
        let part = items.len().div_ceil(cores);
        thread::scope(|scope| {
            let parts: Vec<_> = items
                .chunks(part)
                .map(|items| scope.spawn(|| items.iter().map(|item| self.alone(item)).collect()))
                .collect();
            let done = parts.into_iter().map(|part| -> Vec<Checked> {
                part.join().expect("checking what was read does not panic")
            });
            done.flatten().collect()
        })
    }

    /// Everything about a block that does not depend on other blocks.
    fn alone(&self, item: &Item<'_>) -> Checked {
        let Item { block, .. } = item;
        let mut checked = Checked {
            facts: Vec::with_capacity(block.records.len()),
            sealed: Opened::default(),
            links: Vec::new(),
            bad: None,
        };
        let asked = self.asked.get(&block.log);
        let mut link = item.before;
        for (position, record) in (block.first..).zip(&block.records) {
            link = chain::next(&link, record);
            if asked.is_some_and(|asked| asked.contains_key(&position)) {
                checked.links.push((position, link));
            }
            match self.fact(block.log, position, record) {
                Ok((fact, opened)) => {
                    checked.facts.push(fact);
                    checked.sealed.opened += opened.opened;
                    checked.sealed.erased += opened.erased;
                }
                Err((kind, what)) => {
                    checked.bad = Some(Bad::new(kind, what).of(block.log, position).at(item.place));
                    return checked;
                }
            }
        }
        if link != block.chain {
            let last = block.first + block.records.len() as u64 - 1;
            let bad = Bad::new(Kind::Chain, "the chain does not hold");
            let bad = bad.of(block.log, block.first).up_to(last).at(item.place);
            checked.bad = Some(bad);
            checked.facts.clear();
        }
        checked
    }

    fn fact(
        &self,
        log: LogId,
        position: u64,
        record: &[u8],
    ) -> Result<(Fact, Opened), (Kind, String)> {
        let (mut fact, _) = codec::decode(record)
            .ok_or((Kind::Fact, "the record is not one that can be read".into()))?;
        if fact.log != log || fact.position != position {
            return Err((Kind::Fact, "the record belongs elsewhere".into()));
        }
        let opened = match &self.ring {
            Some(ring) => ring.check(&mut fact).map_err(|what| (Kind::Sealed, what))?,
            None => Opened::default(),
        };
        Ok((fact, opened))
    }

    fn add(&mut self, item: &Item<'_>, checked: Checked) -> Result<(), Box<Bad>> {
        let log = item.block.log;
        let index = self.index.entry(log).or_insert_with(|| LogIndex::new(log));
        for fact in &checked.facts {
            index.add(fact).map_err(|what| {
                let position = fact.position.min(index.head().position + 1);
                Box::new(Bad::new(Kind::Fact, what).of(log, position).at(item.place))
            })?;
            self.count += 1;
        }
        self.sealed.opened += checked.sealed.opened;
        self.sealed.erased += checked.sealed.erased;
        if let Some(asked) = self.asked.get_mut(&log) {
            for (position, link) in checked.links {
                asked.insert(position, Some(link));
            }
        }
        if let Some(bad) = checked.bad {
            return Err(Box::new(bad));
        }
        index.close_block(item.block.chain, std::iter::empty());
        Ok(())
    }
}
