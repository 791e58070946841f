//! `export qos`: what others load.

use std::collections::BTreeMap;

use rollbook_core::instance::Instance;
use rollbook_core::quality::QualityRow;
use rollbook_store::{QualityState, State};
use serde_json::{Value, json};

use crate::campus::{Campus, at, instance, lines, row};

/// DESIGN.md, section 9, written out.
pub const HEADER: &str = "meeting_uuid,user_id,name,time,\
audio_in_bitrate_kbps,audio_in_latency_ms,audio_in_jitter_ms,audio_in_avg_loss_pct,audio_in_max_loss_pct,\
audio_out_bitrate_kbps,audio_out_latency_ms,audio_out_jitter_ms,audio_out_avg_loss_pct,audio_out_max_loss_pct,\
video_in_bitrate_kbps,video_in_latency_ms,video_in_jitter_ms,video_in_avg_loss_pct,video_in_max_loss_pct,\
video_in_width,video_in_height,video_in_fps,\
video_out_bitrate_kbps,video_out_latency_ms,video_out_jitter_ms,video_out_avg_loss_pct,video_out_max_loss_pct,\
video_out_width,video_out_height,video_out_fps,\
share_in_bitrate_kbps,share_in_latency_ms,share_in_jitter_ms,share_in_avg_loss_pct,share_in_max_loss_pct,\
share_in_width,share_in_height,share_in_fps,\
share_out_bitrate_kbps,share_out_latency_ms,share_out_jitter_ms,share_out_avg_loss_pct,share_out_max_loss_pct,\
share_out_width,share_out_height,share_out_fps,\
cpu_zoom_min_pct,cpu_zoom_avg_pct,cpu_zoom_max_pct,cpu_system_max_pct";

#[test]
fn a_line_is_the_one_others_rely_on() {
    let mut campus = Campus::new();
    let ana = row(
        "16778240",
        "Lopez, \"Ana\"",
        "0 audio_in_bitrate_kbps=27.15 audio_in_latency_ms=126 audio_in_jitter_ms=0 audio_in_avg_loss_pct=0.03 \
         video_out_width=1280 video_out_height=720 video_out_fps=12 cpu_system_max_pct=100",
    );
    campus.put(instance("/=a=="), Some(QualityState::Complete), &[ana]);
    let ran = campus.run(&["export", "qos"]);
    let line = "/=a==,16778240,\"Lopez, \"\"Ana\"\"\",2026-10-05T11:00:00Z,27.15,126,0,0.03,,\
                ,,,,,,,,,,,,,,,,,,1280,720,12,,,,,,,,,,,,,,,,,,,,100";
    assert_eq!((ran.code, ran.out.as_str()), (0, format!("{HEADER}\n{line}\n").as_str()));
    assert_eq!(ran.err, "rollbook: 1 sample of 1 stay in 1 instance\n");
}

#[test]
fn a_gap_is_empty_and_a_zero_is_a_zero() {
    let mut campus = Campus::new();
    let samples = "0 audio_in_latency_ms=0; 1; 2 audio_in_latency_ms=5";
    campus.put(instance("a"), None, &[row("1", "a", samples)]);
    let told: Vec<String> = campus.csv().iter().map(|line| line["audio_in_latency_ms"].clone()).collect();
    assert_eq!(told, ["0", "", "5"]);
    let json: Vec<Value> =
        serde_json::from_str(&campus.run(&["export", "qos", "--format", "json"]).out).unwrap();
    let told: Vec<&Value> = json.iter().map(|sample| &sample["audio_in_latency_ms"]).collect();
    assert_eq!(told, [&json!(0), &Value::Null, &json!(5)]);
}

#[test]
fn lines_are_sorted_by_meeting_then_connection_then_time() {
    let mut campus = Campus::new();
    // Numbers are compared as text. Two rows of one connection are told apart by their join only.
    let again = QualityRow { joined_at: Some(at(1)), ..row("5", "Bo", "1; 4") };
    campus.put(
        instance("b"),
        None,
        &[row("10", "Cy", "3"), row("5", "Bo", "0; 2; 5"), again, row("9", "", "1")],
    );
    campus.put(instance("a"), None, &[row("7", "Di", "8")]);
    let told: Vec<String> = campus
        .csv()
        .iter()
        .map(|line| format!("{} {} {}", line["meeting_uuid"], line["user_id"], &line["time"][14..16]))
        .collect();
    assert_eq!(told, ["a 7 08", "b 10 03", "b 5 00", "b 5 01", "b 5 02", "b 5 04", "b 5 05", "b 9 01"]);
}

#[test]
fn json_holds_the_same_and_what_csv_cannot() {
    let mut campus = Campus::new();
    let plain = row("1", "Ana", "0 audio_in_bitrate_kbps=27.15 cpu_zoom_avg_pct=3; 1");
    let rich = row(
        "2",
        "",
        "0 audio_from_crc_latency_ms=12.5 wifi_rssi_avg_dbm=-69 cpu_pressure_max=high video_in_fps=lots",
    );
    campus.put(instance("a"), None, &[plain, rich]);
    for arguments in [&["export", "qos", "--format", "json"][..], &["--json", "export", "qos"]] {
        let ran = campus.run(arguments);
        let samples: Vec<BTreeMap<String, Value>> = serde_json::from_str(&ran.out).unwrap();
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        for (sample, line) in samples.iter().zip(campus.csv()) {
            let told: BTreeMap<String, String> =
                line.keys().map(|key| (key.clone(), text(&sample[key]))).collect();
            assert_eq!(told, line);
        }
        let others: Vec<Value> = samples
            .iter()
            .map(|sample| {
                let is_other = |(key, _): &(&String, &Value)| !HEADER.split(',').any(|name| name == *key);
                sample.iter().filter(is_other).map(|(key, value)| (key.clone(), value.clone())).collect()
            })
            .collect();
        let rich = json!({
            "audio_from_crc_latency_ms": 12.5, "wifi_rssi_avg_dbm": -69, "cpu_pressure_max": "high",
            "unreadable": [{"column": "video_in_fps", "text": "lots"}],
        });
        assert_eq!(others, [json!({}), json!({}), rich]);
        let key = |name: &str| ran.out.find(&format!("\"{name}\":"));
        assert!(HEADER.split(',').map(key).is_sorted(), "{}", ran.out);
    }
}

#[test]
fn days_are_those_of_the_time_zone() {
    let mut campus = Campus::new();
    campus.put(instance("a"), None, &[row("1", "a", "0")]);
    let count = |zone, day| {
        let ran = campus.run_in(zone, &["export", "qos", "--from", day, "--to", day]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        lines(&ran.out).len()
    };
    assert_eq!((count("UTC", "2026-10-05"), count("UTC", "2026-10-06")), (1, 0));
    // Kiritimati is fourteen hours ahead: there it is the next day.
    let kiritimati = "Pacific/Kiritimati";
    assert_eq!((count(kiritimati, "2026-10-05"), count(kiritimati, "2026-10-06")), (0, 1));
}

#[test]
fn what_runs_or_belongs_to_no_day_or_another_account_is_left_out() {
    let mut campus = Campus::new();
    let live = Instance { is_live: true, ..instance("live") };
    let without_start = Instance { started_at: None, ..instance("somewhen") };
    for (account, instance) in [("default", live), ("default", without_start), ("medicine", instance("b"))] {
        campus.put_for(account, instance, None, &[row("1", "a", "0")]);
    }
    let accounts = "[[account]]\nname = \"default\"\n[[account]]\nname = \"medicine\"\n";
    campus.home.write("rollbook.toml", accounts);
    let of_account = |account| lines(&campus.run(&["export", "qos", "--account", account]).out).len();
    assert_eq!((of_account("default"), of_account("medicine")), (0, 1));
    let ran = campus.run(&["export", "qos"]);
    assert_eq!(lines(&ran.out).len(), 1);
    assert!(ran.err.contains("1 instance live and left out"), "{}", ran.err);
    assert!(ran.err.contains("1 instance left out, because nobody has told when"), "{}", ran.err);
}

#[test]
fn what_is_not_in_it_is_told_with_the_reason() {
    let mut campus = Campus::new();
    campus.put(instance("a"), Some(QualityState::Complete), &[row("1", "a", "0 audio_in_jitter_ms=soon; 1")]);
    campus.put(instance("b"), Some(QualityState::Fetched), &[row("1", "a", "0"), row("2", "b", "0")]);
    campus.put(instance("c"), Some(QualityState::Due), &[]);
    campus.put(instance("d"), Some(QualityState::Closed), &[]);
    for unwanted in ["e", "f"] {
        let id = campus.put(instance(unwanted), None, &[]);
        campus
            .store
            .set_state(jiff::Timestamp::UNIX_EPOCH, id, State::Verified, Some("verified"), None)
            .unwrap();
    }
    campus.put(instance("g"), None, &[]);
    let told: Vec<String> =
        campus.run(&["export", "qos"]).err.lines().map(|line| line.replacen("rollbook: ", "", 1)).collect();
    let begins = [
        "4 samples of 3 stays in 2 instances",
        "call quality of 2 instances still open: ",
        "call quality of 1 instance closed ",
        "call quality of 1 instance not asked for yet: ",
        "call quality of 2 instances not collected: ",
        "1 value could not be read",
    ];
    assert_eq!(told.len(), begins.len(), "{told:?}");
    assert!(told.iter().zip(begins).all(|(sentence, begin)| sentence.starts_with(begin)), "{told:?}");
}

#[test]
fn samples_that_are_not_kept_any_more_are_told() {
    let mut campus = Campus::new();
    campus.put(instance("a"), Some(QualityState::Complete), &[row("1", "a", "0"), row("2", "b", "")]);
    campus.store.prune_samples(at(1), 10).unwrap();
    let ran = campus.run(&["export", "qos"]);
    assert_eq!(lines(&ran.out).len(), 0);
    assert!(ran.err.contains("samples of 1 stay left out"), "{}", ran.err);
}

#[test]
fn an_empty_range_is_a_header_or_an_empty_array() {
    let campus = Campus::new();
    assert_eq!(campus.run(&["export", "qos"]).out, format!("{HEADER}\n"));
    assert_eq!(campus.run(&["export", "qos", "--format", "json"]).out, "[]\n");
}

#[test]
fn a_file_appears_whole_in_the_form_its_name_says() {
    let mut campus = Campus::new();
    campus.put(instance("a"), None, &[row("1", "a", "0")]);
    let folder = campus.home.path().join("out");
    std::fs::create_dir(&folder).unwrap();
    for (name, format) in [("qos.csv", "csv"), ("qos.JSON", "json"), ("qos.txt", "csv")] {
        let path = folder.join(name);
        std::fs::write(&path, "old").unwrap();
        let ran = campus.run(&["export", "qos", "--out", path.to_str().unwrap()]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        assert!(ran.err.contains(&format!("written to {}", path.display())), "{}", ran.err);
        let expected = campus.run(&["export", "qos", "--format", format]).out;
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected, "{name}");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
}

#[test]
fn a_form_against_the_name_of_the_file_is_refused_before_anything_is_written() {
    let campus = Campus::new();
    let check = |arguments: &[&str]| {
        let ran = campus.run(arguments);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("x.csv") && ran.err.contains("json"), "{}", ran.err);
        assert!(!campus.home.path().join("x.csv").exists());
    };
    check(&["export", "qos", "--format", "json", "--out", "x.csv"]);
    check(&["--json", "export", "qos", "--out", "x.csv"]);
    check(&["export", "attendance", "--format", "json", "--out", "x.csv"]);
}

#[test]
fn a_place_that_cannot_be_written_says_what_to_check() {
    let campus = Campus::new();
    std::fs::create_dir(campus.home.path().join("folder")).unwrap();
    let check = |out: &str, words: &str| {
        let ran = campus.run(&["export", "qos", "--format", "csv", "--out", out]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains(out) && ran.err.contains(words), "{}", ran.err);
    };
    check("no/such/folder/a.csv", "folder exists");
    check("folder", "it is a folder");
}
