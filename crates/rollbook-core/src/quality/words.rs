//! Call quality in words, for people.

use super::channel::{Channel, Flow, Media};
use super::emodel::satisfaction;
use super::summary::{Cause, ChannelQuality, StayQuality};

/// What Zoom says of who sends and who receives an `input` or `output`: nothing, in any source we have.
pub const DIRECTION_SOURCE: &str = "not stated by Zoom";

/// The one place that puts a flow into words. None of them says "sent" or "received" ([`DIRECTION_SOURCE`]): once
/// Zoom is known to say so, this is the table to change.
const FLOWS: [(Flow, &str); 6] = [
    (Flow::Input, "in"),
    (Flow::Output, "out"),
    (Flow::FromRoomConnector, "from room connector"),
    (Flow::ToRoomConnector, "to room connector"),
    (Flow::FromWebGateway, "from web gateway"),
    (Flow::ToWebGateway, "to web gateway"),
];

impl Flow {
    /// `in` and `out` for Zoom's `input` and `output`.
    pub fn words(self) -> &'static str {
        FLOWS[self as usize].1
    }
}

impl Media {
    /// `audio`, `video` or `screen`.
    pub fn words(self) -> &'static str {
        match self {
            Media::Audio => "audio",
            Media::Video => "video",
            Media::Share => "screen",
        }
    }
}

impl Channel {
    /// `audio in`, `screen out`, `video from room connector`.
    pub fn words(self) -> String {
        format!("{} {}", self.media.words(), self.flow.words())
    }
}

impl Cause {
    /// As it stands in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Cause::Loss => "loss",
            Cause::Jitter => "jitter",
            Cause::Latency => "latency",
            Cause::Cpu => "busy computer",
            Cause::Silence => "no sound in or out",
        }
    }
}

/// How a stay went, in a sentence: the worst stream with its figures and the cause, or that there is nothing to
/// complain of.
pub fn verdict(quality: &StayQuality) -> String {
    let mut parts = Vec::new();
    let worst = quality.worst.and_then(|worst| quality.channels.iter().find(|one| one.channel == worst));
    match worst {
        _ if quality.samples == 0 => return "nothing was measured".to_owned(),
        _ if quality.minutes == 0 => parts.push("too little was measured to judge it".to_owned()),
        None => parts.push(format!("good in all of {} min", quality.minutes)),
        Some(worst) => parts.push(trouble(worst)),
    }
    let sound = quality.channels.iter().filter(|one| one.channel.media == Media::Audio);
    if let Some(sound) = sound.min_by(|a, b| a.score.total_cmp(&b.score)) {
        let mos = sound.mos.unwrap_or(1.0);
        parts.push(format!("R {:.0}, MOS {mos:.1} ({})", sound.score, satisfaction(sound.score)));
    }
    if let Some(silence) = silence(&quality.silent) {
        parts.push(silence);
    }
    parts.join("; ")
}

/// `audio in bad in 12 of 40 min (loss, 8 % on average, 33 % at worst)`.
fn trouble(channel: &ChannelQuality) -> String {
    let (grade, minutes) = match channel.bad_minutes {
        0 => ("fair", channel.fair_minutes),
        bad => ("bad", bad),
    };
    let figures = match channel.cause {
        Some(Cause::Loss) => channel
            .loss_pct
            .zip(channel.worst_loss_pct)
            .map(|(mean, worst)| format!(", {} on average, {} at worst", percent(mean), percent(worst))),
        Some(Cause::Latency) => channel.latency_ms.map(|latency| format!(", {latency:.0} ms on average")),
        Some(Cause::Jitter) => channel.jitter_ms.map(|jitter| format!(", {jitter:.0} ms on average")),
        _ => None,
    };
    let cause = channel.cause.map_or("cause not told by the figures", Cause::words);
    let figures = figures.unwrap_or_default();
    format!("{} {grade} in {minutes} of {} min ({cause}{figures})", channel.channel.words(), channel.minutes)
}

fn silence(silent: &[Channel]) -> Option<String> {
    let names: Vec<String> = silent.iter().map(|channel| channel.words()).collect();
    let why = "muted or not working, Zoom does not tell which";
    (!names.is_empty()).then(|| format!("nothing in {} ({why})", names.join(" and ")))
}

/// `0.3 %`, `12 %`: a tenth matters only where there is little.
pub(super) fn percent(percent: f64) -> String {
    if percent < 9.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flow_has_its_own_words() {
        for (place, (flow, words)) in FLOWS.into_iter().enumerate() {
            assert_eq!((flow as usize, flow.words()), (place, words));
        }
    }

    #[test]
    fn no_word_claims_a_direction_that_zoom_does_not_state() {
        assert_eq!(DIRECTION_SOURCE, "not stated by Zoom");
        for channel in Channel::ALL {
            let words = channel.words();
            assert!(
                !["send", "sent", "receive", "up", "down"].iter().any(|claim| words.contains(claim)),
                "{words}"
            );
        }
    }
}
