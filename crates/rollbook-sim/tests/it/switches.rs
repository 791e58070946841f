//! Every fault switch changes some answer.

use std::time::Duration;

use jiff::civil::date;
use rollbook_sim::{Faults, Kind, Options, Sim};

use crate::client::{ask, get, path_of, world};

/// Everything a curious client hears in a day and a half.
async fn hear(faults: Faults) -> String {
    let mut options = Options::campus(5, date(2026, 10, 5), 24);
    options.zoom.latency_ms = 2;
    options.zoom.jitter_ms = 0;
    options.limits = rollbook_sim::Limits::none();
    options.faults = faults;
    options.neighbours = 10;
    options.credentials.token_seconds = 2 * 3_600;
    let sim = world(options, "2026-10-05T10:00:00Z");
    let mut heard = String::new();
    for hours in [0, 1, 6, 20] {
        sim.clock().sleep(Duration::from_secs(hours * 3_600)).await;
        listen(&sim, &mut heard).await;
        heard.push_str(&sim.clock().now().to_string());
    }
    heard
}

async fn listen(sim: &Sim, heard: &mut String) {
    let form = "grant_type=account_credentials&account_id=account";
    for _ in 0..10 {
        let token = ask(sim, "POST", "/oauth/token", Some("Basic Y2xpZW50OnNlY3JldA=="), form).await;
        heard.push_str(&token.status.to_string());
        let bearer = format!("Bearer {}", token.json["access_token"].as_str().unwrap_or(""));
        sim.clock().sleep(Duration::from_secs(3_600)).await;
        heard.push_str(&ask(sim, "GET", "/v2/users/me", Some(&bearer), "").await.text);
        sim.clock().sleep(Duration::from_secs(3_700)).await;
        heard.push_str(&ask(sim, "GET", "/v2/users/me", Some(&bearer), "").await.status.to_string());
    }
    let days = "from=2026-10-04&to=2026-10-06";
    for path in [
        format!("/metrics/meetings?type=past&{days}"),
        format!("/metrics/meetings?type=past&query_date_type=end_time&{days}"),
        format!("/report/users?page_size=300&{days}"),
        format!("/report/history_meetings?page_size=20&{days}"),
    ] {
        let first = get(sim, &path).await;
        heard.push_str(&first.text);
        let token = first.json["next_page_token"].as_str().unwrap_or("");
        let next = get(sim, &format!("{path}&next_page_token={token}")).await;
        heard.push_str(&format!("{} {}", next.status, next.text));
    }
    for (place, one) in sim.truth().instances.into_iter().enumerate() {
        let id = path_of(&one.uuid);
        let noun = if one.kind == Kind::Webinar { "webinars" } else { "meetings" };
        for path in [
            format!("/past_{noun}/{id}/participants?page_size=300"),
            format!("/report/{noun}/{id}/participants?page_size=300"),
            format!("/metrics/{noun}/{id}/participants?type=past&page_size=300"),
            format!("/meetings/{}", one.id),
        ] {
            let answer = get(sim, &path).await;
            heard.push_str(&format!("{} {}", answer.status, answer.text));
        }
        if place.is_multiple_of(4) {
            heard.push_str(&get(sim, &format!("/metrics/{noun}/{id}/participants/qos?type=past")).await.text);
        }
    }
}

/// A switch by name, and what turns it.
type Switch = (&'static str, fn(&mut Faults));

const SWITCHES: [Switch; 45] = [
    ("empty_times", |faults| faults.empty_times = 1.0),
    ("empty_times_forever", |faults| faults.empty_times_forever = 1.0),
    ("end_time_refused", |faults| faults.end_time_refused = true),
    ("numeric_times", |faults| faults.numeric_times = 1.0),
    ("wrong_count", |faults| faults.wrong_count = 1.0),
    ("text_ids", |faults| faults.text_ids = 1.0),
    ("group_as_text", |faults| faults.group_as_text = 1.0),
    ("expired_numbers", |faults| faults.expired_numbers = 1.0),
    ("gone_hosts", |faults| faults.gone_hosts = 0.5),
    ("late_listing", |faults| faults.late_listing = 1.0),
    ("late_data", |faults| faults.late_data = !faults.late_data),
    ("growing", |faults| faults.growing = 1.0),
    ("zero_duration", |faults| faults.zero_duration = 1.0),
    ("wrong_not_found", |faults| faults.wrong_not_found = 1.0),
    ("short_forever", |faults| faults.short_forever = 1.0),
    ("empty_forever", |faults| faults.empty_forever = 1.0),
    ("missing_forever", |faults| faults.missing_forever = 1.0),
    ("fewer_in_metrics", |faults| faults.fewer_in_metrics = 1.0),
    ("repeated_lines", |faults| faults.repeated_lines = 1.0),
    ("blank_ids", |faults| faults.blank_ids = true),
    ("blank_emails", |faults| faults.blank_emails = true),
    ("hipaa", |faults| faults.hipaa = true),
    ("missing_device_fields", |faults| faults.missing_device_fields = 1.0),
    ("hash_for_comma", |faults| faults.hash_for_comma = true),
    ("device_words", |faults| faults.device_words = 1.0),
    ("idle_streams", |faults| faults.idle_streams = 1.0),
    ("zero_latency", |faults| faults.zero_latency = 1.0),
    ("odd_quality_values", |faults| faults.odd_quality_values = 1.0),
    ("late_quality", |faults| faults.late_quality = 1.0),
    ("no_quality", |faults| faults.no_quality = 1.0),
    ("quality_300", |faults| faults.quality_300 = 1.0),
    ("unknown_fields", |faults| faults.unknown_fields = 1.0),
    ("resets", |faults| faults.resets = 0.5),
    ("server_errors", |faults| faults.server_errors = 0.5),
    ("slow_answers", |faults| faults.slow_answers = 0.5),
    ("truncated", |faults| faults.truncated = 0.5),
    ("trailing_text", |faults| faults.trailing_text = 0.5),
    ("errors_in_ok", |faults| faults.errors_in_ok = 0.5),
    ("refused_mid_list", |faults| faults.refused_mid_list = 1.0),
    ("dead_page_tokens", |faults| faults.dead_page_tokens = 1.0),
    ("moving_rows", |faults| faults.moving_rows = 1.0),
    ("small_pages", |faults| faults.small_pages = true),
    ("early_token_death", |faults| faults.early_token_death = 1.0),
    ("expired_as_400", |faults| faults.expired_as_400 = true),
    ("token_resets", |faults| faults.token_resets = 1.0),
];

#[tokio::test(start_paused = true)]
async fn every_fault_switch_changes_some_answer() {
    // Faults of the network end with the last late thing, so something has to be late.
    let late = Faults { late_data: true, ..Faults::none() };
    let plain = hear(late.clone()).await;
    assert!(plain == hear(late.clone()).await, "hearing twice gives two stories");
    for (name, turn) in SWITCHES {
        let mut faults = late.clone();
        turn(&mut faults);
        assert!(hear(faults).await != plain, "{name} changes nothing");
    }
}
