//! What reading a page of call quality costs, beside the bare parser in the same run.
//!
//! `cargo bench -p rollbook-zoom` prints megabytes and samples a second, on one core.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "qos/bare.rs"]
mod bare;
#[path = "qos/page.rs"]
mod page;

use std::hint::black_box;
use std::time::{Duration, Instant};

use rollbook_zoom::decode;
use rollbook_zoom::endpoint::metrics_qos::ParticipantsQos;

/// Each way of reading takes its turn this often; the quickest turn counts, as the others shared the core.
const ROUNDS: usize = 15;

/// Pages read in one turn.
const PAGES: u32 = 20;

fn main() {
    for (name, streams) in [("6 streams", &page::USUAL[..]), ("18 streams", &page::ALL[..])] {
        let body = page::of(streams);
        println!(
            "## A page of {} people x {} samples, {name}, {} kB",
            page::PEOPLE,
            page::SAMPLES,
            body.len() / 1000
        );
        run(&body);
    }
}

fn run(body: &[u8]) {
    let typed: bare::Page = serde_json::from_slice(body).unwrap();
    assert_eq!(walked(body), typed.values() as f64, "both read the same page");
    let readers: [(&str, &dyn Fn()); 4] = [
        ("untyped (serde_json::Value)", &|| {
            black_box(serde_json::from_slice::<serde_json::Value>(body).unwrap());
        }),
        ("bare typed parse, values as text (derive)", &|| {
            black_box(serde_json::from_slice::<bare::Page>(body).unwrap());
        }),
        ("decoded, values as numbers (rollbook-zoom)", &|| {
            black_box(decode::<ParticipantsQos>(body).unwrap());
        }),
        ("decoded, and every value looked at", &|| {
            black_box(walked(body));
        }),
    ];
    let mut best = [Duration::MAX; 4];
    for _ in 0..ROUNDS {
        for (best, (_, read)) in best.iter_mut().zip(readers) {
            let began = Instant::now();
            (0..PAGES).for_each(|_| read());
            *best = (*best).min(began.elapsed() / PAGES);
        }
    }
    for ((name, _), took) in readers.iter().zip(best) {
        let seconds = took.as_secs_f64();
        let (megabytes, samples) = (body.len() as f64 / 1e6 / seconds, page::samples() as f64 / seconds);
        println!("  {name:<46} {megabytes:>7.0} MB/s {samples:>10.0} samples a second");
    }
    let ratio = |held_against: Duration| held_against.as_secs_f64() / best[2].as_secs_f64();
    println!("  decoded: {:.2} of untyped, {:.2} of the bare typed parse", ratio(best[0]), ratio(best[1]));
}

/// Reads the page and looks at every value, as whoever keeps the samples does. Gives their number.
fn walked(body: &[u8]) -> f64 {
    let page = decode::<ParticipantsQos>(body).unwrap();
    assert_eq!((page.unreadable, page.unknown_fields.len()), (0, 0));
    let mut values = 0.0;
    for sample in page.value.participants.iter().flat_map(|person| &person.user_qos) {
        for (_, stream) in sample.streams.iter() {
            let told = [
                stream.bitrate.value().map(|value| value.0),
                stream.latency.value().map(|value| value.0),
                stream.jitter.value().map(|value| value.0),
                stream.avg_loss.value().map(|value| value.0),
                stream.max_loss.value().map(|value| value.0),
                stream.resolution.value().map(|size| f64::from(size.width)),
                stream.frame_rate.value().map(|value| value.0),
            ];
            values += told.into_iter().flatten().map(|value| f64::from(value >= 0.0)).sum::<f64>();
        }
    }
    values
}
