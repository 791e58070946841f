//! Lists of a day: when each must be taken, and taken again until it is settled.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::label::Label;
use crate::time::{Window, hours, minutes};

/// Which list. Each is asked for the same window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// `/metrics/meetings?type=past`: two people or more.
    MeetingsPast,
    /// `/metrics/meetings?type=pastOne`: one person (quirk 3).
    MeetingsPastOne,
    /// `/metrics/webinars?type=past`.
    Webinars,
    /// `/metrics/meetings?type=live`, only for windows that reach the present.
    MeetingsLive,
    /// `/metrics/webinars?type=live`, likewise.
    WebinarsLive,
    /// `/report/history_meetings`: meetings and webinars where there are no dashboards.
    History,
    /// `/report/users`, then each user's meetings: where history is refused.
    ReportUsers,
}

impl List {
    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            List::MeetingsPast => "meetings_past",
            List::MeetingsPastOne => "meetings_past_one",
            List::Webinars => "webinars",
            List::MeetingsLive => "meetings_live",
            List::WebinarsLive => "webinars_live",
            List::History => "history",
            List::ReportUsers => "report_users",
        }
    }

    /// The list of that [`List::name`].
    pub fn from_name(name: &str) -> Option<List> {
        use List::{
            History, MeetingsLive, MeetingsPast, MeetingsPastOne, ReportUsers, Webinars, WebinarsLive,
        };
        [MeetingsPast, MeetingsPastOne, Webinars, MeetingsLive, WebinarsLive, History, ReportUsers]
            .into_iter()
            .find(|list| list.name() == name)
    }

    /// Its label (API.md).
    pub fn label(self) -> Label {
        match self {
            List::History | List::ReportUsers => Label::Heavy,
            _ => Label::ResourceIntensive,
        }
    }

    /// Whether it lists what is running, not what has ended.
    pub fn is_live(self) -> bool {
        matches!(self, List::MeetingsLive | List::WebinarsLive)
    }
}

/// A list taken this long after its window ended is final: meetings that Zoom lists late are in it by then.
pub const SETTLED_AFTER: SignedDuration = hours(24);

/// A window that still runs is not listed again sooner than this.
pub const LIST_AGAIN_AFTER: SignedDuration = minutes(10);

/// How far east and west of UTC a school can be. The zone of a day in Zoom's lists is not documented (quirk 8), so
/// windows are widened until they cover the wanted one whichever zone it is.
const ZONES_WEST: SignedDuration = hours(12);
const ZONES_EAST: SignedDuration = hours(14);

/// How far back Zoom lists: six months (quirk 7), a little less because a month's exact length is not documented.
pub const LOOK_BACK_DAYS: i64 = 180;

/// The most days that one request may span: one month, at its shortest, less the widening.
pub const SPAN_DAYS: i64 = 25;

/// One window of one list, as the ledger keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The days it covers.
    pub window: Window,
    /// When it was last listed to the end.
    pub listed_at: Option<Timestamp>,
    /// When it was first listed to the end after its window was over.
    pub first_listed_after_at: Option<Timestamp>,
}

/// What must happen to a listing next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// List it now.
    Now,
    /// List it again then.
    At(Timestamp),
    /// It is final.
    Settled,
}

/// When a listing must be taken (again).
///
/// `due → listed → listed again ≥ 24 h later → settled`. A list first taken when its window had been over for
/// 24 h needs no second look: whatever is listed late is listed by then.
pub fn due(now: Timestamp, listing: &Listing) -> Due {
    let Some(listed_at) = listing.listed_at else { return Due::Now };
    let at = match listing.first_listed_after_at {
        None => listed_at + LIST_AGAIN_AFTER,
        Some(first) if first >= listing.window.to + SETTLED_AFTER => return Due::Settled,
        Some(first) if listed_at >= first + SETTLED_AFTER => return Due::Settled,
        Some(first) => first + SETTLED_AFTER,
    };
    if at <= now { Due::Now } else { Due::At(at) }
}

/// The window to ask for so that, whichever zone Zoom reads it in, all of `wanted` is covered.
///
/// Nothing can be listed after the present, so the east side ends there (in the easternmost zone's clock), nor beyond
/// the look-back limit, where the whole request would be refused.
pub fn widened(now: Timestamp, wanted: Window) -> Window {
    let oldest = now - hours(24 * LOOK_BACK_DAYS);
    Window {
        from: (wanted.from - ZONES_WEST).max(oldest.min(wanted.to)),
        to: (wanted.to + ZONES_EAST).min(now + ZONES_EAST),
    }
}

/// Whether all of a day lies beyond what Zoom still lists.
pub fn is_too_old(now: Timestamp, day: Window) -> bool {
    day.to <= now - hours(24 * LOOK_BACK_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn listing(listed: Option<&str>, first_after: Option<&str>) -> Listing {
        Listing {
            window: Window { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-21T00:00:00Z") },
            listed_at: listed.map(at),
            first_listed_after_at: first_after.map(at),
        }
    }

    #[test]
    fn a_day_listed_soon_after_its_end_is_listed_again_a_day_later() {
        let now = at("2026-11-21T03:00:00Z");
        assert_eq!(due(now, &listing(None, None)), Due::Now);
        let once = listing(Some("2026-11-21T02:00:00Z"), Some("2026-11-21T02:00:00Z"));
        assert_eq!(due(now, &once), Due::At(at("2026-11-22T02:00:00Z")));
        let twice = listing(Some("2026-11-22T02:00:00Z"), Some("2026-11-21T02:00:00Z"));
        assert_eq!(due(at("2026-11-22T02:01:00Z"), &twice), Due::Settled);
    }

    #[test]
    fn a_day_first_listed_a_day_after_its_end_is_settled() {
        let old = listing(Some("2026-11-22T00:00:00Z"), Some("2026-11-22T00:00:00Z"));
        assert_eq!(due(at("2026-11-22T01:00:00Z"), &old), Due::Settled);
    }

    #[test]
    fn a_running_day_is_listed_again_after_some_minutes() {
        let running = listing(Some("2026-11-20T12:00:00Z"), None);
        assert_eq!(due(at("2026-11-20T12:01:00Z"), &running), Due::At(at("2026-11-20T12:10:00Z")));
        assert_eq!(due(at("2026-11-20T12:11:00Z"), &running), Due::Now);
    }

    #[test]
    fn the_window_asked_for_covers_every_zone() {
        let wanted = Window { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-21T00:00:00Z") };
        let asked = widened(at("2026-12-01T00:00:00Z"), wanted);
        assert_eq!(asked, Window { from: at("2026-11-19T12:00:00Z"), to: at("2026-11-21T14:00:00Z") });
    }

    #[test]
    fn nothing_is_asked_for_beyond_the_look_back_limit() {
        let day = Window { from: at("2026-05-20T00:00:00Z"), to: at("2026-05-21T00:00:00Z") };
        let now = at("2026-11-16T05:00:00Z");
        assert!(!is_too_old(now, day));
        assert_eq!(widened(now, day).from, at("2026-05-20T05:00:00Z"));
        assert!(is_too_old(at("2026-11-17T00:00:00Z"), day));
    }
}
