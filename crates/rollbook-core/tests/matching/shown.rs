//! What Zoom shows of people, and who they are in truth.

use std::collections::BTreeSet;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rollbook_core::identity::{LinkedEmails, Sighting};
use rollbook_core::roster::{Roster, User};
use rollbook_core::stay::Stay;

use super::campus::{Dice, ascii, pick};
use super::names::{ALIASES, DEVICES, FAMILY, GIVEN, ROOMS, SHORT};

/// Somebody as Zoom shows them.
pub struct Shown {
    pub sighting: Sighting,
    /// Who it is; none for people who are no users of the site, and for rooms.
    pub truth: Option<i64>,
    /// How the name was written.
    pub style: Style,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    Full,
    Case,
    NoAccents,
    Swapped,
    Comma,
    Pronouns,
    Number,
    Middle,
    Nickname,
    Initial,
    Typo,
    TwoTypos,
    Brackets,
    Device,
    PluginLink,
    ForeignId,
    FirstOnly,
    Alias,
    DeviceOnly,
    BorrowedAccount,
    Outsider,
    Guest,
    NearGuest,
    NamesakeGuest,
    Room,
}

const STYLES: &[(u32, Style)] = &[
    (420, Style::Full),
    (60, Style::Case),
    (50, Style::NoAccents),
    (60, Style::Swapped),
    (50, Style::Comma),
    (35, Style::Pronouns),
    (50, Style::Number),
    (50, Style::Middle),
    (40, Style::Nickname),
    (35, Style::Initial),
    (40, Style::Typo),
    (8, Style::TwoTypos),
    (30, Style::Brackets),
    (30, Style::Device),
    (50, Style::PluginLink),
    (6, Style::ForeignId),
    (35, Style::FirstOnly),
    (12, Style::Alias),
    (25, Style::DeviceOnly),
    (2, Style::BorrowedAccount),
];

/// Everybody who came to a session of the course.
pub fn shown(dice: &mut Dice, roster: &Roster, users: &[User], linked: &mut LinkedEmails) -> Vec<Shown> {
    let members: Vec<&User> = roster.members.iter().map(|member| &member.user).collect();
    let mut all = Vec::new();
    for member in &members {
        if dice.random_bool(0.8) {
            all.push(member_shown(dice, member, &members, linked));
        }
        let more = match dice.random_range(0..1000) {
            0..25 => Some(guest(dice)),
            25..29 => Some(near_guest(dice, member)),
            29..30 => Some(plain(Style::NamesakeGuest, member.full_name(), None)),
            30..40 => Some(outsider(dice, users, roster)),
            40..46 => Some(plain(Style::Room, (*ROOMS.choose(dice).unwrap()).to_owned(), None)),
            _ => None,
        };
        all.extend(more);
    }
    all
}

fn plain(style: Style, name: String, truth: Option<i64>) -> Shown {
    Shown { sighting: Sighting { names: vec![name], ..Sighting::default() }, truth, style }
}

fn member_shown(dice: &mut Dice, user: &User, members: &[&User], linked: &mut LinkedEmails) -> Shown {
    let style = *pick(dice, STYLES);
    let name = written(dice, style, user, members);
    let mut shown = plain(style, name, Some(user.id));
    if style == Style::BorrowedAccount {
        let other = members.choose(dice).unwrap();
        shown.sighting.names = vec![user.full_name()];
        sign_in(&mut shown.sighting, other, &other.email);
        return shown;
    }
    match dice.random_range(0..100) {
        0..32 => sign_in(&mut shown.sighting, user, &user.email),
        32..35 => sign_in(&mut shown.sighting, user, &user.email.to_uppercase()),
        35..40 => sign_in(&mut shown.sighting, user, &format!("{}@web.example", ascii(&user.last_name))),
        // Registered, and the e-mail is known from another session.
        40..43 => {
            let id = format!("r{}", user.id);
            linked.learn(&told(&id, &user.email));
            shown.sighting.registrant_ids = vec![id];
        }
        _ => {}
    }
    shown
}

fn sign_in(sighting: &mut Sighting, user: &User, email: &str) {
    sighting.emails = vec![email.to_owned()];
    sighting.zoom_user_ids = vec![format!("z{}", user.id)];
}

fn told(registrant: &str, email: &str) -> Stay {
    Stay {
        user_id: String::new(),
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: Some(registrant.to_owned()),
        name: None,
        email: Some(email.to_owned()),
        joined_at: jiff::Timestamp::UNIX_EPOCH,
        left_at: None,
        status: rollbook_core::reading::Status::InMeeting,
        is_breakout: None,
        source: rollbook_core::family::Family::Report,
        is_withdrawn: false,
        evidence: std::collections::BTreeMap::new(),
    }
}

fn written(dice: &mut Dice, style: Style, user: &User, members: &[&User]) -> String {
    let (first, last) = (user.first_name.as_str(), user.last_name.as_str());
    let called = first.split(' ').next().unwrap_or(first);
    let full = user.full_name();
    match style {
        Style::Case if dice.random_bool(0.5) => full.to_uppercase(),
        Style::Case => full.to_lowercase(),
        Style::NoAccents => without_accents(dice, &full),
        Style::Swapped => format!("{last} {first}"),
        Style::Comma => format!("{last}# {first}"),
        Style::Pronouns => {
            format!("{full} {}", ["(she/her)", "(he/him)", "they/them", "(sie/ihr)"].choose(dice).unwrap())
        }
        Style::Number => {
            let number = if user.id_number.is_empty() { &user.username } else { &user.id_number };
            let bare = number.trim_start_matches('s');
            let called_full = format!("{called} {last}");
            match dice.random_range(0..4) {
                0 => format!("{number} {full}"),
                1 => format!("{full} {bare}"),
                2 => format!("{called_full} ({number})"),
                _ => number.clone(),
            }
        }
        Style::Middle if first.contains(' ') => format!("{called} {last}"),
        Style::Middle => format!("{called} {}. {last}", ["A", "M", "J", "K"].choose(dice).unwrap()),
        Style::Nickname => {
            let short: Vec<&str> =
                SHORT.iter().filter(|(name, _)| *name == called).map(|(_, short)| *short).collect();
            format!("{} {last}", short.choose(dice).unwrap_or(&called))
        }
        Style::Initial if dice.random_bool(0.5) => format!("{}. {last}", called.chars().next().unwrap()),
        Style::Initial => format!("{called} {}.", last.chars().next().unwrap()),
        Style::Typo => typo(dice, &full),
        Style::TwoTypos => {
            let once = typo(dice, &full);
            typo(dice, &once)
        }
        Style::Brackets => match dice.random_range(0..3) {
            0 => format!("{full} (Group {})", dice.random_range(1..9)),
            1 => format!("{} ({full})", GIVEN.choose(dice).unwrap()),
            _ => format!("{full} | Uni"),
        },
        Style::Device => match dice.random_range(0..3) {
            0 => format!("iPhone von {full}"),
            1 => format!("{full}'s iPad"),
            _ => format!("{full} - Handy"),
        },
        Style::PluginLink => format!("({}){full}", user.id),
        Style::ForeignId => format!("({}){full}", members.choose(dice).unwrap().id),
        Style::FirstOnly => called.to_owned(),
        Style::Alias => (*ALIASES.choose(dice).unwrap()).to_owned(),
        Style::DeviceOnly => (*DEVICES.choose(dice).unwrap()).to_owned(),
        _ => full,
    }
}

fn without_accents(dice: &mut Dice, name: &str) -> String {
    let spelt = dice.random_bool(0.4);
    name.chars()
        .map(|c| match c {
            'ä' if spelt => "ae".to_owned(),
            'ö' if spelt => "oe".to_owned(),
            'ü' if spelt => "ue".to_owned(),
            'Ö' if spelt => "Oe".to_owned(),
            'ß' => "ss".to_owned(),
            'ł' => "l".to_owned(),
            'Ł' => "L".to_owned(),
            'ø' => "o".to_owned(),
            'Ø' => "O".to_owned(),
            c => plain_letter(c).to_string(),
        })
        .collect()
}

fn plain_letter(c: char) -> char {
    const PAIRS: &str = "áaàaâaãaäaåaąaăaéeèeêeëeęeěeễeíiìiîiïiıiịióoòoôoõoöoúuùuûuüuçcćcčcğgñnńnňnşsšsśsžzżzźzýyřrđdÁAÅAČCÇCÉEİIÖOÚUÜUŻZŞS\
                         ạa";
    let letters: Vec<char> = PAIRS.chars().filter(|c| !c.is_whitespace()).collect();
    letters.chunks(2).find(|pair| pair[0] == c).map_or(c, |pair| pair[1])
}

/// One slip of the fingers, anywhere.
fn typo(dice: &mut Dice, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = dice.random_range(0..letters.len());
    let other = char::from(b'a' + dice.random_range(0..26u8));
    match dice.random_range(0..4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, other),
        2 => letters[at] = other,
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.insert(at, other),
    }
    letters.into_iter().collect()
}

fn guest(dice: &mut Dice) -> Shown {
    let (first, last) = (GIVEN.choose(dice).unwrap(), FAMILY.choose(dice).unwrap());
    plain(Style::Guest, format!("{first} {last}"), None)
}

/// Somebody from elsewhere whose name is nearly that of a member: another given name that begins like it or ends like
/// it, the same family name.
fn near_guest(dice: &mut Dice, member: &User) -> Shown {
    let called = member.first_name.split(' ').next().unwrap_or_default();
    let near: Vec<&&str> = GIVEN
        .iter()
        .filter(|name| **name != called && (1..=2).contains(&strsim::levenshtein(name, called)))
        .collect();
    let first = near.choose(dice).map_or(*GIVEN.choose(dice).unwrap(), |name| **name);
    plain(Style::NearGuest, format!("{first} {}", member.last_name), None)
}

/// A user of the site who is not enrolled, signed in. Now and then a namesake of a member.
fn outsider(dice: &mut Dice, users: &[User], roster: &Roster) -> Shown {
    let members: BTreeSet<i64> = roster.members.iter().map(|member| member.user.id).collect();
    let outside: Vec<&User> = users.iter().filter(|user| !members.contains(&user.id)).collect();
    let user = if dice.random_bool(0.3) {
        let names: BTreeSet<String> = roster.members.iter().map(|member| member.user.full_name()).collect();
        let namesakes = outside.iter().copied().filter(|user| names.contains(&user.full_name()));
        namesakes.collect::<Vec<&User>>().choose(dice).copied()
    } else {
        None
    };
    let Some(user) = user.or_else(|| outside.choose(dice).copied()) else { return guest(dice) };
    let mut shown = plain(Style::Outsider, user.full_name(), Some(user.id));
    sign_in(&mut shown.sighting, user, &user.email);
    shown
}
