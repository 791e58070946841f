//! The pretend Zoom, asked as a client asks it.

// Functions the tests share are tests too.
#![allow(clippy::unwrap_used)]

mod changes;
mod client;
mod contract;
mod events;
mod limits;
mod loss;
mod paging;
mod perfect;
mod port;
mod quality;
mod quirks;
mod repeat;
mod seeds;
mod switches;
mod tokens;
mod unchanged;
