//! What databases are particular about: case, accents, length, symbols.

use rollbook_core::delivery::{Ours, OwnRows};
use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Dialect, Error, on_both};

use super::class::Class;

async fn names_keep_case_accents_and_every_symbol(site: TestSite) {
    let mut class = Class::new(site).await;
    let uuid = "4444AAAiAAAAAiAiAiiAii==";
    let names = [
        "Zoë",
        "ZOE",
        "zoe",
        "李明",
        "😀 Ana 👩\u{200d}🏫",
        "O'Brien \\ \"x\" %s {y} ?",
        " Ben ",
        "a\tb\nc\u{1}",
    ];
    let mut delivery = class.delivery(uuid, &"7 x 0-900, ".repeat(names.len()));
    for (at, (row, name)) in delivery.participants.iter_mut().zip(names).enumerate() {
        row.zoomuserid = format!("{at}");
        row.name = name.to_owned();
        row.user_email = Some(format!("{name}@example.org"));
    }
    let receipt = class.push(&delivery).await;
    let mut there: Vec<&str> = receipt.inserted.iter().map(|row| row.row.name.as_str()).collect();
    there.sort_unstable();
    let mut sent = names.to_vec();
    sent.sort_unstable();
    assert_eq!(there, sent);
    let sql =
        "SELECT p.name FROM {zoom_meeting_participants} p JOIN {zoom_meeting_details} d ON d.id = p.detailsid
        WHERE d.meeting_id = 85746065 ORDER BY p.zoomuserid";
    assert_eq!(class.site.texts(sql).await, names);
    assert_eq!(class.push(&delivery).await.kept, names.len());
}

async fn names_and_topics_as_long_as_the_column_fit(site: TestSite) {
    let mut class = Class::new(site).await;
    let mut delivery =
        class.delivery("123456789012345678901234567890", "12345678901234567890123456789012345 x 0-9");
    delivery.details.topic = "😀".repeat(300);
    delivery.details.participants_count = Some(i16::MAX);
    delivery.participants[0].name = "😀".repeat(255);
    delivery.participants[0].uuid = Some("é23456789012345678901234567890".into());
    class.push(&delivery).await;
    let receipt = class.push(&delivery).await;
    assert_eq!((receipt.kept, &receipt.details), (1, &delivery.details));
}

async fn a_value_that_does_not_fit_is_refused_whole_and_never_cut(site: TestSite) {
    let mut class = Class::new(site).await;
    let tables = class.everything_but("").await;
    let mut too_long = class.delivery("4444AAAiAAAAAiAiAiiAii==", "7 Ana 0-900, 8 Ben 0-900");
    too_long.participants[1].uuid = Some("1".repeat(31));
    let error = class.try_push(&too_long).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert_eq!(class.everything_but("").await, tables);
    // And the next one is not held up.
    class.push(&class.delivery("next==", "7 Ana 0-900")).await;
    assert_eq!(class.shown("next==").await, "7 Ana 0-900");
}

async fn uuids_that_differ_in_case_alone_are_two_sessions_or_the_later_waits(site: TestSite) {
    let mut class = Class::new(site).await;
    class.push(&class.delivery("abcdEFGH1234==", "7 Ana 0-900")).await;
    let tables = class.everything_but("").await;
    let later = class.delivery("ABCDefgh1234==", "9 Cyd 0-600");
    let own = OwnRows::new();
    let ours = Ours { own: &own, tentative: None };
    let mut db = class.connect().await;
    let outcome = db.deliver(&later, ours, &mut |_| Ok(())).await;
    match class.site.dialect() {
        Dialect::Postgres => assert_eq!(outcome.unwrap().inserted.len(), 1),
        Dialect::MariaDb => {
            let error = outcome.unwrap_err();
            let said = error.to_string();
            assert!(matches!(error, Error::Collides { .. }) && said.contains("abcdEFGH1234=="), "{said}");
            assert_eq!(class.everything_but("").await, tables);
        }
    }
}

async fn uuids_are_compared_to_the_last_blank_and_accent(site: TestSite) {
    let mut class = Class::new(site).await;
    class.push(&class.delivery("e==", "7 Ana 0-900")).await;
    for uuid in ["é==", "e== "] {
        let tried = class.try_push(&class.delivery(uuid, "9 Cyd 0-600")).await;
        match class.site.dialect() {
            Dialect::Postgres => assert_eq!(tried.unwrap().inserted.len(), 1),
            Dialect::MariaDb => assert!(matches!(tried, Err(Error::Collides { .. })), "{tried:?}"),
        }
    }
}

on_both!(
    names_keep_case_accents_and_every_symbol,
    names_and_topics_as_long_as_the_column_fit,
    a_value_that_does_not_fit_is_refused_whole_and_never_cut,
    uuids_that_differ_in_case_alone_are_two_sessions_or_the_later_waits,
    uuids_are_compared_to_the_last_blank_and_accent,
);
