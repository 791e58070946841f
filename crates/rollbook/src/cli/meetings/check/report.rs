//! What was found, for programs and for people.

use rollbook_core::planned::Difference;
use rollbook_core::roster::{Activity, Course};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::meeting::grouped;
use crate::cli::output;
use crate::cli::page::{Column, Page, count};

/// Calls that a check costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Price {
    /// One for each meeting number.
    pub light: u64,
    /// One for each host of webinars, or more for hosts of more than 300.
    pub medium: u64,
}

/// How one activity stands at Zoom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// As Moodle has it.
    Same,
    /// Not as Moodle has it.
    Differs {
        /// In what.
        differences: Vec<Difference>,
    },
    /// Zoom knows it no more: deleted, or expired for not being used for 30 days (quirk 20).
    Gone {
        /// In Zoom's words.
        said: String,
    },
    /// Moodle has marked it as gone, so Zoom was not asked.
    MarkedGone,
    /// Nobody can tell.
    NotKnown {
        /// Why.
        reason: String,
    },
}

impl Standing {
    /// By what differs.
    pub fn of(differences: Vec<Difference>) -> Standing {
        if differences.is_empty() { Standing::Same } else { Standing::Differs { differences } }
    }
}

/// One activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `{zoom}.id`
    pub activity: i64,
    /// The number in the page's address.
    pub module: Option<i64>,
    /// Short name.
    pub course: Option<String>,
    /// Its name in Moodle.
    pub name: String,
    /// Zoom's number.
    pub meeting: u64,
    /// Webinar rather than meeting, by Moodle.
    pub is_webinar: bool,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
}

impl Finding {
    /// An activity and how it stands.
    pub fn new(activity: &Activity, course: Option<&Course>, standing: Standing) -> Finding {
        Finding {
            activity: activity.id,
            module: activity.module,
            course: course.map(|course| course.short_name.clone()),
            name: activity.name.clone(),
            meeting: activity.number,
            is_webinar: activity.is_webinar,
            standing,
        }
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Activities of Moodle that were looked at.
    pub activities: u64,
    /// Those that are as Moodle has them.
    pub same: u64,
    /// Those that differ.
    pub differs: u64,
    /// Those that Zoom knows no more.
    pub gone: u64,
    /// Those that Moodle marked as gone before.
    pub marked_gone: u64,
    /// Those of which nobody can tell.
    pub not_known: u64,
    /// What it cost.
    pub calls: Price,
    /// Whether all of them were asked for.
    pub is_complete: bool,
    /// All that are not as Moodle has them.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Nothing was found yet.
    pub fn new(calls: Price) -> Report {
        Report {
            activities: 0,
            same: 0,
            differs: 0,
            gone: 0,
            marked_gone: 0,
            not_known: 0,
            calls,
            is_complete: false,
            findings: Vec::new(),
        }
    }

    /// Takes one in.
    pub fn add(&mut self, finding: Finding) {
        self.activities += 1;
        *match &finding.standing {
            Standing::Same => &mut self.same,
            Standing::Differs { .. } => &mut self.differs,
            Standing::Gone { .. } => &mut self.gone,
            Standing::MarkedGone => &mut self.marked_gone,
            Standing::NotKnown { .. } => &mut self.not_known,
        } += 1;
        if finding.standing != Standing::Same {
            self.findings.push(finding);
        }
    }

    /// Whether something is to be mended.
    pub fn has_trouble(&self) -> bool {
        self.gone + self.differs > 0
    }

    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = String::new();
        if !self.findings.is_empty() {
            let rows = self.findings.iter().map(|finding| {
                vec![
                    finding.course.clone().unwrap_or_default(),
                    finding.name.clone(),
                    grouped(finding.meeting),
                    words(page, &finding.standing),
                ]
            });
            let columns = [
                Column::Text("course"),
                Column::Text("activity"),
                Column::Whole("number"),
                Column::Text("at Zoom"),
            ];
            out += &page.table(&columns, rows.collect());
            out.push('\n');
        }
        let mut parts = vec![format!("{} as Moodle has them", self.same)];
        for (number, what) in [
            (self.differs, "differ"),
            (self.gone, "gone from Zoom"),
            (self.marked_gone, "marked as gone by Moodle and not asked for (--marked asks)"),
            (self.not_known, "not known"),
        ] {
            parts.extend((number > 0).then(|| format!("{number} {what}")));
        }
        out += &page.field("Activities", &format!("{}: {}", self.activities, parts.join(", ")));
        out += &page.field("Cost", &price_words(self.calls));
        if !self.is_complete {
            out += &page.field("Stopped", "not all of them were asked for");
        }
        out
    }
}

fn price_words(price: Price) -> String {
    let light = count(price.light, "Light call", "Light calls");
    let medium = count(price.medium, "Medium call", "Medium calls");
    format!("{light}, {medium}; nothing of the daily Heavy allowance")
}

fn words(page: &Page, standing: &Standing) -> String {
    match standing {
        Standing::Same => "as Moodle has it".to_owned(),
        Standing::Differs { differences } => {
            differences.iter().map(|one| difference(page, one)).collect::<Vec<_>>().join("; ")
        }
        Standing::Gone { said } => format!("gone: deleted, or not used for 30 days ({said})"),
        Standing::MarkedGone => "marked as gone by Moodle; not asked for".to_owned(),
        Standing::NotKnown { reason } => format!("not known: {reason}"),
    }
}

fn difference(page: &Page, difference: &Difference) -> String {
    let recurs = |recurs: &bool| if *recurs { "more than once" } else { "once" };
    let kind = |is_webinar: &bool| if *is_webinar { "a webinar" } else { "a meeting" };
    match difference {
        Difference::Topic { moodle, zoom } => format!("topic {zoom:?} instead of {moodle:?}"),
        Difference::Start { moodle, zoom: Some(zoom) } => {
            format!("starts {} instead of {}", page.minute(*zoom), page.minute(*moodle))
        }
        Difference::Start { moodle, zoom: None } => {
            format!("no fixed time instead of {}", page.minute(*moodle))
        }
        Difference::Length { moodle, zoom } => format!("{} min instead of {}", zoom / 60, moodle / 60),
        Difference::Host { moodle, zoom } => format!("host {zoom} instead of {moodle}"),
        Difference::Recurs { moodle, zoom } => {
            format!("planned {} instead of {}", recurs(zoom), recurs(moodle))
        }
        Difference::Webinar { moodle, zoom } => format!("{} instead of {}", kind(zoom), kind(moodle)),
    }
}

/// What a check would cost.
///
/// # Errors
/// If standard output cannot be written.
pub fn show_price(context: &Context<'_>, activities: &[Activity], price: Price) -> anyhow::Result<()> {
    let marked = activities.iter().filter(|activity| !activity.exists_on_zoom).count();
    if context.json {
        let report = serde_json::json!({
            "dry_run": true, "activities": activities.len(), "marked_gone": marked, "calls": price,
        });
        return output::json(&report);
    }
    let page = context.page();
    let marked = format!("{}, {marked} of them marked as gone by Moodle", activities.len());
    let text = page.field("Activities", &marked) + &page.field("Would cost", &price_words(price));
    output::text(&text)
}
