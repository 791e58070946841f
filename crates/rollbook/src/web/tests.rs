//! The server asked in-process, and over real sockets.

pub mod site;
mod socket;
mod who_may;
