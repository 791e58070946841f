//! One person of the school.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::chance::Dice;
use crate::names;
use crate::options::Options;

/// A host or a student, as Zoom's own records have them.
pub(crate) struct Person {
    /// Our key, in the truth only.
    pub(crate) key: String,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    /// How the person signs, before Zoom changes anything.
    pub(crate) name: String,
    pub(crate) email: String,
    /// The Zoom user; blank for people without any.
    pub(crate) zoom_id: String,
    pub(crate) account: Account,
    pub(crate) department: &'static str,
    /// Number of the personal room; hosts only.
    pub(crate) room: u64,
}

/// How a person is known to Zoom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Account {
    /// A user of the school's account.
    School,
    /// A private Zoom account elsewhere.
    Private,
    /// None: types a name and joins.
    None,
}

impl Person {
    /// Draws one person.
    pub(crate) fn draw(
        index: u32,
        is_host: bool,
        options: &Options,
        dice: &mut Dice,
        numbers: &mut BTreeSet<u64>,
    ) -> Person {
        let (first, last) = names::full_name(dice);
        let student = 20_200_000 + index;
        let odd = names::odd_name(first, last, student, dice);
        let name = if dice.hit(options.mix.odd_names) { odd } else { format!("{first} {last}") };
        let account = match (dice.hit(options.mix.guests), dice.hit(0.6)) {
            (true, true) if !is_host => Account::Private,
            (true, false) if !is_host => Account::None,
            _ => Account::School,
        };
        let role = if is_host { "t" } else { "s" };
        let email = match account {
            Account::School => format!("{role}{student}@school.example"),
            Account::Private => format!("u{student}@mail.example"),
            Account::None => String::new(),
        };
        let id = URL_SAFE_NO_PAD.encode(dice.bytes());
        Person {
            key: format!("{role}{student}"),
            first,
            last,
            name,
            email,
            zoom_id: if account == Account::None { String::new() } else { id },
            account,
            department: dice.pick(names::DEPARTMENTS),
            room: if is_host { unused_number(1_000_000_000, 9_999_999_999, dice, numbers) } else { 0 },
        }
    }
}

/// A number nobody else has.
pub(crate) fn unused_number(low: i64, high: i64, dice: &mut Dice, numbers: &mut BTreeSet<u64>) -> u64 {
    loop {
        let number = dice.between(low, high).unsigned_abs();
        if numbers.insert(number) {
            return number;
        }
    }
}
