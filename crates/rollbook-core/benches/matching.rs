//! Who is who, measured: precision and recall by confidence beside the plugin's rules, on people who do not exist.
//!
//! `cargo bench -p rollbook-core --bench matching -- 6000 1` names how many people, and the seed; `wrong` behind them lists
//! those who were not rightly named.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "../tests/matching/campus.rs"]
mod campus;
#[path = "../tests/matching/measure.rs"]
mod measure;
#[path = "../tests/matching/names.rs"]
mod names;
#[path = "../tests/matching/shown.rs"]
mod shown;

use measure::{Count, Figures, share};
use rollbook_core::identity::Confidence;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let people = usize::try_from(numbers.first().copied().unwrap_or(6_000)).unwrap();
    let seed = numbers.get(1).copied().unwrap_or(1);
    let campus = campus::campus(seed, people);
    let enrolments: usize = campus.courses.iter().map(|course| course.roster.members.len()).sum();
    let mut figures = Figures::default();
    let started = std::time::Instant::now();
    measure::ours(&campus, &mut figures);
    let ours_took = started.elapsed();
    measure::plugin(&campus, &mut figures);
    let plugin_took = started.elapsed() - ours_took;
    let seen = figures.users + figures.others;
    println!(
        "{} people, {} courses, {enrolments} enrolments, seed {seed}",
        campus.users.len(),
        campus.courses.len()
    );
    println!("{seen} people seen: {} users of the site, {} guests and rooms", figures.users, figures.others);
    println!("our rules took {ours_took:.1?}, the plugin's {plugin_took:.1?}\n");
    println!("| | said of | right | wrong | precision | recall |");
    println!("|---|---|---|---|---|---|");
    for confidence in [Confidence::Certain, Confidence::Likely] {
        line(confidence.name(), figures.ours.get(&confidence).copied().unwrap_or_default(), figures.users);
    }
    line("both", figures.named(Confidence::Likely), figures.users);
    line("the plugin", figures.plugin_named, figures.users);
    println!();
    for confidence in [Confidence::Ambiguous, Confidence::Unknown] {
        let count = figures.ours.get(&confidence).copied().unwrap_or_default();
        println!("{}: {} people, of whom {} are users", confidence.name(), count.all(), count.missed);
    }
    let offered = figures.unsaid.iter().filter(|line| line.starts_with("offered")).count();
    println!("{offered} of these users are among the candidates offered");
    println!("\n| name shown as | people | right | wrong | plugin right | plugin wrong |");
    println!("|---|---|---|---|---|---|");
    for (style, (ours, plugin)) in &figures.by_style {
        let of = |part: usize| 100.0 * share(part, ours.all());
        let shares =
            [of(ours.right), of(ours.wrong), of(plugin.right), of(plugin.wrong)].map(|p| format!("{p:.1} %"));
        println!("| {style:?} | {} | {} |", ours.all(), shares.join(" | "));
    }
    if std::env::args().any(|arg| arg == "wrong") {
        figures.unsaid.iter().for_each(|line| println!("{line}"));
    }
}

fn line(name: &str, count: Count, users: usize) {
    let (named, precision) = (count.right + count.wrong, 100.0 * count.precision());
    let recall = 100.0 * share(count.right, users);
    println!("| {name} | {named} | {} | {} | {precision:.2} % | {recall:.1} % |", count.right, count.wrong);
}
