//! Worlds drawn from a seed: every switch and every fault, in any combination.

use jiff::civil::date;
use rollbook_core::chance::Chance;
use rollbook_sim::{
    DayZone, Faults, Headers, Options, OtherApps, People, Plan, RefusalBody, RetryAfter, Switches, Window,
};

use crate::play::{EVENING, Hours, Kill, LATER, MORNING, Scene};

/// Dice of one scene: each question has a name, so that a new one does not shift the others.
pub struct Dice(Chance);

impl Dice {
    /// Dice cut from a seed.
    pub fn of(seed: u64) -> Dice {
        Dice(Chance::from_seed(seed))
    }

    /// True with this probability.
    pub fn hit(&self, name: &str, probability: f64) -> bool {
        self.0.roll(name, 0) < probability
    }

    /// A whole number in `low..=high`.
    pub fn between(&self, name: &str, low: i64, high: i64) -> i64 {
        low + (self.0.roll(name, 0) * (high - low + 1) as f64) as i64
    }

    /// One of these.
    pub fn pick<T: Copy>(&self, name: &str, choices: &[T]) -> T {
        choices[self.between(name, 0, choices.len() as i64 - 1) as usize]
    }
}

/// A campus on 5 October 2026 on a Business plan, with whatever switches the seed says.
pub fn campus(seed: u64, meetings_max: u32) -> Scene {
    let dice = Dice::of(seed);
    let meetings = dice.between("meetings", 4, i64::from(meetings_max)) as u32;
    let mut options = Options::campus(seed, date(2026, 10, 5), meetings);
    options.neighbours = dice.pick("neighbours", &[0, 1, 2, meetings / 4, meetings]);
    options.one_person = dice.between("one person", 0, i64::from(meetings / 5).max(1)) as u32;
    options.mix.over_midnight = dice.pick("over midnight", &[0.03, 0.1, 0.3]);
    options.mix.personal_rooms = dice.pick("personal rooms", &[0.06, 0.3]);
    options.mix.restarts = dice.pick("restarts", &[0.04, 0.3]);
    options.mix.webinars = dice.pick("webinars", &[0.03, 0.2]);
    options.faults = faults(&dice);
    options.zoom = switches(&dice);
    let mut scene = Scene::new(options, begin(&dice));
    scene.breakouts = dice.hit("breakouts", 0.15);
    scene
}

/// The same on any plan that can collect at all, with dashboards or without.
pub fn any_plan(seed: u64, meetings_max: u32) -> Scene {
    let dice = Dice::of(seed);
    let mut scene = campus(seed, meetings_max);
    if dice.hit("pro", 0.15) {
        scene.options = scene.options.on_plan(Plan::Pro);
    } else if dice.hit("no dashboards", 0.1) {
        scene.options.zoom.dashboards = false;
    }
    scene
}

/// The same with deaths, small allowances and several days.
pub fn anything(seed: u64, meetings_max: u32) -> Scene {
    let dice = Dice::of(seed);
    let mut scene = any_plan(seed, meetings_max);
    if dice.hit("killed", 0.3) {
        scene.kills = kills(&dice);
    }
    if dice.hit("small allowance", 0.15) {
        let calls = dice.between("allowance", 20, 300) as u32;
        scene.options.limits.shared_day = Some(calls);
        scene.limits = format!("heavy_day={calls}");
        scene.options.zoom.other_apps = OtherApps::default();
    }
    if dice.hit("several days", 0.1) {
        scene.options.days = dice.between("days", 2, 4) as u32;
        scene.options.meetings = scene.options.meetings.div_ceil(3);
        scene.options.one_person = scene.options.one_person.min(scene.options.meetings);
        scene.days = scene.options.days;
    }
    if dice.hit("skewed", 0.1) {
        scene.ahead_seconds = dice.between("ahead", -300, 300);
    }
    if dice.hit("large meetings", 0.05) {
        scene.options.meetings = scene.options.meetings.min(6);
        scene.options.one_person = scene.options.one_person.min(1);
        scene.options.people = People::Exactly(dice.between("people", 250, 900) as u32);
    }
    scene
}

/// One to eight deaths: in the middle of calls, in the first seconds, or in the hours of waiting for late data.
pub fn kills(dice: &Dice) -> Vec<Kill> {
    (0..dice.between("kills", 1, 8))
        .map(|life| match dice.between(&format!("kind {life}"), 0, 2) {
            0 => Kill::Answers(dice.between(&format!("answers {life}"), 1, 60) as u64),
            1 => Kill::Millis(dice.between(&format!("millis {life}"), 0, 2_000) as u64),
            _ => Kill::Millis(dice.between(&format!("hours {life}"), 0, 20 * 3_600_000) as u64),
        })
        .collect()
}

fn begin(dice: &Dice) -> Hours {
    let during = Hours(dice.between("hour", 0, 23 * 60) as f64 / 60.0);
    dice.pick("begin", &[MORNING, MORNING, EVENING, LATER, during])
}

fn faults(dice: &Dice) -> Faults {
    let mut faults = Faults::campus();
    faults.hipaa = dice.hit("hipaa", 0.1);
    faults.end_time_refused = dice.hit("end_time", 0.5);
    let much = dice.pick("much", &[0.0, 1.0, 1.0, 3.0, 8.0]);
    for share in [
        &mut faults.empty_times,
        &mut faults.empty_times_forever,
        &mut faults.wrong_count,
        &mut faults.late_listing,
        &mut faults.zero_duration,
        &mut faults.wrong_not_found,
        &mut faults.short_forever,
        &mut faults.empty_forever,
        &mut faults.missing_forever,
        &mut faults.repeated_lines,
        &mut faults.gone_hosts,
    ] {
        *share = (*share * much).min(0.9);
    }
    let rough = dice.pick("rough", &[0.0, 1.0, 1.0, 4.0, 10.0]);
    for share in [
        &mut faults.resets,
        &mut faults.server_errors,
        &mut faults.slow_answers,
        &mut faults.truncated,
        &mut faults.trailing_text,
        &mut faults.errors_in_ok,
        &mut faults.refused_mid_list,
        &mut faults.dead_page_tokens,
        &mut faults.moving_rows,
    ] {
        *share *= rough;
    }
    faults
}

fn switches(dice: &Dice) -> Switches {
    let apps = Switches::campus().other_apps;
    let busy = OtherApps { medium: 200_000, heavy: 30_000, resource_intensive: 3_000, ..apps };
    let none = OtherApps::default();
    Switches {
        window: dice.pick("window", &[Window::Fixed, Window::Sliding, Window::Both]),
        refused_calls_count: dice.hit("refused count", 0.5),
        headers: dice.pick("headers", &[Headers::None, Headers::CategoryOnly, Headers::Full, Headers::Odd]),
        refusal_body: dice.pick("body", &[RefusalBody::Documented, RefusalBody::Empty]),
        refusal_code: dice.pick("code", &[429, 4001]),
        retry_after: dice.pick(
            "retry after",
            &[RetryAfter::Iso, RetryAfter::Seconds, RetryAfter::HttpDate, RetryAfter::Absent],
        ),
        day_zone: DayZone::hours(dice.between("zone", -12, 14) as i8),
        times_of_day: dice.hit("times of day", 0.6),
        history_page_size: dice.pick("history page", &[30, 100, 300]),
        one_person_in_history: true,
        one_person_in_past: dice.hit("one person in past", 0.3),
        echo_other_dates: dice.hit("echo", 0.5),
        double_encoding_everywhere: dice.hit("double encoding", 0.5),
        dashboards: true,
        quality_words: dice.hit("quality words", 0.3),
        scope_status: dice.pick("scope status", &[400, 401]),
        latency_ms: dice.pick("latency", &[1, 20, 60, 300]),
        jitter_ms: dice.pick("jitter", &[0, 5, 20, 80]),
        other_apps: dice.pick("other apps", &[none, none, none, apps, busy]),
        ..Switches::campus()
    }
}
