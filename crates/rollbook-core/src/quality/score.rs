//! What one minute of one stream was like: a score of 0 to 100, a grade, and what was wrong.
//!
//! The score of sound is the rating R of the E-model. Pictures have no published model that Zoom's figures suffice
//! for; their score is on the same scale: 100 less what lateness impairs in the E-model, less what loss impairs along
//! a line through two published limits, and capped where frames come too rarely. One pair of limits turns the
//! scores of all streams into grades.

use serde::Serialize;

use super::channel::Media;
use super::emodel::{delay_impairment, loss_impairment};
use super::summary::{Cause, Grade};
use super::thresholds as limit;

/// The figures of one stream in one minute; a gap is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    /// kbps.
    pub bitrate_kbps: Option<f64>,
    /// ms; 0 is as good as none (quirk 52).
    pub latency_ms: Option<f64>,
    /// ms.
    pub jitter_ms: Option<f64>,
    /// Average loss, percent.
    pub loss_pct: Option<f64>,
    /// Pictures a second; 0 is as good as none (quirk 51).
    pub frame_rate: Option<f64>,
}

/// What else a minute is judged by.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Around {
    /// Most that everything on the computer took of its processor, percent.
    pub cpu_pct: Option<f64>,
    /// The stream's median frame rate over the stay.
    pub usual_frame_rate: Option<f64>,
}

/// The verdict on one stream in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// 0 to 100; for sound the rating R.
    pub score: f64,
    /// The same in three steps.
    pub grade: Grade,
    /// What was wrong, as far as the figures tell; none of a good minute.
    pub cause: Option<Cause>,
}

/// Judges one minute of one stream; `None` where too little was measured.
pub fn score(media: Media, figures: &Figures, around: &Around) -> Option<Score> {
    let frames = figures.frame_rate.filter(|rate| *rate > 0.0 && media == Media::Video);
    let network = network(media, figures);
    match (network, frames) {
        (None, None) => None,
        (Some((score, cause)), None) => Some(verdict(score, cause)),
        (network, Some(frames)) => Some(with_frames(network, frames, around)),
    }
}

/// The score that delay, jitter and loss leave, and which of them took most.
fn network(media: Media, figures: &Figures) -> Option<(f64, Option<Cause>)> {
    let latency = figures.latency_ms.filter(|latency| *latency > 0.0);
    if latency.is_none() && figures.jitter_ms.is_none() && figures.loss_pct.is_none() {
        return None;
    }
    let (latency, jitter) = (latency.unwrap_or(0.0), figures.jitter_ms.unwrap_or(0.0).max(0.0));
    let loss = figures.loss_pct.unwrap_or(0.0);
    let late = delay_impairment(latency);
    let uneven = delay_impairment(latency + limit::BUFFER.value * jitter) - late;
    let (best, lost) = match media {
        Media::Audio => (limit::R_DEFAULT.value, loss_impairment(loss)),
        Media::Video | Media::Share => (100.0, picture_loss_impairment(loss)),
    };
    let most = [(lost, Cause::Loss), (late, Cause::Latency), (uneven, Cause::Jitter)]
        .into_iter()
        .filter(|(impairment, _)| *impairment > 0.0)
        // The first of equals stays: loss before lateness before jitter.
        .reduce(|most, next| if next.0 > most.0 { next } else { most });
    Some(((best - late - uneven - lost).max(0.0), most.map(|(_, cause)| cause)))
}

/// From nothing to the step from good to fair, on to the step from fair to bad, and on along the same line.
fn picture_loss_impairment(loss_pct: f64) -> f64 {
    let (good, fair) = (limit::PICTURE_LOSS_GOOD.value, limit::PICTURE_LOSS_FAIR.value);
    let (to_good, to_fair) = (100.0 - limit::GOOD_FROM.value, 100.0 - limit::FAIR_FROM.value);
    let loss = loss_pct.clamp(0.0, 100.0);
    if loss <= good {
        loss / good * to_good
    } else {
        to_good + (loss - good) / (fair - good) * (to_fair - to_good)
    }
}

/// Rare frames cap the score. The processor is to blame only while the network is not.
fn with_frames(network: Option<(f64, Option<Cause>)>, frames: f64, around: &Around) -> Score {
    let (score, cause) = network.unwrap_or((100.0, None));
    let is_network_good = score >= limit::GOOD_FROM.value;
    let is_busy = around.cpu_pct.is_some_and(|cpu| cpu >= limit::CPU_BUSY.value);
    let usual = around.usual_frame_rate.unwrap_or(0.0).max(limit::USUAL_FRAMES.value);
    let collapsed_below = limit::COLLAPSED.value * usual;
    if is_busy && is_network_good && frames < collapsed_below {
        return verdict(score.min(limit::FAIR_FROM.value * frames / collapsed_below), Some(Cause::Cpu));
    }
    let (good, fair) = (limit::FRAMES_GOOD.value, limit::FRAMES_FAIR.value);
    let (good_from, fair_from) = (limit::GOOD_FROM.value, limit::FAIR_FROM.value);
    let cap = match frames {
        frames if frames >= good => 100.0,
        frames if frames >= fair => fair_from + (good_from - fair_from) * (frames - fair) / (good - fair),
        frames => fair_from * frames / fair,
    };
    // Why frames are rare on a good network and an idle computer, the figures do not tell.
    let cause = if is_network_good && cap < good_from { None } else { cause };
    verdict(score.min(cap), cause)
}

fn verdict(score: f64, cause: Option<Cause>) -> Score {
    let grade = match score {
        score if score >= limit::GOOD_FROM.value => Grade::Good,
        score if score >= limit::FAIR_FROM.value => Grade::Fair,
        _ => Grade::Bad,
    };
    Score { score, grade, cause: cause.filter(|_| grade != Grade::Good) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"latency 300 jitter 5 loss 1 fps 12 cpu 95 usual 25"`, any of them.
    fn judged(media: Media, text: &str) -> Option<Score> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let figure = |name: &str| {
            words.iter().position(|word| *word == name).map(|place| words[place + 1].parse().unwrap())
        };
        let figures = Figures {
            bitrate_kbps: figure("kbps"),
            latency_ms: figure("latency"),
            jitter_ms: figure("jitter"),
            loss_pct: figure("loss"),
            frame_rate: figure("fps"),
        };
        score(media, &figures, &Around { cpu_pct: figure("cpu"), usual_frame_rate: figure("usual") })
    }

    fn check(media: Media, text: &str, expected: &str) {
        let shown = judged(media, text).map_or("nothing".to_owned(), |score| {
            let cause = score.cause.map_or(String::new(), |cause| format!(" {cause:?}"));
            format!("{:.1} {:?}{cause}", score.score, score.grade)
        });
        assert_eq!(shown, expected, "{media:?} {text}");
    }

    #[test]
    fn sound_is_rated_by_the_e_model() {
        check(Media::Audio, "latency 126 jitter 6 loss 0.3", "92.0 Good");
        check(Media::Audio, "loss 5 latency 60 jitter 5", "77.4 Fair Loss");
        check(Media::Audio, "loss 30 latency 60 jitter 5", "41.5 Bad Loss");
        check(Media::Audio, "latency 450 jitter 3 loss 0", "65.2 Bad Latency");
        check(Media::Audio, "latency 100 jitter 200 loss 0.1", "62.2 Bad Jitter");
        check(Media::Audio, "latency 9000 jitter 900 loss 100", "0.0 Bad Loss");
    }

    #[test]
    fn quirk_52_no_latency_is_not_a_short_one_and_too_little_is_no_verdict() {
        check(Media::Audio, "kbps 60", "nothing");
        check(Media::Audio, "kbps 60 latency 0", "nothing");
        check(Media::Audio, "kbps 60 latency 0 jitter 3", "93.2 Good");
        check(Media::Video, "kbps 60 fps 0", "nothing");
        check(Media::Share, "kbps 60 fps 1", "nothing");
    }

    #[test]
    fn pictures_turn_fair_and_bad_at_the_published_losses() {
        check(Media::Video, "latency 129 jitter 11 loss 0 fps 12", "99.8 Good");
        check(Media::Video, "latency 60 loss 1 fps 25", "80.0 Good");
        check(Media::Video, "latency 60 loss 1.1 fps 25", "79.9 Fair Loss");
        check(Media::Video, "latency 60 loss 10 fps 25", "70.0 Fair Loss");
        check(Media::Video, "latency 60 loss 10.1 fps 25", "69.9 Bad Loss");
        check(Media::Share, "latency 60 loss 30 fps 1", "47.8 Bad Loss");
        check(Media::Share, "latency 600 jitter 1 loss 0", "64.7 Bad Latency");
    }

    #[test]
    fn rare_frames_are_noticed_of_cameras_but_not_of_shared_screens() {
        check(Media::Video, "loss 0 fps 7", "100.0 Good");
        check(Media::Video, "loss 0 fps 6", "78.0 Fair");
        check(Media::Video, "loss 0 fps 1", "35.0 Bad");
        check(Media::Video, "fps 1", "35.0 Bad");
        check(Media::Video, "loss 12 fps 6", "67.8 Bad Loss");
        check(Media::Share, "loss 0 fps 1", "100.0 Good");
    }

    #[test]
    fn the_computer_is_to_blame_only_while_the_network_is_not() {
        check(Media::Video, "loss 0 latency 60 fps 5 cpu 95", "35.0 Bad Cpu");
        check(Media::Video, "loss 0 latency 60 fps 9 cpu 90", "63.0 Bad Cpu");
        check(Media::Video, "loss 0 latency 60 fps 12 cpu 95 usual 25", "67.2 Bad Cpu");
        check(Media::Video, "loss 0 latency 60 fps 13 cpu 95 usual 25", "100.0 Good");
        check(Media::Video, "loss 0 latency 60 fps 5 cpu 89", "76.0 Fair");
        check(Media::Video, "loss 12 latency 60 fps 5 cpu 95", "67.8 Bad Loss");
        check(Media::Audio, "loss 0 latency 60 cpu 100", "93.2 Good");
    }
}
