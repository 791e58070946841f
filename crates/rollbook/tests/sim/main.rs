//! Whole days against the pretend Zoom, under a paused clock.

mod days;
mod play;
mod worlds;
