//! Deliveries, on both databases.

mod alone;
mod beside;
mod broken;
mod class;
mod line;
mod meanwhile;
mod places;
mod schedule;
mod values;
