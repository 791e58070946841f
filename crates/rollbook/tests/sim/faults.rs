//! Every fault of the pretend Zoom alone, as hard as it goes: what Zoom holds is collected all the same.

use jiff::civil::date;
use rollbook_sim::{Faults, Options, Plan};

use crate::play::{EVENING, LATER, MORNING, Played, Scene, play};

/// A lively day of 24 meetings whose only trouble is this one.
fn scene(fault: fn(&mut Faults)) -> Scene {
    let mut options = Options::campus(17, date(2026, 10, 5), 24);
    options.faults = Faults::none();
    options.zoom.other_apps = rollbook_sim::OtherApps::default();
    options.one_person = 3;
    options.mix.webinars = 0.1;
    fault(&mut options.faults);
    Scene::new(options, MORNING)
}

fn check(name: &str, fault: fn(&mut Faults)) -> Played {
    for begin in [EVENING, MORNING, LATER] {
        play(&Scene { begin, ..scene(fault) }).expect_perfect(&format!("{name} from {begin:?}"));
    }
    // Small pages bring out what happens in the middle of a list; host by host and the history report bring out theirs.
    let mut pages = scene(fault);
    pages.options.faults.small_pages = true;
    pages.breakouts = true;
    play(&pages).expect_perfect(&format!("{name} in small pages"));
    let mut pro = scene(fault);
    pro.options = pro.options.on_plan(Plan::Pro);
    pro.options.zoom.history_page_size = 10;
    let played = play(&pro);
    played.expect_perfect(&format!("{name} on Pro"));
    played
}

macro_rules! faults {
    ($($test:ident: $field:ident = $value:expr,)*) => {$(
        #[test]
        fn $test() {
            check(stringify!($field), |faults| faults.$field = $value);
        }
    )*};
}

faults! {
    lists_without_times_for_hours: empty_times = 1.0,
    lists_without_times_for_ever: empty_times_forever = 1.0,
    end_time_queries_refused: end_time_refused = true,
    times_that_are_numbers: numeric_times = 1.0,
    counts_that_are_wrong_for_ever: wrong_count = 1.0,
    numbers_that_are_text: text_ids = 1.0,
    groups_that_are_text: group_as_text = 1.0,
    numbers_that_have_expired: expired_numbers = 1.0,
    hosts_that_are_gone: gone_hosts = 1.0,
    meetings_listed_late: late_listing = 1.0,
    data_that_come_late: late_data = true,
    an_answer_taken_back_for_a_while: wrong_not_found = 1.0,
    one_family_short_for_ever: short_forever = 1.0,
    one_family_empty_for_ever: empty_forever = 1.0,
    one_family_without_the_meeting_for_ever: missing_forever = 1.0,
    dashboards_with_fewer_rows: fewer_in_metrics = 1.0,
    report_lines_that_come_twice: repeated_lines = 1.0,
    ids_blank_for_outsiders: blank_ids = true,
    emails_blank_for_outsiders: blank_emails = true,
    an_account_that_masks_names: hipaa = true,
    rows_without_device: missing_device_fields = 1.0,
    a_hash_for_a_comma: hash_for_comma = true,
    words_nobody_documents: device_words = 1.0,
    streams_without_values: idle_streams = 1.0,
    fields_nobody_documents: unknown_fields = 1.0,
    connections_that_break: resets = 0.3,
    server_errors: server_errors = 0.3,
    slow_answers: slow_answers = 0.5,
    answers_cut_short: truncated = 0.3,
    text_after_the_answer: trailing_text = 1.0,
    errors_that_say_ok: errors_in_ok = 0.1,
    refusals_in_the_middle_of_a_list: refused_mid_list = 0.5,
    page_tokens_dead_on_arrival: dead_page_tokens = 0.4,
    rows_that_move_between_pages: moving_rows = 1.0,
    pages_smaller_than_asked_for: small_pages = true,
    access_tokens_that_die_early: early_token_death = 1.0,
    expired_tokens_told_as_bad_requests: expired_as_400 = true,
    a_token_endpoint_that_breaks: token_resets = 0.4,
}

#[test]
fn lists_that_grow_while_they_are_read() {
    check("growing", |faults| {
        faults.late_data = true;
        faults.growing = 1.0;
    });
}

#[test]
fn durations_that_are_zero_at_first() {
    check("zero_duration", |faults| {
        faults.late_data = true;
        faults.zero_duration = 1.0;
    });
}

#[test]
fn everything_at_once_for_ever() {
    // What is sound is one family of each instance; all else is spoilt.
    check("forever", |faults| {
        faults.missing_forever = 0.4;
        faults.empty_forever = 0.5;
        faults.short_forever = 1.0;
        faults.late_data = true;
        faults.growing = 1.0;
        faults.wrong_not_found = 1.0;
        faults.late_listing = 1.0;
    });
}
