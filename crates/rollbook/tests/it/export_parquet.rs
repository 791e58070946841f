//! `--format parquet`, read back by the libraries of the field.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rollbook_store::QualityState;

use crate::campus::{Campus, at, instance, lines, row};
use crate::export_qos::HEADER;
use crate::kept::settled;

type Line = BTreeMap<String, String>;

fn open(path: &Path) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(path).unwrap()).unwrap()
}

/// Every row as CSV would tell it: nulls are empty.
fn read(path: &Path) -> Vec<Line> {
    let rows = open(path).into_iter().map(Result::unwrap);
    rows.map(|row| row.get_column_iter().map(|(name, value)| (name.clone(), told(value))).collect()).collect()
}

fn told(value: &Field) -> String {
    match value {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Double(number) => number.to_string(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        Field::TimestampMillis(at) => Timestamp::from_millisecond(*at).unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}

/// Every file below, by its path from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Exports to the folder `out` beside the store; what it is and what went to standard error.
fn export(campus: &Campus, zone: &str, arguments: &[&str]) -> (PathBuf, String) {
    let out = campus.home.path().join("out.parquet");
    let ran = campus.run_in(zone, &[&["export", "qos", "--out", out.to_str().unwrap()], arguments].concat());
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    (out, ran.err)
}

const DAY: &str = "account=default/day=2026-10-05/qos.parquet";

#[test]
fn it_holds_what_csv_holds_nulls_included() {
    let mut campus = Campus::new();
    let rich = "0 audio_in_bitrate_kbps=27.15 audio_in_latency_ms=126 audio_in_jitter_ms=0; \
                1; \
                2 video_in_width=1280 video_in_height=720 video_in_fps=12.5 cpu_system_max_pct=100";
    campus.put(
        instance("b=/"),
        None,
        &[row("5", "Lopez, \"Ana\"", rich), row("10", "", "0 share_out_fps=0")],
    );
    campus.put(instance("a"), None, &[row("1", "Bo", "3 audio_out_max_loss_pct=0.03")]);
    let (out, _) = export(&campus, "UTC", &[]);
    assert_eq!(files(&out), [DAY]);
    let names: BTreeSet<&str> = HEADER.split(',').collect();
    let read: Vec<Line> = read(&out.join(DAY))
        .into_iter()
        .map(|line| line.into_iter().filter(|(name, _)| names.contains(name.as_str())).collect())
        .collect();
    assert_eq!(read, campus.csv());
    assert_eq!(read[2]["audio_in_jitter_ms"], "0");
    assert_eq!(read[3]["audio_in_jitter_ms"], "");
}

#[test]
fn it_holds_whose_the_samples_are_and_what_csv_cannot() {
    let mut campus = Campus::new();
    let mut lecture = instance("a");
    lecture.number = Some(91_234_567_890);
    lecture.topic = Some("Algebra".into());
    lecture.host_email = Some("host@example.edu".into());
    let samples =
        "0 audio_from_crc_latency_ms=12.5 wifi_rssi_avg_dbm=-69 cpu_pressure_max=high video_in_fps=lots; 1";
    let mut ana = row("1", "Ana", samples);
    ana.email = Some("ana@example.edu".into());
    ana.participant_uuid = Some("D444CD06".into());
    ana.details.insert("network_type".into(), "Wifi".into());
    campus.put(lecture, None, &[ana]);
    let (out, _) = export(&campus, "UTC", &[]);
    let read = read(&out.join(DAY));
    let told = |place: usize, name: &str| read[place][name].clone();
    for (name, value) in [
        ("meeting_id", "91234567890"),
        ("topic", "Algebra"),
        ("host", "host@example.edu"),
        ("session_start", "2026-10-05T11:00:00Z"),
        ("participant_uuid", "D444CD06"),
        ("email", "ana@example.edu"),
        ("network_type", "Wifi"),
    ] {
        assert_eq!((told(0, name), told(1, name)), (value.into(), value.into()), "{name}");
    }
    for (name, value) in [
        ("audio_from_crc_latency_ms", "12.5"),
        ("wifi_rssi_avg_dbm", "-69"),
        ("cpu_pressure_max", "high"),
        ("unreadable", r#"[{"column":"video_in_fps","text":"lots"}]"#),
    ] {
        assert_eq!((told(0, name), told(1, name)), (value.into(), String::new()), "{name}");
    }
}

/// What Arrow's own library reads from the file: name, type, whether it may be null, unit.
fn arrow_fields(path: &Path) -> Vec<(String, String, bool, Option<String>)> {
    let reader = open(path);
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let held = metadata.iter().find(|pair| pair.key == "ARROW:schema").unwrap();
    let bytes = STANDARD.decode(held.value.as_ref().unwrap()).unwrap();
    let schema = arrow_ipc::convert::try_schema_from_ipc_buffer(&bytes).unwrap();
    let columns = reader.metadata().file_metadata().schema_descr().columns();
    let named: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    assert_eq!(schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), named);
    schema
        .fields()
        .iter()
        .map(|field| {
            assert!(!field.metadata()["description"].is_empty());
            let unit = field.metadata().get("unit").cloned();
            (field.name().clone(), field.data_type().to_string(), field.is_nullable(), unit)
        })
        .collect()
}

#[test]
fn columns_are_typed_and_say_their_units_to_arrow() {
    let mut campus = Campus::new();
    campus.put(instance("a"), None, &[row("1", "Ana", "0")]);
    let (out, _) = export(&campus, "UTC", &[]);
    let fields = arrow_fields(&out.join(DAY));
    let check = |name: &str, kind: &str, is_nullable: bool, unit: Option<&str>| {
        let field = fields.iter().find(|(one, ..)| one == name).unwrap();
        let expected = (name.to_owned(), kind.to_owned(), is_nullable, unit.map(str::to_owned));
        assert_eq!(field, &expected);
    };
    check("meeting_uuid", "Utf8", false, None);
    check("meeting_id", "Int64", true, None);
    check("time", "Timestamp(ms, \"UTC\")", false, None);
    check("wifi_rssi_min_dbm", "Float64", true, Some("dBm"));
    check("cpu_pressure_avg", "Utf8", true, None);
    check("share_to_rwg_fps", "Float64", true, Some("fps"));
    let figures = &HEADER.split(',').collect::<Vec<_>>()[4..];
    for name in figures {
        let (kind, unit) = match name.rsplit('_').next().unwrap() {
            "kbps" => ("Float64", "kbps"),
            "ms" => ("Float64", "ms"),
            "pct" => ("Float64", "%"),
            "fps" => ("Float64", "fps"),
            _ => ("Int32", "px"),
        };
        check(name, kind, true, Some(unit));
    }
}

#[test]
fn each_account_and_day_of_the_time_zone_is_a_file() {
    let mut campus = Campus::new();
    let north = "Nord/S\u{fc}d 50%";
    campus
        .home
        .write("rollbook.toml", format!("[[account]]\nname = \"default\"\n[[account]]\nname = {north:?}\n"));
    let mut late = instance("late");
    late.started_at = Some(at(13 * 60));
    campus.put(instance("a"), None, &[row("1", "Ana", "0; 1")]);
    campus.put(late, None, &[row("1", "Ana", "780")]);
    campus.put_for(north, instance("b"), None, &[row("2", "Bo", "0")]);
    campus.put(instance("without samples"), None, &[]);
    // Auckland is thirteen hours ahead: there both are on the next day.
    let (out, err) = export(&campus, "Pacific/Auckland", &[]);
    let folders = ["account=Nord%2FS\u{fc}d%2050%25", "account=default"];
    assert_eq!(files(&out), folders.map(|folder| format!("{folder}/day=2026-10-06/qos.parquet")));
    assert!(err.starts_with("rollbook: 4 samples of 3 stays in 3 instances written to "), "{err}");
    fs::remove_dir_all(&out).unwrap();
    let (out, _) = export(&campus, "UTC", &["--account", "default"]);
    let days = [DAY, "account=default/day=2026-10-06/qos.parquet"];
    assert_eq!(files(&out), days);
    assert_eq!(days.map(|day| read(&out.join(day)).len()), [2, 1]);
}

#[test]
fn writing_a_day_again_replaces_its_file_and_leaves_all_others() {
    let mut campus = Campus::new();
    let mut tomorrow = instance("b");
    tomorrow.started_at = Some(at(24 * 60));
    campus.put(instance("a"), None, &[row("1", "Ana", "0")]);
    campus.put(tomorrow, None, &[row("1", "Ana", "1440")]);
    let (out, _) = export(&campus, "UTC", &[]);
    let theirs = out.join("account=default/day=2026-10-05/theirs.txt");
    fs::write(&theirs, "theirs").unwrap();
    let other_day = out.join("account=default/day=2026-10-06/qos.parquet");
    fs::write(&other_day, "as it was").unwrap();
    campus.put(instance("a"), None, &[row("2", "Bo", "0; 1")]);
    export(&campus, "UTC", &["--from", "2026-10-05", "--to", "2026-10-05"]);
    assert_eq!(read(&out.join(DAY)).len(), 3);
    assert_eq!(fs::read_to_string(&other_day).unwrap(), "as it was");
    assert_eq!(files(&out).len(), 3);
}

#[test]
fn a_day_whose_samples_are_not_kept_any_more_stays_as_it_was_written() {
    let mut campus = Campus::new();
    campus.put(instance("a"), Some(QualityState::Complete), &[row("1", "Ana", "0")]);
    let mut later = instance("b");
    later.started_at = Some(at(60));
    campus.put(later, Some(QualityState::Complete), &[row("1", "Ana", "60")]);
    let (out, _) = export(&campus, "UTC", &[]);
    assert_eq!(campus.store.prune_samples(at(30), 10).unwrap(), 1);
    let (_, err) = export(&campus, "UTC", &[]);
    assert_eq!(read(&out.join(DAY)).len(), 2);
    assert!(err.contains("1 day left as written before"), "{err}");
    fs::remove_dir_all(&out).unwrap();
    let (_, err) = export(&campus, "UTC", &[]);
    assert_eq!(read(&out.join(DAY)).len(), 1);
    assert!(err.contains("samples of 1 stay left out") && !err.contains("day left"), "{err}");
}

#[test]
fn it_needs_a_folder_and_says_so() {
    let campus = Campus::new();
    let file = campus.home.write("taken", "mine");
    let check = |out: &[&str], code: i32, words: &str| {
        for what in ["qos", "attendance"] {
            let ran = campus.run(&[&["export", what, "--format", "parquet"], out].concat());
            assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{}", ran.err);
            assert!(ran.err.contains(words), "{}", ran.err);
        }
    };
    check(&[], 2, "name one with --out");
    check(&["--out", "-"], 2, "name one with --out");
    check(&["--out", "day.csv"], 2, "day.csv says csv");
    check(&["--out", "taken"], 1, "it is no folder");
    check(&["--out", "taken/below"], 1, "taken/below");
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn a_folder_is_written_only_where_parquet_is_meant() {
    let campus = Campus::new();
    fs::create_dir(campus.home.path().join("folder")).unwrap();
    let ran = campus.run(&["export", "qos", "--out", "folder"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("it is a folder") && ran.err.contains("--format parquet"), "{}", ran.err);
    assert_eq!(campus.run(&["export", "qos", "--out", "folder", "--format", "parquet"]).code, 0);
}

#[test]
fn attendance_is_the_same_as_in_csv() {
    let kept = settled();
    let out = kept.folder("parquet");
    let ran = kept.run(&["export", "attendance", "--format", "parquet", "--out", out.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let day = format!("account=default/day={}/attendance.parquet", crate::kept::DAY);
    assert_eq!(files(&out), [day.as_str()]);
    let key = |line: &Line| ["meeting_uuid", "join_time", "user_id"].map(|name| line[name].clone());
    let mut read = read(&out.join(&day));
    read.sort_by_key(key);
    let mut csv = lines(&kept.run(&["export", "attendance"]).out);
    csv.iter_mut().for_each(|line| drop(line.remove("account")));
    csv.sort_by_key(key);
    assert!(read.len() > 100);
    assert_eq!(read, csv);
    let fields = arrow_fields(&out.join(&day));
    let duration = fields.iter().find(|(name, ..)| name == "duration_seconds").unwrap();
    assert_eq!((duration.1.as_str(), duration.3.as_deref()), ("Int64", Some("s")));
}
