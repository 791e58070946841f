//! `rollbook meetings create`

use clap::Args;
use rollbook_zoom::UserId;
use rollbook_zoom::endpoint::change_meetings::{CreateMeeting, MeetingFields};
use rollbook_zoom::endpoint::meetings::Meeting;
use rollbook_zoom::word::MeetingKind;

use super::fields::Fields;
use super::text::meeting_text;
use crate::cli::context::Context;
use crate::cli::desk::change::{HostLine, dry_run};
use crate::cli::desk::{Desk, shown};
use crate::cli::{Exit, UsageError, output};
use crate::collector::change::Changed;

/// Schedule a meeting
///
/// Costs two Light calls (one looks the host up) and one of the 100 changes a day of that host. It is never sent twice: where
/// no answer tells whether Zoom made it, that is said.
#[derive(Debug, Args)]
pub struct Create {
    /// Whose: e-mail address, Zoom's user ID, or `me`
    #[arg(long, value_name = "USER", value_parser = super::parse_user)]
    pub host: UserId,
    /// What is planned
    #[command(flatten)]
    pub fields: Fields,
    /// Show the request and what is left of the host's day, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Create {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let plan = complete(self.fields.resolve(&context.config.timezone)?, context)?;
        if self.dry_run {
            let host = HostLine::offline(context, Some(self.host.as_str()))?;
            dry_run(context, &CreateMeeting { host: self.host, plan }, 2, Some(host))?;
            return Ok(Exit::Done);
        }
        let mut desk = Desk::open(context, &format!("meetings create --host {}", self.host)).await?;
        let made = self.create(&mut desk, plan).await;
        let number = made.as_ref().ok().and_then(|(meeting, ..)| meeting.value.id);
        let summary = number.map_or_else(|| "a meeting".to_owned(), |id| format!("meeting {id}"));
        let (made, line) = desk.close(made, &format!("{summary} created")).await?;
        let page = context.page();
        if context.json {
            output::json(&shown(made.body))?;
        } else {
            output::text(&meeting_text(&page, &made.value))?;
            output::text(&page.field("Counts", &format!("against {}", line.words(&page))))?;
        }
        Ok(Exit::Done)
    }

    async fn create(&self, desk: &mut Desk<'_>, plan: MeetingFields) -> anyhow::Result<Made> {
        let host = desk.host(&self.host).await?;
        let id = UserId::new(&host.id).unwrap_or_else(|_| self.host.clone());
        let lost = format!(
            "the meeting may have been created: look at `rollbook meetings list --host {}` before creating it again",
            self.host
        );
        let made = desk.change(&CreateMeeting { host: id, plan }, Some(&host), &lost).await?;
        Ok((made, HostLine::of(desk, &host)?))
    }
}

/// The meeting, and where its host's day stands then.
type Made = (Changed<Meeting>, HostLine);

/// What a plan must have, and the school's zone where it names none.
fn complete(mut plan: MeetingFields, context: &Context<'_>) -> Result<MeetingFields, UsageError> {
    let body = plan.to_json();
    let has = |name: &str| body.get(name).is_some();
    let kind = body["type"].as_i64().unwrap_or(2);
    if !has("topic") {
        return Err(UsageError("a meeting needs a --topic".to_owned()));
    }
    if matches!(kind, 2 | 8) && !has("start_time") {
        return Err(UsageError(
            "a scheduled meeting needs a --start, as in 2026-11-25T10:00; --type recurring has none"
                .to_owned(),
        ));
    }
    if kind == 8 && !has("recurrence") {
        return Err(UsageError(
            "--type recurring-fixed needs a schedule, as in --set recurrence.type=2 --set recurrence.weekly_days=2,4 \
             --set recurrence.end_times=10"
                .to_owned(),
        ));
    }
    if !has("timezone") {
        plan.timezone = context.config.timezone.iana_name().map(str::to_owned);
    }
    plan.kind = Some(MeetingKind(kind));
    Ok(plan)
}
