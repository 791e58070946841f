//! How one stay went: its samples, minute by minute and stream by stream, and what is remembered of them.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::channel::{Channel, Column, Measure, Media};
use super::emodel::mos;
use super::score::{Around, Figures, Score, score};
use super::series::Series;
use super::summary::{Cause, ChannelQuality, Ending, Grade, StayQuality};
use super::thresholds as limit;
use crate::time::minutes;

/// One stream's columns; a missing one is all gaps.
struct Stream<'a> {
    channel: Channel,
    columns: [Option<&'a [f64]>; 5],
    /// By minute of [`Graded::minutes`].
    scores: Vec<Option<Score>>,
}

/// Bitrate, latency, jitter, average loss, frame rate: the order of [`Stream::columns`].
const MEASURES: [Measure; 5] =
    [Measure::Bitrate, Measure::Latency, Measure::Jitter, Measure::AvgLoss, Measure::FrameRate];

impl Stream<'_> {
    fn value(&self, measure: usize, sample: usize) -> Option<f64> {
        self.columns[measure].and_then(|values| values.get(sample)).copied().filter(|value| !value.is_nan())
    }

    fn figures(&self, sample: usize) -> Figures {
        Figures {
            bitrate_kbps: self.value(0, sample),
            latency_ms: self.value(1, sample),
            jitter_ms: self.value(2, sample),
            loss_pct: self.value(3, sample),
            frame_rate: self.value(4, sample),
        }
    }

    fn values(&self, measure: usize) -> impl Iterator<Item = f64> {
        self.columns[measure].into_iter().flatten().copied().filter(|value| !value.is_nan())
    }
}

/// All streams of a series, judged.
struct Graded<'a> {
    /// Whole minutes that have a sample, oldest first.
    minutes: Vec<Timestamp>,
    /// For each sample its minute's place.
    minute_of: Vec<usize>,
    streams: Vec<Stream<'a>>,
}

impl<'a> Graded<'a> {
    fn of(series: &'a Series) -> Graded<'a> {
        let mut graded = Graded { minutes: Vec::new(), minute_of: Vec::new(), streams: Vec::new() };
        for at in series.times() {
            let minute = whole_minute(*at);
            if graded.minutes.last() != Some(&minute) {
                graded.minutes.push(minute);
            }
            graded.minute_of.push(graded.minutes.len() - 1);
        }
        graded.streams =
            Channel::ALL.into_iter().filter_map(|channel| graded.judge(series, channel)).collect();
        graded
    }

    /// A minute with two samples is as bad as the worse of them.
    fn judge(&self, series: &'a Series, channel: Channel) -> Option<Stream<'a>> {
        let columns = MEASURES.map(|measure| series.column(Column::Stream(channel, measure)));
        if columns.iter().all(Option::is_none) {
            return None;
        }
        let usual_frame_rate = columns[4].and_then(median_above_zero);
        let mut stream = Stream { channel, columns, scores: vec![None; self.minutes.len()] };
        for (sample, minute) in self.minute_of.iter().enumerate() {
            let around = Around { cpu_pct: series.value(Column::CpuSystemMax, sample), usual_frame_rate };
            let next = score(channel.media, &stream.figures(sample), &around);
            let held = &mut stream.scores[*minute];
            *held = worse(*held, next);
        }
        Some(stream)
    }

    /// The worst stream of each minute.
    fn worst(&self) -> Vec<Option<(Channel, Score)>> {
        (0..self.minutes.len())
            .map(|minute| {
                let scores = self.streams.iter().filter_map(|one| Some((one.channel, one.scores[minute]?)));
                scores.reduce(|held, next| if next.1.score < held.1.score { next } else { held })
            })
            .collect()
    }
}

fn worse(held: Option<Score>, next: Option<Score>) -> Option<Score> {
    match (held, next) {
        (Some(held), Some(next)) if next.score < held.score => Some(next),
        (held, next) => held.or(next),
    }
}

fn whole_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(60) * 60)
        .expect("a minute begins no earlier than its seconds")
}

fn median_above_zero(values: &[f64]) -> Option<f64> {
    let mut flowing: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
    let middle = flowing.len() / 2;
    (!flowing.is_empty()).then(|| *flowing.select_nth_unstable_by(middle, f64::total_cmp).1)
}

fn count(scores: impl Iterator<Item = Score>, grade: Grade) -> u32 {
    u32::try_from(scores.filter(|score| score.grade == grade).count()).unwrap_or(u32::MAX)
}

/// What is remembered of a stay's samples.
pub fn assess(series: &Series, joined_at: Timestamp, left_at: Option<Timestamp>) -> StayQuality {
    let graded = Graded::of(series);
    let worst: Vec<Score> = graded.worst().into_iter().flatten().map(|(_, score)| score).collect();
    let minutes = u32::try_from(worst.len()).unwrap_or(u32::MAX);
    let channels: Vec<ChannelQuality> = graded.streams.iter().filter_map(remember).collect();
    let silent = silent(&graded, joined_at, left_at);
    let cause = commonest(channels.iter());
    StayQuality {
        samples: u32::try_from(series.len()).unwrap_or(u32::MAX),
        first_at: series.times().first().copied(),
        last_at: series.times().last().copied(),
        minutes,
        score: overall(&channels, minutes),
        bad_minutes: count(worst.iter().copied(), Grade::Bad),
        worst: worst_channel(&channels),
        cause: cause.or((silent.len() == 2).then_some(Cause::Silence)),
        silent,
        ending: left_at.and_then(|left_at| ending(&graded, left_at)),
        odd: u32::try_from(series.odd().len()).unwrap_or(u32::MAX),
        channels,
    }
}

fn remember(stream: &Stream<'_>) -> Option<ChannelQuality> {
    let scores = || stream.scores.iter().flatten().copied();
    let (minutes, mean_score) = mean(scores().map(|score| score.score))?;
    let of = |measure: usize| mean(stream.values(measure)).map(|(_, mean)| mean);
    let causes = |grade: Grade| {
        most(scores().filter(move |score| score.grade == grade).filter_map(|score| Some((score.cause?, 1))))
    };
    Some(ChannelQuality {
        channel: stream.channel,
        minutes,
        fair_minutes: count(scores(), Grade::Fair),
        bad_minutes: count(scores(), Grade::Bad),
        score: mean_score,
        mos: (stream.channel.media == Media::Audio).then(|| mos(mean_score)),
        bitrate_kbps: of(0),
        latency_ms: mean(stream.values(1).filter(|latency| *latency > 0.0)).map(|(_, mean)| mean),
        jitter_ms: of(2),
        loss_pct: of(3),
        worst_loss_pct: stream.values(3).reduce(f64::max),
        cause: causes(Grade::Bad).or_else(|| causes(Grade::Fair)),
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<(u32, f64)> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| (count, sum / f64::from(count)))
}

/// The cause with the most votes; of equals the one that comes first in [`Cause`].
fn most(votes: impl Iterator<Item = (Cause, u32)>) -> Option<Cause> {
    let mut counts = std::collections::BTreeMap::<Cause, u32>::new();
    votes.for_each(|(cause, weight)| *counts.entry(cause).or_default() += weight);
    counts
        .into_iter()
        .max_by_key(|(cause, count)| (*count, std::cmp::Reverse(*cause)))
        .map(|(cause, _)| cause)
}

/// The score of the worst stream among those that flowed long enough to matter; of all, if none did.
pub(super) fn overall(channels: &[ChannelQuality], minutes: u32) -> Option<f64> {
    let least = limit::MATTERS_FROM.value * f64::from(minutes);
    let matters = |channel: &&ChannelQuality| f64::from(channel.minutes) >= least;
    let scores = channels.iter().filter(matters).map(|channel| channel.score);
    scores.reduce(f64::min).or_else(|| channels.iter().map(|channel| channel.score).reduce(f64::min))
}

/// The stream with the most bad minutes, else with the most fair ones; of equals the one with the lower score.
pub(super) fn worst_channel(channels: &[ChannelQuality]) -> Option<Channel> {
    let troubled = channels.iter().filter(|channel| channel.bad_minutes + channel.fair_minutes > 0);
    let worst = troubled.max_by(|a, b| {
        (a.bad_minutes, a.fair_minutes)
            .cmp(&(b.bad_minutes, b.fair_minutes))
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| b.channel.cmp(&a.channel))
    });
    worst.map(|channel| channel.channel)
}

/// What was wrong in most bad minutes of these streams, or in most fair ones where none was bad.
pub(super) fn commonest<'a>(channels: impl Iterator<Item = &'a ChannelQuality> + Clone) -> Option<Cause> {
    let votes = |of: fn(&ChannelQuality) -> u32| {
        most(channels.clone().filter(|channel| of(channel) > 0).filter_map(|one| Some((one.cause?, of(one)))))
    };
    votes(|channel| channel.bad_minutes).or_else(|| votes(|channel| channel.fair_minutes))
}

/// Input and output of sound that never flowed, although the stay lasted and was measured.
fn silent(graded: &Graded<'_>, joined_at: Timestamp, left_at: Option<Timestamp>) -> Vec<Channel> {
    #[allow(clippy::cast_precision_loss)]
    let measured = graded.minutes.len() as f64;
    let lasted = left_at.map_or(measured, |left_at| left_at.duration_since(joined_at).as_secs_f64() / 60.0);
    if measured.min(lasted) < limit::SILENT_FROM.value {
        return Vec::new();
    }
    let flows = |channel: Channel| {
        let stream = graded.streams.iter().find(|stream| stream.channel == channel);
        stream.is_some_and(|stream| match stream.columns[0] {
            Some(_) => stream.values(0).any(|bitrate| bitrate > 0.0),
            None => true,
        })
    };
    // Rooms and browsers may send their sound through a connector or a gateway instead.
    let has_detour = graded
        .streams
        .iter()
        .any(|stream| stream.channel.media == Media::Audio && !Channel::MAIN.contains(&stream.channel));
    let sound = Channel::MAIN.into_iter().filter(|channel| channel.media == Media::Audio);
    sound.filter(|channel| !has_detour && !flows(*channel)).collect()
}

/// Samples this long before a leave still tell how it came about; the last may have fallen to a gap.
const ENDING_WITHIN: SignedDuration = minutes(5);

/// The last measured minutes before a leave.
fn ending(graded: &Graded<'_>, left_at: Timestamp) -> Option<Ending> {
    let judged = graded.worst();
    let recent = |place: &usize| {
        let at = graded.minutes[*place];
        at <= left_at && left_at.duration_since(at) <= ENDING_WITHIN && judged[*place].is_some()
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let last: Vec<usize> =
        (0..graded.minutes.len()).rev().filter(recent).take(limit::LAST_MINUTES.value as usize).collect();
    let is_bad = |minute: &&usize| judged[**minute].is_some_and(|(_, score)| score.grade == Grade::Bad);
    let bad_minutes = last.iter().filter(is_bad).count();
    let losses = last.iter().filter(|minute| bad_minutes == 0 || is_bad(minute)).filter_map(|minute| {
        let samples = (0..graded.minute_of.len()).filter(|sample| graded.minute_of[*sample] == *minute);
        samples
            .flat_map(|sample| graded.streams.iter().filter_map(move |one| one.value(3, sample)))
            .reduce(f64::max)
    });
    (!last.is_empty()).then(|| Ending {
        minutes: u32::try_from(last.len()).unwrap_or(u32::MAX),
        bad_minutes: u32::try_from(bad_minutes).unwrap_or(u32::MAX),
        loss_pct: mean(losses).map(|(_, mean)| mean),
    })
}

/// The grade of each minute that has a sample, over all streams; `None` where too little was measured.
pub fn minute_grades(series: &Series) -> Vec<(Timestamp, Option<Grade>)> {
    let graded = Graded::of(series);
    let grades = graded.worst().into_iter().map(|worst| worst.map(|(_, score)| score.grade));
    graded.minutes.iter().copied().zip(grades).collect()
}

/// One minute that was not good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PoorMinute {
    /// When it began.
    pub at: Timestamp,
    /// The worst stream of it.
    pub channel: Channel,
    /// The verdict on that stream.
    #[serde(flatten)]
    pub verdict: Score,
    /// That stream's figures; of the last sample, should the minute have several.
    pub figures: Figures,
    /// Most that everything on the computer took of its processor, percent.
    pub cpu_pct: Option<f64>,
}

/// The worst minutes that were not good, worst first, at most so many.
pub fn worst_minutes(series: &Series, at_most: usize) -> Vec<PoorMinute> {
    let graded = Graded::of(series);
    let mut poor: Vec<PoorMinute> = graded
        .worst()
        .into_iter()
        .enumerate()
        .filter_map(|(minute, worst)| Some((minute, worst.filter(|(_, score)| score.grade != Grade::Good)?)))
        .filter_map(|(minute, (channel, verdict))| {
            let stream = graded.streams.iter().find(|stream| stream.channel == channel)?;
            let sample = graded.minute_of.iter().rposition(|of| *of == minute)?;
            let cpu_pct = series.value(Column::CpuSystemMax, sample);
            Some(PoorMinute {
                at: graded.minutes[minute],
                channel,
                verdict,
                figures: stream.figures(sample),
                cpu_pct,
            })
        })
        .collect();
    poor.sort_by(|a, b| a.verdict.score.total_cmp(&b.verdict.score).then_with(|| a.at.cmp(&b.at)));
    poor.truncate(at_most);
    poor
}

#[cfg(test)]
mod tests;
