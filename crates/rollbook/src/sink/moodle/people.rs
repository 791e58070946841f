//! Who is who in the sessions of a course.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollbook_core::attendance::{Span, union};
use rollbook_core::delivery::Named;
use rollbook_core::identity::plugin::{Compare, Earlier, EarlierRow, PluginCourse};
use rollbook_core::identity::{
    Correction, Identity, Known, LinkedEmails, PersonKey, Sighting, SiteUsers, keys, sighting, stored_name,
    who,
};
use rollbook_core::person::people;
use rollbook_core::reading::Status;
use rollbook_core::roster::{Roster, User};
use rollbook_core::stay::Stay;
use rollbook_moodle::Dialect;
use rollbook_store::{LinkKind, Store};

use super::{Link, Trouble};

/// Addresses remembered of a run; then it begins anew. Some hundred bytes each.
const ADDRESSES_MAX: usize = 100_000;

/// Decisions made by hand.
pub type Corrections = BTreeMap<PersonKey, Correction>;

/// What helps to tell the people of some sessions: asked of Moodle for all of them together, as looking for e-mails costs
/// it a look at every user.
#[derive(Debug, Default)]
pub struct Batch {
    rosters: BTreeMap<i64, Roster>,
    site: SiteUsers,
    linked: LinkedEmails,
}

/// Users of the site by e-mail, in lower case, as far as a run has asked; none for addresses that nobody has.
#[derive(Debug, Default)]
pub struct Addresses(BTreeMap<String, Vec<User>>);

/// A person that Zoom saw in a session.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Which of the session's stays are theirs.
    pub stays: Vec<usize>,
    /// What Zoom told of them.
    pub sighting: Sighting,
    /// What a correction of them is remembered under, strongest first.
    pub keys: Vec<PersonKey>,
    /// Who they are.
    pub identity: Identity,
    /// Seconds in the meeting.
    pub seconds: i64,
}

impl Batch {
    /// Reads what helps to tell the people of sessions, each with its course and stays.
    ///
    /// # Errors
    /// If Moodle or the store cannot be read.
    pub async fn gather(
        link: &mut Link,
        store: &Store,
        now: Timestamp,
        sessions: &[(i64, &[Stay])],
        corrections: &Corrections,
        addresses: &mut Addresses,
    ) -> Result<Batch, Trouble> {
        let mut batch = Batch::default();
        let courses: BTreeSet<i64> = sessions.iter().map(|(course, _)| *course).collect();
        for course in courses {
            if let Some(roster) = link.patiently(async |db| db.roster(course, now).await).await? {
                batch.rosters.insert(course, roster);
            }
        }
        batch.linked = linked_emails(store, sessions)?;
        let emails = batch.emails_to_look_up(sessions);
        addresses.ask(link, &emails).await?;
        let mut users: BTreeMap<i64, User> = BTreeMap::new();
        for user in emails.iter().filter_map(|email| addresses.0.get(email)).flatten() {
            users.insert(user.id, user.clone());
        }
        let named: Vec<i64> = corrected_users(corrections);
        if !named.is_empty() {
            let found = link.patiently(async |db| db.users_by_id(&named).await).await?;
            users.extend(found.into_iter().map(|user| (user.id, user)));
        }
        batch.site = SiteUsers::new(users.into_values().collect());
        Ok(batch)
    }

    /// What the rules go by in a course; none if the course is gone.
    pub fn known<'a>(&'a self, course: i64, corrections: &'a Corrections) -> Option<Known<'a>> {
        let roster = self.rosters.get(&course)?;
        Some(Known::new(roster, &self.site, corrections, &self.linked))
    }

    /// A course as the plugin sees it; none if it is gone.
    pub fn as_plugin(&self, course: i64, dialect: Dialect) -> Option<PluginCourse<'_>> {
        let compare = match dialect {
            Dialect::Postgres => Compare::Exact,
            Dialect::MariaDb => Compare::Loose,
        };
        Some(PluginCourse::new(self.rosters.get(&course)?, &self.site, compare))
    }

    /// Every e-mail told, also of members: who else has it must not depend on which sessions are looked at together.
    fn emails_to_look_up(&self, sessions: &[(i64, &[Stay])]) -> BTreeSet<String> {
        let told = sessions.iter().flat_map(|(_, stays)| *stays).filter_map(|stay| stay.email.as_deref());
        let told = told.chain(self.linked.all()).map(|email| email.trim().to_lowercase());
        told.filter(|email| !email.is_empty() && can_be_asked(email)).collect()
    }
}

/// PostgreSQL takes no text with a zero byte, and has none.
pub fn can_be_asked(text: &str) -> bool {
    !text.contains('\0')
}

impl Addresses {
    /// Asks for those nobody has asked for yet.
    async fn ask(&mut self, link: &mut Link, emails: &BTreeSet<String>) -> Result<(), Trouble> {
        let new: Vec<String> = emails.iter().filter(|email| !self.0.contains_key(*email)).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        if self.0.len() > ADDRESSES_MAX {
            self.0.clear();
        }
        let users = link.patiently(async |db| db.users_by_email(&new).await).await?;
        self.0.extend(new.into_iter().map(|email| (email, Vec::new())));
        for user in users {
            self.0.entry(user.email.trim().to_lowercase()).or_default().push(user);
        }
        Ok(())
    }
}

/// Everybody in a session, by first join. Who was erased is nobody.
pub fn everyone(stays: &[Stay], course: i64, known: &Known<'_>) -> Vec<Seen> {
    let seen = |person: rollbook_core::person::Person| {
        let theirs: Vec<&Stay> = person.stays.iter().map(|index| &stays[*index]).collect();
        let sighting = sighting(&theirs);
        Seen {
            keys: keys(&sighting, course),
            identity: who(&sighting, known),
            seconds: seconds_present(&theirs),
            stays: person.stays,
            sighting,
        }
    };
    let is_somebody = |person: &rollbook_core::person::Person| {
        !person.stays.iter().any(|index| stays[*index].is_nameless())
    };
    people(stays).into_iter().filter(is_somebody).map(seen).collect()
}

/// Seconds in the meeting, overlapping stays once.
fn seconds_present(stays: &[&Stay]) -> i64 {
    let present = stays.iter().filter(|stay| stay.status == Status::InMeeting);
    let spans = present.filter_map(|stay| Some(Span { from: stay.joined_at, to: stay.left_at? }));
    union(spans).iter().map(|span| span.to.duration_since(span.from).as_secs()).sum()
}

/// As whom each stay is written, by rollbook's rules.
pub fn named(stays: &[Stay], seen: &[Seen], known: &Known<'_>) -> Vec<Named> {
    let typed = |stay: &Stay| stay.name.clone().unwrap_or_default();
    let nobody = |stay: &Stay| Named { userid: None, name: stored_name(&typed(stay), None), email: None };
    let mut all: Vec<Named> = stays.iter().map(nobody).collect();
    for person in seen {
        let Some(user) = person.identity.user.and_then(|id| known.user(id)) else { continue };
        for index in &person.stays {
            all[*index] = Named {
                userid: Some(user.id),
                name: stored_name(&typed(&stays[*index]), Some(user)),
                email: Some(user.email.clone()),
            };
        }
    }
    all
}

/// As whom each stay is written, by the plugin's rules. Like the plugin it goes from row to row, and what one row was
/// taken for the next of the same Zoom user inherits.
pub fn named_as_plugin(stays: &[Stay], course: &PluginCourse<'_>, mut earlier: Earlier) -> Vec<Named> {
    let blank = String::new();
    let mut all = Vec::with_capacity(stays.len());
    for stay in stays {
        let told = |field: &Option<String>| field.clone().unwrap_or_else(|| blank.clone());
        let zoom_user = told(&stay.zoom_user_id);
        let found = course.who(&told(&stay.name), &zoom_user, &told(&stay.email), &earlier);
        if let Some(userid) = found.userid.filter(|_| !zoom_user.is_empty()) {
            let row = EarlierRow { userid, name: found.name.clone() };
            earlier.entry(zoom_user).or_insert(row);
        }
        all.push(Named { userid: found.userid, name: found.name, email: found.email });
    }
    all
}

fn linked_emails(store: &Store, sessions: &[(i64, &[Stay])]) -> Result<LinkedEmails, Trouble> {
    let mut linked = LinkedEmails::default();
    let ids = |field: fn(&Stay) -> Option<&String>| -> BTreeSet<&String> {
        let stays = sessions.iter().flat_map(|(_, stays)| *stays);
        stays.filter_map(field).filter(|id| !id.is_empty()).collect()
    };
    for id in ids(|stay| stay.zoom_user_id.as_ref()) {
        for email in store.linked_emails(LinkKind::ZoomUser, id)? {
            linked.link(PersonKey::ZoomUser(id.clone()), &email);
        }
    }
    for id in ids(|stay| stay.registrant_id.as_ref()) {
        for email in store.linked_emails(LinkKind::Registrant, id)? {
            linked.link(PersonKey::Registrant(id.clone()), &email);
        }
    }
    Ok(linked)
}

/// Users that corrections name.
fn corrected_users(corrections: &Corrections) -> Vec<i64> {
    let named = corrections.values().filter_map(|correction| match correction {
        Correction::User(id) => Some(*id),
        Correction::Nobody => None,
    });
    named.collect::<BTreeSet<i64>>().into_iter().collect()
}
