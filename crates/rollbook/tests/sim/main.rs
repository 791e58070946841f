//! Whole days against the pretend Zoom, under a paused clock.

mod days;
mod evidence;
mod faults;
mod found;
mod kills;
mod limits;
mod old;
mod pages;
mod plans;
mod play;
mod rate;
mod repeat;
mod today;
mod two_processes;
mod worlds;
