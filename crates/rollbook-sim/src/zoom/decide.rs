//! What a call gets: token first, then limits, then luck, then the answer.

use http::request::Parts;

use super::ask::{Ask, parse_query};
use super::changes::Changes;
use super::operation::{Area, Operation};
use super::reply::{Reply, Step};
use super::{State, auth, changes, metrics, network, past, refusal, report, settings, users};
use crate::Sim;
use crate::chance::Dice;
use crate::limit::{Label, Per};
use crate::options::Plan;
use crate::stats::Ledger;
use crate::world::World;

/// Decides one call at the instant it arrives, and enters it in the books.
pub(super) fn decide(sim: &Sim, parts: &Parts, form: &[u8], mut dice: Dice) -> Reply {
    let now = sim.clock.now();
    let mut state = sim.lock();
    let state = &mut *state;
    let method = parts.method.as_str();
    let path = parts.uri.path();
    let reply = if path == "/oauth/token" {
        auth::give(&sim.world, state, now.as_second(), parts, form, &mut dice)
    } else {
        api(sim, state, parts, form, dice)
    };
    let target = parts.uri.path_and_query().map_or(path, |target| target.as_str());
    let status = if reply.is_reset { 0 } else { reply.status };
    state.trace.add(now, method, target, status);
    state.ledger.stats.resets += u64::from(reply.is_reset);
    if path != "/oauth/token" {
        *state.ledger.stats.by_status.entry(reply.status).or_default() += 1;
    }
    reply
}

fn api(sim: &Sim, state: &mut State, parts: &Parts, body: &[u8], dice: Dice) -> Reply {
    let now = sim.clock.now();
    let world = &*sim.world;
    let Some(rest) = parts.uri.path().strip_prefix("/v2/") else {
        return Reply::error(404, 404, "This API endpoint is not recognized.");
    };
    if let Err(reply) = auth::check(world, state, now.as_second(), &parts.headers) {
        state.ledger.stats.unauthorized += 1;
        return reply;
    }
    let segments: Vec<_> = rest.trim_end_matches('/').split('/').collect();
    let Some((operation, id)) = find_operation(world, parts.method.as_str(), &segments) else {
        return no_such_endpoint(&segments);
    };
    count(&mut state.ledger, operation, now.as_second());
    let zoom = &world.options.zoom;
    let label = operation.label();
    if let Some(refused) = state.ledger.arrive(now, label, zoom) {
        count_refusal(&mut state.ledger, refused.per);
        return refusal::refuse(refused, label, now, zoom);
    }
    let mut ask = Ask {
        operation,
        id: id.to_owned(),
        participant: segments[segments.len().saturating_sub(2)].to_owned(),
        query: parse_query(parts.uri.query().unwrap_or("")),
        body: body.to_vec(),
        now: now.as_second(),
        is_faulty: now.as_second() < world.faults_stop,
        dice,
    };
    let mut reply = match network::strike(world, &mut ask) {
        Some(reply) => {
            // What breaks may break before a change is heard, or after it was made: nobody who sent it can tell.
            if operation.method() != "GET" && reply.status >= 500 && ask.dice.hit(0.5) {
                serve(world, &mut state.changes, &mut ask);
            }
            reply
        }
        None => {
            let reply = serve(world, &mut state.changes, &mut ask);
            network::damage(world, &mut ask, reply)
        }
    };
    note_step(state, reply.step.filter(|_| !reply.is_reset));
    state.ledger.stats.refusals.spurious += u64::from(reply.is_spurious);
    if !reply.is_reset && !reply.is_spurious {
        let left = state.ledger.left(now, label, zoom);
        reply.headers.extend(refusal::headers(label, left, zoom));
    }
    reply
}

/// The answer itself, before anything happens to it on its way.
fn serve(world: &World, changes: &mut Changes, ask: &mut Ask) -> Reply {
    let reply = permit(world, ask.operation).and_then(|()| dispatch(world, changes, ask));
    reply.unwrap_or_else(|refusal| refusal)
}

/// The call these segments mean, for the account itself or as its master asks.
fn find_operation<'a>(world: &World, method: &str, segments: &[&'a str]) -> Option<(Operation, &'a str)> {
    let own = &world.options.credentials.account_id;
    match segments {
        ["accounts", id, rest @ ..] if rest.len() > 1 || *rest != ["settings"] => Operation::of(method, rest)
            .filter(|(operation, _)| (*id == "me" || id == own) && operation.has_master_form()),
        _ => Operation::of(method, segments),
    }
}

/// A path nobody knows: an identifier with a bare `/` in it looks like this too.
fn no_such_endpoint(segments: &[&str]) -> Reply {
    match segments.first() {
        Some(&("metrics" | "report" | "past_meetings" | "past_webinars" | "meetings")) => {
            Reply::error(404, 3001, "Meeting does not exist: .")
        }
        _ => Reply::error(404, 404, "This API endpoint is not recognized."),
    }
}

fn count(ledger: &mut Ledger, operation: Operation, now: i64) {
    let stats = &mut ledger.stats;
    let label = operation.label();
    stats.calls += 1;
    *stats.by_label.entry(label).or_default() += 1;
    *stats.by_operation.entry(format!("{} {}", operation.method(), operation.path())).or_default() += 1;
    if matches!(label, Label::Heavy | Label::ResourceIntensive) {
        let day = crate::day::instant(now).strftime("%Y-%m-%d").to_string();
        *stats.heavy_by_day.entry(day).or_default() += 1;
    }
}

fn count_refusal(ledger: &mut Ledger, per: Per) {
    let refusals = &mut ledger.stats.refusals;
    match per {
        Per::Second => refusals.per_second += 1,
        Per::Minute => refusals.per_minute += 1,
        Per::Day | Per::SharedDay => refusals.daily += 1,
    }
}

fn note_step(state: &mut State, step: Option<Step>) {
    let Some(step) = step else { return };
    let was_open = state.open_lists.remove(&step.list);
    state.ledger.stats.page_restarts += u64::from(step.is_first && was_open);
    if step.has_more {
        state.open_lists.insert(step.list);
    }
}

/// Refuses what scopes or plan do not allow (quirks 60 and 61).
fn permit(world: &World, operation: Operation) -> Result<(), Reply> {
    auth::check_scope(world, operation)?;
    let plan = world.options.plan;
    let account = &world.options.credentials.account_id;
    let has_dashboards = plan == Plan::Business && world.options.zoom.dashboards;
    match operation.area() {
        Area::Dashboard if !has_dashboards && operation.is_feedback() => Err(Reply::error(
            400,
            200,
            "Only available for paid accounts that have dashboard feature enabled.",
        )),
        Area::Dashboard if !has_dashboards => Err(Reply::error(
            400,
            400,
            "This API is only available for Business or higher accounts that have enabled the Dashboard feature.",
        )),
        Area::Past | Area::Report if plan == Plan::Free => {
            Err(Reply::error(400, 200, &format!("Only available for paid account: {account}.")))
        }
        _ => Ok(()),
    }
}

fn dispatch(world: &World, changes: &mut Changes, ask: &mut Ask) -> Result<Reply, Reply> {
    match ask.operation {
        Operation::MetricsMeetings | Operation::MetricsWebinars => metrics::list(world, ask),
        Operation::MetricsMeeting | Operation::MetricsWebinar => metrics::details(world, ask),
        Operation::MetricsMeetingParticipants | Operation::MetricsWebinarParticipants => {
            metrics::participants(world, ask)
        }
        Operation::MetricsMeetingQos | Operation::MetricsWebinarQos => metrics::qos::list(world, ask),
        Operation::MetricsMeetingParticipantQos | Operation::MetricsWebinarParticipantQos => {
            metrics::qos::one(world, ask)
        }
        Operation::MetricsMeetingQosSummary | Operation::MetricsWebinarQosSummary => {
            metrics::qos::summary::list(world, ask)
        }
        Operation::MetricsMeetingSharing | Operation::MetricsWebinarSharing => {
            metrics::sharing::list(world, ask)
        }
        Operation::MetricsMeetingSatisfaction | Operation::MetricsWebinarSatisfaction => {
            metrics::satisfaction::list(world, ask)
        }
        Operation::ReportUsers => report::users(world, ask),
        Operation::ReportUserMeetings => report::user_meetings(world, ask),
        Operation::ReportHistory => report::history(world, ask),
        Operation::ReportMeeting | Operation::ReportWebinar => report::details(world, ask),
        Operation::ReportMeetingParticipants | Operation::ReportWebinarParticipants => {
            report::participants(world, ask)
        }
        Operation::PastMeeting => past::details(world, ask),
        Operation::PastMeetingInstances | Operation::PastWebinarInstances => past::instances(world, ask),
        Operation::PastMeetingParticipants | Operation::PastWebinarParticipants => {
            past::participants(world, ask)
        }
        Operation::Users => users::list(world, changes, ask),
        Operation::CreateUser => changes::create_user(world, changes, ask),
        Operation::User => users::one(world, changes, ask),
        Operation::UserSettings => settings::of_user(world, changes, ask),
        Operation::UserMeetings | Operation::UserWebinars => users::planned(world, changes, ask),
        Operation::UpcomingMeetings => users::upcoming(world, changes, ask),
        Operation::CreateMeeting => changes::create_meeting(world, changes, ask),
        Operation::Meeting => users::meeting(world, changes, ask),
        Operation::UpdateMeeting => changes::update_meeting(world, changes, ask),
        Operation::AccountSettings => settings::of_account(world, ask),
    }
}
