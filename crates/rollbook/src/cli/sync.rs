//! `rollbook sync`: the main job for a range of days.

use clap::Args;
use jiff::SignedDuration;
use rollbook_core::completeness::words;
use rollbook_core::label::Label;
use rollbook_core::quality::policy::Policy;
use serde_json::json;

use super::context::Context;
use super::dates::Days;
use super::{Exit, UsageError, numbers, output};
use crate::collector::{Collector, Ending, Goal, Wait, discover};
use crate::config::{check_policy, parse_policy};
use crate::retention;
use crate::supervise::stop_on_signals;

mod deliver;
mod progress;
mod report;

pub use deliver::Delivered;
pub use progress::Progress;
pub use report::{Line, ListingLine, QualityLine, Report, number_lines};

/// Collect the attendance and call quality of a range of days
///
/// Does what is due, waits for due times and limits at most --wait, then says when to look again. Interrupt it
/// anywhere and run it again: it goes on. Exit code: 0 done, 1 failed, 2 usage or configuration, 3 instances still
/// open, 4 stopped by the budget.
#[derive(Debug, Args)]
pub struct Sync {
    /// The days.
    #[command(flatten)]
    pub days: Days,
    /// How long to wait altogether for due times and daily limits, such as 30s, 2m, 1h; or until-done
    #[arg(long, default_value = "2m", value_name = "DURATION")]
    pub wait: String,
    /// Of which meetings call quality is collected: none, flagged, large:N, sample:SHARE, courses or all
    #[arg(long, value_name = "POLICY", value_parser = parse_policy)]
    pub qos: Option<Policy>,
}

impl Sync {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let clock = context.clock();
        let now = clock.now();
        let wait = parse_wait(&self.wait)?;
        let (from, to) = self.days.askable(context.today(now))?;
        let days = discover::days(from, to, &context.config.timezone);
        check_policy(self.qos.unwrap_or(context.config.qos.policy), &context.config.moodle)?;
        let store = context.open_store()?;
        let mut accounts = context.accounts(&store).await?;
        if let Some(policy) = self.qos {
            accounts.iter_mut().for_each(|account| account.qos.policy = policy);
        }
        let mut stop = stop_on_signals();
        let command = format!("sync --from {from} --to {to}");
        let mut collector = Collector::start(clock, context.chance(now), store, accounts, &command)?;
        retention::apply(&mut collector.store, now, &context.config.keep)?;
        collector.sign_in().await;
        context.keep_tokens(&collector.accounts).await;
        let moodle = match numbers::read(&context, &mut collector).await {
            Ok(exit) => exit,
            Err(error) => {
                collector.finish(i32::from(super::exit_of(&error).code()), "Moodle could not be read")?;
                return Err(error);
            }
        };
        collector.discover(&days)?;
        let mut progress = Progress::new(context.json);
        let goal = Goal::Days(days.clone());
        let ending = collector.work(&goal, wait, &mut stop, &mut |tick| progress.show(tick)).await?;
        progress.finish();
        context.keep_tokens(&collector.accounts).await;
        let mut report = Report::make(&collector, &days, &ending)?;
        report.exit = report.exit.and(moodle);
        if report.exit != Exit::Interrupted {
            report.deliver(&context, &mut collector, stop).await;
        }
        collector.finish(i32::from(report.exit.code()), &report.sentence())?;
        for failure in &report.failures {
            eprintln!("rollbook: {failure}");
        }
        if context.json {
            output::json(&report)?
        } else {
            report.print()?
        }
        Ok(report.exit)
    }
}

/// `2m`, `90s`, `1h 30m`, `0`, or `until-done`.
///
/// # Errors
/// A sentence with the forms there are.
pub fn parse_wait(text: &str) -> Result<Wait, UsageError> {
    let wrong =
        || UsageError(format!("--wait {text:?} is not a duration; write it as 30s, 2m, 1h, or until-done"));
    match text.trim() {
        "until-done" => Ok(Wait::UntilDone),
        "0" => Ok(Wait::AtMost(SignedDuration::ZERO)),
        text => {
            let most: SignedDuration = text.parse().map_err(|_| wrong())?;
            if most.is_negative() { Err(wrong()) } else { Ok(Wait::AtMost(most)) }
        }
    }
}

impl Report {
    /// The run in one sentence, for `runs`.
    pub fn sentence(&self) -> String {
        let settled: u64 = self
            .instances
            .iter()
            .filter(|(state, _)| matches!(state.as_str(), "verified" | "closed"))
            .map(|(_, n)| n)
            .sum();
        let total: u64 = self.instances.values().sum();
        format!("{settled} of {total} instances settled, {} calls; {}", self.calls.total(), self.ending)
    }

    /// For people.
    fn print(&self) -> anyhow::Result<()> {
        let counts: Vec<String> =
            self.instances.iter().map(|(state, n)| format!("{} {state}", output::thousands(*n))).collect();
        output::line(format!(
            "Instances: {}",
            if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
        ))?;
        if !self.quality.is_empty() {
            let states = self.quality.iter().map(|(state, n)| format!("{} {state}", output::thousands(*n)));
            output::line(format!("Quality:   {}", states.collect::<Vec<_>>().join(", ")))?;
        }
        let calls: Vec<String> = Label::ALL
            .into_iter()
            .filter(|label| self.calls[*label] > 0)
            .map(|label| format!("{} {label}", output::thousands(self.calls[label])))
            .collect();
        output::line(format!(
            "Calls:     {}",
            if calls.is_empty() { "none".to_owned() } else { calls.join(", ") }
        ))?;
        output::line(format!("Took:      {}", words(self.took)))?;
        report::print_list("Closed, with the reason", &self.closed, self.closed_total)?;
        report::print_list("Still open", &self.open, self.open_total)?;
        report::print_quality(
            "Call quality closed, with the reason",
            &self.quality_closed,
            self.quality_closed_total,
        )?;
        report::print_quality("Call quality still to come", &self.quality_open, self.quality_open_total)?;
        for note in &self.notes {
            output::line(format!("Note: {note}"))?;
        }
        output::line(&self.ending)?;
        match &self.moodle {
            Some(Delivered::Done(moodle)) => output::line(format!("Moodle:    {}", moodle.sentence())),
            Some(Delivered::Failed { .. }) | None => Ok(()),
        }
    }
}

impl serde::Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        json!({
            "run": self.run,
            "exit_code": self.exit.code(),
            "ending": self.ending,
            "next_look_at": self.next_look_at,
            "budget_until": self.budget_until,
            "instances": self.instances,
            "open": self.open,
            "open_total": self.open_total,
            "closed": self.closed,
            "closed_total": self.closed_total,
            "quality": self.quality,
            "quality_open": self.quality_open,
            "quality_open_total": self.quality_open_total,
            "quality_closed": self.quality_closed,
            "quality_closed_total": self.quality_closed_total,
            "listings_open": self.listings_open,
            "calls": self.calls,
            "seconds": self.took.as_secs(),
            "notes": self.notes,
            "failures": self.failures,
            "moodle": self.moodle,
        })
        .serialize(to)
    }
}

/// Which exit code an ending means, before open instances are looked at.
pub fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::Done => Exit::Done,
        Ending::WaitOver { .. } => Exit::Open,
        Ending::BudgetGone { .. } => Exit::Budget,
        Ending::Interrupted => Exit::Interrupted,
        Ending::Failed => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_durations_or_for_ever() {
        assert_eq!(parse_wait("2m").unwrap(), Wait::AtMost(SignedDuration::from_mins(2)));
        assert_eq!(parse_wait("0").unwrap(), Wait::AtMost(SignedDuration::ZERO));
        assert_eq!(parse_wait("until-done").unwrap(), Wait::UntilDone);
        assert!(parse_wait("soon").unwrap_err().0.contains("until-done"));
        assert!(parse_wait("-2m").is_err());
    }
}
