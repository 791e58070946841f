//! One call and its outcome: a job's next page is asked for and read. Nothing here touches the store.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::listing::{List, widened};
use rollbook_core::quality::QualityRow;
use rollbook_core::reading::Row;
use rollbook_core::time::Window;
use rollbook_zoom::endpoint::metrics::{
    ListMetricsMeetings, ListMetricsWebinars, MetricsType, WebinarMetricsType,
};
use rollbook_zoom::endpoint::metrics_participants::{
    ListMetricsMeetingParticipants, ListMetricsWebinarParticipants,
};
use rollbook_zoom::endpoint::metrics_qos::{
    GetMetricsMeetingParticipantQos, GetMetricsWebinarParticipantQos, ListMetricsMeetingParticipantsQos,
    ListMetricsWebinarParticipantsQos, ParticipantQos, QosType,
};
use rollbook_zoom::endpoint::past_meetings::{
    GetPastMeeting, ListPastMeetingInstances, ListPastMeetingParticipants,
};
use rollbook_zoom::endpoint::past_webinars::{ListPastWebinarInstances, ListPastWebinarParticipants};
use rollbook_zoom::endpoint::reports::{
    GetReportWebinar, ListHistoryMeetings, ListReportMeetingParticipants, ListReportUserMeetings,
    ListReportUsers, ListReportWebinarParticipants, ReportMeetingsType,
};
use rollbook_zoom::page::{Page, PageCursor, Paged};
use rollbook_zoom::{
    Answer, Client, Endpoint, LimitHeaders, MeetingId, MeetingRef, MeetingUuid, Operation, ParticipantId,
    UserId,
};

use super::translate::{self, Listed};

/// What to ask, complete enough to be sent.
#[derive(Debug, Clone)]
pub enum Request {
    /// A page of an account-wide list.
    List(List, Window),
    /// A page of one host's meetings.
    UserMeetings(UserId, bool, Window),
    /// Times and count.
    Details(Box<Instance>),
    /// A page of participants.
    Participants(Box<Instance>, Family),
    /// A page of everybody's call quality, or that of one connection.
    Quality(Box<Instance>, Option<ParticipantId>, QosType),
    /// All runs of a meeting or webinar number.
    Runs(u64, Kind),
    /// The first page of a list, exactly as wide as wanted: to count, not to collect.
    Count(List, Window),
}

/// What a page told.
#[derive(Debug, Default)]
pub struct Told {
    /// Instances, from lists and details.
    pub instances: Vec<Instance>,
    /// What quality words say against instances of a list, by UUID (quirk 56).
    pub complaints: BTreeMap<String, String>,
    /// Lines of a list that carry any quality word (quirk 56).
    pub quality_words: usize,
    /// Hosts, from `/report/users`.
    pub hosts: Vec<UserId>,
    /// Rows, from participants lists.
    pub rows: Vec<Row>,
    /// Connections with their samples, from call-quality lists.
    pub quality: Vec<QualityRow>,
    /// Rows that could not be read, or have no UUID.
    pub unreadable: usize,
    /// Members that the client does not know.
    pub unknown_fields: Vec<String>,
    /// What the headers say of limits.
    pub limits: LimitHeaders,
    /// Rows over all pages, where Zoom says.
    pub total_records: Option<u64>,
    /// How far the list is read now.
    pub cursor: PageCursor,
    /// Why the list will never end, if it will not.
    pub endless: Option<String>,
}

impl Request {
    /// The operation of the client's table: label, scopes.
    pub fn operation(&self) -> Operation {
        match self {
            Request::List(list, _) | Request::Count(list, _) => list_operation(*list),
            Request::UserMeetings(..) => ListReportUserMeetings::OPERATION,
            Request::Details(instance) if instance.kind == Kind::Webinar => GetReportWebinar::OPERATION,
            Request::Details(_) => GetPastMeeting::OPERATION,
            Request::Participants(instance, family) => participants_operation(instance.kind, *family),
            Request::Quality(instance, participant, _) => {
                quality_operation(instance.kind, participant.is_some())
            }
            Request::Runs(_, Kind::Meeting) => ListPastMeetingInstances::OPERATION,
            Request::Runs(_, Kind::Webinar) => ListPastWebinarInstances::OPERATION,
        }
    }
}

fn list_operation(list: List) -> Operation {
    match list {
        List::MeetingsPast | List::MeetingsPastOne | List::MeetingsLive => ListMetricsMeetings::OPERATION,
        List::Webinars | List::WebinarsLive => ListMetricsWebinars::OPERATION,
        List::History => ListHistoryMeetings::OPERATION,
        List::ReportUsers => ListReportUsers::OPERATION,
    }
}

fn participants_operation(kind: Kind, family: Family) -> Operation {
    match (kind, family) {
        (Kind::Meeting, Family::PastMeetings | Family::Event) => ListPastMeetingParticipants::OPERATION,
        (Kind::Meeting, Family::Report) => ListReportMeetingParticipants::OPERATION,
        (Kind::Meeting, Family::Metrics) => ListMetricsMeetingParticipants::OPERATION,
        (Kind::Webinar, Family::PastMeetings | Family::Event) => ListPastWebinarParticipants::OPERATION,
        (Kind::Webinar, Family::Report) => ListReportWebinarParticipants::OPERATION,
        (Kind::Webinar, Family::Metrics) => ListMetricsWebinarParticipants::OPERATION,
    }
}

fn quality_operation(kind: Kind, is_single: bool) -> Operation {
    match (kind, is_single) {
        (Kind::Meeting, true) => GetMetricsMeetingParticipantQos::OPERATION,
        (Kind::Meeting, false) => ListMetricsMeetingParticipantsQos::OPERATION,
        (Kind::Webinar, true) => GetMetricsWebinarParticipantQos::OPERATION,
        (Kind::Webinar, false) => ListMetricsWebinarParticipantsQos::OPERATION,
    }
}

/// Sends one request: exactly one call under its label.
pub async fn ask(
    client: &Client,
    now: Timestamp,
    request: &Request,
    cursor: PageCursor,
) -> Result<Told, rollbook_zoom::Error> {
    match request {
        Request::List(list, window) => ask_list(client, now, *list, widened(now, *window), cursor).await,
        Request::Count(list, window) => {
            // Days are asked for inclusively: the last one is that of the last second.
            let asked = Window { from: window.from, to: window.to - jiff::SignedDuration::from_secs(1) };
            ask_list(client, now, *list, asked, cursor).await
        }
        Request::UserMeetings(user, one_person, window) => {
            let kind = if *one_person { ReportMeetingsType::PastOne } else { ReportMeetingsType::Past };
            let (from, to) = days(widened(now, *window));
            let list = ListReportUserMeetings::new(user.clone(), kind, from, to);
            let (told, page) = page(client, now, &list, cursor).await?;
            Ok(with_instances(told, page, |row| translate::report_instance(row, *one_person)))
        }
        Request::Details(instance) => ask_details(client, now, instance).await,
        Request::Participants(instance, family) => {
            ask_participants(client, now, instance, *family, cursor).await
        }
        Request::Quality(instance, None, kind) => ask_quality(client, now, instance, *kind, cursor).await,
        Request::Quality(instance, Some(participant), kind) => {
            ask_quality_of_one(client, now, instance, participant, *kind).await
        }
        Request::Runs(number, kind) => ask_runs(client, now, *number, *kind).await,
    }
}

async fn ask_list(
    client: &Client,
    now: Timestamp,
    list: List,
    asked: Window,
    cursor: PageCursor,
) -> Result<Told, rollbook_zoom::Error> {
    let (from, to) = (second(asked.from), second(asked.to));
    let (first, last) = days(asked);
    let meetings = |kind| ListMetricsMeetings::new(kind, from, to);
    let listed = |kind, one_person, live| Listed { kind, one_person, live };
    match list {
        List::MeetingsPast | List::MeetingsPastOne | List::MeetingsLive => {
            let kind = match list {
                List::MeetingsPast => MetricsType::Past,
                List::MeetingsPastOne => MetricsType::PastOne,
                _ => MetricsType::Live,
            };
            let (mut told, page) = page(client, now, &meetings(kind), cursor).await?;
            told.complaints = translate::complaints(page.rows());
            told.quality_words = translate::quality_words(page.rows());
            let listed = listed(Kind::Meeting, kind == MetricsType::PastOne, kind == MetricsType::Live);
            Ok(with_instances(told, page, |row| translate::metrics_instance(row, listed)))
        }
        List::Webinars | List::WebinarsLive => {
            let live = list == List::WebinarsLive;
            let kind = if live { WebinarMetricsType::Live } else { WebinarMetricsType::Past };
            let (mut told, page) =
                page(client, now, &ListMetricsWebinars::new(kind, first, last), cursor).await?;
            told.complaints = translate::complaints(page.rows());
            told.quality_words = translate::quality_words(page.rows());
            let listed = listed(Kind::Webinar, false, live);
            Ok(with_instances(told, page, |row| translate::metrics_instance(row, listed)))
        }
        List::History => {
            let (told, page) = page(client, now, &ListHistoryMeetings::new(first, last), cursor).await?;
            Ok(with_instances(told, page, translate::history_instance))
        }
        List::ReportUsers => {
            let (mut told, page) = page(client, now, &ListReportUsers::active(first, last), cursor).await?;
            told.hosts = page.into_rows().into_iter().filter_map(|user| user.id).collect();
            Ok(told)
        }
    }
}

async fn ask_details(
    client: &Client,
    now: Timestamp,
    instance: &Instance,
) -> Result<Told, rollbook_zoom::Error> {
    let meeting = meeting_ref(instance);
    if instance.kind == Kind::Webinar {
        let answer = client.send(now, &GetReportWebinar { webinar: meeting }).await?;
        let mut told = told(&answer, PageCursor::new());
        let mut row = answer.value;
        row.uuid = MeetingUuid::new(&instance.uuid).ok();
        told.instances.extend(translate::report_instance(row, false).map(|mut found| {
            found.kind = Kind::Webinar;
            if found.times_from != rollbook_core::instance::TimesFrom::Nowhere {
                found.times_from = rollbook_core::instance::TimesFrom::Details;
            }
            found.is_live = instance.is_live && found.ended_at.is_none();
            found
        }));
        return Ok(told);
    }
    let answer = client.send(now, &GetPastMeeting { meeting }).await?;
    let mut told = told(&answer, PageCursor::new());
    told.instances.push(translate::details(answer.value, instance));
    Ok(told)
}

async fn ask_participants(
    client: &Client,
    now: Timestamp,
    instance: &Instance,
    family: Family,
    cursor: PageCursor,
) -> Result<Told, rollbook_zoom::Error> {
    let meeting = meeting_ref(instance);
    let kind = if instance.is_one_person { MetricsType::PastOne } else { MetricsType::Past };
    match (instance.kind, family) {
        (Kind::Meeting, Family::PastMeetings | Family::Event) => {
            rows(client, now, &ListPastMeetingParticipants::new(meeting), cursor, translate::past_row).await
        }
        (Kind::Webinar, Family::PastMeetings | Family::Event) => {
            rows(client, now, &ListPastWebinarParticipants::new(meeting), cursor, translate::past_row).await
        }
        (Kind::Meeting, Family::Report) => {
            rows(client, now, &ListReportMeetingParticipants::new(meeting), cursor, translate::report_row)
                .await
        }
        (Kind::Webinar, Family::Report) => {
            rows(client, now, &ListReportWebinarParticipants::new(meeting), cursor, translate::report_row)
                .await
        }
        (Kind::Meeting, Family::Metrics) => {
            let list = ListMetricsMeetingParticipants::new(meeting, kind);
            rows(client, now, &list, cursor, translate::metrics_row).await
        }
        (Kind::Webinar, Family::Metrics) => {
            let list = ListMetricsWebinarParticipants::new(meeting, WebinarMetricsType::Past);
            rows(client, now, &list, cursor, translate::metrics_row).await
        }
    }
}

async fn ask_quality(
    client: &Client,
    now: Timestamp,
    instance: &Instance,
    kind: QosType,
    cursor: PageCursor,
) -> Result<Told, rollbook_zoom::Error> {
    let meeting = meeting_ref(instance);
    let (mut told, page) = match instance.kind {
        Kind::Meeting => {
            page(client, now, &ListMetricsMeetingParticipantsQos::new(meeting, kind), cursor).await?
        }
        Kind::Webinar => {
            page(client, now, &ListMetricsWebinarParticipantsQos::new(meeting, kind), cursor).await?
        }
    };
    told.quality = page.into_rows().into_iter().map(translate::quality_row).collect();
    Ok(told)
}

async fn ask_quality_of_one(
    client: &Client,
    now: Timestamp,
    instance: &Instance,
    participant: &ParticipantId,
    kind: QosType,
) -> Result<Told, rollbook_zoom::Error> {
    let (meeting, participant) = (meeting_ref(instance), participant.clone());
    let answer: Answer<ParticipantQos> = match instance.kind {
        Kind::Meeting => {
            client.send(now, &GetMetricsMeetingParticipantQos { meeting, participant, kind }).await?
        }
        Kind::Webinar => {
            client.send(now, &GetMetricsWebinarParticipantQos { webinar: meeting, participant, kind }).await?
        }
    };
    let mut told = told(&answer, PageCursor::new());
    told.quality.push(translate::quality_row(answer.value));
    Ok(told)
}

async fn ask_runs(
    client: &Client,
    now: Timestamp,
    number: u64,
    kind: Kind,
) -> Result<Told, rollbook_zoom::Error> {
    let id = MeetingId(number);
    let (mut told, runs) = match kind {
        Kind::Meeting => {
            let answer = client.send(now, &ListPastMeetingInstances { meeting: id }).await?;
            (told(&answer, PageCursor::new()), answer.value.meetings)
        }
        Kind::Webinar => {
            let answer = client.send(now, &ListPastWebinarInstances { webinar: id }).await?;
            (told(&answer, PageCursor::new()), answer.value.webinars)
        }
    };
    told.instances = runs
        .into_iter()
        .filter_map(|run| {
            Some(Instance {
                number: Some(number),
                started_at: run.start_time,
                ..Instance::unknown(run.uuid?.as_str().to_owned(), kind)
            })
        })
        .collect();
    Ok(told)
}

async fn rows<P>(
    client: &Client,
    now: Timestamp,
    list: &P,
    cursor: PageCursor,
    row: impl Fn(<P::Answer as Page>::Row) -> Row,
) -> Result<Told, rollbook_zoom::Error>
where
    P: Paged + Clone,
    P::Answer: Page,
{
    let (mut told, page) = page(client, now, list, cursor).await?;
    told.rows = page.into_rows().into_iter().map(row).collect();
    Ok(told)
}

/// Asks for the page at the cursor and moves it on.
async fn page<P>(
    client: &Client,
    now: Timestamp,
    list: &P,
    mut cursor: PageCursor,
) -> Result<(Told, P::Answer), rollbook_zoom::Error>
where
    P: Paged + Clone,
    P::Answer: Page,
{
    // A finished cursor has nothing to ask for; the list is then read anew.
    let request = cursor.request(now, list).unwrap_or_else(|| list.clone());
    let answer = client.send(now, &request).await?;
    let endless = cursor.got(now, &answer.value).err().map(|endless| endless.to_string());
    let mut told = told(&answer, cursor);
    told.endless = endless;
    told.total_records = answer.value.total_records();
    Ok((told, answer.value))
}

fn told<T>(answer: &Answer<T>, cursor: PageCursor) -> Told {
    Told {
        unreadable: answer.unreadable as usize,
        unknown_fields: answer.unknown_fields.clone(),
        limits: answer.limits.clone(),
        cursor,
        ..Told::default()
    }
}

fn with_instances<P: Page>(mut told: Told, page: P, instance: impl Fn(P::Row) -> Option<Instance>) -> Told {
    let rows = page.into_rows();
    let listed = rows.len();
    told.instances = rows.into_iter().filter_map(instance).collect();
    told.unreadable += listed - told.instances.len();
    told
}

/// How an instance is called in a request's path: by its UUID, or by its number while nobody has told that.
fn meeting_ref(instance: &Instance) -> MeetingRef {
    match (MeetingUuid::new(&instance.uuid), instance.number) {
        (Ok(uuid), _) => MeetingRef::Uuid(uuid),
        (Err(_), Some(number)) => MeetingRef::Id(MeetingId(number)),
        // An instance without either never enters the ledger, nor can it be typed.
        (Err(_), None) => unreachable!("an instance has a UUID or a number"),
    }
}

fn second(at: Timestamp) -> DateTime {
    at.to_zoned(TimeZone::UTC).datetime()
}

/// First and last day that a window touches, UTC.
fn days(window: Window) -> (Date, Date) {
    (second(window.from).date(), second(window.to).date())
}
