//! `rollbook qos`: how people's calls went.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::quality::QualityOutcome;
use rollbook_core::quality::completeness::least_calls;
use rollbook_store::{QualityState, Record, Store};
use rollbook_zoom::ParticipantId;
use rollbook_zoom::endpoint::metrics_qos::QosType;

use super::context::Context;
use super::meeting::MeetingName;
use super::page::Page;
use super::{Exit, UsageError, attendance, dates, output};
use crate::collector::Collector;
use crate::collector::quality::judged;

mod ask;
mod draw;
mod heat;
mod person;
mod raw;
mod select;
#[cfg(test)]
mod tests;
mod watch;

use crate::report::callers::{Caller, Known, callers};
use crate::report::calls::{MeetingReport, PersonReport, Source, known_of};
use ask::Wanted;
use select::{ids_of, select};

/// Show how people's calls went: loss, delay, rate, pictures, processor, minute by minute
///
/// MEETING alone: everybody, worst call first. With PARTICIPANT (a name, an e-mail or an id; who came back is one
/// person): every stream in figures, over time, the worst minutes, and a verdict. What the store holds is shown at no
/// cost; otherwise, and with --type or --fresh, Zoom is asked: one Heavy call for every ten connections.
#[derive(Debug, Args)]
pub struct Qos {
    /// A meeting number (912 3456 7890: its latest run) or the UUID of one run
    pub meeting: MeetingName,
    /// A name, an e-mail, or an id such as the user_id of a participants list
    pub participant: Option<String>,
    /// Ask Zoom, as a running or an ended meeting
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    pub kind: Option<Type>,
    /// Zoom's own JSON, as it came; on an error its status, headers and body
    #[arg(long)]
    pub raw: bool,
    /// Ask Zoom even where the store holds an answer
    #[arg(long)]
    pub fresh: bool,
    /// It is a webinar (known of itself for what the store holds)
    #[arg(long)]
    pub webinar: bool,
    /// The session of this day, YYYY-MM-DD, `today` or `yesterday`
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// Everybody, not only the worst calls
    #[arg(long)]
    pub all: bool,
    /// Follow a running meeting; the price is told first
    #[arg(long, conflicts_with = "raw")]
    pub watch: bool,
    /// With --watch: time between two looks
    #[arg(long, default_value = "1m", value_name = "DURATION", value_parser = parse_every)]
    pub every: SignedDuration,
    /// With --watch: stop after this long
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_every)]
    pub watch_for: Option<SignedDuration>,
}

/// `live` or `past`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Type {
    /// Still running.
    Live,
    /// Ended.
    Past,
}

impl Type {
    fn zoom(self) -> QosType {
        match self {
            Type::Live => QosType::Live,
            Type::Past => QosType::Past,
        }
    }
}

/// Zoom has one sample a minute: looking more often than this buys nothing.
const EVERY_MIN: SignedDuration = SignedDuration::from_secs(15);

fn parse_every(text: &str) -> Result<SignedDuration, String> {
    let length: SignedDuration =
        text.parse().map_err(|_| format!("{text:?} is no duration; write it as 60s, 2m or 1h"))?;
    if length < EVERY_MIN {
        return Err(format!("{text} is shorter than 15s; Zoom has about one sample a minute"));
    }
    Ok(length)
}

impl Qos {
    /// Runs it.
    pub async fn run(self, context: Context<'_>) -> anyhow::Result<Exit> {
        let records = self.records(&context)?;
        if self.raw {
            return raw::run(&self, &context, &records).await;
        }
        if self.watch {
            return watch::run(&self, &context, records).await;
        }
        let is_held = !records.is_empty()
            && context.config.store.exists()
            && self.is_held(&context.read_store()?, &records)?;
        if is_held && self.kind.is_none() && !self.fresh {
            let store = context.read_store()?;
            let known = known_of(&store, &records)?;
            let source = Source::Store { read_at: read_at(&store, &records)? };
            return self.show(&context, &store, &records, known, source);
        }
        self.ask_and_show(&context, records).await
    }

    /// Whether the store can answer: the whole list was read after the end, or all that is known of the person meant.
    fn is_held(&self, store: &Store, records: &[Record]) -> anyhow::Result<bool> {
        if records.iter().any(|record| record.instance.is_live) {
            return Ok(false);
        }
        if let Some(wanted) = &self.participant
            && let Ok(caller) = select(&callers(known_of(store, records)?), wanted)
            && caller.connections.iter().all(|connection| connection.told.is_some())
        {
            return Ok(true);
        }
        for record in records {
            let is_read = store.quality_readings(record.id)?.iter().any(|reading| {
                let is_list = reading.participant.is_none() && !reading.while_live;
                is_list && matches!(reading.outcome, QualityOutcome::Rows { .. })
            });
            if !is_read {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The runs of the session meant, as far as the store knows them.
    fn records(&self, context: &Context<'_>) -> anyhow::Result<Vec<Record>> {
        let page = context.page();
        let today = context.today(page.now);
        let date = self.date.as_deref().map(|text| dates::parse(text, today)).transpose()?;
        if !context.config.store.exists() {
            return match date {
                Some(_) => Err(UsageError(
                    "--date chooses among the sessions the store holds, but there is no store yet; give the UUID of \
                     the run, or `rollbook sync` first"
                        .to_owned(),
                )
                .into()),
                None => Ok(Vec::new()),
            };
        }
        let store = context.read_store()?;
        let zone = &context.config.timezone;
        let (records, others) =
            attendance::session_of(&store, context.account.as_deref(), &self.meeting, date, zone)?;
        if others > 0 {
            eprintln!(
                "rollbook: this is the latest session{}; {} more of this number can be chosen by --date or UUID \
                 (`rollbook attendance` lists them)",
                if date.is_some() { " of that day" } else { "" },
                others
            );
        }
        Ok(records)
    }

    async fn ask_and_show(&self, context: &Context<'_>, records: Vec<Record>) -> anyhow::Result<Exit> {
        let mut collector = self.start(context).await?;
        let asked = self.ask(&mut collector, &records).await;
        let code = asked.as_ref().map_or_else(super::exit_of, |_| Exit::Done);
        collector.finish(i32::from(code.code()), "call quality asked for by a person")?;
        context.keep_tokens(&collector.accounts).await;
        let (known, source) = asked?;
        self.show(context, &collector.store, &records, known, source)
    }

    async fn start(&self, context: &Context<'_>) -> anyhow::Result<Collector> {
        let clock = context.clock();
        let store = context.open_store()?;
        let accounts = context.accounts(&store).await?;
        let command = format!("qos {}", self.meeting);
        let mut collector = Collector::start(clock, context.chance(clock.now()), store, accounts, &command)?;
        collector.sign_in().await;
        if let Some(failure) = collector.failure().cloned() {
            collector.finish(i32::from(Exit::Failed.code()), &failure.message)?;
            return Err(failure.into());
        }
        Ok(collector)
    }

    /// Asks Zoom for each run of the session, and keeps what the ledger has a place for.
    async fn ask(
        &self,
        collector: &mut Collector,
        records: &[Record],
    ) -> anyhow::Result<(Vec<Known>, Source)> {
        let mut calls = 0;
        // What the first answer came under, the others will too.
        let mut kind = self.kind.map(Type::zoom);
        let mut known = Vec::new();
        for target in self.targets(collector, records)? {
            refuse_closed(collector, &target)?;
            for participant in self.connections(collector, &target)? {
                let wanted = Wanted {
                    account: target.account,
                    instance: &target.instance,
                    record: target.record.as_ref(),
                    participant,
                };
                let first = kind.unwrap_or_else(|| guessed(&target));
                let answered = ask::ask(collector, &wanted, first, true).await?;
                calls += answered.calls;
                kind = Some(answered.kind);
                if target.record.is_none() {
                    let rows = answered.rows.into_iter().map(|row| (row.clone(), judged(&row))).collect();
                    known.push(Known { instance: target.instance.clone(), stays: Vec::new(), rows });
                }
            }
        }
        let is_kept = !records.is_empty();
        if is_kept {
            known = known_of(&collector.store, records)?;
        }
        let kind = kind.map_or("past", QosType::as_str);
        Ok((known, Source::Zoom { calls, kind, is_kept }))
    }

    /// The runs to ask about. One that the store does not know is asked for as it was typed.
    fn targets(&self, collector: &Collector, records: &[Record]) -> anyhow::Result<Vec<Target>> {
        if records.is_empty() {
            let kind = if self.webinar { Kind::Webinar } else { Kind::Meeting };
            let instance = match &self.meeting {
                MeetingName::Number(number) => {
                    Instance { number: Some(*number), ..Instance::unknown(String::new(), kind) }
                }
                MeetingName::Uuid(uuid) => Instance::unknown(uuid.clone(), kind),
            };
            if collector.accounts.len() > 1 {
                return Err(UsageError(format!(
                    "the store does not know meeting {}, and several accounts are configured; say whose it is with \
                     --account NAME",
                    self.meeting
                ))
                .into());
            }
            return Ok(vec![Target { account: 0, instance, record: None }]);
        }
        let target = |record: &Record| {
            let account = collector.accounts.iter().position(|account| account.name == record.account);
            let account =
                account.with_context(|| format!("account {:?} is not configured", record.account))?;
            Ok(Target { account, instance: record.instance.clone(), record: Some(record.clone()) })
        };
        records.iter().map(target).collect()
    }

    /// Which connections to ask for one by one; a single `None` is everybody. Whatever takes fewer calls.
    fn connections(
        &self,
        collector: &Collector,
        target: &Target,
    ) -> anyhow::Result<Vec<Option<ParticipantId>>> {
        let Some(wanted) = self.participant.as_deref() else { return Ok(vec![None]) };
        let all = known_callers(collector, target)?;
        let mut ids = ids_of(&all, wanted)?;
        if ids.is_empty() && is_user_id(wanted) {
            ids.extend(ParticipantId::new(wanted.trim()));
        }
        let connections: usize = all.iter().map(|caller| caller.connections.len()).sum();
        let is_cheaper = connections == 0 || ids.len() as u64 <= least_calls(connections as u64);
        let is_everybody = ids.is_empty() || !is_cheaper;
        Ok(if is_everybody { vec![None] } else { ids.into_iter().map(Some).collect() })
    }

    fn show(
        &self,
        context: &Context<'_>,
        store: &Store,
        records: &[Record],
        known: Vec<Known>,
        source: Source,
    ) -> anyhow::Result<Exit> {
        let page = context.page();
        let mut instances: Vec<Instance> = known.iter().map(|known| known.instance.clone()).collect();
        instances.dedup();
        let instances: Vec<&Instance> = instances.iter().collect();
        let all = callers(known);
        let report = MeetingReport::make(&instances, states(store, records, context, &page)?, &all, source);
        match &self.participant {
            None if context.json => output::json(&report)?,
            None => output::text(&report.text(&page, &all, self.all))?,
            Some(wanted) => {
                let caller = select(&all, wanted)?;
                self.show_person(context, &page, &report, caller)?;
            }
        }
        Ok(Exit::Done)
    }

    fn show_person(
        &self,
        context: &Context<'_>,
        page: &Page,
        meeting: &MeetingReport,
        caller: &Caller,
    ) -> anyhow::Result<()> {
        let report = PersonReport::make(meeting, caller);
        match context.json {
            true => output::json(&report),
            false => output::text(&person::text(meeting, &report, caller, page)),
        }
    }
}

/// One run to ask about.
struct Target {
    account: usize,
    instance: Instance,
    record: Option<Record>,
}

/// Who the store knows in this run, from attendance and from call quality that was told before.
fn known_callers(collector: &Collector, target: &Target) -> anyhow::Result<Vec<Caller>> {
    let Some(record) = &target.record else { return Ok(Vec::new()) };
    let (stays, rows) = (collector.store.stays(record.id)?, collector.store.quality_rows(record.id)?);
    Ok(callers(vec![Known { instance: target.instance.clone(), stays, rows }]))
}

/// In-meeting ids are plain numbers.
fn is_user_id(wanted: &str) -> bool {
    let wanted = wanted.trim();
    !wanted.is_empty() && wanted.bytes().all(|byte| byte.is_ascii_digit())
}

/// Most questions come after the meeting.
fn guessed(target: &Target) -> QosType {
    if target.instance.is_live { QosType::Live } else { QosType::Past }
}

/// What cannot be had is said before a call is spent on it.
fn refuse_closed(collector: &Collector, target: &Target) -> anyhow::Result<()> {
    use rollbook_core::limits::Plan;
    let offer = &collector.accounts[target.account].offer;
    match offer.quality_refusal() {
        // A refusal by plan is certain; a remembered one may have been mended since.
        _ if target.instance.is_one_person => {
            anyhow::bail!("one person attended this run, and Zoom lists no call quality of such runs")
        }
        Some(reason) if matches!(offer.plan, Plan::Free | Plan::Pro) => {
            Err(crate::config::ConfigError(format!("no call quality over Zoom's API: {reason}")).into())
        }
        _ => Ok(()),
    }
}

fn read_at(store: &Store, records: &[Record]) -> anyhow::Result<Option<jiff::Timestamp>> {
    let mut last = None;
    for record in records {
        last = store.quality_readings(record.id)?.iter().map(|reading| reading.asked_at).max().max(last);
    }
    Ok(last)
}

/// What is collected of each run, and why.
fn states(
    store: &Store,
    records: &[Record],
    context: &Context<'_>,
    page: &Page,
) -> anyhow::Result<Vec<String>> {
    let mut states = Vec::new();
    for record in records {
        states.push(match store.quality_state(record.id)? {
            None => {
                format!("not collected by itself (policy {}; --fresh asks for it)", context.config.qos.policy)
            }
            Some(ledger) => {
                let ledger = ledger.standing;
                let next = ledger.next_look_at.map(|at| format!("; next look {}", page.until(at)));
                let word = match ledger.state {
                    QualityState::Complete => "complete",
                    QualityState::Closed => "CLOSED",
                    QualityState::Fetched => "NOT ALL YET",
                    QualityState::Due => "NOT YET",
                };
                format!("{word}: {}{}", ledger.reason.unwrap_or_default(), next.unwrap_or_default())
            }
        });
    }
    states.dedup();
    Ok(states)
}
