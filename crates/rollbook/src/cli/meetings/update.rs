//! `rollbook meetings update`

use clap::Args;
use jiff::Timestamp;
use rollbook_zoom::endpoint::GetMeeting;
use rollbook_zoom::endpoint::change_meetings::UpdateMeeting;
use rollbook_zoom::{MeetingId, UserId};
use serde::Serialize;
use serde_json::Value;

use super::fields::Fields;
use crate::cli::context::Context;
use crate::cli::desk::change::{HostLine, dry_run};
use crate::cli::desk::{Desk, Host};
use crate::cli::meeting::grouped;
use crate::cli::page::{Column, Page};
use crate::cli::{Exit, UsageError, output};

/// Change a meeting's plan
///
/// Costs three Light calls (the plan is read before and after) and one of the 100 changes a day of its host; nothing where the
/// plan is so already. Fields that are not named stay.
#[derive(Debug, Args)]
pub struct Update {
    /// Meeting number
    #[arg(value_name = "NUMBER", value_parser = super::parse_number)]
    pub meeting: MeetingId,
    /// One occurrence of a recurring meeting, by its ID
    #[arg(long, value_name = "ID")]
    pub occurrence: Option<String>,
    /// Its host, for --dry-run, and where the app may change meetings but not read them
    #[arg(long, value_name = "USER", value_parser = super::parse_user)]
    pub host: Option<UserId>,
    /// What changes
    #[command(flatten)]
    pub fields: Fields,
    /// Show the request and what is left of the host's day, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What became of a change.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The meeting.
    pub meeting: MeetingId,
    /// Whether anything was sent.
    pub is_changed: bool,
    /// Each field that was named.
    pub changes: Vec<Line>,
    /// What else is to be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the host's day stands.
    pub host: HostLine,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Its name, as in `settings.waiting_room`.
    pub field: String,
    /// What Zoom told before; null where it told nothing, or was not asked.
    pub before: Value,
    /// What was sent.
    pub sent: Value,
    /// What Zoom tells now; null where it tells nothing, or was not asked.
    pub after: Value,
}

impl Update {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let plan = self.fields.resolve(&context.config.timezone)?;
        if plan.to_json().as_object().is_none_or(serde_json::Map::is_empty) {
            let wanted = "say what shall change: --topic, --start, --duration … or --set FIELD=VALUE";
            return Err(UsageError(wanted.to_owned()).into());
        }
        let occurrence_id = self.occurrence.clone();
        let request = UpdateMeeting { meeting: self.meeting, occurrence_id, plan };
        if self.dry_run {
            let host = HostLine::offline(context, self.host.as_ref().map(UserId::as_str))?;
            dry_run(context, &request, if self.host.is_some() { 2 } else { 3 }, Some(host))?;
            return Ok(Exit::Done);
        }
        let mut desk = Desk::open(context, &format!("meetings update {}", self.meeting)).await?;
        let report = self.update(&mut desk, &request).await;
        let summary = match &report {
            Ok(report) if report.is_changed => format!("meeting {} changed", self.meeting),
            _ => "nothing to change".to_owned(),
        };
        let report = desk.close(report, &summary).await?;
        match context.json {
            true => output::json(&report)?,
            false => output::text(&report.text(&context.page()))?,
        }
        Ok(Exit::Done)
    }

    async fn update(&self, desk: &mut Desk<'_>, request: &UpdateMeeting) -> anyhow::Result<Report> {
        let (host, before) = self.before(desk).await?;
        let (mut changes, mut note) = (Vec::new(), None);
        lines("", &request.plan.to_json(), before.as_ref().unwrap_or(&Value::Null), &mut changes);
        let is_so_already = before.is_some() && changes.iter().all(|line| is_same(&line.before, &line.sent));
        if !is_so_already {
            let lost = format!(
                "the change may have been made: look at `rollbook meetings show {}` before making it again",
                self.meeting
            );
            desk.change(request, Some(&host), &lost).await?;
            if before.is_some() {
                // The change is made; that it cannot be looked at must not sound as if it were not.
                match self.look(desk).await {
                    Ok(after) => changes.iter_mut().for_each(|line| line.after = at(&after, &line.field)),
                    Err(error) => {
                        note =
                            Some(format!("changed, but Zoom's plan could not be looked at after: {error:#}"))
                    }
                }
            }
        }
        let host = HostLine::of(desk, &host)?;
        Ok(Report { meeting: self.meeting, is_changed: !is_so_already, changes, note, host })
    }

    /// The host, and the plan as it stands, unless the host was named.
    async fn before(&self, desk: &mut Desk<'_>) -> anyhow::Result<(Host, Option<Value>)> {
        if let Some(name) = &self.host {
            return Ok((desk.host(name).await?, None));
        }
        let before = self.look(desk).await?;
        let text = |name: &str| before[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(id) = text("host_id") else {
            anyhow::bail!("Zoom did not tell the host of meeting {}; name it with --host USER", self.meeting);
        };
        Ok((Host { name: text("host_email").unwrap_or_else(|| id.clone()), id }, Some(before)))
    }

    async fn look(&self, desk: &mut Desk<'_>) -> anyhow::Result<Value> {
        let occurrence_id = self.occurrence.clone();
        let request = GetMeeting { meeting: self.meeting, occurrence_id, show_previous_occurrences: false };
        Ok(desk.ask(&request).await?.body)
    }
}

/// A line for each field that is sent, objects taken apart.
fn lines(prefix: &str, sent: &Value, before: &Value, into: &mut Vec<Line>) {
    for (name, value) in sent.as_object().into_iter().flatten() {
        let field = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(members) if !members.is_empty() => {
                lines(&field, value, &before[name.as_str()], into)
            }
            _ => into.push(Line {
                field,
                before: before[name.as_str()].clone(),
                sent: value.clone(),
                after: Value::Null,
            }),
        }
    }
}

fn at(body: &Value, field: &str) -> Value {
    field.split('.').fold(body, |inner, name| &inner[name]).clone()
}

/// Whether two values mean the same: moments may be written in several ways.
fn is_same(one: &Value, other: &Value) -> bool {
    let moment = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    one == other || (moment(one).is_some() && moment(one) == moment(other))
}

impl Report {
    fn text(&self, page: &Page) -> String {
        let rows = self.changes.iter().map(|line| {
            let after = if self.is_changed { words(page, &line.after) } else { words(page, &line.before) };
            vec![line.field.clone(), words(page, &line.before), words(page, &line.sent), after]
        });
        let columns =
            [Column::Whole("field"), Column::Text("before"), Column::Text("sent"), Column::Text("now")];
        let mut out = page.table(&columns, rows.collect());
        out.push('\n');
        out += &page.field("Meeting", &grouped(self.meeting.0));
        if !self.is_changed {
            out += &page.field("Sent", "nothing: Zoom's plan is so already");
        }
        for line in
            self.changes.iter().filter(|line| !line.after.is_null() && !is_same(&line.after, &line.sent))
        {
            out += &page.field("Differs", &format!("{}: Zoom made something else of it", line.field));
        }
        if let Some(note) = &self.note {
            out += &page.field("Note", note);
        }
        out + &page.field("Counts", &format!("against {}", self.host.words(page)))
    }
}

fn words(page: &Page, value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(at) => page.minute(at),
            Err(_) => text.clone(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_that_is_sent_has_a_line_beside_what_was_there() {
        let sent =
            json!({"duration": 60, "settings": {"waiting_room": true, "breakout_room": {"enable": false}}});
        let before = json!({"duration": 90, "topic": "Algebra", "settings": {"waiting_room": false}});
        let mut found = Vec::new();
        lines("", &sent, &before, &mut found);
        let told: Vec<_> = found.iter().map(|line| (line.field.as_str(), &line.before, &line.sent)).collect();
        assert_eq!(
            told,
            [
                ("duration", &json!(90), &json!(60)),
                ("settings.breakout_room.enable", &Value::Null, &json!(false)),
                ("settings.waiting_room", &json!(false), &json!(true)),
            ]
        );
        assert_eq!(at(&before, "settings.waiting_room"), json!(false));
    }

    #[test]
    fn a_moment_is_the_same_however_it_is_written() {
        let check =
            |one: &str, other: &str, expected| assert_eq!(is_same(&json!(one), &json!(other)), expected);
        check("2026-11-25T09:00:00Z", "2026-11-25T09:00:00.000Z", true);
        check("2026-11-25T09:00:00Z", "2026-11-25T10:00:00+01:00", true);
        check("2026-11-25T09:00:00Z", "2026-11-25T09:01:00Z", false);
        check("Algebra", "algebra", false);
    }
}
