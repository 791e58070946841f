use proptest::prelude::*;

use super::*;
use crate::family::Family;
use crate::instance::{Instance, Kind};
use crate::person::people;
use crate::reading::{Row, Status};
use crate::stay::{Evidence, merge, summarise};

const UUID: &str = "a==";

fn key() -> Key {
    Key::new(&[7; 32])
}

fn veil(erased: &[Identifier], masks: bool) -> Veil {
    let prints = erased.iter().flat_map(|one| Veil::fingerprints(&key(), one));
    Veil::new(key(), prints.map(|print| (print, 1)).collect(), masks)
}

fn email(text: &str) -> Identifier {
    Identifier::email(text)
}

/// `"9:00-9:50 user|name|zoom|email"`, blanks empty.
fn row(text: &str) -> Row {
    let (times, who) = text.split_once(' ').unwrap();
    let (from, to) = times.split_once('-').unwrap();
    let at = |time: &str| Some(format!("2026-11-20T{time:0>5}:00Z").parse().unwrap());
    let told: Vec<Option<String>> =
        who.split('|').map(|word| (!word.is_empty()).then(|| word.to_owned())).collect();
    Row {
        user_id: told[0].clone().unwrap_or_default(),
        name: told[1].clone(),
        zoom_user_id: told[2].clone(),
        email: told[3].clone(),
        joined_at: at(from),
        left_at: at(to),
        ..Row::default()
    }
}

fn rows(texts: &[&str]) -> Vec<Row> {
    texts.iter().map(|text| row(text)).collect()
}

fn stays(rows: &[Row]) -> Vec<Stay> {
    let asked_at = "2026-11-21T09:00:00Z".parse().unwrap();
    merge(&[Evidence { family: Family::PastMeetings, asked_at, is_finished: true, is_passing: true, rows }])
}

fn hidden(veil: &Veil, texts: &[&str]) -> (Vec<Row>, Learned) {
    let mut rows = rows(texts);
    let learned = veil.hide(UUID, &mut rows);
    (rows, learned)
}

#[test]
fn nothing_of_an_erased_person_is_left_in_their_rows_and_nothing_of_others_changes() {
    let veil = veil(&[email("ana@school.example")], false);
    let told = ["9:00-9:50 16|Ana|zA|Ana@School.example", "9:01-9:50 17|Ana|zB|ana.b@school.example"];
    let (after, learned) = hidden(&veil, &told);
    assert_eq!(after[1], row(told[1]));
    let json = format!("{:?}", after[0]).to_lowercase();
    assert!(!json.contains("ana") && !json.contains("za\""), "{json}");
    assert!(
        [&after[0].name, &after[0].zoom_user_id, &after[0].email]
            .iter()
            .all(|text| text.as_deref().is_some_and(is_erased_text))
    );
    assert_eq!((learned.found, learned.hidden, learned.is_wide), (1, 1, true));
    let print = |identifier| key().fingerprint(&identifier);
    let connection = Identifier::Connection { uuid: UUID.into(), user_id: "16".into() };
    assert_eq!(
        learned.identifiers.keys().copied().collect::<BTreeSet<_>>(),
        BTreeSet::from([print(connection), print(Identifier::ZoomUser("zA".into()))])
    );
}

#[test]
fn a_number_of_a_connection_hides_its_rows_and_proves_nothing_beyond() {
    let connection = Identifier::Connection { uuid: UUID.into(), user_id: "16".into() };
    let veil = veil(&[connection], false);
    let (after, learned) = hidden(&veil, &["9:00-9:50 16|Ana|zA|"]);
    assert!(is_erased_text(after[0].name.as_deref().unwrap()));
    assert_eq!(learned, Learned { found: 1, hidden: 1, ..Learned::default() });
    let mut elsewhere = rows(&["9:00-9:50 16|Ana|zA|"]);
    assert_eq!(veil.hide("b==", &mut elsewhere).found, 0);
}

#[test]
fn a_guest_is_hidden_in_one_instance_and_nobody_with_an_identity_who_bears_the_name() {
    let veil = veil(&[Identifier::Guest { uuid: UUID.into(), name: "Ana".into() }], false);
    let (after, _) = hidden(&veil, &["9:00-9:50 16|Ana||", "9:00-9:50 17|Ana|zB|", "9:00-9:50 18|Anna||"]);
    let is_hidden = |row: &Row| is_erased_text(row.name.as_deref().unwrap());
    assert_eq!(after.iter().map(is_hidden).collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn a_row_that_tells_nothing_is_still_marked() {
    let connection = Identifier::Connection { uuid: UUID.into(), user_id: "16".into() };
    let (after, _) = hidden(&veil(&[connection], false), &["9:00-9:50 16|||"]);
    assert!(is_erased_text(after[0].name.as_deref().unwrap()));
}

#[test]
fn devices_and_words_about_the_call_stay_and_addresses_go() {
    let mut told = row("9:00-9:50 16|Ana|zA|");
    for name in ["device", "audio_quality", "location", "leave_reason", "pc_name", "something_new"] {
        told.details.insert(name.into(), "x".into());
    }
    let left = |veil: &Veil| {
        let mut rows = [told.clone()];
        veil.hide(UUID, &mut rows);
        rows[0].details.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(left(&veil(&[Identifier::ZoomUser("zA".into())], false)), ["audio_quality", "device"]);
    assert_eq!(left(&veil(&[], true)), ["audio_quality", "device", "location"]);
}

#[test]
fn stays_of_the_same_name_that_never_overlap_are_theirs_and_namesakes_are_not() {
    let veil = veil(&[Identifier::ZoomUser("zA".into())], false);
    let known_by = |user_id: &str| {
        key().fingerprint(&Identifier::Connection { uuid: UUID.into(), user_id: user_id.into() })
    };
    let told = ["9:00-9:10 16|Ana|zA|", "9:20-9:50 17|Ana||", "9:05-9:50 18|Ana||", "9:30-9:50 19|Ana|zB|"];
    let before = stays(&rows(&told));
    assert_eq!(veil.kin(UUID, &before).into_keys().collect::<Vec<_>>(), [known_by("17")]);
    // And once the rows that prove it are hidden.
    let (after, learned) = hidden(&veil, &told);
    let veil = Veil::new(key(), learned.identifiers, false);
    assert_eq!(veil.kin(UUID, &stays(&after)).into_keys().collect::<Vec<_>>(), [known_by("17")]);
}

#[test]
fn a_masked_store_recognises_whom_it_erased_by_address_or_by_what_stands_in_its_place() {
    let open = veil(&[], true);
    let told = "9:00-9:50 16|Ana|zA|ana@school.example";
    let (masked, _) = hidden(&open, &[told]);
    assert!(!format!("{masked:?}").to_lowercase().contains("ana"));
    let erased = veil(&[email("ana@school.example")], true);
    let mut again = masked.clone();
    assert_eq!(erased.hide(UUID, &mut again).found, 1);
    assert!(is_erased_text(again[0].email.as_deref().unwrap()));
    // From either side the same stands there, so that readings go on being equal.
    assert_eq!(hidden(&erased, &[told]).0, again);
}

#[test]
fn a_host_is_hidden_with_a_topic_that_names_them() {
    let check = |topic: &str, expected: Option<&str>| {
        let mut instance = Instance::unknown(UUID.into(), Kind::Meeting);
        instance.host_name = Some("Ana de Díaz".into());
        instance.host_email = Some("adiaz@school.example".into());
        instance.topic = Some(topic.into());
        assert!(veil(&[email("ADIAZ@school.example")], false).hide_host(&mut instance));
        assert_eq!(instance.topic.as_deref(), expected, "{topic}");
        assert!(is_erased_text(instance.host_name.as_deref().unwrap()));
        assert!(is_erased_text(instance.host_email.as_deref().unwrap()));
        // Lists that leave out the address bring nobody back.
        instance.absorb(Instance {
            host_name: Some("Ana".into()),
            ..Instance::unknown(UUID.into(), Kind::Meeting)
        });
        assert!(veil(&[email("adiaz@school.example")], false).hide_host(&mut instance));
        assert!(is_erased_text(instance.host_name.as_deref().unwrap()));
    };
    check("DÍAZ's Zoom Meeting", None);
    check("Algebra de I", Some("Algebra de I"));
    check("room of adiaz", None);
    let mut other = Instance::unknown(UUID.into(), Kind::Meeting);
    other.host_email = Some("b@school.example".into());
    assert!(!veil(&[email("a@school.example")], false).hide_host(&mut other));
}

#[test]
fn neither_a_key_nor_a_fingerprint_tells_what_it_was_made_of() {
    assert_eq!(format!("{:?}", key()), "Key(…)");
    let other = Key::new(&[8; 32]);
    assert_ne!(key().fingerprint(&email("a@b")), other.fingerprint(&email("a@b")));
    // The parts have their lengths: moving a letter from one to the next makes another person.
    let guest = |uuid: &str, name: &str| {
        key().fingerprint(&Identifier::Guest { uuid: uuid.into(), name: name.into() })
    };
    assert_ne!(guest("a", "bc"), guest("ab", "c"));
}

fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    let name = prop::option::of(prop::sample::select(vec!["Ana", "Ben", "Cleo"]));
    let zoom = prop::option::of(prop::sample::select(vec!["zA", "zB", "zC"]));
    let mail = prop::option::of(prop::sample::select(vec!["a@x.example", "B@x.example", "b@x.example"]));
    let one = (0..6_u8, name, zoom, mail, 0..50_i64, 1..60_i64).prop_map(
        |(user, name, zoom, email, from, length)| {
            let start: jiff::Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
            let joined_at = start + jiff::SignedDuration::from_mins(from);
            Row {
                user_id: if user == 0 { String::new() } else { user.to_string() },
                name: name.map(str::to_owned),
                zoom_user_id: zoom.map(str::to_owned),
                email: email.map(str::to_owned),
                joined_at: Some(joined_at),
                left_at: Some(joined_at + jiff::SignedDuration::from_mins(length)),
                status: Status::InMeeting,
                ..Row::default()
            }
        },
    );
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn a_masked_list_counts_as_the_list_did(rows in some_rows()) {
        let mut masked = rows.clone();
        veil(&[], true).hide(UUID, &mut masked);
        let counts = |rows: &[Row]| {
            let all = summarise(Family::Report, rows);
            (all.rows, all.in_meeting, all.half_made, people(&stays(rows)).len())
        };
        // One address in two spellings is one alias: it counts as the list did with one spelling of each, and fewer
        // people may be provably different than before, never more.
        let mut spelt = rows.clone();
        spelt.iter_mut().for_each(|row| row.email = row.email.as_ref().map(|email| email.to_lowercase()));
        prop_assert_eq!(counts(&spelt), counts(&masked));
        prop_assert!(summarise(Family::Report, &masked).people_low <= summarise(Family::Report, &rows).people_low);
        let mut twice = masked.clone();
        veil(&[], true).hide(UUID, &mut twice);
        prop_assert_eq!(twice, masked);
    }

    #[test]
    fn hiding_what_was_hidden_changes_nothing(rows in some_rows()) {
        let veil = veil(&[Identifier::ZoomUser("zA".into()), email("a@x.example")], false);
        let mut once = rows.clone();
        veil.hide(UUID, &mut once);
        let mut twice = once.clone();
        veil.hide(UUID, &mut twice);
        prop_assert_eq!(&twice, &once);
        for (before, after) in rows.iter().zip(&once) {
            let is_theirs = before.zoom_user_id.as_deref() == Some("zA") || before.email.as_deref() == Some("a@x.example");
            prop_assert_eq!(is_theirs, before != after);
            prop_assert_eq!((before.joined_at, before.left_at, &before.user_id), (after.joined_at, after.left_at, &after.user_id));
        }
    }
}
