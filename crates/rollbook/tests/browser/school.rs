//! A server beside its campus's Moodle, on a real database.

use rollbook::simulation::campus;
use rollbook_moodle::testing::TestSite;
use rollbook_sim::{Sim, SimClock, SiteRow};
use secrecy::ExposeSecret;

use crate::move_in::move_in;
use crate::server::{MEETINGS, SEED, Server};

/// Both, and what is true of them.
pub struct School {
    pub server: Server,
    pub site: TestSite,
    rows: Vec<SiteRow>,
}

impl School {
    /// The campus's Moodle on an empty site, and a server that tells it of what was collected; its time runs so many times as
    /// fast.
    pub async fn new(mut site: TestSite, scale: u32) -> School {
        let clock = SimClock::new(campus::NOW.parse().unwrap(), 1.0);
        let rows = Sim::new(campus::options(SEED, MEETINGS), clock).moodle_site();
        move_in(&mut site, &rows).await;
        let url = site.settings.url.expose_secret().to_owned();
        let server = Server::start(scale, &[("ROLLBOOK_MOODLE_DB", &url)]);
        School { server, site, rows }
    }

    /// The e-mail of somebody who teaches the course of that short name.
    pub fn teacher_of(&self, short_name: &str) -> String {
        let all = |table: &'static str| self.rows.iter().filter(move |row| row.table == table);
        let course = all("course").find(|row| row.text("shortname") == short_name).unwrap().int("id");
        let context = all("context")
            .find(|row| row.int("contextlevel") == 50 && row.int("instanceid") == course)
            .unwrap()
            .int("id");
        let role = all("role").find(|row| row.text("shortname") == "editingteacher").unwrap().int("id");
        let is_it = |row: &&SiteRow| row.int("roleid") == role && row.int("contextid") == context;
        let user = all("role_assignments").find(is_it).unwrap().int("userid");
        all("user").find(|row| row.int("id") == user).unwrap().text("email").to_owned()
    }
}
