//! The tables as Moodle 5.1 with mod_zoom 5.5 has them, as far as they matter here (MOODLE.md section 1).

/// A type, as far as both databases have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number of so many bits.
    Int(u32),
    /// Text of at most so many characters.
    Char(u32),
    /// Text of any length.
    Text,
    /// Anything else, in the database's words.
    Other(String),
}

/// A column of a table that is written.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_null: bool,
    pub(super) default: Option<&'static str>,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_null: false, default: None }
}

impl Column {
    const fn or_null(mut self) -> Column {
        self.is_null = true;
        self
    }

    const fn or(mut self, default: &'static str) -> Column {
        self.default = Some(default);
        self
    }
}

pub(super) const DETAILS: &str = "zoom_meeting_details";
pub(super) const PARTICIPANTS: &str = "zoom_meeting_participants";

/// The key on which one row an instance rests.
pub(super) const UNIQUE: &str = "uuid";

/// Both tables that are written, column by column. `id` is counted by the database.
pub(super) const WRITTEN: [(&str, &[Column]); 2] = [
    (
        DETAILS,
        &[
            column("uuid", Kind::Char(30)).or(""),
            column("meeting_id", Kind::Int(64)),
            column("end_time", Kind::Int(64)),
            column("id", Kind::Int(64)),
            column("start_time", Kind::Int(64)),
            column("duration", Kind::Int(64)),
            column("topic", Kind::Char(300)).or(""),
            column("total_minutes", Kind::Int(64)).or_null().or("0"),
            column("participants_count", Kind::Int(16)).or_null().or("0"),
            column("zoomid", Kind::Int(64)),
        ],
    ),
    (
        PARTICIPANTS,
        &[
            column("id", Kind::Int(64)),
            column("userid", Kind::Int(64)).or_null(),
            column("zoomuserid", Kind::Char(35)).or(""),
            column("uuid", Kind::Char(30)).or_null(),
            column("user_email", Kind::Text).or_null(),
            column("join_time", Kind::Int(64)),
            column("leave_time", Kind::Int(64)),
            column("duration", Kind::Int(64)),
            column("name", Kind::Char(255)).or(""),
            column("detailsid", Kind::Int(64)),
        ],
    ),
];

/// The tables that are only read, with the columns that are asked for: no more need be granted.
pub(super) const READ: [(&str, &[&str]); 11] = [
    (
        "zoom",
        &[
            "id",
            "course",
            "meeting_id",
            "host_id",
            "name",
            "start_time",
            "duration",
            "recurring",
            "webinar",
            "grade",
            "grading_method",
            "exists_on_zoom",
        ],
    ),
    ("course", &["id", "shortname", "fullname", "idnumber", "visible"]),
    ("course_modules", &["id", "course", "module", "instance", "visible", "deletioninprogress"]),
    ("modules", &["id", "name"]),
    ("context", &["id", "contextlevel", "instanceid"]),
    ("enrol", &["id", "courseid", "status"]),
    ("user_enrolments", &["enrolid", "userid", "status", "timestart", "timeend"]),
    ("role", &["id", "shortname"]),
    ("role_assignments", &["contextid", "userid", "roleid"]),
    (
        "user",
        &[
            "id",
            "username",
            "idnumber",
            "firstname",
            "lastname",
            "alternatename",
            "email",
            "suspended",
            "deleted",
        ],
    ),
    ("config_plugins", &["plugin", "name", "value"]),
];

/// All tables, written and read.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    WRITTEN.iter().map(|(table, _)| *table).chain(READ.iter().map(|(table, _)| *table))
}
