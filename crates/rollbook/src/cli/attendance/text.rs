//! The answer as text.

use std::fmt::Write;

use jiff::Timestamp;
use rollbook_core::attendance::Presence;
use rollbook_store::State;
use unicode_width::UnicodeWidthStr;

use super::bar::{UNKNOWN, bar};
use super::{Brief, InstanceLine, PersonLine, Report, Session, StayLine};
use crate::cli::meeting::grouped;
use crate::cli::page::{Column, Page, count, cut, minutes, pad, pad_left, safe};

/// Other sessions that people are shown.
const OTHERS_SHOWN: usize = 10;
/// A bar is no wider than this: longer ones tell nothing more.
const BAR_MAX: usize = 60;
/// Where there is not even room for this, there are no bars.
const BAR_MIN: usize = 16;
/// A name takes no more room than this; less where the page is narrow.
const NAME_MAX: usize = 28;
const NAME_MAX_NARROW: usize = 20;
/// A page below this is narrow.
const NARROW: usize = 100;

impl Report {
    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let sessions: Vec<String> = self.sessions.iter().map(|session| session_text(page, session)).collect();
        let mut out = sessions.join("\n");
        others_text(&mut out, page, &self.other_sessions, self.other_sessions_total);
        out
    }
}

fn session_text(page: &Page, session: &Session) -> String {
    let mut out = String::new();
    let number = session.meeting_id.map(|id| format!(" · {}", grouped(id))).unwrap_or_default();
    let _ = writeln!(out, "{}{number}", safe(session.topic.as_deref().unwrap_or("(no topic)")));
    if let Some(host) = &session.host {
        out += &page.field("Host", host);
    }
    out += &page.field("Time", &time_words(page, session));
    match session.instances.as_slice() {
        [only] => {
            let (label, words) = state_words(page, only);
            out += &page.field(label, &words);
        }
        several => {
            for (place, instance) in several.iter().enumerate() {
                let label = if place == 0 { "Restarted" } else { "" };
                let clock = |at: Option<Timestamp>| at.map_or_else(|| "?".to_owned(), |at| page.clock(at));
                let (from, to) = (clock(instance.started_at), clock(instance.ended_at));
                let (state, words) = state_words(page, instance);
                out +=
                    &page.field(label, &format!("{from}–{to} {}: {state}, {words}", instance.meeting_uuid));
            }
        }
    }
    out.push('\n');
    match (&session.people, &session.stays) {
        (Some(people), _) => people_text(&mut out, page, session, people),
        (_, Some(stays)) => stays_text(&mut out, page, session, stays),
        (None, None) => {}
    }
    out
}

fn time_words(page: &Page, session: &Session) -> String {
    let zone = page.zone_name();
    match (session.started_at, session.ended_at) {
        (Some(from), Some(to)) => {
            let length = session.seconds.map(|seconds| format!(", {} min", minutes(seconds)));
            let length = length.unwrap_or_default();
            format!("{} to {} {zone}{length}", page.minute(from), page.clock(to))
        }
        (Some(from), None) => format!("{} {zone}, the end is not known", page.minute(from)),
        (None, _) => "not known: nobody has told yet when it ran".to_owned(),
    }
}

/// Where an instance stands, and why.
fn state_words(page: &Page, instance: &InstanceLine) -> (&'static str, String) {
    let reason = instance.reason.clone().unwrap_or_else(|| "nothing was asked yet".to_owned());
    let next = instance.next_look_at.map(|at| format!("; next look {}", page.until(at))).unwrap_or_default();
    match instance.state {
        State::Verified => ("Verified", reason),
        State::Closed => ("CLOSED", reason),
        State::Live => ("NOT YET", format!("it still runs{next}")),
        State::Ended | State::Fetched => ("NOT YET", format!("not verified: {reason}{next}")),
    }
}

/// Why there is nobody to show.
fn nobody(session: &Session, verified: &str) -> String {
    let kept: Vec<_> = session.instances.iter().filter_map(|instance| instance.no_longer_kept).collect();
    if kept.is_empty() {
        return if session.is_verified { verified } else { "Who was there is not known yet.\n" }.to_owned();
    }
    format!(
        "Who was there is no longer kept (ROLLBOOK_KEEP_ATTENDANCE_DAYS): {} with {}, {} minutes in all.\n",
        count(kept.iter().map(|kept| kept.people).sum(), "person", "people"),
        count(kept.iter().map(|kept| kept.stays).sum(), "stay", "stays"),
        minutes(kept.iter().map(|kept| kept.seconds).sum()),
    )
}

fn people_text(out: &mut String, page: &Page, session: &Session, people: &[PersonLine]) {
    if people.is_empty() {
        out.push_str(&nobody(session, "Nobody was in the meeting.\n"));
        return;
    }
    let there = people.iter().filter(|person| person.presence.stays > 0).count();
    let waiting = people.len() - there;
    let mut total = count(there as u64, "person", "people");
    if waiting > 0 {
        let _ = write!(total, ", and {waiting} only in the waiting room");
    }
    if !session.is_verified {
        total += "; there may be more";
    }
    let _ = writeln!(out, "{total}\n");
    let rows: Vec<[String; 6]> = people.iter().map(|person| cells(page, &person.presence)).collect();
    let header = ["name", "min", "share", "stays", "tied by", "waited"];
    let widths: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(column, name)| rows.iter().map(|row| row[column].width()).max().unwrap_or(0).max(name.width()))
        .collect();
    let has_waited = people.iter().any(|person| person.presence.waited_seconds > 0);
    let shown: &[usize] = if has_waited { &[0, 1, 2, 3, 4, 5] } else { &[0, 1, 2, 3, 4] };
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = shown
            .iter()
            .map(|column| match column {
                0 | 4 => pad(&row[*column], widths[*column]),
                _ => pad_left(&row[*column], widths[*column]),
            })
            .collect();
        cells.join("  ")
    };
    let used: usize = shown.iter().map(|column| widths[*column] + 2).sum();
    let room = page.width.saturating_sub(used + 2).min(BAR_MAX);
    let time = extent(session, people).filter(|_| room >= BAR_MIN);
    let head = line(&header.map(str::to_owned));
    let axis = time.map(|(from, to)| axis(page, from, to, room)).unwrap_or_default();
    let _ = writeln!(out, "{}", format!("{head}  {axis}").trim_end());
    for (person, row) in people.iter().zip(&rows) {
        let presence = &person.presence;
        let drawn =
            time.map(|(from, to)| format!("│{}│", bar(&presence.spans, presence.open_since, from, to, room)));
        let _ = writeln!(out, "{}", format!("{}  {}", line(row), drawn.unwrap_or_default()).trim_end());
        if let Some(words) = trouble(person) {
            let _ = writeln!(out, "  {}", cut(&words, page.width.saturating_sub(2)));
        }
    }
    if people.iter().any(|person| person.presence.open_since.is_some()) {
        let _ = writeln!(out, "\n≥, ? and {UNKNOWN}: no leave is known yet, so they may have stayed longer.");
    }
}

/// What went wrong with somebody's call: who was thrown out must not look like somebody who was away.
fn trouble(person: &PersonLine) -> Option<String> {
    let call = person.call.as_ref()?;
    let quality = &call.quality;
    let is_troubled = quality.bad_drops > 0 || quality.was_lost || quality.bad_minutes > 0;
    call.sentence.clone().filter(|_| is_troubled).map(|words| format!("call: {words}"))
}

fn cells(page: &Page, presence: &Presence) -> [String; 6] {
    // Nobody was there for less than nothing: with no leave at all the figure is not a small one but none.
    let is_told = presence.stays > 0 && (presence.open_since.is_none() || presence.seconds > 0);
    let least = if presence.open_since.is_some() { "≥" } else { "" };
    let figure = |text: Option<String>| match text {
        Some(text) if is_told => format!("{least}{text}"),
        _ if presence.stays > 0 => "?".to_owned(),
        _ => "–".to_owned(),
    };
    let share = presence.share.map(|share| match share * 100.0 {
        percent if percent > 0.0 && percent < 0.5 => "<1%".to_owned(),
        percent => format!("{percent:.0}%"),
    });
    [
        cut(&presence.name, if page.width < NARROW { NAME_MAX_NARROW } else { NAME_MAX }),
        figure(Some(minutes(presence.seconds))),
        figure(share),
        presence.stays.to_string(),
        presence.rule.name().to_owned(),
        if presence.waited_seconds > 0 { minutes(presence.waited_seconds) } else { String::new() },
    ]
}

/// The time that bars span: the session's own, and where that is unknown, that of the stays.
fn extent(session: &Session, people: &[PersonLine]) -> Option<(Timestamp, Timestamp)> {
    let spans = || people.iter().flat_map(|person| &person.presence.spans);
    let from = session.started_at.or_else(|| spans().map(|span| span.from).min())?;
    let to = session.ended_at.or_else(|| spans().map(|span| span.to).max())?;
    (to > from).then_some((from, to))
}

/// `09:00      09:45      10:30` above the bars.
fn axis(page: &Page, from: Timestamp, to: Timestamp, room: usize) -> String {
    let (start, end) = (page.clock(from), page.clock(to));
    let middle = page.clock(from + to.duration_since(from) / 2);
    // The ends of the axis stand above the bars' borders.
    let inner = (room + 2).saturating_sub(15);
    let left = inner / 2;
    format!("{start}{}{middle}{}{end}", " ".repeat(left), " ".repeat(inner - left))
}

fn stays_text(out: &mut String, page: &Page, session: &Session, stays: &[StayLine]) {
    if stays.is_empty() {
        out.push_str(&nobody(session, "No stays.\n"));
        return;
    }
    let _ = writeln!(out, "{}", count(stays.len() as u64, "stay", "stays"));
    let has_places = stays.iter().any(|stay| !place(stay).is_empty());
    let clock = |at: Timestamp| page.second(at)[11..].to_owned();
    let rows = stays.iter().map(|stay| {
        let mut row = vec![
            clock(stay.join_time),
            stay.leave_time.map_or_else(|| "not known".to_owned(), clock),
            stay.duration_seconds.map_or_else(|| "–".to_owned(), minutes),
            cut(stay.name.as_deref().unwrap_or("(no name)"), NAME_MAX_NARROW),
            stay.email.clone().unwrap_or_default(),
            stay.user_id.clone(),
            stay.source.to_owned(),
        ];
        row.extend(has_places.then(|| place(stay)));
        row
    });
    let mut columns = vec![
        Column::Whole("join"),
        Column::Whole("leave"),
        Column::Number("min"),
        Column::Whole("name"),
        Column::Text("e-mail"),
        Column::Whole("user_id"),
        Column::Text("source"),
    ];
    columns.extend(has_places.then_some(Column::Text("where")));
    out.push_str(&page.table(&columns, rows.collect()));
}

/// Where a stay was, unless it was in the meeting like all others.
fn place(stay: &StayLine) -> String {
    let words = [
        (stay.status == "in_waiting_room", "waiting room"),
        (stay.breakout == Some(true), "breakout room"),
        (stay.withdrawn, "withdrawn"),
    ];
    let words: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    words.join(", ")
}

fn others_text(out: &mut String, page: &Page, others: &[Brief], total: usize) {
    if others.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{} of this number (--date DATE, or the UUID, shows one):",
        count(total as u64, "other session", "other sessions")
    );
    let rows = others.iter().take(OTHERS_SHOWN).map(|session| {
        vec![
            session.started_at.map_or_else(|| "not known".to_owned(), |at| page.minute(at)),
            session.ended_at.map_or_else(|| "not known".to_owned(), |at| page.clock(at)),
            if session.is_verified { "verified" } else { "not verified" }.to_owned(),
            session.meeting_uuids.join(" "),
        ]
    });
    let columns =
        [Column::Whole("started"), Column::Whole("ended"), Column::Whole("state"), Column::Text("uuid")];
    out.push_str(&page.table(&columns, rows.collect()));
    if total > OTHERS_SHOWN {
        let _ = writeln!(out, "… and {} earlier ones (--json names them).", total - OTHERS_SHOWN);
    }
}
