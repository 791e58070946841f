//! Zoom's words for quality agree with the lines, where the account shows any.

use std::collections::BTreeMap;

use rollbook_sim::{LineKind, TrueQuality};

use super::{clean, path};
use crate::client::{all, get, world};

const LIST: &str = "/metrics/meetings?type=past&from=2026-10-05&to=2026-10-05";

fn is_lossy(line: LineKind) -> bool {
    matches!(line, LineKind::BadWifi | LineKind::LossyRoom | LineKind::SaturatedUplink)
}

#[tokio::test(start_paused = true)]
async fn rows_are_poor_where_the_line_was() {
    let mut options = clean(11, 30);
    options.zoom.quality_words = true;
    options.mix.troubled_lines = 0.4;
    options.mix.lossy_rooms = 0.3;
    let sim = world(options, "2026-10-07T00:00:00Z");
    let mut words: BTreeMap<(LineKind, String), usize> = BTreeMap::new();
    for one in sim.truth().instances.iter().filter(|one| one.people > 1) {
        let lines: BTreeMap<_, _> =
            sim.true_quality(&one.uuid).unwrap().into_iter().map(|stay| (stay.user_id, stay.line)).collect();
        let rows = all(&sim, &format!("{}/participants?type=past", path(one)), "participants").await.unwrap();
        for row in rows.iter().filter(|row| row["status"] == "in_meeting") {
            let line = lines[row["user_id"].as_str().unwrap()];
            let is_poor = |key: &str| ["poor", "bad"].contains(&row[key].as_str().unwrap());
            assert_eq!(is_poor("audio_quality"), is_lossy(line), "{line:?} {row}");
            assert_eq!(
                is_poor("video_quality"),
                is_lossy(line) || line == LineKind::BusyCpu,
                "{line:?} {row}"
            );
            let word = row["audio_quality"].as_str().unwrap().to_owned();
            *words.entry((line, word)).or_default() += 1;
            assert!(line != LineKind::BadWifi || row["network_type"] == "Wifi");
        }
    }
    for (line, word) in [
        (LineKind::Good, "good"),
        (LineKind::Good, "fair"),
        (LineKind::BadWifi, "poor"),
        (LineKind::BadWifi, "bad"),
        (LineKind::LossyRoom, "bad"),
        (LineKind::SaturatedUplink, "poor"),
    ] {
        assert!(words.contains_key(&(line, word.to_owned())), "{line:?} {word} {words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_meeting_is_poor_only_if_a_considerable_share_of_its_people_had_it_so() {
    let mut options = clean(12, 80);
    options.zoom.quality_words = true;
    options.mix.lossy_rooms = 0.3;
    let sim = world(options, "2026-10-07T00:00:00Z");
    let share = |quality: &[TrueQuality]| {
        let seen: Vec<_> = quality.iter().filter(|stay| stay.line != LineKind::RelayedPhone).collect();
        seen.iter().filter(|stay| is_lossy(stay.line)).count() as f64 / seen.len() as f64
    };
    let mut seen = [0, 0];
    for meeting in all(&sim, LIST, "meetings").await.unwrap() {
        let lossy = share(&sim.true_quality(meeting["uuid"].as_str().unwrap()).unwrap());
        let is_poor = ["poor", "bad"].contains(&meeting["audio_quality"].as_str().unwrap());
        assert_eq!(is_poor, lossy >= 0.3, "{lossy} {meeting}");
        seen[usize::from(is_poor)] += 1;
    }
    assert!(seen[0] > 20 && seen[1] > 10, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn without_the_settings_there_are_no_words() {
    let sim = world(clean(12, 20), "2026-10-07T00:00:00Z");
    assert!(!get(&sim, LIST).await.text.contains("audio_quality"));
    let one = sim.truth().instances.into_iter().find(|one| one.people > 5).unwrap();
    for row in all(&sim, &format!("{}/participants?type=past", path(&one)), "participants").await.unwrap() {
        assert_eq!((&row["audio_quality"], &row["video_quality"]), (&"".into(), &"".into()));
    }
}
