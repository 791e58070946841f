//! One Zoom account as the collector works with it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollbook_core::backoff::RetryBudget;
use rollbook_core::budget::{Budget, RoundTrips, Throttle, Usage};
use rollbook_core::family::{Family, ONE_PERSON_TRIES, Offer, OnePerson};
use rollbook_core::label::Label;
use rollbook_core::limits::Limits;
use rollbook_core::pace::Pace;
use rollbook_zoom::{Advice, Client, Error, ErrorKind, SkipReason, TokenRefusal};

use crate::config::{DEFAULT_ACCOUNT, FILE, QosConfig, Scope};

/// Refusals in a row, without a single answer, after which a family counts as closed to the account.
pub(super) const DENIALS_MAX: u32 = 3;

/// Calls that waited for one token fail within this time of each other.
const SAME_FAILURE: SignedDuration = SignedDuration::from_millis(200);

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
    /// Of which meetings call quality is collected.
    pub qos: QosConfig,
    /// How often it is looked at without anybody asking.
    pub pace: Pace,
    /// What is collected; see [`Account::set_scope`].
    scope: Scope,
    /// Refusals in a row, by family.
    denials: BTreeMap<Family, u32>,
    /// The same of call quality.
    quality_denials: u32,
    /// Whether Zoom has answered any call in this run.
    pub has_answered: bool,
    /// Calls in a row that got no answer of Zoom's.
    pub unanswered: u32,
    /// When the token address last gave no answer.
    unsigned_at: Option<Timestamp>,
    /// What the last call met with, while none has been answered in this run.
    trouble: Option<Failure>,
    /// Calls on their way that find out whether past meetings tell one-person runs here.
    pub probes: u32,
}

/// Why an account could not be worked on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
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
            qos: QosConfig::default(),
            pace: Pace::default(),
            scope: Scope::Account,
            denials: BTreeMap::new(),
            quality_denials: 0,
            has_answered: false,
            unanswered: 0,
            unsigned_at: None,
            trouble: None,
            probes: 0,
        }
    }

    /// What is collected.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Chooses what is collected. Where that is Moodle's meetings only, nothing of the daily allowance is spent on what
    /// can be known without.
    pub fn set_scope(&mut self, scope: Scope) {
        self.scope = scope;
        self.offer.webinar_reports = scope == Scope::Account;
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

    /// Why nothing came of this run: the account failed, or no call was ever answered.
    pub fn failure(&self) -> Option<&Failure> {
        self.failed.as_ref().or_else(|| self.trouble.as_ref().filter(|_| !self.has_answered))
    }

    /// Begins anew with an account that could not be worked on.
    pub fn revive(&mut self) {
        (self.failed, self.trouble) = (None, None);
        (self.has_answered, self.unanswered, self.unsigned_at) = (false, 0, None);
    }

    /// Whether so many calls in a row got no answer of Zoom's that the next ones need not be paid for now. A command that
    /// was answered before goes on: it ends by itself.
    pub fn is_cut_off(&self, unanswered_max: u32) -> bool {
        (self.pace.is_steady() || !self.has_answered) && self.unanswered >= unanswered_max
    }

    /// Notes trouble that may pass, for a run in which it does not.
    pub fn note_trouble(&mut self, error: &Error) {
        if !self.has_answered {
            self.trouble = Some(Failure::of(&self.name, error));
        }
    }

    /// Notes a call that got no answer of Zoom's. One failure to get a token fails every call that waited for it, and
    /// counts once.
    pub fn note_unanswered(&mut self, at: Timestamp, is_for_token: bool) {
        if is_for_token {
            if self.unsigned_at.is_some_and(|last| at < last + SAME_FAILURE) {
                return;
            }
            self.unsigned_at = Some(at);
        }
        self.unanswered += 1;
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

    /// Notes that call quality was told of some instance.
    pub fn note_quality_answer(&mut self) {
        self.quality_denials = 0;
    }

    /// Notes a refusal of call quality that may be about one instance or about all. True when it is about all.
    pub fn note_quality_denial(&mut self) -> bool {
        self.quality_denials += 1;
        self.quality_denials >= DENIALS_MAX
    }

    /// Whether asking past meetings for a one-person run would only find out what other calls are about to.
    pub fn is_probed_enough(&self) -> bool {
        match self.offer.one_person {
            OnePerson::Unknown { empty } => empty + self.probes >= ONE_PERSON_TRIES,
            OnePerson::Told | OnePerson::Untold => false,
        }
    }

    /// Takes note of the token's scopes. Refusals learned under others no longer hold.
    pub fn note_scopes(&mut self, scopes: String) {
        if self.offer.scopes.as_ref() != Some(&scopes) {
            self.offer.forget_refusals();
            self.offer.scopes = Some(scopes);
        }
    }

    /// Closes a family for this account.
    pub fn refuse(&mut self, now: Timestamp, family: Family, reason: String) {
        self.offer.refused_at = Some(now);
        match family {
            Family::PastMeetings => self.offer.past_refused = Some(reason),
            Family::Report => self.offer.report_refused = Some(reason),
            Family::Metrics => self.offer.metrics_refused = Some(reason),
            Family::Event => {}
        }
    }
}

impl Failure {
    /// An error of Zoom's as somebody can mend it: whose it is, what happened, and which settings to look at.
    pub fn of(account: &str, error: &Error) -> Failure {
        let keys = settings_behind(error);
        let error_text = error.to_string();
        let mut message = format!("account {account}: {}", error_text.trim_end_matches('.'));
        if keys.is_empty() && matches!(error.advice(), Advice::Retry) {
            message += "; run the same command again later";
        }
        if !keys.is_empty() {
            let names: Vec<String> = keys.iter().map(|key| setting(account, key)).collect();
            message += &format!("; check {}", names.join(" and "));
            if !is_default(account) {
                message += &format!(" of [[account]] {account:?} in {FILE}");
            }
            if matches!(error.kind(), ErrorKind::Transport(_)) {
                message += " and the network";
            }
        }
        let is_configuration = matches!(
            error.advice(),
            Advice::Stop | Advice::Skip(SkipReason::PlanTooLow { .. } | SkipReason::ScopeMissing { .. })
        );
        Failure { message, is_configuration }
    }
}

/// The settings that can be the cause of an error.
fn settings_behind(error: &Error) -> &'static [&'static str] {
    let address: &[&str] = if error.operation().is_some() { &["api_url"] } else { &["oauth_url"] };
    match error.kind() {
        ErrorKind::Token(TokenRefusal::BadClient | TokenRefusal::ClientMissing) => {
            &["client_id", "client_secret"]
        }
        ErrorKind::Token(TokenRefusal::NotServerToServer) => &["account_id"],
        ErrorKind::Token(TokenRefusal::AccessTokenRefused) => &["access_token"],
        ErrorKind::Token(TokenRefusal::EveryTokenRefused) => &["api_url"],
        ErrorKind::Token(_) => &["account_id", "oauth_url"],
        ErrorKind::Transport(_) | ErrorKind::Redirected { .. } | ErrorKind::Unreadable { .. } => address,
        // Whatever is not Zoom does not know Zoom's paths, and says so without a code of Zoom's.
        ErrorKind::Refused if error.code().is_none() && is_unknown_path(error) => address,
        _ => &[],
    }
}

fn is_unknown_path(error: &Error) -> bool {
    match error.advice() {
        Advice::Skip(SkipReason::NotFoundOrNotEnded) => true,
        Advice::Skip(_) | Advice::Retry => error.status().is_some_and(|status| status < 500),
        _ => false,
    }
}

fn is_default(account: &str) -> bool {
    account == DEFAULT_ACCOUNT
}

fn setting(account: &str, key: &str) -> String {
    if is_default(account) { format!("ROLLBOOK_ZOOM_{}", key.to_uppercase()) } else { key.to_owned() }
}
