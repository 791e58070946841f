//! Zoom's families of endpoints that can tell who was there, and which of them an account offers.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::label::Label;
use crate::limits::Plan;

/// A family of endpoints. The order is that of trust, least first: per field report > past_meetings > metrics > event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Webhook events.
    Event,
    /// `/metrics/…/participants`: Heavy, plans with dashboards; the only one for one-person runs.
    Metrics,
    /// `/past_meetings/…/participants`, `/past_webinars/…/participants`: Medium.
    PastMeetings,
    /// `/report/…/participants`: Heavy; tells breakout rooms.
    Report,
}

impl Family {
    /// `report`, `past_meetings`, `metrics` or `event`, as exports write it.
    pub fn name(self) -> &'static str {
        match self {
            Family::Event => "event",
            Family::Metrics => "metrics",
            Family::PastMeetings => "past_meetings",
            Family::Report => "report",
        }
    }

    /// The family of that [`Family::name`].
    pub fn from_name(name: &str) -> Option<Family> {
        [Family::Event, Family::Metrics, Family::PastMeetings, Family::Report]
            .into_iter()
            .find(|f| f.name() == name)
    }

    /// The label of its participants list (API.md, "What you get").
    pub fn label(self) -> Label {
        match self {
            Family::PastMeetings => Label::Medium,
            Family::Report | Family::Metrics | Family::Event => Label::Heavy,
        }
    }

    /// How long after the start Zoom still answers, in days (quirk 7): six months for metrics and webinar reports,
    /// a year for the rest. A little less than documented, because the exact length of a month is not.
    pub fn look_back_days(self) -> i64 {
        match self {
            Family::Metrics => 180,
            Family::PastMeetings | Family::Report | Family::Event => 360,
        }
    }
}

/// What an account offers, from its plan, and learned from refusals and answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The configured plan.
    pub plan: Plan,
    /// Why `/past_*` is closed to us, if it is.
    pub past_refused: Option<String>,
    /// Why `/report/*` participants are closed to us.
    pub report_refused: Option<String>,
    /// Why `/metrics/*` is closed to us.
    pub metrics_refused: Option<String>,
    /// Whether `/past_meetings/…/participants` lists one-person runs here (an account setting, quirk 3).
    pub one_person: OnePerson,
    /// Whether the Heavy report is wanted for its breakout rooms.
    pub breakouts: bool,
    /// Whether a webinar's times and count are worth its Heavy report where first joins and last leaves tell the times.
    #[serde(default = "yes")]
    pub webinar_reports: bool,
    /// Why the history report is closed to us.
    #[serde(default)]
    pub history_refused: Option<String>,
    /// Why call quality is closed to us, where the dashboards as a whole are not.
    #[serde(default)]
    pub quality_refused: Option<String>,
    /// When the last of these refusals was learned.
    #[serde(default)]
    pub refused_at: Option<Timestamp>,
    /// The token's scopes when they were learned.
    #[serde(default)]
    pub scopes: Option<String>,
}

/// Refusals are believed this long: plans are changed and features switched on.
pub const REFUSALS_HOLD: SignedDuration = SignedDuration::from_hours(24);

/// What is known of the setting "Show one person meetings" (quirk 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "known")]
pub enum OnePerson {
    /// Not known; this many one-person runs were answered with nothing.
    Unknown {
        /// Empty answers so far.
        empty: u32,
    },
    /// Past meetings tell them.
    Told,
    /// Past meetings do not.
    Untold,
}

fn yes() -> bool {
    true
}

/// Empty answers after which past meetings are no longer asked for one-person runs.
pub const ONE_PERSON_TRIES: u32 = 3;

impl Offer {
    /// What a plan offers before anything was asked.
    pub fn of(plan: Plan, breakouts: bool) -> Offer {
        Offer {
            plan,
            past_refused: None,
            report_refused: None,
            metrics_refused: None,
            one_person: OnePerson::Unknown { empty: 0 },
            breakouts,
            webinar_reports: true,
            history_refused: None,
            quality_refused: None,
            refused_at: None,
            scopes: None,
        }
    }

    /// Takes over what an earlier run learned, as far as it still holds.
    pub fn remember(&mut self, now: Timestamp, learned: Offer) {
        self.one_person = learned.one_person;
        self.scopes.clone_from(&learned.scopes);
        let is_recent = learned.refused_at.is_some_and(|at| at <= now && now < at + REFUSALS_HOLD);
        if is_recent && learned.plan == self.plan {
            self.past_refused = learned.past_refused;
            self.report_refused = learned.report_refused;
            self.metrics_refused = learned.metrics_refused;
            self.history_refused = learned.history_refused;
            self.quality_refused = learned.quality_refused;
            self.refused_at = learned.refused_at;
        }
    }

    /// Nothing is refused until it is refused again.
    pub fn forget_refusals(&mut self) {
        (self.past_refused, self.report_refused, self.metrics_refused) = (None, None, None);
        (self.history_refused, self.quality_refused, self.refused_at) = (None, None, None);
    }

    /// What Zoom was found to refuse, each with why. What the plan does not offer anyway is not among it.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("participants of past meetings", &self.past_refused),
            ("reports", &self.report_refused),
            ("dashboards", &self.metrics_refused),
            ("the history of meetings", &self.history_refused),
            ("call quality", &self.quality_refused),
        ];
        all.into_iter().filter_map(|(what, why)| Some((what, why.as_deref()?)))
    }

    /// Why a family cannot be asked, if it cannot.
    pub fn refusal(&self, family: Family) -> Option<String> {
        let needs = |plan: &str| {
            Some(format!(
                "plan {} has no {} (needs {plan}); set ROLLBOOK_ZOOM_PLAN if the account has a higher plan",
                self.plan.name(),
                if family == Family::Metrics { "dashboards" } else { "past meetings and reports" },
            ))
        };
        match (family, self.plan) {
            (Family::Event, _) => Some("events cannot be asked for".to_owned()),
            (Family::Metrics, Plan::Free | Plan::Pro) => needs("Business or higher with dashboards"),
            (Family::PastMeetings | Family::Report, Plan::Free) => needs("Pro or higher"),
            (Family::PastMeetings, _) => self.past_refused.clone(),
            (Family::Report, _) => self.report_refused.clone(),
            (Family::Metrics, _) => self.metrics_refused.clone(),
        }
    }

    /// Why call quality cannot be asked, if it cannot. It needs a plan with dashboards, but scopes of its own: that
    /// participants are refused there says nothing about it.
    pub fn quality_refusal(&self) -> Option<String> {
        match self.plan {
            Plan::Free | Plan::Pro => self.refusal(Family::Metrics),
            Plan::Business => self.quality_refused.clone(),
        }
    }

    /// The families to ask for an instance, cheapest first.
    pub fn families(&self, one_person: bool) -> Vec<Family> {
        let order: &[Family] = match (one_person, self.breakouts) {
            (true, _) => match self.one_person {
                OnePerson::Untold => &[Family::Metrics],
                _ => &[Family::PastMeetings, Family::Metrics],
            },
            (false, true) => &[Family::Report, Family::PastMeetings, Family::Metrics],
            (false, false) => &[Family::PastMeetings, Family::Report, Family::Metrics],
        };
        order.iter().copied().filter(|family| self.refusal(*family).is_none()).collect()
    }

    /// Learns from a one-person run that past meetings answered with rows, or with none.
    pub fn learn_one_person(&mut self, had_rows: bool) {
        self.one_person = match self.one_person {
            OnePerson::Unknown { empty } if !had_rows && empty + 1 >= ONE_PERSON_TRIES => OnePerson::Untold,
            OnePerson::Unknown { empty } if !had_rows => OnePerson::Unknown { empty: empty + 1 },
            OnePerson::Unknown { .. } => OnePerson::Told,
            known => known,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_decide_the_families() {
        let check = |plan, one_person, expected: &[Family]| {
            assert_eq!(Offer::of(plan, false).families(one_person), expected, "{plan:?} {one_person}");
        };
        check(Plan::Business, false, &[Family::PastMeetings, Family::Report, Family::Metrics]);
        check(Plan::Business, true, &[Family::PastMeetings, Family::Metrics]);
        check(Plan::Pro, false, &[Family::PastMeetings, Family::Report]);
        check(Plan::Pro, true, &[Family::PastMeetings]);
        check(Plan::Free, false, &[]);
    }

    #[test]
    fn call_quality_needs_dashboards_and_its_own_scope() {
        assert!(Offer::of(Plan::Pro, false).quality_refusal().unwrap().contains("dashboards"));
        let mut offer = Offer::of(Plan::Business, false);
        offer.metrics_refused = Some("no scope for participants".into());
        assert_eq!(offer.quality_refusal(), None);
        offer.quality_refused = Some("no scope for call quality".into());
        assert!(offer.quality_refusal().is_some());
        offer.forget_refusals();
        assert_eq!(offer.quality_refusal(), None);
    }

    #[test]
    fn three_empty_answers_end_the_trying_for_one_person_runs() {
        let mut offer = Offer::of(Plan::Business, false);
        (0..ONE_PERSON_TRIES).for_each(|_| offer.learn_one_person(false));
        assert_eq!(offer.families(true), [Family::Metrics]);
    }

    #[test]
    fn refusals_are_remembered_for_a_day_under_the_same_plan() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let learned = Offer {
            metrics_refused: Some("no".into()),
            refused_at: Some(now),
            ..Offer::of(Plan::Business, false)
        };
        let remembered = |later: i64, plan| {
            let mut offer = Offer::of(plan, false);
            offer.remember(now + SignedDuration::from_hours(later), learned.clone());
            offer.metrics_refused.is_some()
        };
        assert!(remembered(23, Plan::Business));
        assert!(!remembered(25, Plan::Business));
        assert!(!remembered(1, Plan::Pro));
    }
}
