//! What a teacher may see: the meetings of their own courses. Somebody else's are as if they were not there: 404, never 403,
//! which would tell that they are.

use std::collections::BTreeSet;

use rollbook_store::Record;

use super::problem::Problem;
use super::visitor::{Sees, Visitor};

/// The meeting numbers that a visitor may see, of one account; none where they may see all.
pub fn own_numbers(visitor: &Visitor) -> Option<(&str, &BTreeSet<u64>)> {
    match visitor.sees {
        Sees::Everything => None,
        Sees::Courses(_) => Some((&visitor.own.account, &visitor.own.numbers)),
    }
}

/// Whether a visitor may see a run of a meeting. One without a number is nobody's course.
pub fn may_see_instance(visitor: &Visitor, record: &Record) -> bool {
    may_see_number(visitor, &record.account, record.instance.number)
}

/// Whether a visitor may see a meeting.
pub fn may_see_number(visitor: &Visitor, account: &str, number: Option<u64>) -> bool {
    own_numbers(visitor).is_none_or(|(own_account, numbers)| {
        own_account == account && number.is_some_and(|number| numbers.contains(&number))
    })
}

/// Whether a visitor may see a course, by its short name. Capitals do not count, as in Moodle.
pub fn may_see_course(visitor: &Visitor, short_name: &str) -> bool {
    match &visitor.sees {
        Sees::Everything => true,
        Sees::Courses(courses) => {
            let wanted = short_name.trim().to_lowercase();
            courses.iter().any(|course| course.trim().to_lowercase() == wanted)
        }
    }
}

/// A run, if it is there and the visitor may see it; the same answer whichever it is that lacks.
///
/// # Errors
/// 404.
pub fn seen(visitor: &Visitor, record: Option<Record>) -> Result<Record, Problem> {
    record
        .filter(|record| may_see_instance(visitor, record))
        .ok_or_else(|| Problem::not_found("There is no such meeting."))
}

#[cfg(test)]
mod tests {
    use rollbook_core::request::Role;

    use super::*;

    #[test]
    fn a_teacher_sees_own_numbers_of_the_right_account_only() {
        let ana = Visitor::teacher("ana", &["ALG-1"], "default", &[91, 92]);
        for (account, number, expected) in [
            ("default", Some(91), true),
            ("default", Some(93), false),
            ("other", Some(91), false),
            ("default", None, false),
        ] {
            assert_eq!(may_see_number(&ana, account, number), expected, "{account} {number:?}");
        }
        let admin = Visitor::in_role("ben", Role::Admin);
        assert!(may_see_number(&admin, "other", None) && own_numbers(&admin).is_none());
    }

    #[test]
    fn a_course_is_known_by_its_short_name_whatever_its_case() {
        let ana = Visitor::teacher("ana", &["ALG-1"], "default", &[]);
        assert!(may_see_course(&ana, " alg-1 ") && !may_see_course(&ana, "ALG-2"));
        assert!(may_see_course(&Visitor::in_role("ben", Role::Admin), "ALG-2"));
    }

    #[test]
    fn a_teacher_whose_courses_are_not_known_sees_nothing() {
        let ana = Visitor::teacher("ana", &[], "default", &[]);
        assert!(!may_see_number(&ana, "default", Some(91)) && !may_see_course(&ana, ""));
    }
}
