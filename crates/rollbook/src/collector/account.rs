//! One Zoom account as the collector works with it.

use std::collections::BTreeMap;

use rollbook_core::backoff::RetryBudget;
use rollbook_core::budget::{Budget, RoundTrips, Throttle, Usage};
use rollbook_core::family::{Family, ONE_PERSON_TRIES, Offer, OnePerson};
use rollbook_core::label::Label;
use rollbook_core::limits::Limits;
use rollbook_zoom::Client;

/// Refusals in a row, without a single answer, after which a family counts as closed to the account.
const DENIALS_MAX: u32 = 3;

/// Credentials, limits and what is known of one account.
pub struct Account {
    /// The name every row is keyed by.
    pub name: String,
    /// The quota it draws on.
    pub pool: String,
    /// The client that speaks for it.
    pub client: Client,
    /// The pool's limits.
    pub limits: Limits,
    /// Share of the daily allowances left to others, 0 to 1.
    pub reserve: f64,
    /// What plan, scopes and settings offer.
    pub offer: Offer,
    /// How fast answers come, by label.
    pub round_trips: BTreeMap<Label, RoundTrips>,
    /// How much of each label's rate is used after refusals.
    pub throttles: BTreeMap<Label, Throttle>,
    /// Retries left.
    pub retries: RetryBudget,
    /// Why nothing more can be asked for it in this run.
    pub failed: Option<Failure>,
    /// Refusals in a row, by family.
    denials: BTreeMap<Family, u32>,
    /// Whether Zoom has answered any call in this run.
    pub has_answered: bool,
    /// Calls in a row that got no answer at all.
    pub unanswered: u32,
    /// Calls on their way that find out whether past meetings tell one-person runs here.
    pub probes: u32,
}

/// Why an account could not be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened and what to do.
    pub message: String,
    /// The remedy is a setting (exit 2) rather than patience (exit 1).
    pub is_configuration: bool,
}

impl Account {
    /// An account nothing was asked for yet.
    pub fn new(
        name: String,
        pool: String,
        client: Client,
        limits: Limits,
        reserve: f64,
        offer: Offer,
    ) -> Account {
        Account {
            name,
            pool,
            client,
            limits,
            reserve,
            offer,
            round_trips: BTreeMap::new(),
            throttles: BTreeMap::new(),
            retries: RetryBudget::full(),
            failed: None,
            denials: BTreeMap::new(),
            has_answered: false,
            unanswered: 0,
            probes: 0,
        }
    }

    /// Limits, usage and reserve together.
    pub fn budget(&self, usage: Usage) -> Budget {
        let mut limits = self.limits.clone();
        for (label, throttle) in &self.throttles {
            limits.second[*label] = limits.second[*label].map(|limit| throttle.apply(limit));
            limits.minute[*label] = limits.minute[*label].map(|limit| throttle.apply(limit));
        }
        Budget { limits, usage, reserve: self.reserve }
    }

    /// Notes that a family answered for somebody, so that single refusals stay single.
    pub fn note_answer(&mut self, family: Family) {
        self.denials.insert(family, 0);
    }

    /// Notes a refusal that may be about one meeting or about all. True when it is about all.
    pub fn note_denial(&mut self, family: Family) -> bool {
        let denials = self.denials.entry(family).or_default();
        *denials += 1;
        *denials >= DENIALS_MAX
    }

    /// Whether asking past meetings for a one-person run would only find out what other calls are about to.
    pub fn is_probed_enough(&self) -> bool {
        match self.offer.one_person {
            OnePerson::Unknown { empty } => empty + self.probes >= ONE_PERSON_TRIES,
            OnePerson::Told | OnePerson::Untold => false,
        }
    }

    /// Closes a family for this account.
    pub fn refuse(&mut self, family: Family, reason: String) {
        match family {
            Family::PastMeetings => self.offer.past_refused = Some(reason),
            Family::Report => self.offer.report_refused = Some(reason),
            Family::Metrics => self.offer.metrics_refused = Some(reason),
            Family::Event => {}
        }
    }
}
