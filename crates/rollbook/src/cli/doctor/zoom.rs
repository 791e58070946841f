//! What one account's Zoom allows: scopes, dashboards, reports, settings, and whether clocks agree.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use rollbook_core::budget::Purpose;
use rollbook_core::completeness::words;
use rollbook_core::listing::List;
use rollbook_core::quality::policy::Policy;
use rollbook_core::time::{Window, hours, minutes};
use rollbook_zoom::endpoint::GetAccountSettings;
use rollbook_zoom::{Advice, Error, Operation, RawRequest, SkipReason};

use super::Checks;
use crate::collector::account::Account;
use crate::collector::ask::{Request, Told};
use crate::collector::once::{OnceError, TRIES_MAX};
use crate::collector::{Collector, known, translate};
use crate::config::Scope;

/// What collection asks, and what it is for.
const NEEDED: [(Operation, &str); 11] = [
    (Operation::ListMetricsMeetings, "listing a day's meetings"),
    (Operation::ListMetricsWebinars, "listing a day's webinars"),
    (Operation::ListPastMeetingParticipants, "who was in a meeting, outside the daily allowance"),
    (Operation::ListPastWebinarParticipants, "who was in a webinar, outside the daily allowance"),
    (Operation::GetPastMeeting, "times that lists leave out"),
    (Operation::ListReportMeetingParticipants, "participants that past meetings leave out; breakout rooms"),
    (Operation::ListMetricsMeetingParticipants, "one-person meetings"),
    (Operation::ListMetricsMeetingParticipantsQos, "everybody's call quality in a meeting"),
    (Operation::GetMetricsMeetingParticipantQos, "one person's call quality in a meeting"),
    (Operation::ListMetricsWebinarParticipantsQos, "everybody's call quality in a webinar"),
    (Operation::GetMetricsWebinarParticipantQos, "one person's call quality in a webinar"),
];

/// What collecting only Moodle's meetings asks besides, instead of the lists.
const NEEDED_FOR_MOODLE: [(Operation, &str); 2] = [
    (Operation::ListPastMeetingInstances, "the runs of a meeting that Moodle knows"),
    (Operation::ListPastWebinarInstances, "the runs of a webinar that Moodle knows"),
];

/// Clocks further apart than this make Zoom's daily reset and token times unreliable.
const SKEW_MAX_SECONDS: i64 = 120;

pub(super) async fn check(
    checks: &mut Checks,
    collector: &mut Collector,
    index: usize,
) -> anyhow::Result<()> {
    check_scopes(checks, collector, index).await;
    check_clock_and_settings(checks, collector, index).await?;
    match collector.accounts[index].scope() {
        Scope::Account => check_lists(checks, collector, index).await,
        Scope::Moodle => check_numbers(checks, collector, index).await,
    }
}

async fn check_scopes(checks: &mut Checks, collector: &Collector, index: usize) {
    let account = &collector.accounts[index];
    let Some(token) = account.client.token_snapshot().await else {
        checks.ok("token", "a ready access token; its scopes are not known beforehand");
        return;
    };
    let left = words(token.expires_at.duration_since(collector.clock.now()));
    checks.ok("token", format!("{} scopes, good for another {left}", token.scopes.len()));
    let is_list = |operation: &Operation| {
        matches!(operation, Operation::ListMetricsMeetings | Operation::ListMetricsWebinars)
    };
    let needed: Vec<(Operation, &str)> = match account.scope() {
        Scope::Account => NEEDED.to_vec(),
        Scope::Moodle => {
            let others = NEEDED.into_iter().filter(|(operation, _)| !is_list(operation));
            NEEDED_FOR_MOODLE.into_iter().chain(others).collect()
        }
    };
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(operation, _)| !operation.is_allowed_by(token.scopes.iter().map(String::as_str)))
        .collect();
    if missing.is_empty() {
        checks.ok("scopes", "all that collection asks for are granted");
    }
    for (operation, purpose) in missing {
        let scopes = operation.facts().granular_scopes.join(" or ");
        let label = translate::label(operation.label());
        checks.warning(
            "scopes",
            format!("{purpose} is not granted ({operation}, {label})"),
            format!("add {scopes} to the app in Zoom's Marketplace; without it rollbook uses another way where there is one"),
        );
    }
}

async fn check_clock_and_settings(
    checks: &mut Checks,
    collector: &mut Collector,
    index: usize,
) -> anyhow::Result<()> {
    let request = RawRequest::of(&GetAccountSettings::default());
    let answer = match collector.ask_raw(index, &request, Purpose::Person, TRIES_MAX).await {
        Ok(answer) => answer,
        Err(OnceError::Zoom(error)) => {
            checks.problem("network", error.to_string(), "check ROLLBOOK_ZOOM_API_URL and the network");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if matches!(collector.clock, crate::clock::Clock::System)
        && let Some(date) = answer.headers.get("date").and_then(|date| date.to_str().ok())
        && let Ok(there) = DateTimeParser::new().parse_timestamp(date)
    {
        let apart = collector.clock.now().duration_since(there).abs();
        match apart.as_secs() > SKEW_MAX_SECONDS {
            true => checks.warning(
                "clock",
                format!("this machine and Zoom are {} apart", words(apart)),
                "set this machine's clock (NTP)",
            ),
            false => checks.ok("clock", "agrees with Zoom's"),
        }
    }
    match &answer.error {
        Some(error) if is_token(error) => {
            checks.problem("network", error.to_string(), "mend the credentials")
        }
        Some(error) => checks.warning(
            "settings",
            format!("the account's settings cannot be read ({error})"),
            "not needed for attendance; add account:read:settings:admin to see them here",
        ),
        None => checks.ok("settings", "the account's settings can be read"),
    }
    Ok(())
}

fn is_token(error: &Error) -> bool {
    matches!(error.advice(), Advice::Renew | Advice::Stop)
}

/// Nothing is listed where only Moodle's meetings are wanted: one number is asked for its runs (Medium, or Light).
async fn check_numbers(checks: &mut Checks, collector: &mut Collector, index: usize) -> anyhow::Result<()> {
    let account = &collector.accounts[index];
    if let Some(reason) = known::refusal(account) {
        checks.problem("numbers", reason, "the runs of a number are told from plan Pro upwards");
        return Ok(());
    }
    let count = collector.store.count_known(&account.name)?;
    let Some(first) = collector.store.known_numbers_after(&account.name, None, 1)?.into_iter().next() else {
        checks.warning(
            "numbers",
            format!("no meeting number of Moodle's is known for account {}", account.name),
            "run `rollbook sync`, which reads them; with several accounts, ROLLBOOK_MOODLE_ACCOUNT names Moodle's",
        );
        return Ok(());
    };
    let request = Request::Runs(first.known.number, first.known.kind);
    match collector.ask_once(index, &request, Purpose::Person).await {
        Err(OnceError::Zoom(error))
            if !matches!(error.advice(), Advice::Skip(SkipReason::NotFoundOrNotEnded)) =>
        {
            checks.problem("numbers", format!("the runs of a number: {error}"), remedy(&error))
        }
        Ok(_) | Err(OnceError::Zoom(_)) => {
            checks.ok("numbers", format!("{} known from Moodle; Zoom answers for their runs", count.numbers))
        }
        Err(OnceError::Store(error)) => return Err(error.into()),
        Err(error) => checks.warning("numbers", error.to_string(), "run doctor again after the reset"),
    }
    Ok(())
}

async fn check_lists(checks: &mut Checks, collector: &mut Collector, index: usize) -> anyhow::Result<()> {
    let now = collector.clock.now();
    let plan = collector.accounts[index].offer.plan;
    let yesterday = Window { from: now - hours(24), to: now - minutes(1) };
    let lists: &[(List, &str)] = match plan {
        rollbook_core::limits::Plan::Free => {
            checks.problem(
                "plan",
                "plan free has no past meetings, reports or dashboards: nothing can be collected",
                "set ROLLBOOK_ZOOM_PLAN if the account has a higher plan",
            );
            return Ok(());
        }
        rollbook_core::limits::Plan::Pro => {
            checks.ok(
                "plan",
                "pro: lists come from reports; one-person runs and call quality are not to be had",
            );
            &[(List::History, "the history report")]
        }
        rollbook_core::limits::Plan::Business => {
            &[(List::MeetingsPast, "dashboards"), (List::History, "the history report")]
        }
    };
    let mut works = 0;
    for (list, name) in lists {
        match collector.ask_once(index, &Request::Count(*list, yesterday), Purpose::Person).await {
            Ok(told) => {
                works += 1;
                checks.ok("lists", format!("{name} answer{}", counted(told.total_records)));
                if *list == List::MeetingsPast {
                    check_quality_words(checks, &collector.accounts[index], &told);
                }
            }
            Err(OnceError::Zoom(error)) => {
                checks.warning("lists", format!("{name}: {error}"), remedy(&error))
            }
            Err(error) => {
                checks.warning("lists", format!("{name}: {error}"), "run doctor again after the reset")
            }
        }
    }
    if works == 0 {
        checks.problem(
            "lists",
            "neither dashboards nor reports can be listed",
            "mend one of the above: without a list nothing is found",
        );
    }
    Ok(())
}

/// The policy `flagged` goes by words that come only if two settings are on (quirk 56).
fn check_quality_words(checks: &mut Checks, account: &Account, told: &Told) {
    if account.qos.policy != Policy::Flagged || told.instances.is_empty() {
        return;
    }
    match told.quality_words {
        0 => checks.warning(
            "call quality",
            format!(
                "none of the last {} meetings carries a quality word, so policy flagged will collect nothing",
                told.instances.len()
            ),
            "switch on Zoom's account settings for meeting quality scores on the dashboard, or set \
             ROLLBOOK_QOS_POLICY to large:N, sample:SHARE or all",
        ),
        some => checks
            .ok("call quality", format!("policy flagged: {some} of the last meetings carry quality words")),
    }
}

fn counted(total: Option<u64>) -> String {
    total.map_or_else(String::new, |total| format!(" ({total} in the last 24 h)"))
}

fn remedy(error: &Error) -> String {
    match error.advice() {
        Advice::Skip(SkipReason::ScopeMissing { scopes }) => {
            format!("add {} to the app in Zoom's Marketplace", scopes.join(" or "))
        }
        Advice::Skip(SkipReason::PlanTooLow { .. }) => {
            "set ROLLBOOK_ZOOM_PLAN to the plan the account really has, or switch the feature on in Zoom"
                .to_owned()
        }
        Advice::Wait { until: Some(until), .. } => format!("wait until {}", Timestamp::to_string(until)),
        _ => "run doctor again; if it stays, see the message".to_owned(),
    }
}
