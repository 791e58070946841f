//! Call quality as a user meets it: forecast, collected, shown, raw, refused.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

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
    let named = |name: &str| people.iter().filter(|other| other["name"] == name).count();
    let alone = |person: &&Value| named(person["name"].as_str().unwrap()) == 1;
    let name = people.iter().find(alone).unwrap()["name"].as_str().unwrap();
    let email = people.iter().find_map(|person| person["email"].as_str()).unwrap();
    for called in [name, email] {
        let person = json(&pretend.expect(&home, 0, &["qos", &numbers[0], called]));
        assert!(person["name"] == name || person["email"] == email, "{person}");
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

/// Answers every request with the same bytes, as something between Zoom and us might; its address.
fn canned(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let _ = reader.into_inner().write_all(answer);
        }
    });
    format!("http://{address}/v2")
}

fn raw_of(answer: &'static [u8]) -> Ran {
    let (home, api) = (Home::new(), canned(answer));
    let variables = [("ROLLBOOK_ZOOM_ACCESS_TOKEN", "token"), ("ROLLBOOK_ZOOM_API_URL", api.as_str())];
    home.run(&variables, &["qos", "91234567890", "16778240", "--raw"])
}

#[test]
fn a_page_of_something_else_than_zoom_is_shown_without_its_control_characters_and_cookies() {
    let refused = raw_of(
        b"HTTP/1.1 300 Multiple Choices\r\nset-cookie: session=key\r\nconnection: close\r\n\r\n<p>\x1b[2J</p>",
    );
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("set-cookie: [not shown]"), "{}", refused.err);
    assert!(!refused.err.contains("session=key") && !refused.err.contains('\u{1b}'), "{:?}", refused.err);
    assert!(!refused.err.contains("without words"), "{}", refused.err);
    let wordless = raw_of(b"HTTP/1.1 300 Multiple Choices\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert!(wordless.err.contains("status 300 without words"), "{}", wordless.err);
    let page = raw_of(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nsign in\x1b]0;x\x07\nhere");
    assert_eq!(page.out, "sign in\u{fffd}]0;x\u{fffd}\nhere\n", "{}", page.err);
}

#[test]
fn raw_asks_for_the_person_named_and_nobody_else() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let numbers = collected(&pretend, &home);
    let meeting = json(&pretend.expect(&home, 0, &["qos", &numbers[0]]));
    let email = meeting["people"].as_array().unwrap().iter().find_map(|person| person["email"].as_str());
    let person = json(&pretend.expect(&home, 0, &["qos", &numbers[0], email.unwrap()]));
    let ids: Vec<&Value> =
        person["connections"].as_array().unwrap().iter().map(|one| &one["user_id"]).collect();

    let before = pretend.calls();
    let raw = pretend.expect(&home, 0, &["qos", &numbers[0], email.unwrap(), "--raw"]);
    assert_eq!(pretend.calls() - before, ids.len() as u64);
    let bodies = serde_json::Deserializer::from_str(&raw.out).into_iter::<Value>();
    let told: Vec<Value> = bodies.map(|body| body.unwrap()["user_id"].clone()).collect();
    assert_eq!(told.iter().collect::<Vec<_>>(), ids);

    let before = pretend.calls();
    let unknown = pretend.expect(&home, 1, &["qos", &numbers[0], "Nobody At All", "--raw"]);
    assert_eq!((pretend.calls() - before, unknown.out.as_str()), (1, ""));
    for words in ["nobody called \"Nobody At All\"", "/participants/Nobody%20At%20All/qos", "HTTP 404"] {
        assert!(unknown.err.contains(words), "{words:?} is missing in: {}", unknown.err);
    }

    let everybody = pretend.expect(&home, 0, &["qos", &numbers[0], "--raw"]);
    assert!(everybody.err.contains("first page only"), "{}", everybody.err);
    assert_eq!(json(&everybody)["participants"].as_array().unwrap().len(), 10);
}

#[test]
fn what_cannot_be_obeyed_is_a_wrong_command_line_and_its_run_is_ended() {
    let (pretend, home) = (pretend(&[]), Home::new());
    let numbers = collected(&pretend, &home);
    let before = pretend.calls();
    let check = |participant: &str, words: &str| {
        for more in [&["--raw"][..], &["--fresh"], &["--watch"], &[]] {
            let ran = pretend.run(&home, &[], &[&["qos", &numbers[0], participant], more].concat());
            assert_eq!(ran.code, 2, "{more:?}: {}", ran.err);
            assert!(ran.err.contains(words), "{more:?}: {}", ran.err);
            let runs = json(&pretend.expect(&home, 0, &["runs", "--last", "1"]));
            assert!(
                runs.to_string().contains("\"exit_code\":") && !runs.to_string().contains("null"),
                "{runs}"
            );
        }
    };
    check("e", "people in this meeting fit \"e\"");
    assert_eq!(pretend.calls(), before, "nothing was spent");
}

#[test]
fn a_running_meeting_is_followed_at_a_price_told_first() {
    let now = "2026-10-05T10:00:00Z";
    let running = ["--meetings", "30", "--people", "12", "--scale", "60"];
    let (pretend, home) = (Pretend::of_running_day(now, &running), Home::new());
    let truth = pretend.truth();
    let instances = truth["instances"].as_array().unwrap().iter();
    let under_way = instances.filter(|one| one["start"].as_str().unwrap() < now && one["kind"] == "meeting");
    let longest = under_way.max_by_key(|one| one["end"].as_str().unwrap().to_owned()).unwrap();
    let number = longest["id"].to_string();

    let ran = pretend.expect(&home, 0, &["qos", &number, "--watch", "--every", "1m", "--for", "2m"]);
    let first = ran.err.lines().find(|line| !line.starts_with("rollbook: warning: the clock is simulated"));
    let price = "rollbook: each look costs one Heavy call for every ten people, 60 looks an hour";
    assert!(first.unwrap().starts_with(price), "{}", ran.err);
    let looks: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!looks.is_empty(), "{}", ran.err);
    for look in &looks {
        assert_eq!((&look["source"]["kind"], &look["source"]["is_kept"]), (&"live".into(), &false.into()));
        assert!(!look["people"].as_array().unwrap().is_empty(), "{look}");
    }

    // Somebody who is not there does not end it.
    let absent = pretend.expect(&home, 0, &["qos", &number, "Nobody At All", "--watch", "--for", "1m"]);
    assert_eq!(absent.out, "");
    assert!(absent.err.contains("not seen at this look: nobody"), "{}", absent.err);

    // One connection costs one call a look.
    let in_it = |stay: &&Value| stay["leave"] == longest["end"] && stay["status"] == "in_meeting";
    let stays = longest["stays"].as_array().unwrap();
    let user_id = stays.iter().find(in_it).unwrap()["user_id"].as_str().unwrap();
    let one =
        pretend.expect(&home, 0, &["qos", &number, user_id, "--watch", "--for", "15s", "--every", "30s"]);
    assert!(one.err.contains("each look costs 1 Heavy call (one for each connection)"), "{}", one.err);
    let look: Value = serde_json::from_str(one.out.trim()).unwrap();
    assert_eq!((&look["source"]["calls"], &look["connections"][0]["user_id"]), (&1.into(), &user_id.into()));
}
