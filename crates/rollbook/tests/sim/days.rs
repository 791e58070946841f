use jiff::civil::date;
use jiff::tz::TimeZone;
use rollbook::collector::{Collector, Ending, Goal, Wait, discover};
use rollbook::simulation::Stage;
use rollbook::simulation::check::{Verdict, compare};
use rollbook::supervise::Stop;
use rollbook_sim::{Options, Stats};

/// What a simulated collection left behind.
pub struct Played {
    pub ending: Ending,
    pub verdict: Verdict,
    pub stats: Stats,
    pub digest: String,
    pub took: jiff::SignedDuration,
}

/// Collects a day from the next morning on, until everything is settled.
pub fn play(options: Options) -> Played {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let began = Stage::next_morning(&options);
        let day = options.first_day;
        let stage = Stage::new(options, began);
        let days = discover::days(day, day, &TimeZone::UTC);
        let mut collector = Collector::start(
            stage.clock,
            stage.chance(),
            Stage::memory_store(),
            vec![stage.account(false)],
            "test",
        )
        .unwrap();
        collector.sign_in().await;
        collector.discover(&days).unwrap();
        let (_handle, mut stop) = Stop::pair();
        let goal = Goal::Days(days.clone());
        let ending = collector.work(&goal, Wait::UntilDone, &mut stop, &mut |_| {}).await.unwrap();
        if let Some(failure) = &collector.accounts[0].failed {
            panic!("{}", failure.message);
        }
        let verdict = compare(&collector.store, "default", &stage.sim.truth(), days[0]).unwrap();
        Played {
            ending,
            verdict,
            stats: stage.sim.stats(),
            digest: stage.sim.trace_digest(),
            took: stage.clock.now().duration_since(began),
        }
    })
}

#[test]
fn a_plain_day_is_complete_at_the_least_price() {
    let played = play(Options::plain(1, date(2026, 10, 5), 50, 20));
    assert_eq!(played.ending, Ending::Done);
    assert!(played.verdict.is_perfect(), "{:#?}", played.verdict);
    assert_eq!(played.verdict.verified, 50);
    println!("{:#?} {:?}", played.stats, played.took);
}

#[test]
fn campus_days_are_complete() {
    for seed in 1..=20 {
        let played = play(Options::campus(seed, date(2026, 10, 5), 60));
        assert_eq!(played.ending, Ending::Done, "seed {seed}");
        assert!(played.verdict.is_perfect(), "seed {seed}: {:#?}", played.verdict);
        assert!(!played.stats.ever_exceeded(), "seed {seed}: {:#?}", played.stats.limits);
        println!(
            "seed {seed}: {} calls, {:?} {:?}",
            played.stats.calls, played.stats.by_label, played.stats.refusals
        );
    }
}
