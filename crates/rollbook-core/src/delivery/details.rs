//! The row of the session itself, beside the one that is there.

use super::DetailsRow;

/// Whether the activity that a details row belongs to is still one of its meeting's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// It is, so the row stays there.
    Fits,
    /// It is gone, about to vanish, or shows another meeting by now: the row moves.
    Unfit,
}

/// The row as it should be, if the one that is there is not. What we do not know stays as somebody else wrote it.
pub fn correct_details(there: &DetailsRow, wanted: &DetailsRow, holder: Holder) -> Option<DetailsRow> {
    let known_topic = if wanted.topic.is_empty() { &there.topic } else { &wanted.topic };
    let new = DetailsRow {
        topic: known_topic.clone(),
        total_minutes: wanted.total_minutes.or(there.total_minutes),
        participants_count: wanted.participants_count.or(there.participants_count),
        zoomid: if holder == Holder::Fits { there.zoomid } else { wanted.zoomid },
        ..wanted.clone()
    };
    (new != *there).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(topic: &str, minutes: Option<i64>, count: Option<i16>, zoomid: i64) -> DetailsRow {
        DetailsRow {
            uuid: "uuid".into(),
            meeting_id: 1,
            start_time: 100,
            end_time: 400,
            duration: 300,
            topic: topic.into(),
            total_minutes: minutes,
            participants_count: count,
            zoomid,
        }
    }

    fn check(wanted: DetailsRow, holder: Holder, expected: Option<DetailsRow>) {
        assert_eq!(correct_details(&row("Algebra", Some(9), Some(4), 7), &wanted, holder), expected);
    }

    #[test]
    fn what_is_not_known_stays() {
        check(row("", None, None, 7), Holder::Fits, None);
    }

    #[test]
    fn what_is_known_better_is_corrected() {
        check(row("Sets", None, Some(5), 7), Holder::Fits, Some(row("Sets", Some(9), Some(5), 7)));
        let moved = DetailsRow { end_time: 500, duration: 400, ..row("Algebra", Some(9), Some(4), 7) };
        check(moved.clone(), Holder::Fits, Some(moved));
    }

    #[test]
    fn a_row_stays_with_an_activity_that_fits_and_leaves_one_that_does_not() {
        check(row("Algebra", None, None, 8), Holder::Fits, None);
        check(row("Algebra", None, None, 8), Holder::Unfit, Some(row("Algebra", Some(9), Some(4), 8)));
    }
}
