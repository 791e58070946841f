//! rollbook's one truth: accounts, listings, instances, readings, stays, call quality, jobs and the budget's ledger.
//!
//! The only crate with SQL. It decides nothing and never asks for the time: `now` is an argument.
//! All that was committed survives `kill -9`; writing the same answer twice changes nothing.

mod accounts;
mod audit;
mod budget;
mod commands;
mod deliveries;
mod erasure;
mod error;
mod grades;
mod hosts;
mod inbox;
mod instances;
mod jobs;
mod known;
mod latest;
mod listings;
mod meetings;
mod monitor;
mod overview;
mod packed;
mod people;
mod quality;
mod reader;
mod readings;
mod requests;
mod retention;
mod runs;
mod samples;
mod schema;
mod sightings;
mod sign_in;
mod sqlite;
mod stays;
mod time;
mod turns;

pub use audit::AuditEntry;
pub use budget::{Answered, Paid, Purchase, SpentHour, SpentLine};
pub use commands::{CommandRecord, CommandState};
pub use deliveries::{Candidate, Delivered, DeliveryRecord, DeliveryState, HeldRows, Overwrite, SinkState};
pub use erasure::{ErasureRecord, Portrait, Swept};
pub use error::{Error, Result};
pub use grades::{GradeOutcome, GradeReceipt, GradedActivity, ToldGrade};
pub use hosts::HostDay;
pub use inbox::{EventKindLine, EventSource, EventState, InboxCount, InboxEvent, NewEvent};
pub use instances::{Found, InstanceFilter, Record, State, StateCount};
pub use jobs::{Job, JobSpec};
pub use known::{KnownChange, KnownCount, KnownRecord};
pub use latest::{FailedCalls, Holdings, UnknownField};
pub use meetings::{COUNT_MAX, MeetingFound, MeetingPage, MeetingSearch, Place, QualityWanted, WORDS_MAX};
pub use monitor::{Open, OpenDeliveries};
pub use overview::{JobCount, LeftOut};
pub use people::{CorrectionRecord, LinkKind};
pub use quality::{
    Facet, QualityDay, QualityKey, QualityRecord, QualityStanding, QualityState, QualitySum, Worst,
};
pub use reader::Reader;
pub use readings::StoredReading;
pub use requests::{NewRequest, RefreshRequest, RequestOutcome};
pub use retention::KeptCount;
pub use runs::{Run, RunCall};
pub use samples::SAMPLES_MAX;
pub use sightings::Told;
pub use sign_in::{Digest, Login, NewLogin, NewSession, NewToken, Session, Token};
pub use sqlite::{Mode, Store};
pub use stays::StayRow;
