//! rollbook's decisions, free of any I/O: this crate's manifest has no runtime, clock, network or SQL.
//!
//! In the order of the data:
//!
//! - [`label`], [`limits`], [`budget`]: what may still be asked of Zoom, and when;
//! - [`family`]: which of Zoom's endpoint families can tell who was there, cheapest first;
//! - [`listing`]: when a day's list must be taken, and taken again; [`known`]: the same of numbers that Moodle knows;
//! - [`job`], [`plan`], [`backoff`], [`forecast`]: what to ask next, and what it will cost;
//! - [`reading`], [`completeness`]: what one answer said, and whether that is all there is;
//! - [`stay`], [`person`], [`attendance`], [`session`]: rows become stays, stays become people and minutes of a class;
//! - [`presence`]: what events told of who came and went, and who is there now;
//! - [`hearing`]: whether events still come that used to come;
//! - [`quality`]: how somebody's call went, minute by minute;
//! - [`access`]: who may see and do what; [`sign_in`]: how long somebody is signed in, and how fast passwords may be tried;
//! - [`request`]: who may have a meeting looked at again now, and what that costs;
//! - [`roster`], [`identity`], [`delivery`]: whom Moodle enrolled, who of them was there, and what Moodle should hold;
//! - [`course`], [`grade`]: present, late or absent, and what that is worth;
//! - [`privacy`]: what is hidden of people who were erased, and of everybody where no names are kept;
//! - [`planned`]: whether a meeting at Zoom is still what Moodle says of it.
//!
//! Every function takes `now` and chance as arguments.

pub mod access;
pub mod attendance;
pub mod backoff;
pub mod budget;
pub mod chance;
pub mod completeness;
pub mod course;
pub mod delivery;
pub mod family;
pub mod forecast;
pub mod grade;
pub mod hearing;
pub mod identity;
pub mod instance;
pub mod job;
pub mod known;
pub mod label;
pub mod limits;
pub mod listing;
pub mod person;
pub mod plan;
pub mod planned;
pub mod presence;
pub mod privacy;
pub mod quality;
pub mod reading;
pub mod request;
pub mod roster;
pub mod session;
pub mod sign_in;
pub mod stay;
pub mod time;
