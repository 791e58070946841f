//! `rollbook demo`: a pretend campus day, collected and checked record by record.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollbook_core::completeness::words;
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::Window;
use rollbook_sim::{Options, Plan, Truth};
use rollbook_store::{Mode, Store};
use serde_json::json;

use super::page::Column;
use super::{Exit, UsageError, output};
use crate::collector::account::Account;
use crate::collector::{Collector, Ending, Goal, Wait, discover};
use crate::simulation::Stage;
use crate::simulation::check::{QualityVerdict, Verdict, compare, compare_quality};
use crate::simulation::least::{least_calls, least_quality_calls};
use crate::supervise::stop_on_signals_or;

mod stay;

/// The only store a demo writes.
const STORE: &str = "rollbook-demo.db";

/// Defective instances shown one by one.
const SHOWN_MAX: usize = 12;

/// Collect a pretend campus day: no credentials, no network
///
/// A university's day with every kind of trouble, made from a seed, is collected from the built-in simulator of Zoom
/// under a simulated clock and compared with what really happened. The store it leaves, rollbook-demo.db, can be
/// explored with the other commands (--store sqlite:rollbook-demo.db).
#[derive(Debug, Args)]
pub struct Demo {
    /// Another seed is another day
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Meetings and webinars of the day
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub meetings: u32,
    /// The day
    #[arg(long, default_value = "2026-10-05", value_name = "DATE")]
    pub day: Date,
    /// The account's plan: free, pro or business
    #[arg(long, default_value = "business")]
    pub plan: String,
    /// Stay up afterwards: show the pages, and go on collecting from the simulator in real time
    #[arg(long)]
    pub serve: bool,
    /// Where the pages are shown
    #[arg(long, default_value = "127.0.0.1:8787", value_name = "ADDRESS", requires = "serve")]
    pub listen: String,
}

/// What a demo found.
struct Found {
    verdict: Verdict,
    quality: QualityVerdict,
    truth: Truth,
    ending: Ending,
    calls: PerLabel<u64>,
    least: PerLabel<u64>,
    refused: u64,
    exceeded: bool,
    simulated_for: jiff::SignedDuration,
    real_seconds: f64,
    failure: Option<String>,
}

impl Demo {
    /// Runs it under a paused clock: simulated time passes only while nobody works.
    pub fn run(self, json: bool) -> anyhow::Result<Exit> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.play(json))
    }

    async fn play(self, json: bool) -> anyhow::Result<Exit> {
        let plan = match self.plan.parse::<rollbook_core::limits::Plan>().map_err(UsageError)? {
            rollbook_core::limits::Plan::Free => Plan::Free,
            rollbook_core::limits::Plan::Pro => Plan::Pro,
            rollbook_core::limits::Plan::Business => Plan::Business,
        };
        let store = fresh_store(Path::new(STORE))?;
        let (halt, mut stop) = stop_on_signals_or();
        let began = tokio::time::Instant::now().into_std();
        if !json {
            output::line(format!(
                "A pretend campus, {} (seed {}): {} meetings and webinars with every kind of trouble.\nCollecting from the built-in simulator of Zoom, from early the next morning on …",
                self.day,
                self.seed,
                output::thousands(u64::from(self.meetings)),
            ))?;
        }
        tokio::time::pause();
        let options = Options::campus(self.seed, self.day, self.meetings).on_plan(plan);
        let epoch = Stage::next_morning(&options);
        let stage = Stage::new(options, epoch);
        let days = discover::days(self.day, self.day, &TimeZone::UTC);
        let command = format!("demo --seed {} --meetings {} --day {}", self.seed, self.meetings, self.day);
        let mut collector =
            Collector::start(stage.clock, stage.chance(), store, vec![account(&stage)], &command)?;
        collector.sign_in().await;
        collector.discover(&days)?;
        let mut progress = super::sync::Progress::new(json);
        let goal = Goal::Days(days.clone());
        let ending =
            collector.work(&goal, Wait::UntilDone, &mut stop, &mut |tick| progress.show(tick)).await?;
        progress.finish();
        let truth = stage.sim.truth();
        let stats = stage.sim.stats();
        let found = Found {
            verdict: compare(&collector.store, "default", &truth, days[0])?,
            quality: compare_quality(&collector.store, "default", &stage.sim, days[0])?,
            least: least(&truth, days[0], plan),
            truth,
            calls: collector.calls(),
            refused: stats.refusals.per_second + stats.refusals.per_minute + stats.refusals.daily,
            exceeded: stats.ever_exceeded(),
            simulated_for: stage.clock.now().duration_since(epoch),
            real_seconds: began.elapsed().as_secs_f64(),
            failure: collector.accounts[0].failed.as_ref().map(|failure| failure.message.clone()),
            ending,
        };
        let exit = found.exit();
        if !self.serve {
            collector.finish(i32::from(exit.code()), &found.sentence())?;
        }
        if json {
            output::json(&found.json())?
        } else {
            found.print(&collector.store, days[0])?
        }
        if self.serve {
            tokio::time::resume();
            stay::stay_up(&mut collector, &self.listen, Path::new(STORE), &found.sentence(), halt, &mut stop)
                .await?;
        }
        Ok(exit)
    }
}

/// The demo collects the call quality of everybody.
fn account(stage: &Stage) -> Account {
    let mut account = stage.account(false);
    account.qos.policy = Policy::All;
    account
}

/// Takes an earlier demo's store away. Anything else of that name stays.
fn fresh_store(path: &Path) -> anyhow::Result<Store> {
    if path.exists() {
        // Opening tells whether it is ours; a newer or damaged one is still a demo's and may go.
        if let Err(error @ rollbook_store::Error::Foreign { .. }) = Store::open(path, Mode::Read) {
            return Err(error.into());
        }
    }
    for suffix in ["", "-wal", "-shm", "-users"] {
        match std::fs::remove_file(format!("{}{suffix}", path.display())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(Store::open(path, Mode::Write)?)
}

/// The least that can tell the day: lists, participants, and on plans with dashboards call quality.
fn least(truth: &Truth, window: Window, plan: Plan) -> PerLabel<u64> {
    let mut least = least_calls(truth, window);
    if plan == Plan::Business {
        least.heavy += least_quality_calls(truth, window);
    }
    least
}

impl Found {
    fn is_perfect(&self) -> bool {
        self.verdict.is_perfect()
            && self.quality.is_perfect()
            && !self.exceeded
            && self.ending == Ending::Done
    }

    fn exit(&self) -> Exit {
        match (&self.ending, self.is_perfect()) {
            (Ending::Interrupted, _) => Exit::Interrupted,
            (_, true) => Exit::Done,
            (_, false) => Exit::Failed,
        }
    }

    fn sentence(&self) -> String {
        let verdict = &self.verdict;
        format!(
            "{} of {} instances verified, {} of {} connections found, {} missing, {} extra, {} wrong",
            verdict.verified,
            verdict.instances,
            verdict.stays - verdict.missing.len().min(verdict.stays),
            verdict.stays,
            verdict.missing.len(),
            verdict.extra.len(),
            verdict.wrong.len(),
        )
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "verdict": self.verdict,
            "quality": self.quality,
            "calls": self.calls,
            "least_calls": self.least,
            "refused_for_rate": self.refused,
            "limits_exceeded": self.exceeded,
            "simulated_seconds": self.simulated_for.as_secs(),
            "real_seconds": self.real_seconds,
            "failure": self.failure,
        })
    }

    fn print(&self, store: &Store, window: Window) -> anyhow::Result<()> {
        output::line("")?;
        self.print_check()?;
        self.print_calls()?;
        self.print_trouble(store, window)?;
        output::line(format!(
            "\n{} of simulated time in {:.1} s. The store is {STORE}; look around with\n  rollbook --store sqlite:{STORE} status\n  rollbook --store sqlite:{STORE} attendance MEETING\n  rollbook --store sqlite:{STORE} why MEETING\n  rollbook --store sqlite:{STORE} export attendance --from {} --to {}",
            words(self.simulated_for),
            self.real_seconds,
            window.from.strftime("%Y-%m-%d"),
            window.from.strftime("%Y-%m-%d"),
        ))
    }

    fn print_check(&self) -> anyhow::Result<()> {
        let verdict = &self.verdict;
        if let Some(failure) = &self.failure {
            output::line(failure)?;
        }
        output::line("Checked against what really happened, record by record:")?;
        let rows = vec![
            vec![
                "instances verified complete".into(),
                format!("{} of {}", verdict.verified, verdict.instances),
            ],
            vec!["closed: no endpoint of the plan tells them".into(), verdict.unobtainable.to_string()],
            vec![
                "closed otherwise, still open".into(),
                format!("{}, {}", verdict.closed.len(), verdict.open.len()),
            ],
            vec!["connections (stays) compared".into(), output::thousands(verdict.stays as u64)],
            vec![
                "missing, extra, wrong in a field".into(),
                format!("{}, {}, {}", verdict.missing.len(), verdict.extra.len(), verdict.wrong.len()),
            ],
            vec!["call-quality samples compared".into(), output::thousands(self.quality.samples)],
            vec![
                "samples missing, extra, wrong in a figure".into(),
                format!(
                    "{}, {}, {}",
                    self.quality.missing.len(),
                    self.quality.extra.len(),
                    self.quality.wrong.len()
                ),
            ],
            vec![
                "limits exceeded, refused for rate".into(),
                format!("{}, {}", if self.exceeded { "yes" } else { "none" }, self.refused),
            ],
        ];
        output::table(&[Column::Text("what"), Column::Number("found")], rows)?;
        for line in verdict
            .missing
            .iter()
            .chain(&verdict.extra)
            .chain(&verdict.wrong)
            .chain(&verdict.open)
            .chain(&self.quality.missing)
            .chain(&self.quality.extra)
            .chain(&self.quality.wrong)
            .chain(&self.quality.open)
            .take(SHOWN_MAX)
        {
            output::line(format!("  ! {line}"))?;
        }
        Ok(())
    }

    fn print_calls(&self) -> anyhow::Result<()> {
        let mut rows: Vec<Vec<String>> = Label::ALL
            .into_iter()
            .map(|label| {
                vec![
                    label.to_string(),
                    output::thousands(self.calls[label]),
                    output::thousands(self.least[label]),
                ]
            })
            .collect();
        rows.push(vec![
            "all".into(),
            output::thousands(self.calls.total()),
            output::thousands(self.least.total()),
        ]);
        output::line("\nWhat it cost, in calls (the least: one who knew everything beforehand):")?;
        output::table(&[Column::Text("label"), Column::Number("spent"), Column::Number("least")], rows)
    }

    /// Which instances needed more than one look, and how each was resolved.
    fn print_trouble(&self, store: &Store, window: Window) -> anyhow::Result<()> {
        let mut ways: BTreeMap<String, u64> = BTreeMap::new();
        let mut troubled = Vec::new();
        for one in self.truth.instances.iter().filter(|one| window.contains(one.start)) {
            let Some(record) = store.instance_by_uuid("default", &one.uuid)? else { continue };
            let mut readings = store.readings(record.id)?;
            readings.retain(|reading| reading.family != "quality");
            let reason = record.reason.unwrap_or_default();
            let way = reason.split([';', ':']).next().unwrap_or_default();
            // `one reading of report 7h 12m after the end` differs from the next only in its figures.
            let way: Vec<&str> =
                way.split(' ').filter(|word| !word.starts_with(|c: char| c.is_ascii_digit())).collect();
            *ways.entry(format!("{}: {}", record.state.name(), way.join(" "))).or_default() += 1;
            let by_the_way = readings.len() == 1 && readings[0].family == "past_meetings";
            if !by_the_way && !one.defects.is_empty() {
                troubled.push((readings.len(), one, format!("{}: {reason}", record.state.name())));
            }
        }
        let mut rows: Vec<(String, u64)> = ways.into_iter().collect();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let rows = rows.into_iter().map(|(way, n)| vec![way, output::thousands(n)]).collect();
        output::line("\nHow instances were resolved:")?;
        output::table(&[Column::Text("evidence"), Column::Number("instances")], rows)?;
        troubled.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.uuid.cmp(&b.1.uuid)));
        output::line(format!(
            "\n{} came late or broken and needed another family or another look; those that needed most:",
            troubled.len()
        ))?;
        let rows = troubled.into_iter().take(SHOWN_MAX).map(|(readings, one, resolved)| {
            vec![one.id.to_string(), readings.to_string(), one.defects.join("; "), resolved]
        });
        let columns = [
            Column::Whole("number"),
            Column::Number("readings"),
            Column::Text("what was wrong"),
            Column::Text("how it was resolved"),
        ];
        output::table(&columns, rows.collect())
    }
}
