//! Call quality: what is told is the truth, what is not told yet comes later, and lines look like what they are.

mod faults;
mod lines;
mod read;
mod sharing;
mod summary;
mod words;

use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Faults, Kind, Limits, Options, People, Sim, TrueInstance, TrueQuality, TrueSample};

use crate::client::{get, path_of, world};
use read::{pages, read_samples};

/// A campus with all its lines, without a fault, and no limit on calls.
fn clean(seed: u64, meetings: u32) -> Options {
    let campus = Options::campus(seed, date(2026, 10, 5), meetings);
    Options { faults: Faults::none(), limits: Limits::none(), ..campus }
}

/// The same with every fault.
fn faulty(seed: u64, meetings: u32) -> Options {
    Options { limits: Limits::none(), ..Options::campus(seed, date(2026, 10, 5), meetings) }
}

/// Goes to the time at which everything is complete.
async fn wait_for_all(sim: &Sim) {
    let wait = sim.quality_complete_at().duration_since(sim.clock().now());
    sim.clock().sleep(Duration::try_from(wait).unwrap() + Duration::from_secs(1)).await;
}

fn path(one: &TrueInstance) -> String {
    let noun = if one.kind == Kind::Webinar { "webinars" } else { "meetings" };
    format!("/metrics/{noun}/{}", path_of(&one.uuid))
}

/// Number and samples of each stay, as both sides know them.
fn told(truth: &[TrueQuality]) -> Vec<(String, Vec<TrueSample>)> {
    let rows = truth.iter().filter(|stay| stay.has_row);
    rows.map(|stay| (stay.user_id.clone(), stay.samples.clone())).collect()
}

async fn check_all(options: Options) {
    let sim = world(options, "2026-10-05T00:00:00Z");
    wait_for_all(&sim).await;
    let mut sample_count = 0;
    for one in sim.truth().instances {
        let truth = sim.true_quality(&one.uuid).unwrap();
        let inside = one.stays.iter().filter(|stay| stay.status == "in_meeting");
        assert!(inside.map(|stay| &stay.user_id).eq(truth.iter().map(|stay| &stay.user_id)));
        let heard = pages(&sim, &format!("{}/participants/qos?type=past", path(&one))).await;
        let heard: Vec<_> = heard
            .unwrap_or_default()
            .iter()
            .map(|row| (row["user_id"].as_str().unwrap().to_owned(), read_samples(row)))
            .collect();
        assert_eq!(heard, told(&truth), "{}", one.uuid);
        sample_count += heard.iter().map(|(_, samples)| samples.len()).sum::<usize>();
    }
    assert!(sample_count > 1_000, "{sample_count}");
}

#[tokio::test(start_paused = true)]
async fn pages_hold_exactly_the_truth_of_a_plain_day() {
    check_all(Options { limits: Limits::none(), ..Options::plain(1, date(2026, 10, 5), 20, 12) }).await;
}

#[tokio::test(start_paused = true)]
async fn pages_hold_exactly_the_truth_of_campus_days() {
    check_all(Options { people: People::Exactly(14), ..clean(1, 12) }).await;
    check_all(Options { people: People::Exactly(14), ..faulty(2, 12) }).await;
}

#[tokio::test(start_paused = true)]
async fn without_dashboards_no_stay_has_a_row() {
    let sim = world(faulty(3, 10).on_plan(rollbook_sim::Plan::Pro), "2026-10-07T00:00:00Z");
    let one = sim.truth().instances.remove(0);
    assert!(sim.true_quality(&one.uuid).unwrap().iter().all(|stay| !stay.has_row));
    assert!(sim.true_quality("nobody").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_plain_day_has_clean_complete_samples() {
    let options = Options { limits: Limits::none(), ..Options::plain(2, date(2026, 10, 5), 30, 5) };
    let sim = world(options, "2026-10-06T00:00:00Z");
    for one in sim.truth().instances {
        assert_eq!(one.quality_stay_count(), 5);
        for stay in sim.true_quality(&one.uuid).unwrap() {
            assert_eq!(stay.complete_from, Some(one.end));
            for sample in &stay.samples {
                assert!(sample.odd.is_empty() && sample.cpu.is_some());
                assert!(sample.streams.contains_key("audio_input"), "{sample:?}");
                let is_whole = |name: &str, stream: &rollbook_sim::TrueStream| {
                    let has_picture = stream.resolution.is_some() && stream.fps.is_some();
                    stream.latency_ms.is_some_and(|latency| latency > 0.0)
                        && has_picture != name.starts_with("audio")
                };
                assert!(sample.streams.iter().all(|(name, stream)| is_whole(name, stream)), "{sample:?}");
            }
        }
        let text = get(&sim, &format!("{}/participants/qos?type=past", path(&one))).await.text;
        assert!(text.contains(" kbps\"") && !text.contains("\"bitrate\":\"\""), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn there_is_one_sample_a_full_minute_while_the_stay_lasts() {
    let sim = world(clean(4, 40), "2026-10-06T00:00:00Z");
    for one in sim.truth().instances {
        let truth = sim.true_quality(&one.uuid).unwrap();
        for (quality, stay) in truth.iter().zip(one.stays.iter().filter(|stay| stay.status == "in_meeting")) {
            let minutes = stay.leave.as_second().div_euclid(60) - stay.join.as_second().div_euclid(60);
            assert_eq!(quality.samples.len(), minutes as usize);
            for sample in &quality.samples {
                assert!(sample.at.as_second() % 60 == 0 && stay.join < sample.at && sample.at <= stay.leave);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_meeting_has_samples_up_to_now() {
    let mut sim = world(clean(5, 100), "2026-10-05T11:00:00Z");
    let truth = sim.truth();
    let is_live =
        |one: &&TrueInstance, sim: &Sim| one.start < sim.clock().now() && sim.clock().now() < one.end;
    let one = truth
        .instances
        .iter()
        .find(|one| is_live(one, &sim) && one.kind == Kind::Meeting && one.people > 5)
        .unwrap();
    let list = format!("{}/participants/qos", path(one));
    for _ in 0..2 {
        let now = sim.clock().now();
        let heard = pages(&sim, &list).await.unwrap();
        let joined = sim.true_quality(&one.uuid).unwrap().into_iter().filter(|stay| stay.join <= now);
        let expected: Vec<_> = joined
            .map(|mut stay| {
                stay.samples.retain(|sample| sample.at <= now);
                (stay.user_id, stay.samples)
            })
            .collect();
        let heard: Vec<_> = heard
            .iter()
            .map(|row| (row["user_id"].as_str().unwrap().to_owned(), read_samples(row)))
            .collect();
        assert_eq!(heard, expected);
        let early = get(&sim, &format!("{list}?type=past")).await;
        assert_eq!((early.status, early.json["code"].as_u64()), (404, Some(3001)));
        let said = early.json["message"].as_str().unwrap();
        assert!(said.ends_with("The meeting ID is not valid or the meeting has not ended yet."), "{said}");
        // The same again at the next full minute, in a world that nobody asked anything before.
        sim = world(clean(5, 100), "2026-10-05T11:01:00Z");
    }
    sim.clock().sleep(Duration::from_secs(8 * 3_600)).await;
    assert_eq!(get(&sim, &list).await.json["code"], 3001);
    assert_eq!(get(&sim, &format!("{list}?type=past")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn one_person_runs_are_in_no_list_once_they_have_ended() {
    let sim = world(Options { one_person: 6, ..clean(6, 30) }, "2026-10-05T12:00:00Z");
    let alone = |one: &TrueInstance| one.people == 1 && one.kind == Kind::Meeting;
    let now = sim.clock().now();
    let truth = sim.truth();
    for one in truth.instances.iter().filter(|one| alone(one) && one.start < now && now < one.end) {
        assert_eq!(
            pages(&sim, &format!("{}/participants/qos", path(one))).await.map(|rows| rows.len()),
            Some(1)
        );
    }
    wait_for_all(&sim).await;
    let mut seen = 0;
    for one in truth.instances.iter().filter(|one| alone(one)) {
        for (kind, status, code) in [("past", 404, 3001), ("live", 404, 3001), ("pastOne", 400, 300)] {
            for list in ["qos", &format!("{}/qos", one.stays[0].user_id)] {
                let answer = get(&sim, &format!("{}/participants/{list}?type={kind}", path(one))).await;
                assert_eq!(
                    (answer.status, answer.json["code"].as_u64()),
                    (status, Some(code)),
                    "{list} {kind}"
                );
            }
        }
        assert!(sim.true_quality(&one.uuid).unwrap().iter().all(|stay| !stay.has_row));
        assert_eq!(one.quality_stay_count(), 0);
        seen += 1;
    }
    assert!(seen >= 6);
}

#[tokio::test(start_paused = true)]
async fn room_systems_and_some_browsers_have_streams_of_their_own() {
    let mut options = clean(7, 10);
    options.mix.rooms = 0.1;
    let sim = world(options, "2026-10-06T00:00:00Z");
    let (mut rooms, mut browsers, mut others) = (0, 0, 0);
    for one in sim.truth().instances {
        for stay in sim.true_quality(&one.uuid).unwrap().iter().filter(|stay| !stay.samples.is_empty()) {
            let names = || stay.samples.iter().flat_map(|sample| sample.streams.keys());
            let (room, web) =
                (names().any(|name| name.ends_with("_crc")), names().any(|name| name.ends_with("_rwg")));
            assert!(!(room && web));
            rooms += usize::from(room);
            browsers += usize::from(web);
            others += usize::from(!room && !web);
        }
    }
    assert!(rooms > 5 && browsers > 15 && others > 2 * browsers, "{rooms} {browsers} {others}");
}
