use super::*;

fn grade(user: i64, points: f64) -> Grade {
    Grade { user, points, share: points / 100.0, replaces: None }
}

/// A grade of which `perhaps` more may be there already.
fn check(points: f64, perhaps: Option<f64>, may_lower: bool, is_sent: bool) {
    let told = BTreeMap::from([(7, ToldGrade { taken: None, perhaps })]);
    let policy = Policy { may_lower, ..Policy::default() };
    let decision = Decision { grades: vec![grade(7, points)], ungraded: Vec::new() };
    let after = heed_unanswered(decision, &told, &policy);
    assert_eq!((after.grades.len() == 1, after.ungraded.len() == 1), (is_sent, !is_sent));
}

#[test]
fn what_may_be_there_is_not_lowered_but_is_sent_again() {
    check(70.0, Some(90.0), false, false);
    check(70.0, Some(90.0), true, true);
    check(90.0, Some(90.0), false, true);
    check(95.0, Some(90.0), false, true);
    check(70.0, None, false, true);
}
