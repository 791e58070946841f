//! A person's call over all their connections, and an instance's over all its people.

use jiff::Timestamp;
use serde::Serialize;

use super::assess::{commonest, overall, worst_channel};
use super::channel::Channel;
use super::emodel::mos;
use super::summary::{Cause, ChannelQuality, Grade, StayQuality};
use super::thresholds as limit;
use super::words::percent;
use crate::reading::Status;
use crate::stay::{SAME_JOIN, Stay};

/// One stay of a person, with what else is known of it.
#[derive(Debug, Clone, Copy)]
pub struct PersonStay<'a> {
    /// The stay; one in the waiting room too.
    pub stay: &'a Stay,
    /// How it went, where it was told.
    pub quality: Option<&'a StayQuality>,
    /// When its instance ended, where known.
    pub instance_ended_at: Option<Timestamp>,
}

/// How a person's call went in an instance or session.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PersonQuality {
    /// Connections in the meeting.
    pub stays: u32,
    /// Those of which samples are held.
    pub measured_stays: u32,
    /// Minutes that could be judged; those of two connections at once count twice.
    pub minutes: u32,
    /// 0 to 100: that of the worst stream that mattered; none where nothing was measured.
    pub score: Option<f64>,
    /// Minutes in which any stream was bad.
    pub bad_minutes: u32,
    /// The same over the measured minutes, 0 to 1.
    pub bad_share: Option<f64>,
    /// The worst stream; none where all was good.
    pub worst: Option<Channel>,
    /// Why.
    pub cause: Option<Cause>,
    /// Times the connection ended before the instance did and came back.
    pub drops: u32,
    /// Those of them that bad minutes preceded.
    pub bad_drops: u32,
    /// Mean loss in the last minutes before those, percent.
    pub drop_loss_pct: Option<f64>,
    /// The last connection ended before the instance did, after bad minutes, and did not come back.
    pub was_lost: bool,
    /// Mean loss in the last minutes before that, percent.
    pub lost_loss_pct: Option<f64>,
    /// Streams over all connections.
    pub channels: Vec<ChannelQuality>,
}

/// Combines the stays of one person (see [`crate::person::people`]).
pub fn person_quality(stays: &[PersonStay<'_>]) -> PersonQuality {
    let mut sorted: Vec<PersonStay<'_>> =
        stays.iter().copied().filter(|one| !one.stay.is_withdrawn).collect();
    sorted.sort_by_key(|one| (one.stay.joined_at, one.stay.left_at, &one.stay.user_id));
    let inside = sorted.iter().filter(|one| one.stay.status == Status::InMeeting);
    let told: Vec<&StayQuality> =
        inside.clone().filter_map(|one| one.quality).filter(|quality| quality.samples > 0).collect();
    let minutes: u32 = told.iter().map(|quality| quality.minutes).sum();
    let bad_minutes: u32 = told.iter().map(|quality| quality.bad_minutes).sum();
    let channels = combine(told.iter().flat_map(|quality| &quality.channels));
    let is_silent = !told.is_empty() && told.iter().all(|one| one.cause == Some(Cause::Silence));
    let mut person = PersonQuality {
        stays: u32::try_from(inside.count()).unwrap_or(u32::MAX),
        measured_stays: u32::try_from(told.len()).unwrap_or(u32::MAX),
        minutes,
        score: overall(&channels, minutes),
        bad_minutes,
        bad_share: share(bad_minutes, minutes),
        worst: worst_channel(&channels),
        cause: commonest(told.iter().flat_map(|quality| &quality.channels))
            .or(is_silent.then_some(Cause::Silence)),
        channels,
        ..PersonQuality::default()
    };
    tell_ends(&mut person, &sorted);
    person
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// The same stream of several stays or people as one, weighed by minutes; in the order of streams.
fn combine<'a>(channels: impl Iterator<Item = &'a ChannelQuality>) -> Vec<ChannelQuality> {
    let mut all: Vec<&ChannelQuality> = channels.collect();
    all.sort_by_key(|channel| channel.channel);
    all.chunk_by(|a, b| a.channel == b.channel).map(combine_one).collect()
}

fn combine_one(same: &[&ChannelQuality]) -> ChannelQuality {
    let sum = |of: fn(&ChannelQuality) -> u32| same.iter().map(|channel| of(channel)).sum::<u32>();
    let mean = |of: fn(&ChannelQuality) -> Option<f64>| {
        let told = || same.iter().filter_map(|channel| Some((of(channel)?, f64::from(channel.minutes))));
        let weight: f64 = told().map(|(_, weight)| weight).sum();
        (weight > 0.0).then(|| told().map(|(value, weight)| value * weight).sum::<f64>() / weight)
    };
    let score = mean(|channel| Some(channel.score)).unwrap_or(0.0);
    ChannelQuality {
        channel: same[0].channel,
        minutes: sum(|channel| channel.minutes),
        fair_minutes: sum(|channel| channel.fair_minutes),
        bad_minutes: sum(|channel| channel.bad_minutes),
        score,
        mos: same[0].mos.map(|_| mos(score)),
        bitrate_kbps: mean(|channel| channel.bitrate_kbps),
        latency_ms: mean(|channel| channel.latency_ms),
        jitter_ms: mean(|channel| channel.jitter_ms),
        loss_pct: mean(|channel| channel.loss_pct),
        worst_loss_pct: same.iter().filter_map(|channel| channel.worst_loss_pct).reduce(f64::max),
        cause: commonest(same.iter().copied()),
    }
}

/// Finds where the connection ended before the instance did. Moves between rooms, and from or to the waiting room,
/// follow one another without a gap; a second device covers the first one's.
fn tell_ends(person: &mut PersonQuality, sorted: &[PersonStay<'_>]) {
    let mut losses = Vec::new();
    let mut present: Option<PersonStay<'_>> = None;
    for next in sorted {
        if let Some(last) = present.filter(|last| is_drop(last, next.stay)) {
            person.drops += 1;
            if is_bad_ending(&last) {
                person.bad_drops += 1;
                losses.extend(ending_loss(&last));
            }
        }
        let goes_on = present.is_some_and(|last| ends(last.stay) >= ends(next.stay));
        present = if goes_on { present } else { Some(*next) };
    }
    person.drop_loss_pct = mean(&losses);
    let lost = present.filter(|last| {
        last.instance_ended_at.is_some()
            && leaves_early(last, limit::LOST_FROM.value * 60.0)
            && is_bad_ending(last)
    });
    person.was_lost = lost.is_some();
    person.lost_loss_pct = lost.and_then(|last| ending_loss(&last));
}

fn ends(stay: &Stay) -> Timestamp {
    stay.left_at.unwrap_or(Timestamp::MAX)
}

/// Whether the connection ended with this stay, and `next` is it coming back.
fn is_drop(last: &PersonStay<'_>, next: &Stay) -> bool {
    let gap = next.joined_at.duration_since(ends(last.stay));
    if gap <= SAME_JOIN || !leaves_early(last, limit::ENDED_WITHIN.value) {
        return false;
    }
    let is_between_rooms = last.stay.is_breakout == Some(true) || next.is_breakout == Some(true);
    let is_moved = is_between_rooms && gap.as_secs_f64() <= limit::MOVED_WITHIN.value;
    let is_back_soon = gap.as_secs_f64() <= limit::BACK_WITHIN.value * 60.0;
    !is_moved && (is_back_soon || is_bad_ending(last))
}

/// In the meeting, and gone so many seconds before it was over, as far as its end is known. That a class restarts under
/// a new instance is nobody's line.
fn leaves_early(last: &PersonStay<'_>, by_seconds: f64) -> bool {
    let is_early = |left_at: Timestamp| {
        let before = |ended_at: Timestamp| ended_at.duration_since(left_at).as_secs_f64() >= by_seconds;
        last.instance_ended_at.is_none_or(before)
    };
    last.stay.status == Status::InMeeting && last.stay.left_at.is_some_and(is_early)
}

fn is_bad_ending(last: &PersonStay<'_>) -> bool {
    last.quality.and_then(|quality| quality.ending).is_some_and(|ending| ending.bad_minutes > 0)
}

fn ending_loss(last: &PersonStay<'_>) -> Option<f64> {
    last.quality?.ending?.loss_pct
}

fn mean(values: &[f64]) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)]
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

impl PersonQuality {
    /// How the call went, in a few words; `None` where nothing is known of it.
    ///
    /// `dropped 4 times, loss 30 % before; audio in bad in 12 of 40 min (loss)` is somebody who tried; somebody who
    /// was simply away has no such words.
    pub fn sentence(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.bad_drops > 0 {
            parts.push(format!("dropped {}, {}", times(self.bad_drops), before(self.drop_loss_pct)));
        }
        match (self.drops - self.bad_drops, self.bad_drops) {
            (0, _) => (),
            (once_more, 0) => parts.push(format!("left and came back {}", times(once_more))),
            (once_more, _) => parts.push(format!("left and came back another {}", times(once_more))),
        }
        if self.was_lost {
            parts.push(format!("did not come back, {}", before(self.lost_loss_pct)));
        }
        let worst = self.channels.iter().find(|one| Some(one.channel) == self.worst && one.bad_minutes > 0);
        if let Some(worst) = worst {
            let cause = worst.cause.map_or(String::new(), |cause| format!(" ({})", cause.words()));
            let (bad, minutes) = (worst.bad_minutes, worst.minutes);
            parts.push(format!("{} bad in {bad} of {minutes} min{cause}", worst.channel.words()));
        }
        if self.cause == Some(Cause::Silence) {
            parts.push(Cause::Silence.words().to_owned());
        }
        if parts.is_empty() && self.minutes > 0 {
            parts.push(format!("no bad minutes in {}", self.minutes));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// Loss below a percent is not why a connection ends.
fn before(loss_pct: Option<f64>) -> String {
    match loss_pct.filter(|loss| *loss >= 1.0) {
        Some(loss) => format!("loss {} before", percent(loss)),
        None => "bad minutes before".to_owned(),
    }
}

/// How an instance's calls went.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct InstanceQuality {
    /// People of whom anything was measured.
    pub people: u32,
    /// Their minutes.
    pub minutes: u32,
    /// The middle one of their scores, 0 to 100.
    pub median_score: Option<f64>,
    /// The lowest of them.
    pub worst_score: Option<f64>,
    /// Bad minutes over all minutes, 0 to 1.
    pub bad_share: Option<f64>,
    /// The worst stream over all of them; none where all was good.
    pub worst: Option<Channel>,
    /// What was wrong in most bad minutes, or fair ones where none was bad.
    pub cause: Option<Cause>,
    /// People a tenth or more of whose minutes were bad.
    pub troubled_people: u32,
    /// Drops of all people, each time somebody's connection ended and came back.
    pub drops: u32,
}

/// Combines the people of one instance or session.
pub fn instance_quality(people: &[PersonQuality]) -> InstanceQuality {
    let measured: Vec<&PersonQuality> = people.iter().filter(|person| person.minutes > 0).collect();
    let mut scores: Vec<f64> = measured.iter().filter_map(|person| person.score).collect();
    scores.sort_by(f64::total_cmp);
    let minutes: u32 = measured.iter().map(|person| person.minutes).sum();
    let all = measured.iter().flat_map(|person| &person.channels);
    let channels = combine(all.clone());
    let is_troubled =
        |person: &&&PersonQuality| person.bad_share.is_some_and(|share| share >= limit::TROUBLED_FROM.value);
    InstanceQuality {
        people: u32::try_from(measured.len()).unwrap_or(u32::MAX),
        minutes,
        median_score: median(&scores),
        worst_score: scores.first().copied(),
        bad_share: share(measured.iter().map(|person| person.bad_minutes).sum(), minutes),
        worst: worst_channel(&channels),
        cause: commonest(all),
        troubled_people: u32::try_from(measured.iter().filter(is_troubled).count()).unwrap_or(u32::MAX),
        drops: people.iter().map(|person| person.drops).sum(),
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

/// The minutes in which a third or more of the people measured then, and at least three were, had a bad minute: that
/// points to a room, or to the meeting, rather than to one person's line.
///
/// Each person's grades are [`super::assess::minute_grades`] of all their stays; a person counts once a minute.
pub fn bad_together(people: &[Vec<(Timestamp, Option<Grade>)>]) -> Vec<Timestamp> {
    let mut by_minute = std::collections::BTreeMap::<Timestamp, (u32, u32)>::new();
    for grades in people {
        let mut worst = std::collections::BTreeMap::<Timestamp, Grade>::new();
        for (at, grade) in grades.iter().filter_map(|(at, grade)| Some((*at, (*grade)?))) {
            let held = worst.entry(at).or_insert(grade);
            *held = grade.max(*held);
        }
        for (at, grade) in worst {
            let (measured, bad) = by_minute.entry(at).or_default();
            *measured += 1;
            *bad += u32::from(grade == Grade::Bad);
        }
    }
    let is_common = |(measured, bad): &(u32, u32)| {
        f64::from(*measured) >= limit::TOGETHER_PEOPLE.value
            && f64::from(*bad) >= limit::TOGETHER_FROM.value * f64::from(*measured) - 1e-9
    };
    by_minute.into_iter().filter(|(_, counts)| is_common(counts)).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests;
