//! Each fault of call quality shows in the answers, and the truth knows of it.

use std::time::Duration;

use rollbook_sim::{Faults, IdleForms, OddKind, People, QualityText, Sim, TrueInstance, TrueQuality};
use serde_json::Value;

use super::read::{pages, read_samples};
use super::{clean, path, told, wait_for_all};
use crate::client::{get, world};

/// Instances of the day before are left alone.
const BEGIN: &str = "2026-10-05T00:00:00Z";

fn with(turn: impl FnOnce(&mut Faults)) -> Sim {
    let mut options = clean(6, 20);
    options.people = People::Exactly(10);
    turn(&mut options.faults);
    world(options, BEGIN)
}

fn instances(sim: &Sim) -> Vec<(TrueInstance, Vec<TrueQuality>)> {
    let begin = BEGIN.parse().unwrap();
    let instances = sim.truth().instances.into_iter().filter(|one| one.people > 3 && one.start > begin);
    let known = instances.map(|one| {
        let quality = sim.true_quality(&one.uuid).unwrap();
        (one, quality)
    });
    known.collect()
}

async fn list(sim: &Sim, one: &TrueInstance) -> Vec<(String, Value)> {
    let rows = pages(sim, &format!("{}/participants/qos?type=past", path(one))).await.unwrap();
    rows.into_iter().map(|row| (row["user_id"].as_str().unwrap().to_owned(), row)).collect()
}

#[tokio::test(start_paused = true)]
async fn late_rows_are_missing_empty_or_short_until_they_are_complete() {
    let sim = with(|faults| faults.late_quality = 0.5);
    let (mut missing, mut empty, mut short) = (0, 0, 0);
    for (one, quality) in instances(&sim) {
        let sim = with(|faults| faults.late_quality = 0.5);
        let wait = one.end.duration_since(sim.clock().now());
        sim.clock().sleep(Duration::try_from(wait).unwrap() + Duration::from_secs(3_600)).await;
        let early = list(&sim, &one).await;
        for stay in &quality {
            let late = stay.complete_from.unwrap().duration_since(one.end).as_secs();
            assert!(late == 0 || (2 * 3_600..=30 * 3_600).contains(&late), "{late}");
            match early.iter().find(|(number, _)| *number == stay.user_id) {
                None => missing += 1,
                Some((_, row)) => {
                    let samples = read_samples(row);
                    assert!(late > 0 || samples == stay.samples);
                    empty += usize::from(late > 0 && samples.is_empty());
                    short += usize::from(!samples.is_empty() && samples.len() < stay.samples.len());
                    assert!(stay.samples.starts_with(&samples));
                }
            }
        }
        wait_for_all(&sim).await;
        let heard = list(&sim, &one).await;
        let heard: Vec<_> = heard.iter().map(|(number, row)| (number.clone(), read_samples(row))).collect();
        assert_eq!(heard, told(&quality));
    }
    assert!(missing > 10 && empty > 10 && short > 10, "{missing} {empty} {short}");
}

#[tokio::test(start_paused = true)]
async fn call_quality_comes_some_time_after_the_end() {
    let sim = with(|faults| faults.late_data = true);
    let (mut refused, mut count) = (0, 0);
    for (one, quality) in instances(&sim) {
        let sim = with(|faults| faults.late_data = true);
        let wait = one.end.duration_since(sim.clock().now());
        sim.clock().sleep(Duration::try_from(wait).unwrap() + Duration::from_secs(120)).await;
        let path = format!("{}/participants/qos?type=past", path(&one));
        refused += usize::from(get(&sim, &path).await.json["code"] == 3001);
        let usual = quality.iter().filter(|stay| {
            let late = stay.complete_from.unwrap().duration_since(one.end).as_secs();
            assert!(late >= 5 * 60);
            late <= 70 * 60
        });
        count += usize::from(usual.count() == quality.len());
    }
    assert!(refused >= 10 && count >= 10, "{refused} {count}");
}

#[tokio::test(start_paused = true)]
async fn some_rows_never_come() {
    let sim = with(|faults| faults.no_quality = 0.3);
    wait_for_all(&sim).await;
    sim.clock().sleep(Duration::from_secs(90 * 3_600)).await;
    let mut never = 0;
    for (one, quality) in instances(&sim) {
        let heard = list(&sim, &one).await;
        let there: Vec<_> = heard.iter().map(|(number, _)| number).collect();
        for stay in quality {
            assert_eq!(there.contains(&&stay.user_id), stay.has_row);
            assert_eq!(stay.has_row, stay.complete_from.is_some());
            never += usize::from(!stay.has_row);
        }
    }
    assert!(never > 20);
}

#[tokio::test(start_paused = true)]
async fn odd_values_are_of_every_kind_and_the_truth_counts_them() {
    let sim = with(|faults| faults.odd_quality_values = 0.05);
    wait_for_all(&sim).await;
    let mut odd = Vec::new();
    for (one, quality) in instances(&sim) {
        let heard = list(&sim, &one).await;
        for (stay, (_, row)) in quality.iter().zip(&heard) {
            assert_eq!(stay.samples, read_samples(row));
            odd.extend(stay.samples.iter().flat_map(|sample| sample.odd.clone()));
        }
    }
    for kind in [OddKind::Unreadable, OddKind::UnknownMember, OddKind::BareNumber] {
        assert!(odd.iter().filter(|one| one.kind == kind).count() > 20, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn gaps_come_in_all_their_forms_and_are_gaps_in_the_truth() {
    let plain = with(|_| {});
    let gaps = with(|faults| faults.idle_streams = 0.2);
    let whole = instances(&plain);
    let holey = instances(&gaps);
    let count = |all: &[(TrueInstance, Vec<TrueQuality>)]| {
        let stays = all.iter().flat_map(|(_, quality)| quality);
        stays.flat_map(|stay| &stay.samples).map(|sample| sample.streams.len()).sum::<usize>()
    };
    assert!(count(&holey) < count(&whole) * 92 / 100);
    wait_for_all(&gaps).await;
    let mut text = String::new();
    for (one, _) in &holey {
        text.push_str(&get(&gaps, &format!("{}/participants/qos?type=past", path(one))).await.text);
    }
    assert!(text.contains(r#""video_input":{"bitrate":"","#), "no blank text");
    assert!(text.contains(r#""resolution":"0*0","frame_rate":"""#), "no picture of nothing");
    assert!(
        text.contains(r#""audio_input":{"bitrate":"","latency":"","jitter":"","avg_loss":"","max_loss":""}"#)
    );
}

#[tokio::test(start_paused = true)]
async fn a_latency_of_zero_is_told_as_it_stands() {
    let sim = with(|faults| faults.zero_latency = 0.1);
    let mut zeros = 0;
    for (_, quality) in instances(&sim) {
        let streams =
            quality.iter().flat_map(|stay| &stay.samples).flat_map(|sample| sample.streams.values());
        zeros += streams.filter(|stream| stream.latency_ms == Some(0.0)).count();
    }
    assert!(zeros > 100);
}

#[tokio::test(start_paused = true)]
async fn faults_do_not_change_how_it_was() {
    let calm = instances(&with(|_| {}));
    let late = instances(&with(|faults| {
        faults.late_quality = 0.5;
        faults.late_data = true;
        faults.no_quality = 0.2;
    }));
    for ((_, one), (_, other)) in calm.iter().zip(&late) {
        assert!(one.iter().map(|stay| &stay.samples).eq(other.iter().map(|stay| &stay.samples)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_of_300_has_no_text_and_passes() {
    // The network's faults end when the last thing is complete: ask while a meeting is live.
    let mut options = clean(6, 60);
    options.faults.quality_300 = 0.5;
    let sim = world(options, "2026-10-05T10:00:00Z");
    let now = sim.clock().now();
    let truth = sim.truth();
    let one = truth.instances.iter().find(|one| one.start < now && now < one.end).unwrap();
    let mut seen = [0, 0];
    for _ in 0..40 {
        let answer = get(&sim, &format!("{}/participants/qos", path(one))).await;
        assert!(answer.status == 200 || (answer.status == 300 && answer.text.is_empty()), "{answer:?}");
        seen[usize::from(answer.status == 300)] += 1;
        let other = get(&sim, &format!("{}/participants?type=live", path(one))).await;
        assert_eq!(other.status, 200);
    }
    assert!(seen[0] > 5 && seen[1] > 5, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn texts_stand_with_or_without_a_space_before_the_unit() {
    for (form, spaced, tight) in [
        (QualityText::Spaced, true, false),
        (QualityText::Tight, false, true),
        (QualityText::Mixed, true, true),
    ] {
        let mut options = clean(6, 20);
        options.zoom.quality_text = form;
        options.zoom.idle_forms = IdleForms::Absent;
        let sim = world(options, "2026-10-07T00:00:00Z");
        let (one, quality) = instances(&sim).remove(0);
        let heard = list(&sim, &one).await;
        let heard: Vec<_> = heard.iter().map(|(number, row)| (number.clone(), read_samples(row))).collect();
        assert_eq!(heard, told(&quality));
        let text = get(&sim, &format!("{}/participants/qos?type=past", path(&one))).await.text;
        assert_eq!(text.contains(" kbps\"") && text.contains(" ms\""), spaced, "{form:?}");
        assert_eq!(text.contains("0kbps\"") && text.contains("2ms\""), tight, "{form:?}");
        assert!(!text.contains("\"bitrate\":\"\""));
    }
}
