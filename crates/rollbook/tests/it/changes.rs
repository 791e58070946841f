//! `meetings` and `users` as a user meets them: what is sent, counted and said, and what is never sent twice.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

const DAY: [&str; 6] = ["--meetings", "20", "--people", "4", "--seed", "3"];

fn read(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

/// The e-mail address of a host of the campus.
fn host(pretend: &Pretend) -> String {
    pretend.truth()["instances"][0]["host"].as_str().unwrap().to_owned()
}

fn create<'a>(host: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let plan = ["--topic", "Office hours", "--start", "2026-11-25T10:00", "--duration", "45"];
    [&["meetings", "create", "--host", host][..], &plan, more].concat()
}

/// Changes that the pretend Zoom made to any host's meetings.
fn changes(pretend: &Pretend) -> u64 {
    let hosts = pretend.stats()["changes_by_host"].clone();
    hosts.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

#[test]
fn a_meeting_is_tried_out_created_shown_and_changed() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let host = host(&pretend);
    let madrid = [("ROLLBOOK_TIMEZONE", "Europe/Madrid")];
    let run = |arguments: &[&str]| {
        let ran = pretend.run(&home, &madrid, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran
    };
    let tried = read(&run(&create(&host, &["--dry-run", "--set", "settings.waiting_room=true"])));
    assert_eq!((&tried["method"], &tried["label"]), (&json!("POST"), &json!("Light")));
    assert_eq!(tried["path"], format!("/users/{}/meetings", host.replace('@', "%40")));
    assert_eq!(
        tried["body"],
        json!({
            "topic": "Office hours", "type": 2, "start_time": "2026-11-25T09:00:00Z", "duration": 45,
            "timezone": "Europe/Madrid", "settings": {"waiting_room": true}
        })
    );
    assert_eq!((&tried["host"]["limit"], &tried["host"]["left"]), (&json!(100), &Value::Null));
    assert_eq!((pretend.calls(), home.files().len()), (0, 0), "a dry run asks nothing and keeps nothing");

    let made = read(&run(&create(&host, &["--set", "settings.waiting_room=true"])));
    let number = made["id"].as_u64().unwrap().to_string();
    assert_eq!((pretend.calls(), changes(&pretend)), (2, 1));
    let shown = read(&run(&["meetings", "show", &number]));
    assert_eq!(shown, made);
    let listed = read(&run(&["meetings", "list", "--host", &host]));
    let own = listed["meetings"].as_array().unwrap().iter().filter(|plan| plan["id"] == made["id"]).count();
    assert_eq!(own, 1);
    for name in [host.as_str(), made["host_id"].as_str().unwrap()] {
        let again =
            read(&run(&["meetings", "update", &number, "--duration", "30", "--host", name, "--dry-run"]));
        assert_eq!(
            (&again["host"]["changes_today"], &again["host"]["left"]),
            (&json!(1), &json!(99)),
            "{name}"
        );
    }

    let arguments = ["--start", "2026-11-26T10:00", "--set", "settings.waiting_room=false"];
    let changed = read(&run(&[&["meetings", "update", &number][..], &arguments].concat()));
    assert_eq!(changed["is_changed"], true);
    let line = |field: &str, before: Value, after: Value| json!({"field": field, "before": before, "sent": after, "after": after});
    assert_eq!(
        changed["changes"],
        json!([
            line("settings.waiting_room", json!(true), json!(false)),
            line("start_time", json!("2026-11-25T09:00:00Z"), json!("2026-11-26T09:00:00Z")),
        ])
    );
    assert_eq!(changed["host"]["left"], 98);
    let again = read(&run(&[&["meetings", "update", &number][..], &arguments].concat()));
    assert_eq!(
        (&again["is_changed"], changes(&pretend)),
        (&json!(false), 2),
        "what is so already is not sent"
    );
    let unseen = ["meetings", "update", &number, "--duration", "50", "--host", &host];
    assert_eq!(
        read(&run(&unseen))["changes"],
        json!([{"field": "duration", "before": null, "sent": 50, "after": null}])
    );
    assert_eq!(read(&run(&["meetings", "show", &number]))["duration"], 50);
    pretend.assert_within_limits();
}

#[test]
fn the_address_that_lets_anyone_in_as_host_is_nowhere() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let host = host(&pretend);
    let made = pretend.expect(&home, 0, &create(&host, &[]));
    let number = read(&made)["id"].to_string();
    let mut told = made.out + &made.err;
    for arguments in [
        &["-vv", "meetings", "show", &number][..],
        &["-vv", "meetings", "update", &number, "--duration", "50"],
        &["-vv", "meetings", "list", "--host", &host],
        &["runs", "--last", "9"],
    ] {
        let ran = pretend.expect(&home, 0, arguments);
        told += &(ran.out + &ran.err);
    }
    assert!(!told.contains("start_url") && !told.contains("zak="), "{told}");
    assert!(told.contains("join_url"));
    for (path, bytes) in home.files() {
        let found = bytes.windows(4).any(|four| four == b"zak=");
        assert!(!found, "{} holds it", path.display());
    }
}

#[test]
fn users_are_listed_shown_and_added() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let run = |code, arguments: &[&str]| pretend.expect(&home, code, arguments);
    let count = |status: &str| {
        read(&run(0, &["users", "list", "--status", status]))["users"].as_array().unwrap().len()
    };
    let before = (count("active"), count("inactive"), count("pending"));
    assert_eq!((before.0 > 100, before.1, before.2), (true, 0, 0));
    let user =
        ["users", "create", "--email", "jill@school.example", "--first-name", "Jill", "--last-name", "Chill"];
    let tried = read(&run(0, &[&user[..], &["--dry-run"]].concat()));
    assert_eq!((&tried["path"], &tried["host"], count("pending")), (&json!("/users"), &Value::Null, 0));
    let info = json!({"email": "jill@school.example", "type": 1, "first_name": "Jill", "last_name": "Chill"});
    assert_eq!(tried["body"], json!({"action": "create", "user_info": info}));
    let made = read(&run(0, &user));
    assert_eq!((count("pending"), count("all")), (1, before.0 + 1));
    assert_eq!(read(&run(0, &["users", "show", "jill@school.example"]))["id"], made["id"]);
    let again = run(1, &user);
    assert!(again.err.contains("code 1005") && again.err.contains("already been used"), "{}", again.err);
    assert!(again.err.contains("users show"), "{}", again.err);
    assert_eq!(count("all"), before.0 + 1);
    assert_eq!(read(&run(0, &["users", "show", "me", "--settings"]))["feature"]["meeting_capacity"], 300);

    let secret = home.write("password.txt", "Correct-horse-7\n").display().to_string();
    let auto = ["users", "create", "--email", "bob@school.example", "--action", "autoCreate"];
    let auto = [&auto[..], &["--type", "none", "--password-file", &secret]].concat();
    let tried = run(0, &[&auto[..], &["--dry-run"]].concat());
    assert!(!tried.out.contains("Correct-horse") && tried.out.contains("not shown"), "{}", tried.out);
    run(0, &auto);
    let hosted = run(1, &create("bob@school.example", &[]));
    assert!(hosted.err.contains("code 3161") && hosted.err.contains("licence"), "{}", hosted.err);
}

#[test]
fn what_is_wrong_is_said_before_anything_is_sent() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let check = |arguments: &[&str], word: &str| {
        let ran = pretend.run(&home, &[("ROLLBOOK_TIMEZONE", "Europe/Madrid")], arguments);
        assert_eq!((ran.code, ran.err.contains(word)), (2, true), "{arguments:?}: {}", ran.err);
    };
    check(&["meetings"], "Usage");
    check(&["meetings", "show", "gm8s9L+PTEC+FG3sFbd1Cw=="], "no meeting number");
    check(&["meetings", "list"], "--host");
    check(&["meetings", "list", "--host", " "], "e-mail address");
    check(&["meetings", "create", "--host", "me", "--start", "2026-11-25T10:00"], "--topic");
    check(&["meetings", "create", "--host", "me", "--topic", "x"], "needs a --start");
    check(&create("me", &["--timezone", "Nowhere"]), "zone database");
    let at = |start| ["meetings", "create", "--host", "me", "--topic", "x", "--start", start];
    check(&at("25.11.2026"), "2026-11-25T10:00");
    check(&at("2026-10-25T02:30"), "has it twice");
    check(&at("2026-03-29T02:30"), "skips");
    check(&["meetings", "update", "1", "--set", "duration=1441"], "1440 minutes");
    let long = "x".repeat(201);
    check(&["meetings", "update", "1", "--topic", &long], "at most 200");
    check(&["meetings", "update", "1", "--duration", "2000"], "1440 minutes");
    check(&["meetings", "update", "1"], "what shall change");
    check(&["meetings", "update", "1", "--set", "settings"], "FIELD=VALUE");
    check(&create("me", &["--type", "recurring-fixed"]), "needs a schedule");
    let list = home.write("list.json", "[1]").display().to_string();
    check(&create("me", &["--body", &list]), "no JSON object");
    let cut = home.write("cut.json", "{\"topic\":").display().to_string();
    check(&create("me", &["--body", &cut]), "is not JSON");
    check(&["users", "create", "--email", "jill"], "is not an e-mail address");
    check(&["users", "create", "--email", "a@b.example", "--type", "4"], "type 4 is no licence");
    check(&["users", "create", "--email", "a@b.example", "--action", "autoCreate"], "--password-file");
    check(&["users", "list", "--status", "gone"], "possible values");
    assert_eq!(pretend.stats()["token_calls"], 0);
    let refused = |arguments: &[&str], word: &str| {
        let ran = pretend.expect(&home, 1, arguments);
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
    };
    refused(&["meetings", "show", "123"], "code 3001");
    refused(&["meetings", "update", "123", "--duration", "5"], "30 days");
    refused(&create("nobody@school.example", &[]), "users list");
    assert_eq!(changes(&pretend), 0);
}

#[test]
fn of_several_accounts_one_must_be_named() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let host = host(&pretend);
    let account = |name: &str| {
        format!(
            "[[account]]\nname = '{name}'\naccount_id = 'account'\nclient_id = 'client'\nclient_secret = 'secret'\n\
             api_url = '{}'\noauth_url = '{}'\n",
            pretend.url("/v2"),
            pretend.url("/oauth/token")
        )
    };
    home.write("rollbook.toml", account("north") + &account("south"));
    for arguments in [create(&host, &[]), create(&host, &["--dry-run"]), vec!["users", "list"]] {
        let ran = home.run(&[], &arguments);
        assert_eq!((ran.code, ran.err.contains("--account NAME")), (2, true), "{}", ran.err);
    }
    assert_eq!(pretend.calls(), 0);
    let ran = home.run(&[], &create(&host, &["--account", "south"]));
    assert_eq!((ran.code, changes(&pretend)), (0, 1), "{}", ran.err);
}

#[test]
fn processes_side_by_side_share_a_hosts_day() {
    let ((pretend, _), home) = (Pretend::of_past_day(&DAY), Home::new());
    let host = host(&pretend);
    let id = read(&pretend.expect(&home, 0, &["users", "show", &host]))["id"].as_str().unwrap().to_owned();
    // By two names, which are one host.
    let names = [&host, &id, &host, &id, &host, &id];
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            let mut command = pretend.command(&home, &create(name, &[]));
            command.env("ROLLBOOK_ZOOM_LIMITS", "host_writes_day=4");
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut codes = Vec::new();
    for child in children {
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert!(ran.code == 0 || ran.err.contains("host_writes_day"), "{}", ran.err);
        codes.push(ran.code);
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, 0, 0, 4, 4], "exit 4: stopped by the budget");
    assert_eq!(changes(&pretend), 4);
    pretend.assert_within_limits();
}

#[test]
fn zooms_word_stops_one_host_and_nothing_else() {
    let arguments = [&DAY[..], &["--host-changes", "2"]].concat();
    let ((pretend, _), home) = (Pretend::of_past_day(&arguments), Home::new());
    let host = host(&pretend);
    pretend.expect(&home, 0, &create(&host, &[]));
    pretend.expect(&home, 0, &create(&host, &[]));
    let ran = pretend.expect(&home, 4, &create(&host, &[]));
    assert!(
        ran.err.contains(&format!("meetings of {host} are gone until")) && ran.err.contains("T00:00:00Z"),
        "{}",
        ran.err
    );
    let calls = pretend.calls();
    pretend.expect(&home, 4, &create(&host, &[]));
    assert_eq!(pretend.calls(), calls + 1, "only the host is looked up: what Zoom said is remembered");
    let tried = read(&pretend.expect(&home, 0, &create(&host, &["--dry-run"])));
    assert_eq!((&tried["host"]["left"], &tried["host"]["changes_today"]), (&json!(0), &json!(3)));
    let instances = pretend.truth()["instances"].as_array().unwrap().clone();
    let other =
        instances.iter().map(|one| one["host"].as_str().unwrap()).find(|other| *other != host).unwrap();
    pretend.expect(&home, 0, &create(other, &[]));
    pretend.expect(&home, 0, &["meetings", "list", "--host", &host]);
    let status = read(&pretend.expect(&home, 0, &["status"]));
    let pool = &status["budget"]["default"];
    assert_eq!(pool["paused"], json!({}), "no label rests");
    let hosts: Vec<&Value> = pool["hosts"].as_array().unwrap().iter().map(|host| &host["name"]).collect();
    assert_eq!(hosts, [&json!(host), &json!(other)], "most changes first");
    assert!(pool["hosts"][0]["gone_until"].is_string() && pool["hosts"][1]["gone_until"].is_null(), "{pool}");
}

/// A Zoom that knows one user, and does something else with changes. Tells every request by method and path.
struct Odd {
    address: String,
    asked: Receiver<String>,
}

/// What is done with a change instead of an answer.
type Change = fn(&mut TcpStream);

impl Odd {
    fn start(change: Change) -> Odd {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, asked) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let line = request_line(&mut stream);
                let answer = match line.as_str() {
                    "POST /oauth/token" => {
                        r#"{"access_token":"t","expires_in":3599,"scope":"user:read:admin"}"#
                    }
                    "GET /v2/users/jill%40school.example" => r#"{"id":"JILL","email":"jill@school.example"}"#,
                    _ => "",
                };
                if answer.is_empty() {
                    change(&mut stream);
                } else {
                    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length:";
                    write!(stream, "{head} {}\r\n\r\n{answer}", answer.len()).unwrap();
                }
                if tell.send(line).is_err() {
                    return;
                }
                // Held open where nothing was answered: whoever waits for it waits on.
                if answer.is_empty() {
                    std::mem::forget(stream);
                }
            }
        });
        Odd { address, asked }
    }

    fn variables(&self) -> [(String, String); 5] {
        let variable = |name: &str, value: &str| (format!("ROLLBOOK_ZOOM_{name}"), value.to_owned());
        [
            variable("API_URL", &format!("http://{}/v2", self.address)),
            variable("OAUTH_URL", &format!("http://{}/oauth/token", self.address)),
            variable("ACCOUNT_ID", "account"),
            variable("CLIENT_ID", "client"),
            variable("CLIENT_SECRET", "secret"),
        ]
    }
}

fn request_line(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if header.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    first.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

const JILL: &str = "jill@school.example";
const POST: &str = "POST /v2/users/JILL/meetings";

/// What is left of Jill's day, without asking anybody.
fn left(home: &Home, odd: &Odd) -> Value {
    let ran: Ran = home.command(&create(JILL, &["--dry-run"])).envs(odd.variables()).output().unwrap().into();
    read(&ran)["host"]["left"].clone()
}

#[test]
fn a_change_whose_answer_is_lost_is_never_sent_again() {
    let broken: [(&str, Change); 3] = [
        ("the line breaks", |stream| stream.shutdown(std::net::Shutdown::Both).unwrap()),
        ("a gateway gives up", |stream| {
            stream
                .write_all(b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
        }),
        ("the answer is cut short", |stream| {
            let head = "HTTP/1.1 201 Created\r\nconnection: close\r\ncontent-length: 8";
            write!(stream, "{head}\r\n\r\n{{\"id\":92").unwrap();
        }),
    ];
    for (how, change) in broken {
        let (odd, home) = (Odd::start(change), Home::new());
        let ran: Ran = home.command(&create(JILL, &[])).envs(odd.variables()).output().unwrap().into();
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{how}: {}", ran.err);
        assert!(ran.err.contains("may have been created"), "{how}: {}", ran.err);
        assert!(ran.err.contains(&format!("meetings list --host {JILL}")), "{how}: {}", ran.err);
        let asked: Vec<String> = odd.asked.try_iter().filter(|line| line.starts_with("POST /v2")).collect();
        assert_eq!(asked, [POST], "{how}");
        assert_eq!(left(&home, &odd), 99, "{how}: it may count at Zoom");
    }
}

#[test]
fn a_process_that_is_killed_has_paid_before_it_sent() {
    let (odd, home) = (Odd::start(|_| {}), Home::new());
    let mut command = home.command(&create(JILL, &[]));
    let mut process =
        command.envs(odd.variables()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while odd.asked.recv().unwrap() != POST {}
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(left(&home, &odd), 99);
}
