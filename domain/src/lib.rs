//! The pathway itself: what may happen and in what order, who may do it, who may see it.
//!
//! Pure: no clock, no random numbers, no files, no network. Time and ids arrive as arguments.

pub mod action;
pub mod aftercare;
pub mod arrange;
pub mod calendar;
pub mod case;
pub mod change_session;
pub mod clocks;
pub mod close;
pub mod defusion;
pub mod diary;
pub mod directory;
pub mod directory_facts;
pub mod facilitator_roster;
pub mod facts;
pub mod fields;
pub mod first_grants;
pub mod follow_up;
#[cfg(test)]
mod given;
pub mod group;
pub mod hand_over;
pub mod headline;
pub mod history;
pub mod ids;
pub mod incident;
pub mod invitation;
pub mod leave;
pub mod letter;
pub mod link;
pub mod merge;
pub mod notice;
pub mod offer;
pub mod pathway;
pub mod personal;
pub mod plan;
mod plan_changes;
pub mod policy;
pub mod private;
pub mod raise;
pub mod refusal;
pub mod roster;
pub mod scope;
pub mod session;
mod session_changes;
pub mod sheet;
pub mod stream;
pub mod suitable;
pub mod text;
pub mod theme;
pub mod triage;
pub mod working_time;
