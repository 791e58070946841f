//! A job that is about to start becomes a request, unless what was learned since makes it needless.

use jiff::Timestamp;
use rollbook_core::family::Family;
use rollbook_core::instance::{Instance, Kind};
use rollbook_core::job::Ask;
use rollbook_core::listing::List;
use rollbook_store::{Job, JobSpec, Result, Store};
use rollbook_zoom::UserId;
use rollbook_zoom::page::{NextPage, PageCursor};

use super::account::Account;
use super::ask::Request;
use super::settle::progress_of;
use super::{PROBE_WAIT, quality, reconsider};

/// What becomes of a job that was about to start.
pub(super) enum Prepared {
    /// To be sent, from this place of its list on.
    Send(Box<Request>, PageCursor),
    /// It is no longer needed, or has been put anew.
    Settled,
}

/// Makes a job into a request, unless what was learned since makes it needless.
pub(super) fn prepare(
    store: &mut Store,
    now: Timestamp,
    account: &mut Account,
    job: &Job,
) -> Result<Prepared> {
    let progress = progress_of(job);
    let cursor = match progress.cursor.next(now) {
        NextPage::First | NextPage::At(_) => progress.cursor,
        NextPage::Done => PageCursor::new(),
    };
    let send = |request| Ok(Prepared::Send(Box::new(request), cursor));
    match &job.spec.ask {
        Ask::List { list, window } => {
            let needs = if matches!(list, List::History | List::ReportUsers) {
                Family::Report
            } else {
                Family::Metrics
            };
            match account.offer.refusal(needs) {
                None => send(Request::List(*list, *window)),
                Some(reason) => {
                    store.close_listing(&account.name, *list, *window, &reason)?;
                    store.finish_job(job.id)?;
                    Ok(Prepared::Settled)
                }
            }
        }
        Ask::UserMeetings { user, one_person, window, .. } => match UserId::new(user.clone()) {
            Ok(user) => send(Request::UserMeetings(user, *one_person, *window)),
            Err(_) => store.finish_job(job.id).map(|()| Prepared::Settled),
        },
        Ask::Instances { number, kind, .. } => {
            let known = store.known_number(&account.name, *number, *kind)?;
            match known.filter(|known| known.gone_at.is_none()) {
                Some(_) => send(Request::Runs(*number, *kind)),
                None => store.finish_job(job.id).map(|()| Prepared::Settled),
            }
        }
        Ask::Details { instance } | Ask::Participants { instance, .. } => {
            let Some(record) = store.instance(*instance)? else {
                return store.finish_job(job.id).map(|()| Prepared::Settled);
            };
            let Ask::Participants { family, .. } = &job.spec.ask else {
                return send(Request::Details(Box::new(record.instance)));
            };
            if !account.offer.families(record.instance.is_one_person).contains(family) {
                reconsider::reconsider(store, now, account, record, None)?;
                return Ok(Prepared::Settled);
            }
            if is_probe(&record.instance, *family) {
                if account.is_probed_enough() {
                    let spec = JobSpec { due_at: now + PROBE_WAIT, ..job.spec.clone() };
                    store.step_job(&Job { spec, ..job.clone() })?;
                    return Ok(Prepared::Settled);
                }
                account.probes += 1;
            }
            send(Request::Participants(Box::new(record.instance), *family))
        }
        Ask::Quality { instance, participant } => {
            let Some(record) = store.instance(*instance)? else {
                return store.finish_job(job.id).map(|()| Prepared::Settled);
            };
            match quality::request(account, record.instance.clone(), participant.as_ref()) {
                Some(request) => send(request),
                None => {
                    store.finish_job(job.id)?;
                    quality::reconsider(store, now, account, &record).map(|()| Prepared::Settled)
                }
            }
        }
    }
}

/// Whether a call also finds out if past meetings tell one-person runs in this account (quirk 3).
pub(super) fn is_probe(instance: &Instance, family: Family) -> bool {
    instance.is_one_person && instance.kind == Kind::Meeting && family == Family::PastMeetings
}
