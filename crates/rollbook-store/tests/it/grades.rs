use rollbook_store::{GradeOutcome, GradedActivity, Store, ToldGrade};

use crate::ledger::at;

const ALGEBRA: GradedActivity<'_> = GradedActivity { site: "moodle.example.edu", course: 5, module: 71 };

/// Sends 7's grades one after the other.
fn told(sent: &[(f64, GradeOutcome)]) -> ToldGrade {
    let mut store = Store::in_memory().unwrap();
    for (points, outcome) in sent {
        let ids = store.start_grades(at(1), ALGEBRA, &[(7, *points), (8, 1.0)]).unwrap();
        store.finish_grades(&ids[..1], *outcome, Some("0")).unwrap();
    }
    store.grades_told(ALGEBRA.site, ALGEBRA.module).unwrap()[&7]
}

#[test]
fn what_was_taken_last_counts_and_what_may_have_been_taken_is_not_forgotten() {
    use GradeOutcome::{Refused, Sent, Taken};
    let check = |sent: &[(f64, GradeOutcome)], taken, perhaps| {
        assert_eq!(told(sent), ToldGrade { taken, perhaps }, "{sent:?}");
    };
    check(&[(80.0, Taken), (70.0, Taken)], Some(70.0), None);
    check(&[(80.0, Refused)], None, None);
    check(&[(60.0, Taken), (90.0, Sent), (70.0, Sent)], Some(60.0), Some(90.0));
    check(&[(90.0, Sent), (70.0, Taken)], Some(70.0), None);
}

#[test]
fn another_site_or_activity_knows_nothing_of_it() {
    let mut store = Store::in_memory().unwrap();
    store.start_grades(at(1), ALGEBRA, &[(7, 50.0)]).unwrap();
    assert!(store.grades_told("other.example.edu", ALGEBRA.module).unwrap().is_empty());
    assert!(store.grades_told(ALGEBRA.site, 72).unwrap().is_empty());
}

#[test]
fn receipts_are_kept_with_their_answers() {
    let mut store = Store::in_memory().unwrap();
    let ids = store.start_grades(at(1), ALGEBRA, &[(7, 50.0), (8, 60.5)]).unwrap();
    store.finish_grades(&ids[..1], GradeOutcome::Refused, Some("locked")).unwrap();
    let receipts = store.grade_receipts(Some(71), 9).unwrap();
    let shown: Vec<_> = receipts.iter().map(|one| (one.student, one.points, one.outcome)).collect();
    assert_eq!(shown, [(8, 60.5, GradeOutcome::Sent), (7, 50.0, GradeOutcome::Refused)]);
    assert_eq!(receipts[1].answer.as_deref(), Some("locked"));
    assert!(store.grade_receipts(Some(70), 9).unwrap().is_empty());
}
