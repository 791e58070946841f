//! Who is who, measured on campuses that do not exist: `cargo bench -p rollbook-core --bench matching` prints the figures
//! of `docs/matching.md`; here they are held to floors.

#![allow(clippy::unwrap_used)]

#[path = "matching/campus.rs"]
mod campus;
#[path = "matching/measure.rs"]
mod measure;
#[path = "matching/names.rs"]
mod names;
#[path = "matching/shown.rs"]
mod shown;

use measure::{Figures, share};
use rollbook_core::identity::Confidence;

#[test]
fn nobody_called_certain_is_somebody_else_and_the_likely_ones_seldom_are() {
    for seed in 1..=2 {
        let campus = campus::campus(seed, 5_000);
        let mut figures = Figures::default();
        measure::ours(&campus, &mut figures);
        assert!(campus.users.len() >= 5_000 && figures.users > 10_000, "seed {seed}");
        let certain = figures.ours[&Confidence::Certain];
        assert_eq!(certain.wrong, 0, "seed {seed}: {:#?}", figures.unsaid);
        assert!(share(certain.right, figures.users) >= 0.35, "seed {seed}: {certain:?}");
        let likely = figures.ours[&Confidence::Likely];
        assert!(likely.precision() >= 0.99, "seed {seed}: {likely:?} of {}", likely.all());
        let named = figures.named(Confidence::Likely);
        assert!(share(named.right, figures.users) >= 0.92, "seed {seed}: {named:?}");
        // Apart from borrowed accounts and guests who have a member's very name, nobody is taken for another.
        let avoidable = figures.unsaid.iter().filter(|line| {
            line.starts_with("wrong") && !line.contains("BorrowedAccount") && !line.contains("NamesakeGuest")
        });
        assert!(share(avoidable.count(), named.all()) <= 0.001, "seed {seed}: {:#?}", figures.unsaid);
    }
}

#[test]
fn on_the_same_people_the_plugin_names_more_of_them_wrongly() {
    let campus = campus::campus(1, 1_000);
    let mut figures = Figures::default();
    measure::ours(&campus, &mut figures);
    measure::plugin(&campus, &mut figures);
    let ours = figures.named(Confidence::Likely);
    assert!(figures.plugin_named.wrong > 5 * ours.wrong, "{:?} {ours:?}", figures.plugin_named);
    assert!(ours.right > figures.plugin_named.right, "{:?} {ours:?}", figures.plugin);
}
