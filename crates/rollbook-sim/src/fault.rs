//! What goes wrong, and when it is right again.
//!
//! Numbers in brackets are those of the list of Zoom's quirks. A share is a probability from 0 to 1: of
//! instances for lists and data, of rows where it says so, of calls for the network.
//!
//! # How late data are
//!
//! With `late_data` on, each endpoint family of each instance draws its own lateness after the end of the
//! instance:
//!
//! | share | complete after |
//! |---|---|
//! | 80 % | 20 s to 5 min |
//! | 15 % | 5 min to 1 h |
//! | 4 % | 1 h to 6 h |
//! | 1 % | 6 h to 20 h |
//!
//! Until somewhere between 10 % and 90 % of that time the family answers 404 code 3001; from then on, with the
//! probability `growing`, it shows some of its rows, more and more, and otherwise stays at 404.
//! `zero_duration` shows all rows early but with `duration` 0. `wrong_not_found` takes a complete answer away
//! again for 5 to 90 minutes. With `late_listing`, an instance enters every list (the list of its number's
//! instances too) up to 18 h after its end: 70 % of them within 1 h, 25 % within 6 h, 5 % later.
//!
//! Call quality of an ended instance follows the dashboards' family, and comes 5 to 70 min after the end at the
//! earliest while `late_data` is on: for a third of that time its lists answer 3001, then rows are missing, without
//! samples or with half of them, until they are complete. `late_quality` and `no_quality` strike single stays;
//! a row that comes early lacks its last four minutes or more, or all samples, or is missing where the stay was too
//! short for that to show; [`crate::Sim::true_quality`] tells when each is complete, [`crate::Sim::quality_complete_at`] when all are.
//!
//! # What is promised
//!
//! - An incomplete list always has fewer in-meeting rows than the instance had different people, and the count
//!   that lists and details show is then right. So a loss can always be noticed.
//! - An instance whose shown count is wrong or empty has no incomplete list, ever.
//! - With the defects that last for ever, one family stays sound: past_meetings or reports where two or more
//!   people came, dashboards for one-person instances. What no plan or setting can yield is marked in the truth.
//! - After [`crate::Sim::faults_stop_at`] calls no longer fail, and every family that can be complete is.

mod defects;

pub(crate) use defects::{Defects, Forever};

/// Every fault and quirk with its switch.
#[derive(Clone, Debug)]
pub struct Faults {
    /// Lists show no times, no duration and 0 participants until some hours after the end (1).
    pub empty_times: f64,
    /// The same, for ever (1).
    pub empty_times_forever: f64,
    /// `query_date_type=end_time` is refused with code 12700 (6).
    pub end_time_refused: bool,
    /// Times in lists are numbers: milliseconds since 1970 (10).
    pub numeric_times: f64,
    /// The count of participants in lists and details is wrong for ever (11).
    pub wrong_count: f64,
    /// `id` is text in lists (13).
    pub text_ids: f64,
    /// `group` is text, not a list (15).
    pub group_as_text: f64,
    /// Numbers that answer 3001 on /meetings (20); a share of the courses.
    pub expired_numbers: f64,
    /// Hosts that report/users lists although they are gone (64); a share of the hosts.
    pub gone_hosts: f64,
    /// Instances enter lists late.
    pub late_listing: f64,

    /// Data come some time after the end (42), as the table above says.
    pub late_data: bool,
    /// Late lists show some of their rows first (43).
    pub growing: f64,
    /// Late lists show all rows with `duration` 0 first (43).
    pub zero_duration: f64,
    /// A family answers 3001 again for a while (21).
    pub wrong_not_found: f64,
    /// A family shows only some rows, for ever (11).
    pub short_forever: f64,
    /// A family shows no row, for ever.
    pub empty_forever: f64,
    /// A family answers 3001, for ever (21).
    pub missing_forever: f64,
    /// Dashboards have fewer rows than past_meetings, for ever (26).
    pub fewer_in_metrics: f64,
    /// Report lines come twice (27): same user_id, join 0 to 4 s later. They are not in the truth.
    pub repeated_lines: f64,

    /// `id` and `participant_user_id` are blank for people outside the account (28).
    pub blank_ids: bool,
    /// E-mails are blank for people outside the account, registered ones excepted (29).
    pub blank_emails: bool,
    /// The account masks names, e-mails, addresses and places (30).
    pub hipaa: bool,
    /// Rows without device fields: half blank, half absent (31); a share of the rows of outsiders.
    pub missing_device_fields: f64,
    /// `#` in place of `,` in names (32).
    pub hash_for_comma: bool,
    /// `device` words beyond the documented set (37); a share of the rows.
    pub device_words: f64,
    /// Streams that flowed without values: blank texts, `0*0`, or absent (50, 51); a share of the samples' streams.
    pub idle_streams: f64,
    /// Latency `0 ms` of streams that flowed (52); a share of the samples' streams.
    pub zero_latency: f64,
    /// Values no document has: texts nobody can read, unknown members, numbers in place of texts; a share of the
    /// samples.
    pub odd_quality_values: f64,
    /// Rows of call quality that are complete only 2 to 30 h after the end, and before that missing, without samples,
    /// or with half of them; a share of the stays.
    pub late_quality: f64,
    /// Rows of call quality that never come; a share of the stays.
    pub no_quality: f64,
    /// Fields and enumeration values no document has (65); a share of the rows.
    pub unknown_fields: f64,

    /// The connection breaks before an answer.
    pub resets: f64,
    /// HTTP 500, 502 or 503.
    pub server_errors: f64,
    /// HTTP 300 with an empty text; a share of the calls for call quality.
    pub quality_300: f64,
    /// Answers that take 5 to 40 s.
    pub slow_answers: f64,
    /// JSON cut off in the middle.
    pub truncated: f64,
    /// Text after the JSON (68).
    pub trailing_text: f64,
    /// HTTP 200 with an error body (59).
    pub errors_in_ok: f64,
    /// HTTP 429 with an empty body in the middle of a list (48); a share of the later pages.
    pub refused_mid_list: f64,
    /// Page tokens that are dead on arrival (45); a share of the later pages.
    pub dead_page_tokens: f64,
    /// Rows that move to the next page and so come twice (45); a share of the later pages.
    pub moving_rows: f64,
    /// Heavy lists give at most 100 rows a page (47).
    pub small_pages: bool,
    /// Access tokens that die long before their hour; a share of the tokens.
    pub early_token_death: f64,
    /// Code 124 comes with HTTP 400 (63).
    pub expired_as_400: bool,
    /// The token endpoint breaks the connection (66); a share of its calls.
    pub token_resets: f64,
}

impl Faults {
    /// Nothing goes wrong and nothing surprises.
    pub fn none() -> Faults {
        Faults {
            empty_times: 0.0,
            empty_times_forever: 0.0,
            end_time_refused: false,
            numeric_times: 0.0,
            wrong_count: 0.0,
            text_ids: 0.0,
            group_as_text: 0.0,
            expired_numbers: 0.0,
            gone_hosts: 0.0,
            late_listing: 0.0,
            late_data: false,
            growing: 0.0,
            zero_duration: 0.0,
            wrong_not_found: 0.0,
            short_forever: 0.0,
            empty_forever: 0.0,
            missing_forever: 0.0,
            fewer_in_metrics: 0.0,
            repeated_lines: 0.0,
            blank_ids: false,
            blank_emails: false,
            hipaa: false,
            missing_device_fields: 0.0,
            hash_for_comma: false,
            device_words: 0.0,
            idle_streams: 0.0,
            zero_latency: 0.0,
            odd_quality_values: 0.0,
            late_quality: 0.0,
            no_quality: 0.0,
            unknown_fields: 0.0,
            resets: 0.0,
            server_errors: 0.0,
            quality_300: 0.0,
            slow_answers: 0.0,
            truncated: 0.0,
            trailing_text: 0.0,
            errors_in_ok: 0.0,
            refused_mid_list: 0.0,
            dead_page_tokens: 0.0,
            moving_rows: 0.0,
            small_pages: false,
            early_token_death: 0.0,
            expired_as_400: false,
            token_resets: 0.0,
        }
    }

    /// Everything at once, at rates a bad week would show. `hipaa` stays off: it blanks the whole account.
    pub fn campus() -> Faults {
        Faults {
            empty_times: 0.04,
            empty_times_forever: 0.01,
            end_time_refused: false,
            numeric_times: 0.01,
            wrong_count: 0.02,
            text_ids: 0.05,
            group_as_text: 0.5,
            expired_numbers: 0.05,
            gone_hosts: 0.02,
            late_listing: 0.06,
            late_data: true,
            growing: 0.5,
            zero_duration: 0.05,
            wrong_not_found: 0.02,
            short_forever: 0.015,
            empty_forever: 0.01,
            missing_forever: 0.01,
            fewer_in_metrics: 0.05,
            repeated_lines: 0.03,
            blank_ids: true,
            blank_emails: true,
            hipaa: false,
            missing_device_fields: 0.3,
            hash_for_comma: true,
            device_words: 0.2,
            idle_streams: 0.1,
            zero_latency: 0.01,
            odd_quality_values: 0.002,
            late_quality: 0.03,
            no_quality: 0.01,
            unknown_fields: 0.05,
            resets: 0.003,
            server_errors: 0.005,
            quality_300: 0.003,
            slow_answers: 0.005,
            truncated: 0.002,
            trailing_text: 0.001,
            errors_in_ok: 0.001,
            refused_mid_list: 0.01,
            dead_page_tokens: 0.005,
            moving_rows: 0.05,
            small_pages: true,
            early_token_death: 0.1,
            expired_as_400: true,
            token_resets: 0.05,
        }
    }
}
