//! What is asked for: every page there is, and the same below the API, for meetings drawn evenly from all days.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::time::Window;
use rollbook_store::{MeetingSearch, Reader};

use crate::line::Dice;
use crate::year;

/// Different meetings asked for, so that not one of them is answered out of a cache.
const MEETINGS: usize = 2_000;

/// What is measured as one: a name, and addresses that are asked for in turn.
pub type Asked = (String, Vec<String>);

/// What a reader of the store knows of it: where to look.
struct Known {
    first: Timestamp,
    /// Meetings of all days, by their paths.
    meetings: Vec<String>,
    /// Those of them with call quality.
    called: Vec<String>,
    run: i64,
}

/// All of it. The API's addresses follow the pages they belong to.
pub fn all(store: &Path) -> Vec<Asked> {
    let known = Known::of(&Reader::open(store).unwrap());
    let mut all = general(&known);
    all.extend(meetings(&known));
    all.extend(quality(&known));
    all
}

impl Known {
    fn of(reader: &Reader) -> Known {
        let (first, _) = reader.starts(None).unwrap().unwrap();
        let hours = year::end().duration_since(first).as_hours();
        let mut dice = Dice(5);
        let (mut meetings, mut called) = (Vec::new(), Vec::new());
        while meetings.len() < MEETINGS {
            let from = first + SignedDuration::from_hours(dice.below(hours as u64) as i64);
            let window = Some(Window { from, to: from + SignedDuration::from_hours(1) });
            let search = MeetingSearch { window, ..MeetingSearch::default() };
            for found in reader.search_meetings(&search, 12).unwrap() {
                let path = path(&found.record.instance.uuid);
                if found.quality.is_some() && from > year::end() - SignedDuration::from_hours(24 * 80) {
                    called.push(path.clone());
                }
                meetings.push(path);
            }
        }
        let days = year::end().as_second() / 86_400;
        for day in days - 80..days {
            for worst in reader.worst_quality((day, day), None, 10).unwrap() {
                let record = reader.instance(worst.instance).unwrap().unwrap();
                called.push(path(&record.instance.uuid));
            }
        }
        let run = reader.runs(1).unwrap().first().map_or(1, |run| run.id);
        Known { first, meetings, called, run }
    }

    /// A day of the store, so many days before its last one; the first one where it holds fewer.
    fn day(&self, back: i64) -> String {
        let at = year::end() - SignedDuration::from_hours(24 * (back + 1));
        at.max(self.first).to_string()[..10].to_owned()
    }
}

/// As `web/address.rs` writes it.
fn path(uuid: &str) -> String {
    format!("/meetings/{}", uuid.replace('/', "_").replace('+', "-").replace('=', "."))
}

fn general(known: &Known) -> Vec<Asked> {
    let mut all = Vec::new();
    for (name, path, api) in [
        ("Today", "/".to_owned(), "/api/v1/today".to_owned()),
        ("Courses, without a Moodle", "/courses".into(), String::new()),
        ("People, without a Moodle", "/people".into(), String::new()),
        ("Quota", "/quota".into(), "/api/v1/quota".into()),
        ("System", "/system".into(), "/api/v1/system".into()),
        ("One run", format!("/system/runs/{}", known.run), format!("/api/v1/runs/{}", known.run)),
        ("Audit", "/audit".into(), "/api/v1/audit".into()),
        ("Account", "/account".into(), String::new()),
        ("Metrics", "/metrics".into(), String::new()),
    ] {
        all.push((name.to_owned(), vec![path]));
        if !api.is_empty() {
            all.push((format!("{name}, API"), vec![api]));
        }
    }
    all
}

fn meetings(known: &Known) -> Vec<Asked> {
    let days = |length: i64| -> Vec<String> {
        let span = |back: i64| format!("from={}&to={}", known.day(back + length), known.day(back));
        (0..40).map(|step| span(step * 7)).collect()
    };
    let year = format!("from={}&to={}", known.day(364), known.day(0));
    let hosts = (0..50).map(|host| format!("host=teacher{}@example.edu&{year}", host * 31));
    let words = |words: &[&str], more: &str| -> Vec<String> {
        words.iter().map(|word| format!("q={word}{more}").replace(' ', "+")).collect()
    };
    let topics = ["algebra", "histology 4", "roman", "systems 77", "linguistics 12"];
    // A word that every host bears, with one that few do: the index has to go through all of them.
    let hosts_words = ["teacher17", "teacher 1200"];
    let week = format!("&{}", days(6)[0]);
    let asked: Vec<(&str, Vec<String>)> = vec![
        ("Meetings, the last week", vec![String::new()]),
        ("Meetings of a day", days(0)),
        ("Meetings of four weeks", days(28)),
        ("Meetings of a host, a year", hosts.collect()),
        (
            "Meetings of a course, a year",
            (0..50).map(|course| format!("course={}&{year}", course * 37)).collect(),
        ),
        ("Meetings that are open, a year", vec![format!("state=open&{year}")]),
        ("Meetings that are verified, a year", vec![format!("state=verified&{year}")]),
        ("Meetings with bad calls, a week", vec!["quality=bad".to_owned()]),
        ("Meetings with bad calls, a year", vec![format!("quality=bad&{year}")]),
        ("Meetings by words of the topic", words(&topics, "")),
        ("Meetings by words that all hosts bear", words(&hosts_words, "")),
        ("Meetings by words, a week", words(&topics, &week)),
    ];
    let mut all = Vec::new();
    for (name, queries) in asked {
        let paths = |base: &str| queries.iter().map(|query| format!("{base}?{query}")).collect();
        all.push((name.to_owned(), paths("/meetings")));
        all.push((format!("{name}, API"), paths("/api/v1/meetings")));
    }
    let below = |paths: &[String], tail: &str, base: &str| {
        paths.iter().map(|path| format!("{base}{path}{tail}")).collect::<Vec<String>>()
    };
    // The first connection in a meeting has this number: see `year`.
    let person = "/people/16778240";
    for (name, paths, tail) in [
        ("A meeting", &known.meetings, ""),
        ("A meeting with a map of its calls", &known.called, ""),
        ("A person in a meeting", &known.called, person),
    ] {
        all.push((name.to_owned(), below(paths, tail, "")));
        all.push((format!("{name}, API"), below(paths, tail, "/api/v1")));
    }
    all
}

fn quality(known: &Known) -> Vec<Asked> {
    let year = format!("from={}&to={}", known.day(364), known.day(0));
    let mut all = Vec::new();
    for by in ["place", "network", "device", "client", "data_center"] {
        for (length, days) in [("four weeks", ""), ("a year", &year)] {
            let query = format!("?by={by}&{days}");
            all.push((format!("Quality by {by}, {length}"), vec![format!("/quality{query}")]));
            all.push((format!("Quality by {by}, {length}, API"), vec![format!("/api/v1/quality{query}")]));
        }
    }
    all.push(("Worst meetings, four weeks, API".into(), vec!["/api/v1/quality/meetings".into()]));
    all.push(("Worst meetings, a year, API".into(), vec![format!("/api/v1/quality/meetings?{year}")]));
    all
}
