//! Whole days against the pretend Zoom, under a paused clock.

// What cannot be set up is a failed test; each program uses a part of the shared helpers.
#![allow(clippy::unwrap_used, dead_code)]

mod days;
mod events;
mod evidence;
mod faults;
mod found;
mod kills;
mod limits;
mod old;
mod pages;
mod plans;
mod play;
mod privacy;
mod quality;
mod rate;
mod repeat;
mod scope;
mod today;
mod two_processes;
mod verdicts;
mod worlds;
