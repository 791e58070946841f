//! What holds for any names, however odd.

use proptest::prelude::*;

use super::tests::{World, seen, user};
use super::*;
use crate::identity::plugin::{Compare, Earlier, PluginCourse};
use crate::identity::{Correction, keys, stored_name};
use crate::roster::{Member, User};

/// Names that are alike, odd ones, and anything at all.
fn name() -> impl Strategy<Value = String> {
    let common = prop::sample::select(vec![
        "Anna",
        "Hanna",
        "Ana",
        "Berg",
        "Bergh",
        "Ben",
        "Alex",
        "Alexander",
        "Chloé",
        "王伟",
        "Иванова",
        "O'Connor",
        "Müller",
        "Mueller",
        "Weiß",
        "(12)",
        "(12)Anna",
        "s1234567",
        "iPhone",
        "von",
        "(she/her)",
        "Berg# Anna",
        "A.",
        "\u{301}",
        "ǅ",
        "ﬁn",
        "İ",
        "🦊",
        "",
        "#",
        "anna@uni.example",
    ]);
    prop_oneof![3 => common.prop_map(str::to_owned), 1 => any::<String>()]
}

fn full_name() -> impl Strategy<Value = String> {
    prop::collection::vec(name(), 0..4).prop_map(|parts| parts.join(" "))
}

fn member() -> impl Strategy<Value = User> {
    (name(), name(), name(), 0..4_u8, "[a-z]?[0-9]{0,7}").prop_map(
        |(first, last, alternate, mail, number)| User {
            first_name: first,
            last_name: last,
            alternate_name: alternate,
            email: format!("p{mail}@uni.example"),
            identifier: format!("P{mail}@uni.example"),
            id_number: number,
            ..User::default()
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    prop::collection::vec(member(), 0..8).prop_map(|users| {
        let mut world = World::new(&[], &[]);
        for (id, user) in (10..).zip(users) {
            world.enrol(User { id, username: format!("login{id}"), ..user });
        }
        world
    })
}

impl World {
    fn enrol(&mut self, user: User) {
        self.roster.members.push(Member { user, is_active: true, roles: Vec::new() });
    }
}

fn sighting() -> impl Strategy<Value = Sighting> {
    let words = |strategy: BoxedStrategy<String>| prop::collection::vec(strategy, 0..3);
    let email = prop_oneof!["p[0-5]@uni.example", any::<String>()].boxed();
    let id = prop_oneof!["z[0-3]", any::<String>()].boxed();
    (words(full_name().boxed()), words(email), words(id.clone()), words(id), any::<bool>()).prop_map(
        |(names, emails, zoom_user_ids, registrant_ids, is_tied_by_name)| Sighting {
            names,
            emails,
            zoom_user_ids,
            registrant_ids,
            is_tied_by_name,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn nothing_that_is_typed_breaks_anything(world in world(), sighting in sighting()) {
        let identity = world.who(&sighting);
        prop_assert!(!identity.evidence.is_empty());
        prop_assert!(identity.user.is_some() == (identity.confidence <= Confidence::Likely));
        prop_assert!(identity.candidates.iter().all(|candidate| (0.0..=1.0).contains(&candidate.likeness)));
        keys(&sighting, 5);
        let plugin = PluginCourse::new(&world.roster, &world.site, Compare::Loose);
        for name in &sighting.names {
            plugin.who(name, "z1", "p1@uni.example", &Earlier::new());
            prop_assert!(!stored_name(name, None).contains('#'));
        }
    }

    #[test]
    fn names_alone_are_never_certain_and_name_members_only(world in world(), names in prop::collection::vec(full_name(), 1..4)) {
        let mut world = world;
        world.corrections.insert(crate::identity::PersonKey::Name(5, names[0].clone()), Correction::Nobody);
        for is_corrected in [true, false] {
            if !is_corrected {
                world.corrections.clear();
            }
            let identity = world.who(&Sighting { names: names.clone(), ..Sighting::default() });
            prop_assert!(identity.confidence != Confidence::Certain, "{identity:?}");
            prop_assert!(identity.user.is_none_or(|user| world.roster.member(user).is_some()), "{identity:?}");
        }
    }

    #[test]
    fn one_more_member_never_turns_somebody_certain_into_somebody_else(
        world in world(),
        sighting in sighting(),
        newcomer in member(),
    ) {
        let mut world = world;
        let before = world.who(&sighting);
        world.enrol(User { id: 99, username: "login99".to_owned(), ..newcomer });
        let after = world.who(&sighting);
        if before.confidence == Confidence::Certain {
            prop_assert!(after.user.is_none() || after.user == before.user, "{before:?} {after:?}");
        }
        if after.user != Some(99) && after.user.is_some() && before.user.is_some() {
            prop_assert_eq!(after.user, before.user);
        }
    }

    #[test]
    fn the_order_of_the_roster_says_nothing(world in world(), sighting in sighting()) {
        let mut world = world;
        let before = world.who(&sighting);
        world.roster.members.reverse();
        prop_assert_eq!(world.who(&sighting), before);
    }

    #[test]
    fn a_member_s_very_name_that_nobody_else_has_is_likely_theirs(first in "[A-ZÀ-Þ][a-zà-þ]{2,9}", last in "[A-ZÀ-Þ][a-zà-þ]{2,9}") {
        let world = World::new(&["11;Hanna;Berg", "12;Ben;Ode"], &[]);
        let mut world = world;
        let newcomer = user(&format!("10;{first};{last}"));
        prop_assume!(world.roster.members.iter().all(|member| member.user.full_name() != newcomer.full_name()));
        world.enrol(newcomer.clone());
        let identity = world.who(&seen(&newcomer.full_name()));
        prop_assert_eq!((identity.user, identity.confidence), (Some(10), Confidence::Likely));
    }
}
