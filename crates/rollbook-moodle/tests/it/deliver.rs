//! Deliveries, on both databases.

mod alone;
mod beside;
mod class;
mod places;
mod values;
