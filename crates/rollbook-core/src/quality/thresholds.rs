//! Every number that a verdict on call quality rests on, with its unit and where it comes from.
//!
//! `docs/quality.md` shows the same table; a test compares the two.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// What it decides.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// Who says so.
    pub source: &'static str,
}

const OURS: &str = "ours";
const OF_G107: &str = "ITU-T G.107, default";
const OF_G109: &str = "ITU-T G.109";
const OF_G113: &str = "ITU-T G.113 App. I, G.711 with loss concealment";
const OF_CQD: &str = "Microsoft, Stream Classification in Call Quality Dashboard";

const fn threshold(name: &'static str, value: f64, unit: &'static str, source: &'static str) -> Threshold {
    Threshold { name, value, unit, source }
}

/// Rating of speech that nothing impairs.
pub const R_DEFAULT: Threshold = threshold("rating of unimpaired speech", 93.2, "R", OF_G107);
/// Delay up to which nobody minds, mT of G.107.
pub const DELAY_FREE: Threshold = threshold("delay that impairs nothing (mT)", 100.0, "ms", OF_G107);
/// What the codec impairs without loss.
pub const CODEC_IE: Threshold = threshold("codec impairment (Ie)", 0.0, "R", OF_G113);
/// How robust the codec is against loss.
pub const CODEC_BPL: Threshold = threshold("codec robustness against loss (Bpl)", 25.1, "", OF_G113);
/// How bursty the loss is; 1 is random.
pub const BURST_R: Threshold = threshold("burstiness of loss (BurstR)", 1.0, "", OF_G107);
/// Delay of the buffer that evens out jitter, in jitters.
pub const BUFFER: Threshold = threshold("delay of a buffer against jitter", 2.0, "x jitter", OURS);

/// From this score on a minute is good: "satisfied".
pub const GOOD_FROM: Threshold = threshold("a minute is good from", 80.0, "score", OF_G109);
/// From this score on it is fair: "some users dissatisfied"; below, "many" are.
pub const FAIR_FROM: Threshold = threshold("a minute is fair from", 70.0, "score", OF_G109);

/// Loss of pictures' packets beyond which a minute is no longer good.
pub const PICTURE_LOSS_GOOD: Threshold =
    threshold("picture: good up to a loss of", 1.0, "%", "ITU-T G.1010, videophone");
/// Loss of pictures' packets beyond which a minute is bad. Published for audio; for pictures only after repair.
pub const PICTURE_LOSS_FAIR: Threshold = threshold("picture: fair up to a loss of", 10.0, "%", OF_CQD);
/// Frame rate of a camera's picture below which a minute is no longer good.
pub const FRAMES_GOOD: Threshold = threshold("video: good from", 7.0, "fps", OF_CQD);
/// Frame rate of a camera's picture below which a minute is bad; published for shared screens.
pub const FRAMES_FAIR: Threshold = threshold("video: fair from", 2.0, "fps", OF_CQD);

/// Load of the whole computer from which it may be why.
pub const CPU_BUSY: Threshold = threshold("processor busy from", 90.0, "%", OURS);
/// A frame rate below this part of the usual one has collapsed.
pub const COLLAPSED: Threshold = threshold("frame rate collapsed below", 0.5, "of the usual", OURS);
/// The usual frame rate is taken for no less than this.
pub const USUAL_FRAMES: Threshold = threshold("usual frame rate, at least", 20.0, "fps", OURS);

/// Minutes that a stay must have been measured before silence means anything.
pub const SILENT_FROM: Threshold = threshold("silence means something from", 5.0, "min", OURS);
/// A stream counts for a score when it was measured for this part of the minutes.
pub const MATTERS_FROM: Threshold = threshold("a stream matters from", 0.1, "of the minutes", OURS);
/// Last measured minutes that are looked at for why a connection ended.
pub const LAST_MINUTES: Threshold = threshold("minutes before a leave", 3.0, "min", OURS);
/// Who was gone for longer than this, after minutes that were not bad, was away.
pub const BACK_WITHIN: Threshold = threshold("a dropped connection is back within", 10.0, "min", OURS);
/// Moving to a breakout room or back takes no longer than this.
pub const MOVED_WITHIN: Threshold = threshold("a move between rooms takes up to", 60.0, "s", OURS);
/// A leave closer to the end of the instance than this is its end.
pub const ENDED_WITHIN: Threshold = threshold("a leave is the end when the end follows in", 60.0, "s", OURS);
/// Who left after bad minutes, this long before the end or earlier, and is not back, was lost.
pub const LOST_FROM: Threshold = threshold("a person was lost before the end by", 5.0, "min", OURS);
/// Who has this part of bad minutes or more had a bad call.
pub const TROUBLED_FROM: Threshold = threshold("a person had trouble from", 0.1, "of the minutes bad", OURS);
/// When this part of the people or more is bad at once, it is not one person's line.
pub const TOGETHER_FROM: Threshold = threshold("trouble in common from", 1.0 / 3.0, "of the people", OURS);
/// Fewer people measured in a minute say nothing about it.
pub const TOGETHER_PEOPLE: Threshold = threshold("trouble in common needs", 3.0, "people", OURS);

/// All of them, in the order of `docs/quality.md`.
pub const TABLE: [Threshold; 25] = [
    R_DEFAULT,
    DELAY_FREE,
    CODEC_IE,
    CODEC_BPL,
    BURST_R,
    BUFFER,
    GOOD_FROM,
    FAIR_FROM,
    PICTURE_LOSS_GOOD,
    PICTURE_LOSS_FAIR,
    FRAMES_GOOD,
    FRAMES_FAIR,
    CPU_BUSY,
    COLLAPSED,
    USUAL_FRAMES,
    SILENT_FROM,
    MATTERS_FROM,
    LAST_MINUTES,
    BACK_WITHIN,
    MOVED_WITHIN,
    ENDED_WITHIN,
    LOST_FROM,
    TROUBLED_FROM,
    TOGETHER_FROM,
    TOGETHER_PEOPLE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_shows_the_same_table() {
        let manual = include_str!("../../../../docs/quality.md");
        let rows: Vec<String> = TABLE
            .iter()
            .map(|row| format!("| {} | {} {} | {} |", row.name, round(row.value), row.unit, row.source))
            .map(|row| row.replace("  ", " "))
            .collect();
        let shown: Vec<&str> = manual.lines().filter(|line| rows.iter().any(|row| row == line)).collect();
        assert_eq!(shown, rows, "docs/quality.md should hold:\n{}", rows.join("\n"));
    }

    fn round(value: f64) -> f64 {
        (value * 1_000.0).round() / 1_000.0
    }
}
