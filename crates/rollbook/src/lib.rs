//! rollbook, in the order of the data: ask, decide, keep, tell.
//!
//! - [`config`], [`clock`], [`token`], [`supervise`]: settings, time, the kept token, and how a run is asked to stop;
//! - [`collector`]: looks, plans, pays, asks and keeps; the decisions are `rollbook-core`'s;
//! - [`refresh`]: looking at a meeting again because somebody asks; [`lookup`]: finding one that the store does not know;
//! - [`erasure`], [`retention`]: taking people out, and forgetting what was kept long enough;
//! - [`sink`]: where what was kept is told to others; [`metrics`]: numbers about all of it;
//! - [`forecast`]: what a range of days will cost; [`report`]: what commands and pages both tell;
//! - [`sink`]: where what was kept is told to others;
//! - [`cli`]: the commands, which tell; [`web`]: pages and JSON, which tell too; [`clerk`]: what they may write;
//! - [`password`], [`secret`]: what people and programs show to be let in;
//! - [`commands`]: what pages ask the collector to do;
//! - [`simulation`]: whole days against the built-in pretend Zoom.

pub mod clerk;
pub mod cli;
pub mod clock;
pub mod collector;
pub mod commands;
pub mod config;
pub mod erasure;
pub mod forecast;
pub mod lookup;
pub mod metrics;
pub mod password;
pub mod refresh;
pub mod report;
pub mod retention;
pub mod secret;
pub mod serve;
pub mod simulation;
pub mod sink;
pub mod supervise;
pub mod token;
pub mod web;
pub mod webhook;
