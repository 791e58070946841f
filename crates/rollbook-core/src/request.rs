//! Refresh on request: who may ask to have a meeting looked at again now, with whom the request is merged, and what it
//! will cost.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::family::Offer;
use crate::instance::{Instance, Kind, TimesFrom};
use crate::label::{Label, PerLabel};
use crate::time::minutes;

/// An answer this young is the answer to a new request too: Zoom's records of an ended meeting do not change faster.
pub const ANSWERED_LATELY: SignedDuration = minutes(1);

/// A request that has waited this long is no longer joined: whoever worked on it may be gone.
pub const PENDING_MAX: SignedDuration = minutes(10);

/// Rows of participants on a page, and connections a listed person makes on average.
const ROWS_A_PAGE: f64 = 300.0;
const STAYS_EACH: f64 = 1.2;

/// In which role somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs rollbook.
    Admin,
    /// Looks after call quality for everybody.
    Analyst,
    /// Teaches courses.
    Teacher,
    /// Only looks.
    Viewer,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Admin, Role::Analyst, Role::Teacher, Role::Viewer];

    /// The word in settings, JSON and the store.
    pub fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Analyst => "analyst",
            Role::Teacher => "teacher",
            Role::Viewer => "viewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        let word = text.trim().to_lowercase();
        Role::ALL
            .into_iter()
            .find(|role| role.name() == word)
            .ok_or_else(|| format!("{text:?} is no role; use admin, analyst, teacher or viewer"))
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Requester {
    /// Their name: small letters, so that nobody has two rations.
    who: String,
    /// Their role; none for the shell itself, which is an admin without a ration: whoever holds the credentials cannot
    /// be told from others who do, and could change the setting.
    role: Option<Role>,
}

impl Requester {
    /// Somebody with a name.
    ///
    /// # Errors
    /// A sentence, when the name is blank, too long, or holds control characters.
    pub fn named(who: &str, role: Role) -> Result<Requester, String> {
        let who = who.trim().to_lowercase();
        if who.is_empty() || who.chars().count() > 100 || who.chars().any(char::is_control) {
            return Err(
                "the name of who asks must be 1 to 100 characters, such as ana@uni.example".to_owned()
            );
        }
        Ok(Requester { who, role: Some(role) })
    }

    /// The shell.
    pub fn shell() -> Requester {
        Requester { who: "(shell)".to_owned(), role: None }
    }

    /// The name.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The role; the shell is an admin.
    pub fn role(&self) -> Role {
        self.role.unwrap_or(Role::Admin)
    }

    fn is_shell(&self) -> bool {
        self.role.is_none()
    }
}

impl fmt::Display for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_shell() { f.write_str("the shell") } else { write!(f, "{} ({})", self.who, self.role()) }
    }
}

/// The site's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// Roles that may ask.
    pub roles: BTreeSet<Role>,
    /// Requests that anybody has in a school day.
    pub ration: u32,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { roles: BTreeSet::from([Role::Admin]), ration: 10 }
    }
}

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The meeting as named: its number or a UUID.
    pub meeting: String,
    /// All runs of the number.
    pub all: bool,
    /// The runs meant, as far as they are known: row numbers.
    pub instances: BTreeSet<i64>,
}

/// An earlier request that may be joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its number.
    pub id: i64,
    /// What it wanted.
    pub wanted: Wanted,
    /// When it was made.
    pub asked_at: Timestamp,
    /// When it was answered; none while it waits.
    pub answered_at: Option<Timestamp>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The meeting is asked for. `left` requests of today's ration remain; none where there is no ration.
    Ask {
        /// What remains.
        left: Option<u32>,
    },
    /// Somebody else's request does it too. It costs nothing of the ration.
    Join {
        /// That request.
        request: i64,
        /// When that was answered; none while it waits.
        answered_at: Option<Timestamp>,
    },
    /// It may not ask, and which rule says so.
    Refused(Refusal),
}

/// The rule that refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// This role may not ask.
    Role {
        /// The one that asks.
        role: Role,
        /// Those that may.
        allowed: BTreeSet<Role>,
    },
    /// Today's ration is used up.
    Ration {
        /// Whose.
        who: String,
        /// How many it had.
        ration: u32,
        /// When it is filled again: the next school day.
        until: Timestamp,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Role { role, allowed } => {
                let names: Vec<&str> = allowed.iter().map(|role| role.name()).collect();
                let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
                write!(
                    f,
                    "the role {role} may not ask for a refresh; {names} may (setting refresh.roles, \
                     ROLLBOOK_REFRESH_ROLES)"
                )
            }
            Refusal::Ration { who, ration, until } => write!(
                f,
                "{who} has used the daily ration of {ration} (setting refresh.ration, ROLLBOOK_REFRESH_RATION); the next \
                 one begins at {until}"
            ),
        }
    }
}

/// Whether a requester may have a meeting looked at now. `used` is what they asked for in the school day that ends at
/// `day_ends_at`, joined and refused requests left out.
pub fn decide(
    now: Timestamp,
    rules: &Rules,
    requester: &Requester,
    wanted: &Wanted,
    earlier: &[Earlier],
    used: u32,
    day_ends_at: Timestamp,
) -> Decision {
    if !requester.is_shell() && !rules.roles.contains(&requester.role()) {
        let (role, allowed) = (requester.role(), rules.roles.clone());
        return Decision::Refused(Refusal::Role { role, allowed });
    }
    if let Some(joined) = joined(now, requester, wanted, earlier) {
        return Decision::Join { request: joined.id, answered_at: joined.answered_at };
    }
    if requester.is_shell() {
        return Decision::Ask { left: None };
    }
    match rules.ration.checked_sub(used).filter(|left| *left > 0) {
        Some(left) => Decision::Ask { left: Some(left - 1) },
        None => {
            let (who, ration) = (requester.who.clone(), rules.ration);
            Decision::Refused(Refusal::Ration { who, ration, until: day_ends_at })
        }
    }
}

/// The request that does what is wanted: one that was answered a moment ago before one that waits, the latest of several.
/// Clocks of several machines differ, so a moment ago may be a moment ahead. Who asks at the shell twice means it.
fn joined<'a>(
    now: Timestamp,
    requester: &Requester,
    wanted: &Wanted,
    earlier: &'a [Earlier],
) -> Option<&'a Earlier> {
    let is_fresh = |one: &&Earlier| match one.answered_at {
        Some(at) => !requester.is_shell() && now.duration_since(at).abs() < ANSWERED_LATELY,
        None => now.duration_since(one.asked_at).abs() < PENDING_MAX,
    };
    earlier
        .iter()
        .filter(is_fresh)
        .filter(|one| covers(&one.wanted, wanted))
        .max_by_key(|one| (one.answered_at.is_some(), one.answered_at, one.id))
}

/// Whether what one request wanted holds all that another wants.
fn covers(one: &Wanted, other: &Wanted) -> bool {
    let is_same_name = one.meeting == other.meeting && (one.all || !other.all);
    is_same_name || (!other.instances.is_empty() && other.instances.is_subset(&one.instances))
}

/// What a refresh of these runs will cost, by label: times where they are missing, and the pages of participants from the
/// cheapest family that is open. Rejoins are guessed at.
pub fn price<'a>(offer: &Offer, instances: impl IntoIterator<Item = &'a Instance>) -> PerLabel<u64> {
    let mut calls = PerLabel::default();
    for instance in instances {
        let Some(family) = offer.families(instance.is_one_person).first().copied() else { continue };
        if instance.is_live || instance.times_from < TimesFrom::List {
            let label = if instance.kind == Kind::Webinar { Label::Heavy } else { Label::Light };
            calls[label] += 1;
        }
        let rows = f64::from(instance.listed_count.unwrap_or(1)) * STAYS_EACH;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let pages = (rows / ROWS_A_PAGE).ceil().max(1.0) as u64;
        calls[family.label()] += pages;
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Plan;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn wanted(text: &str) -> Wanted {
        let mut words = text.split_whitespace();
        let meeting = words.next().unwrap().to_owned();
        let rest: Vec<&str> = words.collect();
        let instances = rest.iter().filter_map(|word| word.parse().ok()).collect();
        Wanted { meeting, all: rest.contains(&"all"), instances }
    }

    /// `"meeting [all] [rows…]"`, asked at a second and answered at another.
    fn earlier(id: i64, text: &str, asked: i64, answered: Option<i64>) -> Earlier {
        Earlier { id, wanted: wanted(text), asked_at: at(asked), answered_at: answered.map(at) }
    }

    fn rules(roles: &[Role]) -> Rules {
        Rules { roles: roles.iter().copied().collect(), ration: 3 }
    }

    fn ask(who: &Requester, text: &str, earlier: &[Earlier], used: u32) -> Decision {
        decide(at(0), &rules(&[Role::Admin, Role::Teacher]), who, &wanted(text), earlier, used, at(9_000))
    }

    fn teacher() -> Requester {
        Requester::named("Ana@Uni.example ", Role::Teacher).unwrap()
    }

    #[test]
    fn only_admins_ask_unless_told_otherwise() {
        assert_eq!(Rules::default().roles, BTreeSet::from([Role::Admin]));
        for role in Role::ALL {
            let who = Requester::named("x", role).unwrap();
            let decision = decide(at(0), &Rules::default(), &who, &wanted("9"), &[], 0, at(9));
            assert_eq!(matches!(decision, Decision::Ask { .. }), role == Role::Admin, "{role}");
        }
    }

    #[test]
    fn a_refusal_names_its_rule_and_who_may() {
        let viewer = Requester::named("vic", Role::Viewer).unwrap();
        let Decision::Refused(refusal) = ask(&viewer, "9", &[], 0) else { panic!("it was let in") };
        let said = refusal.to_string();
        assert!(said.contains("viewer") && said.contains("admin, teacher"), "{said}");
        assert!(said.contains("ROLLBOOK_REFRESH_ROLES"), "{said}");
    }

    #[test]
    fn the_ration_ends_and_says_when_the_next_begins() {
        assert_eq!(ask(&teacher(), "9", &[], 0), Decision::Ask { left: Some(2) });
        assert_eq!(ask(&teacher(), "9", &[], 2), Decision::Ask { left: Some(0) });
        let Decision::Refused(refusal) = ask(&teacher(), "9", &[], 3) else { panic!("it was let in") };
        let said = refusal.to_string();
        assert!(said.contains("ana@uni.example") && said.contains(&at(9_000).to_string()), "{said}");
        assert!(matches!(ask(&teacher(), "9", &[], 99), Decision::Refused(_)));
    }

    #[test]
    fn the_shell_is_an_admin_without_a_ration() {
        assert_eq!(ask(&Requester::shell(), "9", &[], 99), Decision::Ask { left: None });
        let nobody = rules(&[]);
        let decision = decide(at(0), &nobody, &Requester::shell(), &wanted("9"), &[], 0, at(9));
        assert_eq!(decision, Decision::Ask { left: None });
    }

    #[test]
    fn the_shell_joins_what_waits_and_repeats_what_was_answered() {
        let answered = earlier(1, "9", -30, Some(-10));
        assert_eq!(ask(&Requester::shell(), "9", &[answered], 0), Decision::Ask { left: None });
        let waits = earlier(1, "9", -30, None);
        let joined = Decision::Join { request: 1, answered_at: None };
        assert_eq!(ask(&Requester::shell(), "9", &[waits], 0), joined);
    }

    fn check_joined(text: &str, earlier: &[Earlier], expected: Option<i64>) {
        let joined = match ask(&teacher(), text, earlier, 99) {
            Decision::Join { request, .. } => Some(request),
            _ => None,
        };
        assert_eq!(joined, expected, "{text}");
    }

    #[test]
    fn a_request_joins_one_that_waits_or_was_answered_a_moment_ago() {
        check_joined("9", &[earlier(1, "9", -30, None)], Some(1));
        check_joined("9", &[earlier(1, "9", -90, Some(-59))], Some(1));
        check_joined("9", &[earlier(1, "9", -90, Some(-60))], None);
        check_joined("9", &[earlier(1, "9", -700, None)], None);
        check_joined("9", &[earlier(1, "8", -30, None)], None);
        check_joined("9", &[earlier(1, "9", -30, None), earlier(2, "9", -90, Some(-10))], Some(2));
    }

    #[test]
    fn a_run_is_the_same_by_number_and_by_uuid() {
        check_joined("uuid== 4", &[earlier(1, "9 all 3 4", -5, None)], Some(1));
        check_joined("uuid== 4", &[earlier(1, "9 3", -5, None)], None);
        check_joined("9 all 3 4", &[earlier(1, "9 4", -5, None)], None);
        check_joined("9", &[earlier(1, "9 all", -5, None)], Some(1));
        check_joined("7", &[earlier(1, "9", -5, None)], None);
    }

    #[test]
    fn who_may_not_ask_may_not_join_either() {
        let viewer = Requester::named("vic", Role::Viewer).unwrap();
        assert!(matches!(ask(&viewer, "9", &[earlier(1, "9", -5, None)], 0), Decision::Refused(_)));
    }

    #[test]
    fn a_name_is_one_name_however_it_is_written() {
        assert_eq!(teacher(), Requester::named("ana@uni.EXAMPLE", Role::Teacher).unwrap());
        for blank in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(Requester::named(blank, Role::Teacher).is_err(), "{blank:?}");
        }
        assert!("owner".parse::<Role>().unwrap_err().contains("viewer"));
    }

    #[test]
    fn the_price_counts_pages_and_missing_times() {
        let offer = Offer::of(Plan::Business, false);
        let mut lecture = Instance::unknown("a".into(), Kind::Meeting);
        lecture.times_from = TimesFrom::List;
        lecture.listed_count = Some(260);
        let unknown = Instance::unknown("b".into(), Kind::Meeting);
        let calls = price(&offer, [&lecture, &unknown]);
        assert_eq!((calls.light, calls.medium, calls.heavy), (1, 3, 0));
        let webinar = Instance::unknown("c".into(), Kind::Webinar);
        assert_eq!(price(&Offer::of(Plan::Business, true), [&webinar]).heavy, 2);
        assert_eq!(price(&Offer::of(Plan::Free, false), [&lecture]), PerLabel::default());
    }
}
