//! Who is who by the rules of Moodle's Zoom plugin, to the letter and with their faults, for sites that want the rows
//! it would write (MOODLE.md section 3).
//!
//! It looks at one row at a time. A typed `(digits)` is believed unseen, an earlier guess is inherited, the first of
//! several namesakes is taken, and names that are merely alike are taken for the same. [`super::who`] does none of it.

use std::collections::BTreeMap;

use super::stored::{commas, stored_email, upper};
use super::{SiteUsers, known};
use crate::roster::{Roster, User};

mod php;

/// Names are fuzzily matched only in courses with this many members.
const FUZZY_MEMBERS_MIN: usize = 3;

/// How alike names must be, in percent as PHP's `similar_text` gives it; more than this.
const FUZZY_PERCENT: f64 = 60.0;

/// How the site's database compares e-mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Letter for letter, as PostgreSQL does.
    Exact,
    /// Whatever the case, as MariaDB does.
    Loose,
}

/// Earlier rows of `{zoom_meeting_participants}` that have a user: Zoom's participant id, and what the first such row
/// (by `id`) holds.
pub type Earlier = BTreeMap<String, EarlierRow>;

/// What an earlier row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierRow {
    /// `userid`.
    pub userid: i64,
    /// `name`.
    pub name: String,
}

/// What the plugin would write of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginIdentity {
    /// `userid`. By rule 1 or 2 it may be somebody who is not enrolled, or who does not exist.
    pub userid: Option<i64>,
    /// `name`.
    pub name: String,
    /// `user_email`.
    pub email: Option<String>,
    /// Number of the rule in MOODLE.md section 3 that decided, 1 to 7.
    pub rule: u8,
}

/// A course as the plugin sees it, made ready once.
#[derive(Debug)]
pub struct PluginCourse<'a> {
    members: Vec<Member<'a>>,
    outsiders: &'a [User],
    compare: Compare,
}

#[derive(Debug)]
struct Member<'a> {
    user: &'a User,
    name: String,
    identifier: String,
}

impl<'a> PluginCourse<'a> {
    /// Makes a course ready. `site` holds the users that have one of the e-mails seen.
    pub fn new(roster: &'a Roster, site: &'a SiteUsers, compare: Compare) -> PluginCourse<'a> {
        let mut members: Vec<Member<'a>> = roster
            .members
            .iter()
            .map(|member| Member {
                user: &member.user,
                name: upper(&member.user.full_name()),
                identifier: upper(&member.user.identifier),
            })
            .collect();
        // Moodle sorts users by family name, given name and id.
        members.sort_by_key(|member| (&member.user.last_name, &member.user.first_name, member.user.id));
        PluginCourse { members, outsiders: site.users(), compare }
    }

    /// What the plugin would write of one row: its `name`, its Zoom participant id and its e-mail, blank where Zoom
    /// told none.
    pub fn who(&self, name: &str, zoom_user_id: &str, email: &str, earlier: &Earlier) -> PluginIdentity {
        let told = commas(name);
        let typed = typed_id(&told);
        let inherited = earlier.get(zoom_user_id).filter(|row| !zoom_user_id.is_empty() && row.userid != 0);
        let (userid, stored, rule) = match (inherited, typed) {
            (Some(row), _) => (Some(row.userid), row.name.clone(), 2),
            (None, Some((id, rest))) => (Some(id), rest.to_owned(), 1),
            (None, None) => match self.recognise(&told, email) {
                Some((user, rule)) => (Some(user.id), upper(&user.full_name()), rule),
                None => (None, told.clone(), 7),
            },
        };
        let email =
            stored_email(Some(email), userid.and_then(|id| self.user(id)).map(|user| user.email.as_str()));
        PluginIdentity { userid, name: stored, email, rule }
    }

    /// Rules 3 to 6.
    fn recognise(&self, name: &str, email: &str) -> Option<(&'a User, u8)> {
        // PHP's empty() is true of "0" as well.
        let (name, email) = (Some(name).filter(|n| !is_empty(n)), Some(email).filter(|e| !is_empty(e)));
        let enrolled = |rule, is_it: &dyn Fn(&Member<'a>) -> bool| {
            self.members.iter().find(|member| is_it(member)).map(|member| (member.user, rule))
        };
        let by_email = || email.and_then(|email| enrolled(3, &|member| member.identifier == upper(email)));
        let by_name = || name.and_then(|name| enrolled(4, &|member| member.name == upper(name)));
        let on_site = || email.and_then(|email| self.on_site(email)).map(|user| (user, 5));
        let alike = || name.and_then(|name| self.alike(&upper(name))).map(|user| (user, 6));
        by_email().or_else(by_name).or_else(on_site).or_else(alike)
    }

    /// Rule 5: any user who is not suspended; the database may return any of several, here that with the lowest id.
    fn on_site(&self, email: &str) -> Option<&'a User> {
        let is_same = |user: &&User| match self.compare {
            Compare::Exact => user.email == email,
            Compare::Loose => known::address(&user.email) == known::address(email),
        };
        let members = self.members.iter().map(|member| member.user);
        let all = members.chain(self.outsiders).filter(|user| !user.is_suspended);
        all.filter(is_same).min_by_key(|user| user.id)
    }

    /// Rule 6: the best by `similar_text`, if it is the best by `levenshtein` as well. The first of equals wins.
    fn alike(&self, name: &str) -> Option<&'a User> {
        if self.members.len() < FUZZY_MEMBERS_MIN {
            return None;
        }
        let alike: Vec<(&Member<'a>, f64, usize)> = self
            .members
            .iter()
            .map(|member| (member, php::similar_percent(name.as_bytes(), member.name.as_bytes())))
            .filter(|(_, percent)| *percent > FUZZY_PERCENT)
            .map(|(member, percent)| {
                (member, percent, php::levenshtein(name.as_bytes(), member.name.as_bytes()))
            })
            .collect();
        let most = alike.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let nearest = alike.iter().min_by_key(|(_, _, distance)| *distance)?;
        // Compared as names, and taken from the first who bears it.
        let wanted = (most.0.name == nearest.0.name).then_some(&most.0.name)?;
        self.members.iter().find(|member| member.name == *wanted).map(|member| member.user)
    }

    fn user(&self, id: i64) -> Option<&'a User> {
        let members = self.members.iter().map(|member| member.user);
        members.chain(self.outsiders).find(|user| user.id == id)
    }
}

/// Rule 1: `(digits)rest`. A lone `(0)` counts as none in PHP. More digits than an id can have would stop the plugin's
/// run; here they are nobody's.
fn typed_id(name: &str) -> Option<(i64, &str)> {
    let (digits, rest) = name.strip_prefix('(')?.split_once(')')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_one_line = !rest.strip_suffix('\n').unwrap_or(rest).contains('\n');
    if !is_number || digits == "0" || rest.strip_suffix('\n').unwrap_or(rest).is_empty() || !is_one_line {
        return None;
    }
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\0' | '\x0B');
    Some((digits.parse().ok()?, rest.trim_matches(blank)))
}

fn is_empty(text: &str) -> bool {
    text.is_empty() || text == "0"
}

#[cfg(test)]
mod tests;
