//! What a site holds: courses, activities, people, and what the plugin wrote.

use super::{TestSite, Value};

/// The plugin's version on a test's site.
pub const MOD_ZOOM_VERSION: i64 = 2_026_041_600;

/// Moodle's contexts: a course, a module of one.
const COURSE_CONTEXT: i64 = 50;
const MODULE_CONTEXT: i64 = 70;

/// Moodle's own roles, in its order: the first has the id 1.
const ROLES: [&str; 8] =
    ["manager", "coursecreator", "editingteacher", "teacher", "student", "guest", "user", "frontpage"];

impl TestSite {
    /// What Moodle's installer puts.
    pub(super) async fn install(&mut self) {
        for name in ["assign", "forum", "zoom"] {
            self.insert("modules", &[("name", name.into())]).await;
        }
        for (order, name) in (1_i64..).zip(ROLES) {
            let columns = [
                ("shortname", name.into()),
                ("description", "".into()),
                ("sortorder", order.into()),
                ("archetype", name.into()),
            ];
            self.insert("role", &columns).await;
        }
        self.set_config("version", &MOD_ZOOM_VERSION.to_string()).await;
    }

    /// A setting of the plugin.
    pub async fn set_config(&mut self, name: &str, value: &str) {
        // Moodle keeps the version under the component's name and the settings under the plugin's.
        let plugin = if name == "version" { "mod_zoom" } else { "zoom" };
        let known = self.connection.execute(
            "DELETE FROM {config_plugins} WHERE plugin = ? AND name = ?",
            vec![plugin.into(), name.into()],
        );
        known.await.expect("a setting can be taken away");
        let columns = [("plugin", plugin.into()), ("name", name.into()), ("value", value.into())];
        self.insert("config_plugins", &columns).await;
    }

    /// A course, with its context.
    pub async fn course(&mut self, short_name: &str) -> i64 {
        let names =
            [("shortname", short_name.into()), ("fullname", format!("The course {short_name}").into())];
        let course = self.insert("course", &names).await;
        let context = [("contextlevel", COURSE_CONTEXT.into()), ("instanceid", course.into())];
        self.insert("context", &context).await;
        course
    }

    /// A Zoom activity of a course: `{zoom}.id`. Planned for an hour at 2026-10-01 10:00 UTC.
    pub async fn activity(&mut self, course: i64, number: i64) -> i64 {
        let columns = [
            ("course", course.into()),
            ("meeting_id", number.into()),
            ("host_id", "KDcuGIm1QgePTO8WbOqwIQ".into()),
            ("name", format!("Meeting {number}").into()),
            ("start_time", 1_790_848_800_i64.into()),
            ("duration", 3_600_i64.into()),
            ("grade", 0_i64.into()),
        ];
        let activity = self.insert("zoom", &columns).await;
        let zoom = self.numbers("SELECT id FROM {modules} WHERE name = 'zoom'").await[0];
        let columns = [("course", course.into()), ("module", zoom.into()), ("instance", activity.into())];
        let module = self.insert("course_modules", &columns).await;
        let context = [("contextlevel", MODULE_CONTEXT.into()), ("instanceid", module.into())];
        self.insert("context", &context).await;
        activity
    }

    /// A user; the login name is the part of the e-mail before the @, lower case as Moodle wants it.
    pub async fn user(&mut self, first_name: &str, last_name: &str, email: &str) -> i64 {
        let username = email.split('@').next().unwrap_or(email).to_lowercase();
        let columns = [
            ("confirmed", 1_i64.into()),
            ("mnethostid", 1_i64.into()),
            ("username", username.into()),
            ("firstname", first_name.into()),
            ("lastname", last_name.into()),
            ("email", email.into()),
        ];
        self.insert("user", &columns).await
    }

    /// Enrols a user by hand, with a role.
    pub async fn enrol(&mut self, user: i64, course: i64, role: &str) {
        let method = format!("SELECT id FROM {{enrol}} WHERE enrol = 'manual' AND courseid = {course}");
        let method = match self.numbers(&method).await.first() {
            Some(method) => *method,
            None => self.insert("enrol", &[("enrol", "manual".into()), ("courseid", course.into())]).await,
        };
        let columns = [("enrolid", method.into()), ("userid", user.into()), ("timeend", 0_i64.into())];
        self.insert("user_enrolments", &columns).await;
        let role = format!("SELECT id FROM {{role}} WHERE shortname = '{role}'");
        let role = self.numbers(&role).await[0];
        let context = format!("SELECT id FROM {{context}} WHERE contextlevel = 50 AND instanceid = {course}");
        let context = self.numbers(&context).await[0];
        let columns = [("roleid", role.into()), ("contextid", context.into()), ("userid", user.into())];
        self.insert("role_assignments", &columns).await;
    }

    /// A details row, as the plugin's task writes it from the report API: its length in minutes.
    pub async fn plugin_session(&mut self, activity: i64, uuid: &str, start: i64, end: i64) -> i64 {
        let number = format!("SELECT meeting_id FROM {{zoom}} WHERE id = {activity}");
        let number = self.numbers(&number).await[0];
        let columns = [
            ("uuid", uuid.into()),
            ("meeting_id", number.into()),
            ("start_time", start.into()),
            ("end_time", end.into()),
            ("duration", ((end - start) / 60).into()),
            ("topic", format!("Meeting {number}").into()),
            ("total_minutes", 0_i64.into()),
            ("participants_count", 0_i64.into()),
            ("zoomid", activity.into()),
        ];
        self.insert("zoom_meeting_details", &columns).await
    }

    /// A stay, as the plugin's task writes it: somebody recognised by e-mail or name, or nobody.
    pub async fn plugin_stay(&mut self, details: i64, stay: PluginStay<'_>) -> i64 {
        let text = |text: Option<&str>| Value::Text(text.map(str::to_owned));
        let columns = [
            ("userid", stay.user.into()),
            ("zoomuserid", stay.zoomuserid.into()),
            ("uuid", text(stay.uuid)),
            ("user_email", text(stay.email)),
            ("join_time", stay.join.into()),
            ("leave_time", stay.leave.into()),
            ("duration", (stay.leave - stay.join).into()),
            ("name", stay.name.into()),
            ("detailsid", details.into()),
        ];
        self.insert("zoom_meeting_participants", &columns).await
    }
}

/// What the plugin knows of a stay.
#[derive(Debug, Clone, Copy, Default)]
pub struct PluginStay<'a> {
    /// Name as stored: upper case for those recognised.
    pub name: &'a str,
    /// `{user}.id`.
    pub user: Option<i64>,
    /// Zoom's `user_id` in that instance.
    pub zoomuserid: &'a str,
    /// Zoom's participant id.
    pub uuid: Option<&'a str>,
    /// E-mail.
    pub email: Option<&'a str>,
    /// Join, Unix seconds.
    pub join: i64,
    /// Leave, Unix seconds.
    pub leave: i64,
}
