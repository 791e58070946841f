//! How often the rules are right, beside the plugin's on the same people.

use std::collections::BTreeMap;

use rollbook_core::identity::plugin::{Compare, Earlier, EarlierRow, PluginCourse};
use rollbook_core::identity::{Confidence, Identity, Known, who};

use super::campus::Campus;
use super::shown::{Shown, Style};

/// Right, wrong and not said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// The right user was named, or rightly nobody.
    pub right: usize,
    /// Another user was named, or somebody who is none.
    pub wrong: usize,
    /// Nobody was named who is somebody.
    pub missed: usize,
}

impl Count {
    /// One more.
    fn add(&mut self, said: Option<i64>, truth: Option<i64>) {
        match (said, truth) {
            (None, Some(_)) => self.missed += 1,
            (said, truth) if said == truth => self.right += 1,
            _ => self.wrong += 1,
        }
    }

    /// Of those named, how many rightly.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Everybody of whom something was said, or nothing.
    pub fn all(&self) -> usize {
        self.right + self.wrong + self.missed
    }
}

/// `part` of `whole`, 1 where there is nothing.
pub fn share(part: usize, whole: usize) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// The figures of one campus.
#[derive(Debug, Default)]
pub struct Figures {
    /// People seen who are users.
    pub users: usize,
    /// Guests and rooms.
    pub others: usize,
    /// Ours by confidence.
    pub ours: BTreeMap<Confidence, Count>,
    /// Ours and the plugin's by how the name was written.
    pub by_style: BTreeMap<Style, (Count, Count)>,
    /// The plugin's.
    pub plugin: Count,
    /// Of the plugin's: named by it, rightly or not.
    pub plugin_named: Count,
    /// A line for each who was not rightly named.
    pub unsaid: Vec<String>,
}

impl Figures {
    /// Ours of at least this confidence.
    pub fn named(&self, least: Confidence) -> Count {
        self.ours.range(..=least).fold(Count::default(), |sum, (_, count)| Count {
            right: sum.right + count.right,
            wrong: sum.wrong + count.wrong,
            missed: sum.missed + count.missed,
        })
    }
}

/// Asks our rules about everybody.
pub fn ours(campus: &Campus, figures: &mut Figures) {
    let corrections = BTreeMap::new();
    for course in &campus.courses {
        let known = Known::new(&course.roster, &course.site, &corrections, &course.linked);
        for shown in &course.shown {
            let found = who(&shown.sighting, &known);
            figures.take(shown, &found);
        }
    }
}

/// Asks the plugin's rules about everybody, course after course, as what it once took somebody for is inherited.
pub fn plugin(campus: &Campus, figures: &mut Figures) {
    let mut earlier = Earlier::new();
    for course in &campus.courses {
        let plugin = PluginCourse::new(&course.roster, &course.site, Compare::Exact);
        for shown in &course.shown {
            figures.plugin(shown, &plugin, &mut earlier);
        }
    }
}

impl Figures {
    fn take(&mut self, shown: &Shown, found: &Identity) {
        let (user, confidence) = (found.user, found.confidence);
        let is_offered = found.candidates.iter().any(|candidate| Some(candidate.user) == shown.truth);
        *if shown.truth.is_some() { &mut self.users } else { &mut self.others } += 1;
        self.ours.entry(confidence).or_default().add(user, shown.truth);
        self.by_style.entry(shown.style).or_default().0.add(user, shown.truth);
        if user != shown.truth {
            let said = match (user, is_offered) {
                (Some(_), _) => "wrong",
                (None, true) => "offered",
                (None, false) => "missed",
            };
            let names = &shown.sighting.names;
            self.unsaid.push(format!(
                "{said} {:?} {names:?} {}: {}",
                shown.style,
                confidence.name(),
                found.evidence
            ));
        }
    }

    fn plugin(&mut self, shown: &Shown, plugin: &PluginCourse<'_>, earlier: &mut Earlier) {
        let first = |values: &[String]| values.first().cloned().unwrap_or_default();
        let (name, zoom) = (first(&shown.sighting.names), first(&shown.sighting.zoom_user_ids));
        let found = plugin.who(&name, &zoom, &first(&shown.sighting.emails), earlier);
        if let (Some(userid), false) = (found.userid, zoom.is_empty()) {
            earlier.entry(zoom).or_insert(EarlierRow { userid, name: found.name.clone() });
        }
        self.plugin.add(found.userid, shown.truth);
        if found.userid.is_some() {
            self.plugin_named.add(found.userid, shown.truth);
        }
        self.by_style.entry(shown.style).or_default().1.add(found.userid, shown.truth);
    }
}
