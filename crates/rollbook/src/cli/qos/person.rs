//! One person's call: a table of streams, what they were like over time, the worst minutes, the verdict. Pure.

use std::fmt::Write;

use jiff::Timestamp;
use rollbook_core::quality::assess::PoorMinute;
use rollbook_core::quality::{Cause, Channel, ChannelQuality, Column, Measure, Media, QualityRow};

use super::draw::{Bucket, minutes_around, sparkline};
use crate::cli::page::{self, Page, count, cut, pad, safe};
use crate::report::callers::{Caller, Connection};
use crate::report::calls::{MeetingReport, PersonReport};

/// A line over time is no wider than this.
const LINE_MAX: usize = 60;
/// Unreadable values that are shown.
const ODD_MAX: usize = 5;

/// The whole answer.
pub fn text(meeting: &MeetingReport, report: &PersonReport, caller: &Caller, page: &Page) -> String {
    let email = report.email.as_ref().map(|email| format!(" · {email}")).unwrap_or_default();
    let mut out = format!("{}{}\n", safe(&report.name), safe(&email));
    out += &page.field("Meeting", meeting.head(page).lines().next().unwrap_or_default());
    for line in meeting.head(page).lines().skip(1) {
        let _ = writeln!(out, "{line}");
    }
    for (place, connection) in caller.connections.iter().enumerate() {
        out += &page.field(if place == 0 { "Connected" } else { "" }, &connected(page, connection));
    }
    if caller.connections.len() > 1 {
        out += &page.field("Tied by", report.rule.name());
    }
    let verdicts: Vec<&str> =
        report.connections.iter().filter_map(|connection| connection.verdict.as_deref()).collect();
    let verdict = match (&report.sentence, verdicts.as_slice()) {
        (_, []) => "Zoom has told nothing of this call".to_owned(),
        (_, [only]) => (*only).to_owned(),
        (sentence, _) => sentence.clone().unwrap_or_else(|| "nothing was measured".to_owned()),
    };
    out += &page.field("Verdict", &verdict);
    if verdicts.is_empty() {
        return out;
    }
    streams(&mut out, page, caller);
    over_time(&mut out, page, caller);
    worst(&mut out, page, &report.worst_minutes);
    odd(&mut out, caller);
    out += "\nInput and output are Zoom's words; which of them a participant sends, Zoom does not state.\n";
    out
}

fn connected(page: &Page, connection: &Connection) -> String {
    let stay = &connection.stay;
    let left = stay.left_at.map_or_else(|| "?".to_owned(), |at| page.clock(at));
    let detail = |name: &str| {
        let (row, _) = connection.told.as_ref()?;
        row.details.get(name).map(|value| safe(value))
    };
    let known: Vec<String> = ["device", "network_type", "version", "location", "data_center"]
        .into_iter()
        .filter_map(detail)
        .collect();
    let known = if known.is_empty() { String::new() } else { format!(", {}", known.join(", ")) };
    let told = if connection.told.is_some() { "" } else { ", nothing told of it" };
    format!("{}–{left}, id {}{known}{told}", page.clock(stay.joined_at), stay.user_id)
}

fn told(caller: &Caller) -> impl Iterator<Item = &QualityRow> {
    caller.connections.iter().filter_map(|connection| connection.told.as_ref()).map(|(row, _)| row)
}

fn streams(out: &mut String, page: &Page, caller: &Caller) {
    let columns = [
        page::Column::Whole("stream"),
        page::Column::Number("score"),
        page::Column::Number("min"),
        page::Column::Number("bad"),
        page::Column::Number("kbps"),
        page::Column::Number("latency"),
        page::Column::Number("jitter"),
        page::Column::Number("loss"),
        page::Column::Number("worst"),
        page::Column::Whole("picture"),
        page::Column::Whole("cause"),
    ];
    let rows = caller.quality.channels.iter().map(|channel| stream(caller, channel)).collect();
    let _ = write!(out, "\n{}", page.table(&columns, rows));
    if let Some((mean, most)) = cpu(caller) {
        let _ = writeln!(out, "processor  {mean:.0} % by Zoom on average, {most:.0} % by everything at most");
    }
}

fn stream(caller: &Caller, channel: &ChannelQuality) -> Vec<String> {
    let figure = |value: Option<f64>, digits: usize, unit: &str| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}{unit}"))
    };
    let cause = if channel.bad_minutes > 0 { channel.cause.map_or("", Cause::words) } else { "" };
    vec![
        channel.channel.words(),
        format!("{:.0}", channel.score),
        channel.minutes.to_string(),
        channel.bad_minutes.to_string(),
        figure(channel.bitrate_kbps, 0, ""),
        figure(channel.latency_ms, 0, " ms"),
        figure(channel.jitter_ms, 0, " ms"),
        figure(channel.loss_pct, 1, " %"),
        figure(channel.worst_loss_pct, 1, " %"),
        picture(caller, channel.channel).unwrap_or_default(),
        cause.to_owned(),
    ]
}

/// The size seen most often, and the mean frame rate.
fn picture(caller: &Caller, channel: Channel) -> Option<String> {
    if channel.media == Media::Audio {
        return None;
    }
    let column = |measure| Column::Stream(channel, measure);
    let mut sizes = std::collections::BTreeMap::<(u64, u64), u32>::new();
    let mut rates = Vec::new();
    for row in told(caller) {
        for at in 0..row.series.len() {
            let value = |measure| row.series.value(column(measure), at);
            if let (Some(width), Some(height)) = (value(Measure::Width), value(Measure::Height)) {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let size = (width as u64, height as u64);
                *sizes.entry(size).or_default() += 1;
            }
            rates.extend(value(Measure::FrameRate));
        }
    }
    let size = sizes.into_iter().max_by_key(|(size, seen)| (*seen, *size)).map(|(size, _)| size);
    let size = size.map(|(width, height)| format!("{width}×{height}"));
    let rate = mean(&rates).map(|rate| format!("{rate:.0} fps"));
    let parts: Vec<String> = [size, rate].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[allow(clippy::cast_precision_loss)]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn cpu(caller: &Caller) -> Option<(f64, f64)> {
    let all = |column| {
        told(caller)
            .flat_map(|row| row.series.column(column).unwrap_or_default())
            .copied()
            .filter(|value| !value.is_nan())
            .collect::<Vec<f64>>()
    };
    let most = all(Column::CpuSystemMax).into_iter().max_by(f64::total_cmp)?;
    Some((mean(&all(Column::CpuZoomAvg))?, most))
}

/// Rate and loss of each stream, one line each, all on one axis.
fn over_time(out: &mut String, page: &Page, caller: &Caller) {
    let instants = || told(caller).flat_map(|row| row.series.times());
    let (Some(from), Some(to)) = (instants().min().copied(), instants().max().copied()) else { return };
    let label =
        caller.quality.channels.iter().map(|one| one.channel.words().chars().count()).max().unwrap_or(0);
    // Label, two names, and the highest figure behind each line.
    let room = (page.width.saturating_sub(label + 26) / 2).min(LINE_MAX);
    if room < 8 {
        return;
    }
    let (from, to, minutes) = minutes_around(from, to);
    let room = room.min(minutes);
    let (start, end) = (page.clock(from), page.clock(to));
    let axis = format!("{start}{}{end}", " ".repeat(room.saturating_sub(start.len() + end.len())));
    let _ = writeln!(out, "\n{}  rate {axis}  up to     loss {axis}  up to", pad("", label));
    for channel in &caller.quality.channels {
        let (rates, losses) = (
            values(caller, channel.channel, Measure::Bitrate),
            values(caller, channel.channel, Measure::AvgLoss),
        );
        let most = |values: &[(Timestamp, Option<f64>)]| {
            values.iter().filter_map(|(_, value)| *value).max_by(f64::total_cmp)
        };
        let figure = |value: Option<f64>, unit: &str, digits: usize| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$} {unit}"))
        };
        let line = format!(
            "{}       {}  {}       {}  {}",
            pad(&channel.channel.words(), label),
            sparkline(&rates, from, to, room, Bucket::Mean),
            pad(&figure(most(&rates), "k", 0), 7),
            sparkline(&losses, from, to, room, Bucket::Peak),
            figure(most(&losses), "%", 1),
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn values(caller: &Caller, channel: Channel, measure: Measure) -> Vec<(Timestamp, Option<f64>)> {
    let column = Column::Stream(channel, measure);
    let of_row = |row: &QualityRow| -> Vec<(Timestamp, Option<f64>)> {
        (0..row.series.len()).map(|at| (row.series.times()[at], row.series.value(column, at))).collect()
    };
    told(caller).flat_map(of_row).collect()
}

fn worst(out: &mut String, page: &Page, minutes: &[PoorMinute]) {
    if minutes.is_empty() {
        return;
    }
    out.push_str("\nWorst minutes\n");
    for minute in minutes {
        let figures = &minute.figures;
        let parts = [
            figures.loss_pct.map(|loss| format!("loss {loss:.1} %")),
            figures.latency_ms.map(|latency| format!("latency {latency:.0} ms")),
            figures.jitter_ms.map(|jitter| format!("jitter {jitter:.0} ms")),
            figures.bitrate_kbps.map(|rate| format!("{rate:.0} kbps")),
            figures.frame_rate.map(|rate| format!("{rate:.0} fps")),
            minute.cpu_pct.map(|cpu| format!("processor {cpu:.0} %")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let grade = match minute.verdict.grade {
            rollbook_core::quality::Grade::Bad => "bad",
            _ => "fair",
        };
        let cause = minute.verdict.cause.map_or(String::new(), |cause| format!(" ({})", cause.words()));
        let line = format!(
            "  {}  {}  {grade}{cause}: {}",
            page.clock(minute.at),
            pad(&minute.channel.words(), 9),
            parts.join(", ")
        );
        let _ = writeln!(out, "{}", cut(&line, page.width));
    }
}

/// What could not be read is shown, so that somebody can tell us what it means.
fn odd(out: &mut String, caller: &Caller) {
    let all: Vec<_> = told(caller).flat_map(|row| row.series.odd()).collect();
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{} could not be read:", count(all.len() as u64, "value", "values"));
    for odd in all.iter().take(ODD_MAX) {
        let _ = writeln!(out, "  {} {}: {:?}", odd.at, odd.column, safe(&odd.text));
    }
    if all.len() > ODD_MAX {
        let _ = writeln!(out, "  … and {} more (--json names them)", all.len() - ODD_MAX);
    }
}
