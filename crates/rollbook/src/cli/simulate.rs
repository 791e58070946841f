//! `rollbook simulate`: the pretend Zoom on a port, for anyone's client.

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use rollbook_sim::webservice::SERVICE_TOKEN;
use rollbook_sim::{
    DayZone, EventFaults, Faults, Headers, MoodleService, Options, Plan, Sim, SimClock, SiteDialect,
    WEBHOOK_SECRET, Window, site_statements,
};
use tokio::net::TcpListener;

use super::{Exit, UsageError, output};
use crate::simulation::Stage;
use crate::supervise::stop_on_signals;

mod post;

/// Serve a pretend Zoom on a port, to test any client of its API
///
/// Answers /oauth/token, Moodle's web service for grades, and the meeting, report and dashboard endpoints under /v2 with Zoom's rate limits, on a campus
/// made from a seed. /_sim/truth tells what really happened, /_sim/stats what was counted. Its clock can run faster.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8788", value_name = "ADDRESS")]
    pub listen: String,
    /// Another seed is another campus
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// First day of the campus
    #[arg(long, default_value = "2026-10-05", value_name = "DATE")]
    pub day: Date,
    /// Days in a row
    #[arg(long, default_value_t = 1)]
    pub days: u32,
    /// Meetings and webinars a day
    #[arg(long, default_value_t = 400)]
    pub meetings: u32,
    /// Exactly this many people in each meeting (default: 1 to 700, as on a campus)
    #[arg(long)]
    pub people: Option<u32>,
    /// Meetings a day that only one person attends
    #[arg(long)]
    pub one_person: Option<u32>,
    /// No faults, no quirks, no other apps: a plain day
    #[arg(long)]
    pub plain: bool,
    /// The account's plan: free, pro or business
    #[arg(long, default_value = "business")]
    pub plan: String,
    /// What its clock shows at first (default: 03:00 UTC after the last day)
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Timestamp>,
    /// Simulated seconds a second
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// How seconds and minutes are counted: fixed, sliding or both
    #[arg(long, default_value = "both")]
    pub window: String,
    /// Which rate-limit headers answers carry: none, category, full or odd
    #[arg(long)]
    pub headers: Option<String>,
    /// Hours east of UTC in which from and to are read
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub day_zone: i8,
    /// Scopes of the tokens it gives out (default: all)
    #[arg(long, default_value = "")]
    pub scopes: String,
    /// Changes a day (UTC) that it allows to the meetings of one host
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub host_changes: u32,
    /// The account has no dashboards, whatever its plan
    #[arg(long)]
    pub no_dashboards: bool,
    /// Post the campus's events, signed, to this address as they happen (such as http://127.0.0.1:8787/webhooks/zoom)
    #[arg(long, value_name = "URL")]
    pub webhooks: Option<http::Uri>,
    /// Events get lost, come late, twice and out of order, signed by a clock that is ahead
    #[arg(long, requires = "webhooks")]
    pub rough_events: bool,
    /// Events of call quality too, as with the paid add-on
    #[arg(long, requires = "webhooks")]
    pub quality_events: bool,
    /// Print the campus's Moodle as SQL for postgres or mariadb, tables and all, and end
    #[arg(long, value_name = "DATABASE", value_parser = ["postgres", "mariadb"])]
    pub moodle_sql: Option<String>,
    /// What the names of its tables begin with; none for nothing
    #[arg(long, value_name = "PREFIX", default_value = "mdl_", requires = "moodle_sql")]
    pub moodle_prefix: String,
}

impl Simulate {
    /// Listens until it is stopped.
    pub async fn run(self) -> anyhow::Result<Exit> {
        let options = self.options()?;
        if !(self.scale.is_finite() && self.scale > 0.0) {
            return Err(UsageError(format!("--scale {} is not a number above 0", self.scale)).into());
        }
        let epoch = self.now.unwrap_or_else(|| Stage::next_morning(&options));
        if let Some(database) = &self.moodle_sql {
            return self.print_moodle(database, options, epoch);
        }
        let is_address = self.listen.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if !is_address {
            let wrong = format!("--listen {:?} is not ADDRESS:PORT, as in 127.0.0.1:8788", self.listen);
            return Err(UsageError(wrong).into());
        }
        let listener = TcpListener::bind(&self.listen).await.with_context(|| {
            format!(
                "cannot listen on {}; choose another address with --listen, such as 127.0.0.1:0",
                self.listen
            )
        })?;
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            eprintln!("rollbook: warning: {address} can be reached from other machines");
        }
        let credentials = options.credentials.clone();
        let sim = Sim::new(options, SimClock::new(epoch, self.scale));
        // Whoever reads the address may close the pipe then; the server goes on.
        let _ = output::line(format!(
            "A pretend Zoom listens on http://{address}; its clock shows {epoch} and runs {} times as fast.\n\
             Point a client at it:\n\n\
             export ROLLBOOK_ZOOM_API_URL=http://{address}/v2\n\
             export ROLLBOOK_ZOOM_OAUTH_URL=http://{address}/oauth/token\n\
             export ROLLBOOK_ZOOM_ACCOUNT_ID={} ROLLBOOK_ZOOM_CLIENT_ID={} ROLLBOOK_ZOOM_CLIENT_SECRET={}\n\
             export ROLLBOOK_ZOOM_PLAN={}\n\
             export ROLLBOOK_NOW={epoch},{}\n\
             export ROLLBOOK_MOODLE_URL=http://{address} ROLLBOOK_MOODLE_TOKEN={SERVICE_TOKEN}\n\n\
             What really happened: http://{address}/_sim/truth   What was counted: http://{address}/_sim/stats   \
             Grades that a Moodle would have stored: http://{address}/_sim/grades",
            self.scale,
            credentials.account_id,
            credentials.client_id,
            credentials.client_secret,
            self.plan,
            self.scale,
        ));
        if let Some(url) = &self.webhooks {
            let _ = output::line(format!(
                "Events go to {url} from {epoch} on: start `rollbook serve` with\nexport ROLLBOOK_WEBHOOK_SECRET={WEBHOOK_SECRET}"
            ));
            let posts = sim.posts(&self.event_faults());
            // Ends with the program.
            tokio::spawn(post::post_all(url.clone(), sim.clock(), posts));
        }
        let mut stop = stop_on_signals();
        let router = MoodleService::new().router().fallback_service(sim.router());
        axum::serve(listener, router).with_graceful_shutdown(async move { stop.asked().await }).await?;
        Ok(Exit::Done)
    }

    /// One statement after the other, for the database's own client.
    fn print_moodle(&self, database: &str, options: Options, epoch: Timestamp) -> anyhow::Result<Exit> {
        let prefix = if self.moodle_prefix == "none" { "" } else { &self.moodle_prefix };
        if !prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let wrong = format!("--moodle-prefix {prefix:?}: use letters, digits and _ only, as in mdl_");
            return Err(UsageError(wrong).into());
        }
        let dialect = match database {
            "postgres" => SiteDialect::Postgres,
            _ => SiteDialect::MariaDb,
        };
        let rows = Sim::new(options, SimClock::new(epoch, 1.0)).moodle_site();
        for statement in site_statements(&rows, dialect, prefix) {
            output::text(&format!("{statement};\n"))?;
        }
        Ok(Exit::Done)
    }

    fn event_faults(&self) -> EventFaults {
        let faults = if self.rough_events { EventFaults::rough() } else { EventFaults::none() };
        EventFaults { quality: self.quality_events, ..faults }
    }

    fn options(&self) -> Result<Options, UsageError> {
        let plan = match self.plan.parse::<rollbook_core::limits::Plan>().map_err(UsageError)? {
            rollbook_core::limits::Plan::Free => Plan::Free,
            rollbook_core::limits::Plan::Pro => Plan::Pro,
            rollbook_core::limits::Plan::Business => Plan::Business,
        };
        let mut options = match self.plain {
            true => Options::plain(self.seed, self.day, self.meetings, 20),
            false => Options::campus(self.seed, self.day, self.meetings),
        };
        if let Some(people) = self.people {
            options.people = rollbook_sim::People::Exactly(people.max(1));
        }
        if let Some(one_person) = self.one_person {
            options.one_person = one_person.min(self.meetings);
        }
        options.days = self.days.max(1);
        options.zoom.window = match self.window.as_str() {
            "fixed" => Window::Fixed,
            "sliding" => Window::Sliding,
            "both" => Window::Both,
            other => return Err(UsageError(format!("--window {other:?}: use fixed, sliding or both"))),
        };
        if let Some(headers) = &self.headers {
            options.zoom.headers = match headers.as_str() {
                "none" => Headers::None,
                "category" => Headers::CategoryOnly,
                "full" => Headers::Full,
                "odd" => Headers::Odd,
                other => {
                    return Err(UsageError(format!("--headers {other:?}: use none, category, full or odd")));
                }
            };
        }
        options.zoom.day_zone = DayZone::hours(self.day_zone);
        options.zoom.dashboards = !self.no_dashboards;
        options.zoom.host_changes_a_day = self.host_changes;
        options.credentials.scopes.clone_from(&self.scopes);
        if self.plain {
            options.faults = Faults::none();
        }
        Ok(options.on_plan(plan))
    }
}
