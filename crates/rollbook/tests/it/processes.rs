//! Whole processes, killed, interrupted and run side by side, over real sockets and on a real disk.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::kept::Ran;
use crate::pretend::{Home, Pretend};

/// Calls that can be on their way when a process dies, and must be made again.
const IN_FLIGHT_MAX: u64 = 64;

/// Meetings of two pages each, which take some seconds under the limit of Medium calls.
const DAY: [&str; 6] = ["--meetings", "90", "--people", "350", "--seed", "7"];

fn sync(day: &str) -> [&str; 7] {
    ["sync", "--from", day, "--to", day, "--wait", "0"]
}

fn begin(pretend: &Pretend, home: &Home, arguments: &[&str]) -> Child {
    pretend.command(home, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Follows a run until the simulator has counted this many calls; false if it ended before.
fn reaches(pretend: &Pretend, process: &mut Child, calls: u64) -> bool {
    while process.try_wait().unwrap().is_none() {
        if pretend.calls() >= calls {
            return true;
        }
        // Nothing depends on how long this is: it only spares the machine.
        std::thread::park_timeout(std::time::Duration::from_millis(2));
    }
    false
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", process.id())).status().unwrap();
    assert!(sent.success());
}

fn ended(process: Child) -> Ran {
    let output: Output = process.wait_with_output().unwrap();
    output.into()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn export(pretend: &Pretend, home: &Home) -> String {
    pretend.expect(home, 0, &["export", "attendance"]).out
}

/// What one run without trouble holds afterwards, and the calls it takes.
fn untroubled(arguments: &[&str]) -> (String, u64) {
    let ((pretend, day), home) = (Pretend::of_past_day(arguments), Home::new());
    pretend.expect(&home, 0, &sync(&day));
    pretend.assert_within_limits();
    (export(&pretend, &home), pretend.calls())
}

#[test]
fn a_run_killed_again_and_again_ends_as_if_nothing_had_happened() {
    let (told, calls) = untroubled(&DAY);
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    let mut kills = 0;
    // Some early, some in the middle of the pages, some close to the end; odd steps, to hit different moments.
    for at in [1, 5, 23, 61, 89, 131, 157, 181] {
        let mut process = begin(&pretend, &home, &sync(&day));
        if reaches(&pretend, &mut process, at) {
            process.kill().unwrap();
            kills += 1;
        }
        process.wait().unwrap();
    }
    assert!(kills >= 4, "only {kills} kills met a living process");
    pretend.expect(&home, 0, &sync(&day));
    assert!(export(&pretend, &home) == told, "the export differs");
    pretend.assert_within_limits();
    let spent = pretend.calls();
    assert!(spent <= calls + IN_FLIGHT_MAX * kills, "{spent} calls instead of {calls} with {kills} kills");
}

#[test]
fn a_campus_day_with_every_fault_survives_kills() {
    // The clock is fast so that second looks come round; limits are looked at in the tests with a true clock.
    let arguments = ["--meetings", "40", "--scale", "600", "--seed", "11"];
    let command = ["sync", "--from", "2026-10-05", "--to", "2026-10-05", "--wait", "12h"];
    let run = |kills: &[u64]| {
        let (pretend, home) = (Pretend::start(&arguments), Home::new());
        for at in kills {
            let mut process = begin(&pretend, &home, &command);
            if reaches(&pretend, &mut process, *at) {
                process.kill().unwrap();
            }
            process.wait().unwrap();
        }
        pretend.expect(&home, 0, &command);
        export(&pretend, &home)
    };
    assert!(run(&[]) == run(&[2, 11, 29, 43]), "the export differs");
}

#[test]
fn an_interrupted_run_says_so_and_goes_on() {
    let (told, calls) = untroubled(&DAY);
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    for (name, at) in [("INT", 40), ("TERM", 120)] {
        let mut process = begin(&pretend, &home, &sync(&day));
        assert!(reaches(&pretend, &mut process, at), "it ended before {at} calls");
        signal(&process, name);
        let ran = ended(process);
        assert_eq!(ran.code, 130, "{}", ran.err);
        let report = json(&ran.out);
        assert_eq!(report["exit_code"], 130);
        assert!(report["ending"].as_str().unwrap().contains("run the same command again"), "{report}");
    }
    pretend.expect(&home, 0, &sync(&day));
    assert!(export(&pretend, &home) == told, "the export differs");
    pretend.assert_within_limits();
    assert!(pretend.calls() <= calls + 2 * IN_FLIGHT_MAX);
}

#[test]
fn settled_days_cost_nothing_more_and_the_token_is_kept() {
    let ((pretend, day), home) = (Pretend::of_past_day(&["--meetings", "10", "--people", "5"]), Home::new());
    pretend.expect(&home, 0, &sync(&day));
    let (told, calls) = (export(&pretend, &home), pretend.calls());
    let again = json(&pretend.expect(&home, 0, &sync(&day)).out);
    assert_eq!(again["calls"]["medium"], 0, "{again}");
    pretend.expect(&home, 0, &["plan", "--from", &day, "--to", &day]);
    assert_eq!((export(&pretend, &home), pretend.calls()), (told, calls));
    assert_eq!(pretend.stats()["token_calls"], 1, "one token for all commands");
    let kept = home.files().into_iter().map(|(path, _)| path);
    let kept: Vec<_> = kept.filter(|path| path.to_string_lossy().contains("token-")).collect();
    assert_eq!(kept.len(), 1);
    let permissions: Permissions = std::fs::metadata(&kept[0]).unwrap().permissions();
    assert_eq!(permissions.mode() & 0o777, 0o600);
    let folder = std::fs::metadata(kept[0].parent().unwrap()).unwrap().permissions();
    assert_eq!(folder.mode() & 0o777, 0o700);
}

#[test]
fn two_runs_at_once_share_the_limits_and_the_work() {
    let (told, calls) = untroubled(&DAY);
    let ((pretend, day), home) = (Pretend::of_past_day(&DAY), Home::new());
    let both = [begin(&pretend, &home, &sync(&day)), begin(&pretend, &home, &sync(&day))];
    for process in both {
        let ran = ended(process);
        // One may find all that is left in the other's hands; then it must not say that all is done.
        let verified = json(&ran.out)["instances"]["verified"].as_u64();
        let expected = if verified == Some(90) { 0 } else { 3 };
        assert_eq!(ran.code, expected, "{}{}", ran.err, ran.out);
    }
    pretend.expect(&home, 0, &sync(&day));
    assert!(export(&pretend, &home) == told, "the export differs");
    pretend.assert_within_limits();
    let spent = pretend.calls();
    assert!(spent <= calls + IN_FLIGHT_MAX, "{spent} calls instead of {calls}: work was done twice");
}

#[test]
fn each_account_has_records_and_a_budget_of_its_own() {
    let home = Home::new();
    let (north, day) = Pretend::of_past_day(&["--meetings", "6", "--people", "4", "--seed", "21"]);
    let (south, _) = Pretend::of_past_day(&["--meetings", "9", "--people", "4", "--seed", "22"]);
    let account = |name: &str, pretend: &Pretend, secret: &str| {
        let (api, oauth) = (pretend.url("/v2"), pretend.url("/oauth/token"));
        format!(
            "[[account]]\nname = '{name}'\naccount_id = 'account'\nclient_id = 'client'\n\
             client_secret = '{secret}'\napi_url = '{api}'\noauth_url = '{oauth}'\n\n"
        )
    };
    let configure = |secret: &str| {
        home.write("rollbook.toml", account("north", &north, "secret") + &account("south", &south, secret));
    };
    let run = |arguments: &[&str]| home.run(&[], arguments);
    configure("wrong");
    let ran = run(&sync(&day));
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("account south") && !ran.err.contains("account north"), "{}", ran.err);
    assert_eq!(json(&ran.out)["instances"]["verified"], 6, "the other account is collected all the same");
    assert_eq!(south.calls(), 0);
    configure("secret");
    let ran = run(&[&["--account", "south"], &sync(&day)[..]].concat());
    assert_eq!((ran.code, &json(&ran.out)["instances"]["verified"]), (0, &Value::from(9)), "{}", ran.err);
    let calls = north.calls();
    let ran = run(&sync(&day));
    assert_eq!((ran.code, &json(&ran.out)["instances"]["verified"]), (0, &Value::from(15)), "{}", ran.err);
    assert_eq!(north.calls(), calls, "settled days cost nothing more");
    let status = json(&run(&["status"]).out);
    let pools: Vec<&String> = status["budget"].as_object().unwrap().keys().collect();
    assert_eq!(pools, ["north", "south"]);
    let rows = |account: &str| {
        let told = run(&["--account", account, "export", "attendance"]).out;
        told.lines().skip(1).filter(|line| line.contains(&format!(",{account},"))).count()
    };
    assert_eq!((rows("north"), rows("south")), (6 * 4, 9 * 4));
    assert_eq!(run(&["export", "attendance"]).out.lines().skip(1).count(), 15 * 4);
}

#[test]
fn a_closed_pipe_is_no_error_and_costs_nothing() {
    let ((pretend, day), home) = (Pretend::of_past_day(&["--meetings", "6", "--people", "4"]), Home::new());
    let mut process = begin(&pretend, &home, &sync(&day));
    drop(process.stdout.take());
    let ran = ended(process);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for arguments in [&["status"][..], &["runs"], &["config"], &["export", "attendance"]] {
        let mut process = begin(&pretend, &home, arguments);
        drop(process.stdout.take());
        let ran = ended(process);
        assert_eq!((ran.code, ran.err.contains("rror")), (0, false), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn what_is_piped_is_json_and_nothing_else() {
    let ((pretend, day), home) = (Pretend::of_past_day(&["--meetings", "6", "--people", "4"]), Home::new());
    let sync = sync(&day);
    let commands: [&[&str]; 6] =
        [&sync, &["plan", "--from", &day], &["status"], &["runs"], &["config"], &["doctor"]];
    for arguments in commands {
        for flags in [&[][..], &["--json"], &["--json", "-vv"]] {
            let ran = pretend.run(&home, &[], &[flags, arguments].concat());
            assert!(json(&ran.out).is_object(), "{arguments:?}");
        }
    }
}
