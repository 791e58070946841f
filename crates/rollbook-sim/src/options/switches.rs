//! What Zoom's documents leave open, each to be tried both ways.

use jiff::tz::Offset;

/// One answer to each open question about Zoom.
#[derive(Clone, Debug)]
pub struct Switches {
    /// How seconds and minutes are counted.
    pub window: Window,
    /// Whether a call refused with 429 counts against the window it was refused by.
    pub refused_calls_count: bool,
    /// Which rate-limit headers come.
    pub headers: Headers,
    /// What a refusal says.
    pub refusal_body: RefusalBody,
    /// The `code` in a per-second refusal: 429, or 4001 as reported once.
    pub refusal_code: u32,
    /// Form of `Retry-After` on a daily refusal.
    pub retry_after: RetryAfter,
    /// The zone in which `from` and `to` are read (quirk 8).
    pub day_zone: DayZone,
    /// Whether dashboards honour times of day in `from` and `to`, or give whole days always (quirk 4).
    pub times_of_day: bool,
    /// Largest page of report/history_meetings; undocumented.
    pub history_page_size: u32,
    /// Whether report/history_meetings lists one-person instances.
    pub one_person_in_history: bool,
    /// The account setting that shows one-person meetings in past_meetings.
    pub one_person_in_past: bool,
    /// Whether a list echoes a `to` one day before the one asked for (quirk 5).
    pub echo_other_dates: bool,
    /// Whether a doubly encoded UUID works where single encoding would do.
    pub double_encoding_everywhere: bool,
    /// Whether the account has dashboards; off, a Business plan refuses them too (quirk 61).
    pub dashboards: bool,
    /// Whether quality words come with lists and rows (quirk 56).
    pub quality_words: bool,
    /// How values of call quality are written (quirk 49).
    pub quality_text: QualityText,
    /// What samples show of streams through which nothing flowed (quirk 50).
    pub idle_forms: IdleForms,
    /// Whether the account has the QSS add-on and its summary event, without which qos_summary is empty (quirk 57).
    pub qss_addon: bool,
    /// Whether people are asked how it was when they leave.
    pub feedback: bool,
    /// HTTP status of a scope refusal: 400 or 401 (quirk 63).
    pub scope_status: u16,
    /// Virtual milliseconds each call takes at least.
    pub latency_ms: u64,
    /// Virtual milliseconds by which the way to Zoom varies.
    pub jitter_ms: u64,
    /// What other apps on the account spend.
    pub other_apps: OtherApps,
    /// Changes a UTC day to the meetings of one host.
    pub host_changes_a_day: u32,
}

/// How the windows of seconds and minutes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Whole seconds and minutes of the clock.
    Fixed,
    /// The last second or minute before the call.
    Sliding,
    /// Refuses when either would.
    Both,
}

/// Which rate-limit headers an answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headers {
    /// None at all.
    None,
    /// Only the category, as measured in 2026.
    CategoryOnly,
    /// Category, type, limit and what remains, as documented.
    Full,
    /// Numbers of another bucket and no type, as measured in 2020.
    Odd,
}

/// How a value and its unit stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityText {
    /// `27.15 kbps`
    Spaced,
    /// `27.15kbps`
    Tight,
    /// Both, within one record even.
    Mixed,
}

/// How a sample says that nothing flowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleForms {
    /// The object is absent.
    Absent,
    /// It is absent, or there with blank texts.
    Mixed,
}

/// What the body of a refusal looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalBody {
    /// JSON with code and message.
    Documented,
    /// Nothing (quirk 48).
    Empty,
}

/// How a daily refusal tells when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// `2026-10-06T00:00:00Z`.
    Iso,
    /// Whole seconds.
    Seconds,
    /// `Tue, 06 Oct 2026 00:00:00 GMT`.
    HttpDate,
    /// Not at all.
    Absent,
}

/// The zone of a day in `from` and `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayZone(pub Offset);

impl DayZone {
    /// Days begin at midnight UTC.
    pub const UTC: DayZone = DayZone(Offset::UTC);

    /// Days begin this many hours before midnight UTC.
    pub fn hours(hours: i8) -> DayZone {
        DayZone(Offset::constant(hours.clamp(-12, 14)))
    }
}

/// Calls a day that other apps on the same account spend, evenly between two hours of the UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherApps {
    /// Medium calls a day.
    pub medium: u32,
    /// Heavy calls a day.
    pub heavy: u32,
    /// Resource-intensive calls a day.
    pub resource_intensive: u32,
    /// First hour of the day in which they ask.
    pub from_hour: u8,
    /// Hour at which they stop, up to 24.
    pub to_hour: u8,
}

impl Switches {
    /// As the documents have it, with jitter, and the harder answer where they are silent.
    pub fn campus() -> Switches {
        Switches {
            window: Window::Both,
            refused_calls_count: true,
            headers: Headers::CategoryOnly,
            history_page_size: 100,
            echo_other_dates: true,
            quality_text: QualityText::Mixed,
            idle_forms: IdleForms::Mixed,
            feedback: true,
            jitter_ms: 20,
            other_apps: OtherApps {
                medium: 2_000,
                heavy: 4_000,
                resource_intensive: 60,
                from_hour: 6,
                to_hour: 20,
            },
            ..Switches::plain()
        }
    }

    /// As the documents have it, at once, with nobody else on the account.
    pub fn plain() -> Switches {
        Switches {
            window: Window::Fixed,
            refused_calls_count: false,
            headers: Headers::Full,
            refusal_body: RefusalBody::Documented,
            refusal_code: 429,
            retry_after: RetryAfter::Iso,
            day_zone: DayZone::UTC,
            times_of_day: true,
            history_page_size: 300,
            one_person_in_history: true,
            one_person_in_past: false,
            echo_other_dates: false,
            double_encoding_everywhere: false,
            dashboards: true,
            quality_words: false,
            quality_text: QualityText::Spaced,
            idle_forms: IdleForms::Absent,
            qss_addon: false,
            feedback: false,
            scope_status: 400,
            latency_ms: 60,
            jitter_ms: 0,
            other_apps: OtherApps::default(),
            host_changes_a_day: 100,
        }
    }
}
