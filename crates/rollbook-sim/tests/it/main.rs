//! The pretend Zoom, asked as a client asks it.

mod client;
mod perfect;
