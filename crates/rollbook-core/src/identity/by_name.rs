//! Who may be meant by a name as typed. Nothing here is ever certain: anybody can type anything.

use std::collections::BTreeSet;

use super::likeness::{Fit, MemberName, fit};
use super::typed::{Reading, Typed, digits};
use super::{Candidate, Known};

/// A mistyped name must be this much more alike than the next.
const MARGIN: f64 = 0.1;

/// Candidates told at most.
const CANDIDATES_MAX: usize = 50;

/// What one name says.
#[derive(Debug, Clone)]
pub(super) enum Says {
    /// One member fits.
    One(Named),
    /// Several may be meant, or what was typed contradicts itself.
    Several { rule: &'static str, evidence: String, candidates: Vec<Candidate> },
    /// No member fits. A full name is somebody else's; anything less may be anybody's.
    Nobody { is_full: bool },
}

/// The member named.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub user: i64,
    pub rule: &'static str,
    pub evidence: String,
}

/// A member who fits somehow.
#[derive(Debug, Clone, Copy)]
struct Fitting {
    user: i64,
    fit: Fit,
    likeness: f64,
    is_pieced: bool,
}

/// What a name as typed says about who it is.
pub(super) fn says(typed: &Typed, known: &Known<'_>) -> Says {
    let judging = Judging { typed, known, fitting: fitting(typed, known) };
    judging.by_code().or_else(|| judging.by_typed_id()).unwrap_or_else(|| judging.by_name())
}

/// How well a name fits one user, enrolled or not.
pub(super) fn fits(typed: &Typed, name: &MemberName, known: &Known<'_>) -> Fit {
    best_fit(typed, name, known).map_or(Fit::None, |(fit, _, _)| fit)
}

/// Members whose whole name it is.
pub(super) fn whole_names(typed: &Typed, known: &Known<'_>) -> Vec<i64> {
    let all = known.members().filter(|(_, name)| fits(typed, name, known) >= Fit::SameLetters);
    all.map(|(user, _)| user).collect()
}

fn best_fit<'t>(
    typed: &'t Typed,
    name: &MemberName,
    known: &Known<'_>,
) -> Option<(Fit, bool, Option<&'t Reading>)> {
    if typed.plain.contains(&name.plain) {
        return Some((Fit::Exact, false, typed.readings.first()));
    }
    let fits = typed
        .readings
        .iter()
        .map(|reading| (fit(reading, name, known.names()), reading.is_pieced, Some(reading)));
    // The first of equals: what was typed so comes before what was pieced together.
    fits.filter(|(fit, _, _)| *fit > Fit::None).rev().max_by_key(|(fit, _, _)| *fit)
}

fn fitting(typed: &Typed, known: &Known<'_>) -> Vec<Fitting> {
    let mut all: Vec<Fitting> = known
        .members()
        .filter_map(|(user, name)| {
            let (fit, is_pieced, reading) = best_fit(typed, name, known)?;
            let likeness = reading.map_or(1.0, |reading| name.likeness(reading));
            Some(Fitting { user, fit, likeness, is_pieced })
        })
        .collect();
    all.sort_by(|a, b| b.fit.cmp(&a.fit).then(b.likeness.total_cmp(&a.likeness)).then(a.user.cmp(&b.user)));
    all
}

struct Judging<'a> {
    typed: &'a Typed,
    known: &'a Known<'a>,
    /// Best first.
    fitting: Vec<Fitting>,
}

impl Judging<'_> {
    /// Student numbers, login names and e-mails typed into the name.
    fn by_code(&self) -> Option<Says> {
        let by_code = self.typed.codes.iter().flat_map(|code| self.known.with_code(code));
        let by_address = self.typed.addresses.iter().flat_map(|address| self.known.at_address(address));
        let by_address = by_address.map(|user| user.id).filter(|id| self.known.is_member(*id));
        let claimed: BTreeSet<i64> = by_code.chain(by_address).collect();
        let rule = "number";
        let user = match claimed.len() {
            0 => return None,
            1 => *claimed.first()?,
            _ => return Some(self.several(rule, "what was typed belongs to several members", claimed)),
        };
        if self.typed.user_id.is_some_and(|id| id != user && self.known.is_member(id)) {
            let both = claimed.into_iter().chain(self.typed.user_id);
            return Some(self.several(rule, "the ids typed are those of different members", both));
        }
        Some(self.if_name_agrees(user, rule, "the student number, login name or e-mail typed is that of"))
    }

    /// `(digits)name`, as the plugin's own link writes it, or anybody.
    fn by_typed_id(&self) -> Option<Says> {
        let id = self.typed.user_id?;
        if self.known.is_member(id) {
            return Some(self.if_name_agrees(id, "typed id", "the id typed is that of"));
        }
        let is_namesake = self
            .known
            .user(id)
            .is_some_and(|user| fits(self.typed, &MemberName::new(user), self.known) >= Fit::SameLetters);
        let whole =
            self.fitting.iter().filter(|fitting| fitting.fit >= Fit::SameLetters).map(|fitting| fitting.user);
        is_namesake.then(|| {
            self.several(
                "typed id",
                "the id typed is that of a namesake who is not enrolled",
                whole.chain([id]),
            )
        })
    }

    /// A claim counts unless the name beside it is somebody else's.
    fn if_name_agrees(&self, user: i64, rule: &'static str, words: &str) -> Says {
        let is_fitting = self.fitting.iter().any(|fitting| fitting.user == user);
        if is_fitting || !(self.typed.is_full || self.whole_name().is_some()) {
            return Says::One(Named { user, rule, evidence: format!("{words} {}", self.shown(user)) });
        }
        let evidence = format!("{words} {}, but the name is not", self.shown(user));
        let others =
            self.fitting.iter().filter(|fitting| fitting.fit >= Fit::SameLetters).map(|fitting| fitting.user);
        self.several(rule, &evidence, std::iter::once(user).chain(others))
    }

    fn whole_name(&self) -> Option<&Fitting> {
        self.fitting.first().filter(|best| best.fit >= Fit::SameLetters)
    }

    fn by_name(&self) -> Says {
        let Some(best) = self.fitting.first() else { return Says::Nobody { is_full: self.typed.is_full } };
        let rule = best.fit.rule();
        if best.fit == Fit::Weak {
            let all = self.fitting.iter().map(|fitting| fitting.user);
            return self.several(rule, "no name in the course is near enough", all);
        }
        let rivals: Vec<&Fitting> =
            self.fitting[1..].iter().filter(|other| self.is_rival(best, other)).collect();
        if !rivals.is_empty() {
            let all = std::iter::once(best).chain(rivals).map(|fitting| fitting.user);
            return self.several(rule, "the name fits several members", all);
        }
        if let Some(number) = self.other_number(best.user) {
            let evidence =
                format!("the name is that of {}, the number {number} is not", self.shown(best.user));
            return self.several("number", &evidence, [best.user]);
        }
        Says::One(Named {
            user: best.user,
            rule,
            evidence: format!("\"{}\" fits {} alone", self.typed.shown, self.shown(best.user)),
        })
    }

    /// Whether another member might as well be meant.
    fn is_rival(&self, best: &Fitting, other: &Fitting) -> bool {
        match best.fit {
            Fit::Exact => other.fit == Fit::Exact,
            // "Ben Ode (Anna Berg)": two names in one.
            Fit::SameLetters => {
                other.fit == Fit::SameLetters || (other.fit >= Fit::Shorter && other.is_pieced)
            }
            // A longer name with a slip in it, rather than a shorter one with something beside it.
            Fit::Longer if other.fit == Fit::Weak => other.likeness > best.likeness,
            Fit::Mistyped => other.fit == Fit::Mistyped || other.likeness > best.likeness - MARGIN,
            _ => other.fit >= Fit::Mistyped,
        }
    }

    /// A student number that is made like this member's, but is another.
    fn other_number(&self, user: i64) -> Option<String> {
        let own = digits(&self.known.user(user)?.id_number)?;
        let typed = self.typed.codes.iter().filter_map(|code| digits(code));
        typed.into_iter().find(|digits| digits.len() == own.len() && *digits != own)
    }

    fn several(&self, rule: &'static str, evidence: &str, users: impl IntoIterator<Item = i64>) -> Says {
        let users: BTreeSet<i64> = users.into_iter().collect();
        let mut candidates: Vec<Candidate> = users.into_iter().map(|user| self.candidate(user)).collect();
        candidates.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.user.cmp(&b.user)));
        candidates.truncate(CANDIDATES_MAX);
        Says::Several { rule, evidence: format!("\"{}\": {evidence}", self.typed.shown), candidates }
    }

    fn candidate(&self, user: i64) -> Candidate {
        let likeness =
            self.fitting.iter().find(|fitting| fitting.user == user).map_or(0.0, |fitting| fitting.likeness);
        Candidate {
            user,
            full_name: self.known.user(user).map(|u| u.full_name()).unwrap_or_default(),
            likeness,
        }
    }

    fn shown(&self, user: i64) -> String {
        let name = self.known.user(user).map(|user| user.full_name()).unwrap_or_default();
        format!("{name} ({user})")
    }
}
