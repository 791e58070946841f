//! Call quality as a user meets it: forecast, collected, shown, raw, refused.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

const DAY: [&str; 4] = ["--from", "2026-10-05", "--to", "2026-10-05"];

fn pretend(arguments: &[&str]) -> Pretend {
    Pretend::start(&[&["--plain", "--meetings", "6", "--people", "12", "--scale", "20"], arguments].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.out, ran.err))
}

/// A collected day: the numbers of its meetings.
fn collected(pretend: &Pretend, home: &Home) -> Vec<String> {
    let sync = ["sync", DAY[0], DAY[1], DAY[2], DAY[3], "--qos", "all"];
    let report = json(&pretend.expect(home, 0, &sync));
    assert_eq!(report["quality"]["complete"], 6, "{report}");
    let csv = pretend.expect(home, 0, &["export", "attendance", "--format", "csv"]).out;
    let mut numbers: Vec<String> =
        csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

/// A ready access token, as a developer would get one.
fn token(pretend: &Pretend) -> String {
    let address = pretend.url("").replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = format!(
        "POST /oauth/token?grant_type=account_credentials&account_id={} HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Basic Y2xpZW50OnNlY3JldA==\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        pretend.setting("ROLLBOOK_ZOOM_ACCOUNT_ID")
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn the_forecast_of_call_quality_is_what_it_costs() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let plan = json(&pretend.expect(&home, 0, &["plan", DAY[0], DAY[1], DAY[2], DAY[3], "--qos", "all"]));
    // Twelve people in each of six meetings: two calls each.
    assert_eq!(plan["quality_calls"], 12, "{plan}");
    assert_eq!(plan["calls"]["heavy"], 12, "{plan}");
    collected(&pretend, &home);
    let stats = pretend.stats();
    let spent: u64 = stats["by_operation"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(operation, _)| operation.ends_with("/qos"))
        .filter_map(|(_, calls)| calls.as_u64())
        .sum();
    assert_eq!(spent, 12, "{stats}");
    let again = json(&pretend.expect(&home, 0, &["plan", DAY[0], DAY[1], DAY[2], DAY[3], "--qos", "all"]));
    assert_eq!(again["quality_calls"], 0, "nothing is left to read: {again}");
}

#[test]
fn what_does_not_fit_the_day_is_told_before_and_after() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let limits = [("ROLLBOOK_ZOOM_LIMITS", "heavy_day=10"), ("ROLLBOOK_ZOOM_RESERVE", "0")];
    let run = |arguments: &[&str]| pretend.run(&home, &limits, arguments);
    let plan = json(&run(&["plan", DAY[0], DAY[1], DAY[2], DAY[3], "--qos", "all"]));
    assert!(plan["waits"][0]["quality_calls"].as_u64().unwrap() > 0, "{plan}");
    let sync = run(&["sync", DAY[0], DAY[1], DAY[2], DAY[3], "--qos", "all"]);
    assert_eq!(sync.code, 4, "{}", sync.err);
    let report = json(&sync);
    assert_eq!(report["instances"]["verified"], 6, "attendance is not held up: {report}");
    assert!(report["quality_open_total"].as_u64().unwrap() > 0, "{report}");
}

#[test]
fn what_the_store_holds_is_shown_at_no_cost() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let numbers = collected(&pretend, &home);
    let before = pretend.calls();
    let meeting = json(&pretend.expect(&home, 0, &["qos", &numbers[0]]));
    let people = meeting["people"].as_array().unwrap();
    assert_eq!((people.len(), &meeting["source"]["from"]), (12, &Value::from("store")));
    let scores: Vec<f64> = people.iter().filter_map(|person| person["score"].as_f64()).collect();
    assert!(scores.is_sorted(), "the worst call first: {scores:?}");
    let name = people[3]["name"].as_str().unwrap();
    let email = people[3]["email"].as_str();
    for called in [Some(name), email].into_iter().flatten() {
        let ran = pretend.run(&home, &[], &["qos", &numbers[0], called]);
        if ran.code == 1 {
            assert!(ran.err.contains("people in this meeting fit"), "{}", ran.err);
            continue;
        }
        let person = json(&ran);
        let samples = person["connections"][0]["samples"].as_array().unwrap();
        assert!(!samples.is_empty() && samples.iter().all(|sample| sample["time"].is_string()), "{person}");
        assert!(samples.iter().any(|sample| sample["audio_in_bitrate_kbps"].is_number()), "{person}");
    }
    assert_eq!(pretend.calls(), before);
    let nobody = pretend.run(&home, &[], &["qos", &numbers[0], "Nobody At All"]);
    assert_eq!(nobody.code, 1);
    assert!(nobody.err.contains("nobody in this meeting is called \"Nobody At All\""), "{}", nobody.err);
}

#[test]
fn a_ready_token_and_nothing_else_gets_the_raw_answer_or_all_of_the_error() {
    let (pretend, home, bare) = (pretend(&[]), Home::new(), Home::new());
    let numbers = collected(&pretend, &home);
    let person = json(&pretend.expect(&home, 0, &["qos", &numbers[0]]));
    let uuid = person["meeting_uuids"][0].as_str().unwrap();
    let csv = pretend.expect(&home, 0, &["export", "qos", "--format", "csv"]).out;
    let line = csv.lines().find(|line| line.starts_with(uuid)).unwrap();
    let user_id = line.split(',').nth(1).unwrap();
    let token = token(&pretend);
    let api = pretend.setting("ROLLBOOK_ZOOM_API_URL").to_owned();
    let variables = [("ROLLBOOK_ZOOM_ACCESS_TOKEN", token.as_str()), ("ROLLBOOK_ZOOM_API_URL", api.as_str())];
    let run = |arguments: &[&str]| bare.run(&variables, arguments);

    let before = pretend.calls();
    let past = run(&["qos", uuid, user_id, "--type", "past", "--raw"]);
    assert_eq!((past.code, pretend.calls() - before), (0, 1), "{}", past.err);
    let body = json(&past);
    assert_eq!(body["user_id"], user_id);
    assert!(body["user_qos"][0]["audio_input"]["bitrate"].is_string(), "{body}");

    let live = run(&["qos", uuid, user_id, "--type", "live", "--raw"]);
    assert_eq!((live.code, live.out.as_str()), (1, ""), "{}", live.err);
    for words in ["HTTP 404", "x-ratelimit-category: Heavy", "\"code\":3001", "try --type past"] {
        assert!(live.err.contains(words), "{words:?} is missing in: {}", live.err);
    }
    assert!(!live.err.contains(&token) && !past.err.contains(&token));

    // Without --raw the other type is tried, and that is said.
    let switched = run(&["qos", uuid, user_id, "--type", "live"]);
    assert_eq!(switched.code, 0, "{}", switched.err);
    assert!(switched.err.contains("asking for type past instead"), "{}", switched.err);
    assert_eq!(json(&switched)["source"]["kind"], "past");

    let wrong =
        bare.run(&[("ROLLBOOK_ZOOM_ACCESS_TOKEN", "wrong"), variables[1]], &["qos", uuid, user_id, "--raw"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    assert!(wrong.err.contains("ROLLBOOK_ZOOM_ACCESS_TOKEN"), "{}", wrong.err);
}

#[test]
fn a_plan_without_dashboards_says_so_before_anything_is_spent() {
    let (pretend, home) = (pretend(&["--plan", "pro"]), Home::new());
    let before = pretend.calls();
    let ran = pretend.run(&home, &[], &["qos", "91234567890"]);
    assert_eq!((ran.code, pretend.calls()), (2, before), "{}", ran.err);
    assert!(ran.err.contains("dashboards"), "{}", ran.err);
    let plan = json(&pretend.expect(&home, 0, &["plan", DAY[0], DAY[1], DAY[2], DAY[3], "--qos", "all"]));
    assert!(plan["accounts"][0]["caveats"].to_string().contains("no call quality"), "{plan}");
}

#[test]
fn wrong_words_on_the_command_line_are_told_with_the_right_ones() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let check = |arguments: &[&str], words: &str| {
        let ran = pretend.run(&home, &[], arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {words:?} is missing in {}", ran.err);
    };
    check(&["sync", "--qos", "some"], "large:N");
    check(&["sync", "--qos", "courses"], "Moodle");
    check(&["qos", "1", "--type", "yesterday"], "live");
    check(&["qos", "1", "--watch", "--type", "past"], "--type past");
    check(&["qos", "1", "--watch", "--every", "1s"], "15s");
    check(&["qos", "1", "--date", "2026-10-05"], "--date");
    assert_eq!(pretend.calls(), 0);
}
