//! All that Zoom told of one person, gathered from their stays, and what a correction of it is remembered under.

use std::collections::BTreeSet;

use super::{PersonKey, Sighting};
use crate::stay::Stay;

/// Gathers what Zoom told of one person. `stays` are those of one [`crate::person::Person`], in any order.
pub fn sighting(stays: &[&Stay]) -> Sighting {
    let mut ordered = stays.to_vec();
    ordered.sort_by(|a, b| (a.joined_at, &a.user_id).cmp(&(b.joined_at, &b.user_id)));
    Sighting {
        names: distinct(&ordered, |stay| stay.name.as_deref()),
        emails: distinct(&ordered, |stay| stay.email.as_deref()),
        zoom_user_ids: distinct(&ordered, |stay| stay.zoom_user_id.as_deref()),
        registrant_ids: distinct(&ordered, |stay| stay.registrant_id.as_deref()),
        is_tied_by_name: is_tied_by_name(&ordered),
    }
}

/// What a correction of this person may be remembered under, strongest first, and of each kind the latest first.
/// `course` is `{course}.id`. Empty only if Zoom told nothing at all.
pub fn keys(sighting: &Sighting, course: i64) -> Vec<PersonKey> {
    let latest_first = |values: &[String]| values.iter().rev().cloned().collect::<Vec<String>>();
    let zoom = latest_first(&sighting.zoom_user_ids).into_iter().map(PersonKey::ZoomUser);
    let registrants = latest_first(&sighting.registrant_ids).into_iter().map(PersonKey::Registrant);
    let emails =
        latest_first(&sighting.emails).into_iter().map(|email| PersonKey::Email(email.to_lowercase()));
    let names = latest_first(&sighting.names).into_iter().map(|name| PersonKey::Name(course, name));
    let mut seen = BTreeSet::new();
    zoom.chain(registrants).chain(emails).chain(names).filter(|key| seen.insert(key.clone())).collect()
}

/// Different values without blanks, latest last.
fn distinct<'a>(stays: &[&'a Stay], field: fn(&'a Stay) -> Option<&'a str>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in stays.iter().filter_map(|stay| field(stay)).map(str::trim).filter(|value| !value.is_empty())
    {
        values.retain(|held| held != value);
        values.push(value.to_owned());
    }
    values
}

/// Whether the ids and e-mails alone leave the stays in more than one piece.
fn is_tied_by_name(stays: &[&Stay]) -> bool {
    let proofs = |stay: &Stay| -> Vec<PersonKey> {
        let ids = stay.zoom_user_id.clone().map(PersonKey::ZoomUser);
        let registrant = stay.registrant_id.clone().map(PersonKey::Registrant);
        let email = stay.email.as_ref().map(|email| PersonKey::Email(email.trim().to_lowercase()));
        ids.into_iter().chain(registrant).chain(email).collect()
    };
    let mut left: Vec<Vec<PersonKey>> = stays.iter().map(|stay| proofs(stay)).collect();
    let mut reached: BTreeSet<PersonKey> = left.pop().unwrap_or_default().into_iter().collect();
    while let Some(next) = left.iter().position(|keys| keys.iter().any(|key| reached.contains(key))) {
        reached.extend(left.swap_remove(next));
    }
    !left.is_empty()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::family::Family;
    use crate::reading::Status;

    /// `"09:00 name|zoom|registrant|email"`, blanks empty.
    fn stay(text: &str) -> Stay {
        let (time, rest) = text.split_once(' ').unwrap();
        let words: Vec<Option<String>> =
            rest.split('|').map(|word| (!word.is_empty()).then(|| word.to_owned())).collect();
        let joined_at = format!("2026-11-20T{time}:00Z").parse().unwrap();
        Stay {
            user_id: time.to_owned(),
            participant_uuid: None,
            zoom_user_id: words[1].clone(),
            registrant_id: words[2].clone(),
            name: words[0].clone(),
            email: words[3].clone(),
            joined_at,
            left_at: None,
            status: Status::InMeeting,
            is_breakout: None,
            source: Family::Report,
            is_withdrawn: false,
            evidence: BTreeMap::new(),
        }
    }

    fn seen(stays: &[&str]) -> Sighting {
        let stays: Vec<Stay> = stays.iter().map(|text| stay(text)).collect();
        sighting(&stays.iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_was_told_differently_stands_in_order_of_join_latest_last() {
        let anna = seen(&["10:00 iPad|z1||", "09:00 Anna|z1||a@uni.example", "11:00 Anna|z1||"]);
        assert_eq!(anna.names, ["iPad", "Anna"]);
        assert_eq!(
            (anna.emails, anna.zoom_user_ids),
            (vec!["a@uni.example".to_owned()], vec!["z1".to_owned()])
        );
        assert!(!anna.is_tied_by_name);
    }

    #[test]
    fn keys_begin_with_the_strongest() {
        let anna = seen(&["09:00 Anna|z1|r1|A@Uni.example", "10:00 Anna B|z1|r1|"]);
        let shown: Vec<String> = keys(&anna, 5).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["zoom:z1", "registrant:r1", "email:a@uni.example", "name:5:Anna B", "name:5:Anna"]
        );
        assert_eq!(keys(&Sighting::default(), 5), []);
    }

    #[test]
    fn stays_that_only_a_name_ties_together_are_told_from_those_that_ids_tie() {
        for (stays, expected) in [
            (vec!["09:00 Anna|z1||", "10:00 Anna|||"], true),
            (vec!["09:00 Anna|||", "10:00 Anna|||"], true),
            (vec!["09:00 Anna|z1||", "10:00 Anna|||a@x", "11:00 Anna|z1||A@x"], false),
            (vec!["09:00 Anna|||"], false),
            (vec![], false),
        ] {
            assert_eq!(seen(&stays).is_tied_by_name, expected, "{stays:?}");
        }
    }
}
