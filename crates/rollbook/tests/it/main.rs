//! The binary as a user meets it: command lines in, exit codes, output and messages out.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod campus;
mod changes;
mod class;
mod course;
mod export;
mod export_parquet;
mod export_qos;
mod forget;
mod grades;
mod kept;
mod logins;
mod look;
mod meetings_check;
mod pages;
mod pretend;
mod processes;
mod qos;
mod requests;
mod scope;
mod serve;
mod sturdy;
mod text;
mod webhooks;
