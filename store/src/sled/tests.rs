//! Between a commit and its place in sled nobody who reads may miss it.

use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::LogId;
use uuid::Uuid;

use super::Follower;
use crate::chain;
use crate::frame::{Block, Frame};
use crate::values::starts;

fn frame(number: u64, length: usize) -> (LogId, Frame) {
    let log = LogId::main(OrganisationId::new(Uuid::from_u128(1)));
    let block = Block {
        log,
        first: number,
        chain: chain::start(log),
        records: vec![vec![b'x'; length]],
    };
    let frame = Frame {
        number,
        keys: 0,
        blocks: vec![block],
    };
    (log, frame)
}

#[test]
fn what_was_announced_is_read_before_during_and_after_it_is_applied() {
    let folder = tempfile::tempdir().unwrap();
    let sled = Follower::open(folder.path().join("sled"));
    // The second is cut into three parts.
    for (number, length) in [(1, 300), (2, 9000)] {
        let (log, frame) = frame(number, length);
        let first = starts(&frame.blocks[0]).next().unwrap();
        let (mut announced, mut applied) = (Vec::new(), Vec::new());
        let nothing = sled.block(log, first, &mut announced);
        assert!(nothing.is_err(), "it is not there yet");
        sled.announce(&frame);
        sled.block(log, first, &mut announced).unwrap();
        assert_eq!(announced.len(), 4 + length);
        sled.apply(&frame).unwrap();
        sled.block(log, first, &mut applied).unwrap();
        assert_eq!(applied, announced);
        assert!(sled.coming.read().unwrap().is_empty(), "sled has it now");
    }
}
