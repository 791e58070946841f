//! A long hunt: one campus day after another, each with switches and faults of its own, until one is not complete.
//!
//! `cargo run --profile soak -p rollbook --example soak -- --seeds 10000 --from 1 --meetings 60`

// What cannot be set up is a failed test; each program uses a part of the shared helpers.
#![allow(clippy::unwrap_used, dead_code)]

use clap::Parser;

#[allow(dead_code)]
#[path = "../tests/sim/play.rs"]
mod play;
#[allow(dead_code)]
#[path = "../tests/sim/worlds.rs"]
mod worlds;

/// Plays many pretend campus days and tells which were not collected completely.
#[derive(Parser)]
struct Arguments {
    /// How many days.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Most meetings a day.
    #[arg(long, default_value_t = 60)]
    meetings: u32,
    /// Prints the whole scene, the calls and the readings of instances that went wrong.
    #[arg(long)]
    verbose: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let mut failed = 0;
    for (count, seed) in (arguments.from..arguments.from + arguments.seeds).enumerate() {
        if count > 0 && count % 100 == 0 {
            eprintln!("{count} days, {failed} failed");
        }
        let scene = worlds::anything(seed, arguments.meetings);
        if arguments.verbose {
            println!("{scene:#?}");
        }
        let played = std::panic::catch_unwind(|| play::play(&scene));
        let complaint = match &played {
            Ok(played) => played.complaint(),
            Err(_) => Some("panicked".to_owned()),
        };
        let Some(complaint) = complaint else { continue };
        failed += 1;
        println!("seed {seed} --meetings {}: {complaint}", arguments.meetings);
        if let (true, Ok(played)) = (arguments.verbose, &played) {
            println!("{}", played.explain(&complaint));
        }
    }
    println!("{} passed, {failed} failed", arguments.seeds - failed);
    if failed > 0 {
        std::process::exit(1);
    }
}
