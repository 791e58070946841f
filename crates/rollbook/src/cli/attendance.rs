//! `rollbook attendance`: who was there.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rollbook_core::attendance::{Presence, presences};
use rollbook_core::instance::Instance;
use rollbook_core::quality::StayQuality;
use rollbook_core::quality::completeness::ties;
use rollbook_core::quality::person::{PersonQuality, PersonStay, person_quality};
use rollbook_core::session::{RESTART_GAP, ran_for, sessions};
use rollbook_core::stay::Stay;
use rollbook_store::{KeptCount, Record, State, Store};
use serde::Serialize;

use super::context::Context;
use super::dates::Days;
use super::meeting::{MeetingName, UnknownMeeting};
use super::{Exit, UsageError, dates, output};

mod bar;
pub mod course;
mod text;

/// Sessions that are named beside the one shown.
const OTHERS_MAX: usize = 1_000;

/// Show who was in a meeting
///
/// A meeting that started again within five minutes is shown as one session. A number that has run several times:
/// the latest session is shown and the others are listed; --date picks. What is not known yet is said, never shown
/// as absence.
///
/// With --course: students and sessions of a Moodle course, read from Moodle as it is now, with minutes, shares and marks
/// by the configured rule (rollbook config --settings lists attendance.*).
#[derive(Debug, Args)]
pub struct Attendance {
    /// A meeting number (912 3456 7890) or the UUID of one run
    #[arg(required_unless_present = "course")]
    pub meeting: Option<MeetingName>,
    /// All sessions of a Moodle course: its short name, ID number or id
    #[arg(long, value_name = "COURSE", conflicts_with_all = ["meeting", "by", "date", "all"])]
    pub course: Option<String>,
    /// With --course: sessions of these days only
    #[command(flatten)]
    pub days: Days,
    /// With --course: a line for each person and session (csv), or json
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<course::Format>,
    /// Show people, or their single stays with the waiting room
    #[arg(long, value_enum, default_value = "person", value_name = "WHAT")]
    pub by: By,
    /// The session of this day, YYYY-MM-DD, `today` or `yesterday`
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// With --by stay: also those that Zoom has withdrawn
    #[arg(long)]
    pub all: bool,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// A person.
    Person,
    /// One connection.
    Stay,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// What a line is.
    pub by: By,
    /// Whether withdrawn stays are wanted.
    pub with_withdrawn: bool,
    /// The day wanted, in the school's zone.
    pub date: Option<Date>,
    /// The school's zone.
    pub zone: TimeZone,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The sessions shown, by start.
    pub sessions: Vec<Session>,
    /// The other sessions of the number, latest first.
    pub other_sessions: Vec<Brief>,
    /// How many those are.
    pub other_sessions_total: usize,
}

/// One session: one instance, or several stitched.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    /// Number.
    pub meeting_id: Option<u64>,
    /// Topic.
    pub topic: Option<String>,
    /// The host's e-mail.
    pub host: Option<String>,
    /// Account.
    pub account: String,
    /// First start.
    pub started_at: Option<Timestamp>,
    /// Last end.
    pub ended_at: Option<Timestamp>,
    /// How long it ran, pauses left out.
    pub seconds: Option<i64>,
    /// Whether everything about it is proved complete. If not, who is missing here may have been there.
    pub is_verified: bool,
    /// Its instances.
    pub instances: Vec<InstanceLine>,
    /// People, longest first, with `--by person`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<PersonLine>>,
    /// Stays by join, with `--by stay`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stays: Option<Vec<StayLine>>,
}

/// One instance of a session.
#[derive(Debug, Clone, Serialize)]
pub struct InstanceLine {
    /// UUID.
    pub meeting_uuid: String,
    /// Start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// Why, or by which evidence.
    pub reason: Option<String>,
    /// When it is looked at again.
    pub next_look_at: Option<Timestamp>,
    /// What is left where it is no longer kept who was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_longer_kept: Option<KeptCount>,
}

/// One person.
#[derive(Debug, Clone, Serialize)]
pub struct PersonLine {
    /// What is known.
    #[serde(flatten)]
    pub presence: Presence,
    /// Minutes, to a tenth.
    pub minutes: f64,
    /// How their call went, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallLine>,
}

/// How somebody's call went.
#[derive(Debug, Clone, Serialize)]
pub struct CallLine {
    /// In words.
    pub sentence: Option<String>,
    /// In figures.
    #[serde(flatten)]
    pub quality: PersonQuality,
}

/// One connection, with the keys of `export attendance`.
#[derive(Debug, Clone, Serialize)]
pub struct StayLine {
    /// UUID of the instance.
    pub meeting_uuid: String,
    /// Zoom's number of the connection.
    pub user_id: String,
    /// Per-connection id.
    pub participant_uuid: Option<String>,
    /// The Zoom user.
    pub zoom_user_id: Option<String>,
    /// The registration.
    pub registrant_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Join.
    pub join_time: Timestamp,
    /// Leave.
    pub leave_time: Option<Timestamp>,
    /// Leave less join.
    pub duration_seconds: Option<i64>,
    /// `in_meeting` or `in_waiting_room`.
    pub status: &'static str,
    /// The most trusted family that holds it.
    pub source: &'static str,
    /// Breakout room; none if unknown.
    pub breakout: Option<bool>,
    /// Later complete readings no longer hold it.
    pub withdrawn: bool,
}

/// A session in one line.
#[derive(Debug, Clone, Serialize)]
pub struct Brief {
    /// Account.
    pub account: String,
    /// First start.
    pub started_at: Option<Timestamp>,
    /// Last end.
    pub ended_at: Option<Timestamp>,
    /// Whether it is proved complete.
    pub is_verified: bool,
    /// UUIDs of its instances.
    pub meeting_uuids: Vec<String>,
}

impl Attendance {
    /// Runs it.
    pub async fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        if let Some(course) = &self.course {
            let question = course::Question { course, days: &self.days, format: self.format };
            return course::run(context, question).await;
        }
        if self.format.is_some() || self.days.from.is_some() || self.days.to.is_some() {
            let wrong = "--from, --to and --format go with --course; a meeting's session is picked with --date, and \
                 `rollbook export attendance` writes files";
            return Err(UsageError(wrong.into()).into());
        }
        let Some(meeting) = &self.meeting else {
            return Err(UsageError("a MEETING or --course is needed".into()).into());
        };
        let page = context.page();
        if self.all && self.by == By::Person {
            return Err(
                UsageError("--all goes with --by stay: withdrawn stays belong to nobody".into()).into()
            );
        }
        let today = context.today(page.now);
        let date = self.date.as_deref().map(|text| dates::parse(text, today)).transpose()?;
        let zone = context.config.timezone.clone();
        let question = Question { by: self.by, with_withdrawn: self.all, date, zone };
        let store = context.read_store()?;
        let report = Report::look(&store, context.account.as_deref(), meeting, &question)?;
        if context.json {
            output::json(&report)?
        } else {
            output::text(&report.text(&page))?
        }
        Ok(Exit::Done)
    }
}

impl Report {
    /// Asks the ledger.
    ///
    /// # Errors
    /// If the meeting is unknown, or had no session that day, or the store cannot be read.
    pub fn look(
        store: &Store,
        account: Option<&str>,
        meeting: &MeetingName,
        question: &Question,
    ) -> anyhow::Result<Report> {
        let all = sessions_of(store, account, meeting)?;
        let chosen = choose(&all, meeting, question.date, &question.zone);
        if let (Some(day), true) = (question.date, chosen.is_empty()) {
            anyhow::bail!("{}", no_session(meeting, day, &all, &question.zone));
        }
        let mut others: Vec<Brief> =
            (0..all.len()).filter(|index| !chosen.contains(index)).map(|index| brief(&all[index])).collect();
        others.sort_by_key(|session| std::cmp::Reverse(session.started_at));
        let other_sessions_total = others.len();
        others.truncate(OTHERS_MAX);
        let shown = chosen.into_iter().map(|index| session(store, &all[index], question));
        Ok(Report {
            sessions: shown.collect::<rollbook_store::Result<_>>()?,
            other_sessions: others,
            other_sessions_total,
        })
    }
}

/// All sessions of a number, account by account; of a UUID, those of its number too, since it may be a part of one.
fn sessions_of(
    store: &Store,
    account: Option<&str>,
    meeting: &MeetingName,
) -> anyhow::Result<Vec<Vec<Record>>> {
    let mut records = meeting.find(store, account)?;
    if let (MeetingName::Uuid(_), Some(number)) = (meeting, records[0].instance.number) {
        let account = records[0].account.clone();
        records = store.instances_named(Some(&account), Some(number), &records[0].instance.uuid)?;
    }
    let mut all = Vec::new();
    for of_account in records.chunk_by(|a, b| a.account == b.account) {
        let instances: Vec<Instance> = of_account.iter().map(|record| record.instance.clone()).collect();
        for session in sessions(&instances, RESTART_GAP) {
            all.push(session.into_iter().map(|index| of_account[index].clone()).collect());
        }
    }
    Ok(all)
}

/// The runs of the session that a command is about: the latest, of the day if one is given, or that of the UUID; and how
/// many others might have been meant. None if the store does not know the meeting.
///
/// # Errors
/// If it had no session that day, or the store cannot be read.
pub(super) fn session_of(
    store: &Store,
    account: Option<&str>,
    meeting: &MeetingName,
    date: Option<Date>,
    zone: &TimeZone,
) -> anyhow::Result<(Vec<Record>, usize)> {
    let all = match sessions_of(store, account, meeting) {
        Err(error) if error.is::<UnknownMeeting>() => return Ok((Vec::new(), 0)),
        all => all?,
    };
    let chosen = choose(&all, meeting, date, zone);
    if let (Some(day), true) = (date, chosen.is_empty()) {
        anyhow::bail!("{}", no_session(meeting, day, &all, zone));
    }
    let latest = chosen.iter().copied().max_by_key(|index| (start(&all[*index]), *index));
    let others = match (date, meeting) {
        (Some(_), MeetingName::Number(_)) => chosen.len().saturating_sub(1),
        (None, MeetingName::Number(_)) => all.len().saturating_sub(1),
        (_, MeetingName::Uuid(_)) => 0,
    };
    Ok((latest.map(|index| all[index].clone()).unwrap_or_default(), others))
}

/// Which sessions are meant: those of the day, or the latest one.
fn choose(all: &[Vec<Record>], meeting: &MeetingName, date: Option<Date>, zone: &TimeZone) -> Vec<usize> {
    let is_wanted = |session: &[Record]| date.is_none_or(|day| ran_on(session, day, zone));
    let is_named = |session: &[Record]| match meeting {
        MeetingName::Number(_) => true,
        MeetingName::Uuid(uuid) => session.iter().any(|record| record.instance.uuid == *uuid),
    };
    let chosen: Vec<usize> =
        (0..all.len()).filter(|index| is_wanted(&all[*index]) && is_named(&all[*index])).collect();
    match date {
        Some(_) => chosen,
        // The latest start; a session without one is the last resort.
        None => chosen.into_iter().max_by_key(|index| (start(&all[*index]), *index)).into_iter().collect(),
    }
}

fn start(session: &[Record]) -> Option<Timestamp> {
    session.first().and_then(|record| record.instance.started_at)
}

fn end(session: &[Record]) -> Option<Timestamp> {
    session
        .iter()
        .map(|record| record.instance.ended_at)
        .try_fold(None, |last, end| Some(last.max(Some(end?))))?
}

fn ran_on(session: &[Record], day: Date, zone: &TimeZone) -> bool {
    session
        .iter()
        .filter_map(|record| record.instance.started_at)
        .any(|start| start.to_zoned(zone.clone()).date() == day)
}

fn no_session(meeting: &MeetingName, day: Date, all: &[Vec<Record>], zone: &TimeZone) -> String {
    let mut days: Vec<String> = all
        .iter()
        .filter_map(|session| start(session))
        .map(|start| start.to_zoned(zone.clone()).date().to_string())
        .collect();
    days.sort();
    days.dedup();
    days.reverse();
    let known = match days.len() {
        0 => "nobody has told yet when it ran".to_owned(),
        1..=5 => format!("it ran on {}", days.join(", ")),
        more => format!("it ran on {} and {} earlier days", days[..5].join(", "), more - 5),
    };
    format!(
        "meeting {meeting} has no session on {day} in the store: {known}; `rollbook sync --from {day} --to {day}` \
         collects that day"
    )
}

fn brief(session: &[Record]) -> Brief {
    Brief {
        account: session.first().map(|record| record.account.clone()).unwrap_or_default(),
        started_at: start(session),
        ended_at: end(session),
        is_verified: session.iter().all(|record| record.state == State::Verified),
        meeting_uuids: session.iter().map(|record| record.instance.uuid.clone()).collect(),
    }
}

fn session(store: &Store, records: &[Record], question: &Question) -> rollbook_store::Result<Session> {
    let mut stays: Vec<(usize, Stay)> = Vec::new();
    let mut calls = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let of_record = store.stays(record.id)?;
        calls.extend(calls_of(store, record, &of_record)?);
        stays.extend(of_record.into_iter().map(|stay| (index, stay)));
    }
    let length = ran_for(records.iter().map(|record| &record.instance));
    let latest = |field: fn(&Instance) -> Option<String>| {
        records.iter().rev().find_map(|record| field(&record.instance))
    };
    let (people, stays) = match question.by {
        By::Person => {
            let all: Vec<Stay> = stays.iter().map(|(_, stay)| stay.clone()).collect();
            let with_calls: Vec<StayWithCall> = stays
                .into_iter()
                .zip(calls)
                .map(|((of, stay), call)| (stay, records[of].instance.ended_at, call))
                .collect();
            let people = presences(&all, length);
            (Some(people.into_iter().map(|person| person_line(person, &with_calls)).collect()), None)
        }
        By::Stay => {
            stays.retain(|(_, stay)| question.with_withdrawn || !stay.is_withdrawn);
            (None, Some(stays.into_iter().map(|(of, stay)| stay_line(&records[of], stay)).collect()))
        }
    };
    Ok(Session {
        meeting_id: records[0].instance.number,
        topic: latest(|instance| instance.topic.clone()),
        host: latest(|instance| instance.host_email.clone()),
        account: records[0].account.clone(),
        started_at: start(records),
        ended_at: end(records),
        seconds: length.map(|length| length.as_secs()),
        is_verified: records.iter().all(|record| record.state == State::Verified),
        instances: records.iter().map(|record| instance_line(store, record)).collect::<Result<_, _>>()?,
        people,
        stays,
    })
}

fn instance_line(store: &Store, record: &Record) -> rollbook_store::Result<InstanceLine> {
    Ok(InstanceLine {
        meeting_uuid: record.instance.uuid.clone(),
        started_at: record.instance.started_at,
        ended_at: record.instance.ended_at,
        state: record.state,
        reason: record.reason.clone(),
        next_look_at: record.next_look_at,
        no_longer_kept: store.kept_count(record.id)?,
    })
}

/// A stay, when its instance ended, and how its call went where that was told.
type StayWithCall = (Stay, Option<Timestamp>, Option<StayQuality>);

fn person_line(presence: Presence, stays: &[StayWithCall]) -> PersonLine {
    let of_person = || presence.members.iter().map(|index| &stays[*index]);
    let person: Vec<PersonStay<'_>> = of_person()
        .map(|(stay, instance_ended_at, quality)| PersonStay {
            stay,
            quality: quality.as_ref(),
            instance_ended_at: *instance_ended_at,
        })
        .collect();
    let call = of_person().any(|(_, _, quality)| quality.is_some()).then(|| {
        let quality = person_quality(&person);
        CallLine { sentence: quality.sentence(), quality }
    });
    // Six seconds are a tenth of a minute; the exact figure stands beside it.
    #[allow(clippy::cast_precision_loss)]
    let minutes = (presence.seconds as f64 / 6.0).round() / 10.0;
    PersonLine { presence, minutes, call }
}

/// The calls of an instance's stays, in their order.
fn calls_of(
    store: &Store,
    record: &Record,
    stays: &[Stay],
) -> rollbook_store::Result<Vec<Option<StayQuality>>> {
    let mut calls = vec![None; stays.len()];
    for (row, quality) in store.quality_rows(record.id)? {
        if let Some(index) = ties(stays, &row) {
            calls[index] = Some(quality);
        }
    }
    Ok(calls)
}

fn stay_line(record: &Record, stay: Stay) -> StayLine {
    StayLine {
        meeting_uuid: record.instance.uuid.clone(),
        user_id: stay.user_id,
        participant_uuid: stay.participant_uuid,
        zoom_user_id: stay.zoom_user_id,
        registrant_id: stay.registrant_id,
        name: stay.name,
        email: stay.email,
        join_time: stay.joined_at,
        leave_time: stay.left_at,
        duration_seconds: stay.left_at.map(|left| left.duration_since(stay.joined_at).as_secs()),
        status: stay.status.name(),
        source: stay.source.name(),
        breakout: stay.is_breakout,
        withdrawn: stay.is_withdrawn,
    }
}
