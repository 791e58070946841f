//! rollbook, in the order of the data: ask, decide, keep, tell.
//!
//! - [`clock`], [`supervise`]: time, and how a run is asked to stop;
//! - [`collector`]: looks, plans, pays, asks and keeps; decisions are `rollbook-core`'s.

#![allow(missing_docs)]

pub mod clock;
pub mod collector;
pub mod config;
pub mod simulation;
pub mod supervise;
