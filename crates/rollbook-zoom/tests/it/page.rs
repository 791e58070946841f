//! Lists read a page at a time.

use rollbook_zoom::endpoint::past_meetings::{
    ListPastMeetingParticipants, PastParticipant, PastParticipants,
};
use rollbook_zoom::{Advice, MeetingId, NextPage, PageCursor, PageToken};

use crate::fake::{Fake, after, answer, client, now, sample};

fn page(rows: usize, token: &str, total: Option<u64>) -> PastParticipants {
    PastParticipants {
        participants: vec![PastParticipant::default(); rows],
        next_page_token: (!token.is_empty()).then(|| PageToken(token.to_owned())),
        page_size: Some(10),
        total_records: total,
        ..PastParticipants::default()
    }
}

fn at(token: &str) -> NextPage {
    NextPage::At(PageToken(token.to_owned()))
}

#[test]
fn a_list_ends_at_an_empty_token() {
    let mut cursor = PageCursor::new();
    assert_eq!(cursor.next(now()), NextPage::First);
    cursor.got(now(), &page(10, "a", Some(15))).unwrap();
    assert_eq!(cursor.next(after(1)), at("a"));
    cursor.got(after(1), &page(5, "", Some(15))).unwrap();
    assert_eq!(cursor.next(after(2)), NextPage::Done);
    assert!(cursor.is_done());
    assert_eq!((cursor.pages(), cursor.rows(), cursor.total_records()), (2, 15, Some(15)));
    assert_eq!(cursor.page_size(), Some(10));
}

#[test]
fn a_token_that_is_too_old_sends_the_list_back_to_its_beginning() {
    let mut cursor = PageCursor::new();
    cursor.got(now(), &page(10, "a", Some(30))).unwrap();
    assert_eq!(cursor.next(after(15 * 60 - 31)), at("a"));
    assert_eq!(cursor.next(after(15 * 60 - 30)), NextPage::First);
    cursor.got(after(15 * 60), &page(10, "b", Some(30))).unwrap();
    assert_eq!((cursor.restarts(), cursor.pages(), cursor.rows()), (1, 1, 10));
    assert_eq!(cursor.next(after(15 * 60 + 1)), at("b"));
}

#[test]
fn a_cursor_survives_being_written_down() {
    let mut cursor = PageCursor::new();
    cursor.got(now(), &page(10, "a", Some(30))).unwrap();
    let kept: PageCursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
    assert_eq!(kept, cursor);
    assert_eq!(kept.next(after(5)), at("a"));
}

#[test]
fn a_token_that_never_changes_is_followed_while_records_are_missing() {
    let mut cursor = PageCursor::new();
    for _ in 0..2 {
        cursor.got(now(), &page(10, "same", Some(30))).unwrap();
    }
    let error = cursor.got(now(), &page(10, "same", Some(30))).unwrap_err();
    assert_eq!((error.pages, error.rows), (3, 30));
}

#[test]
fn the_same_token_twice_is_a_loop_where_no_total_is_known() {
    let mut cursor = PageCursor::new();
    cursor.got(now(), &page(10, "same", None)).unwrap();
    cursor.got(now(), &page(10, "same", None)).unwrap_err();
}

#[test]
fn more_pages_than_records_can_fill_are_a_loop() {
    let mut cursor = PageCursor::new();
    let pages =
        (0..100).take_while(|n| cursor.got(now(), &page(1, &format!("t{n}"), Some(20))).is_ok()).count();
    assert_eq!(pages, 7);
}

#[test]
fn empty_pages_without_end_are_a_loop() {
    let mut cursor = PageCursor::new();
    cursor.got(now(), &page(0, "a", None)).unwrap();
    cursor.got(now(), &page(0, "b", None)).unwrap();
    cursor.got(now(), &page(0, "c", None)).unwrap_err();
}

#[test]
fn a_list_that_grows_while_it_is_read_is_none() {
    let mut cursor = PageCursor::new();
    for n in 0..50u64 {
        cursor.got(now(), &page(10, &format!("t{n}"), Some(20 + n * 10))).unwrap();
    }
}

#[tokio::test]
async fn a_refused_page_token_begins_the_list_again() {
    let refused = sample("error-400-300-page-token");
    let fake = Fake::with_tokens(move |seen| {
        if seen.uri.contains("next_page_token=old") {
            answer(400, &refused)
        } else {
            answer(200, r#"{"participants":[{"name":"A"}],"next_page_token":"old","total_records":2}"#)
        }
    });
    let (client, list) = (client(&fake), ListPastMeetingParticipants::new(MeetingId(1)));
    let mut cursor = PageCursor::new();
    let first = client.send(now(), &cursor.request(now(), &list).unwrap()).await.unwrap();
    cursor.got(now(), &first.value).unwrap();
    let error = client.send(now(), &cursor.request(now(), &list).unwrap()).await.unwrap_err();
    assert_eq!(error.advice(), &Advice::RestartList);
    cursor.restart();
    assert_eq!(cursor.next(now()), NextPage::First);
    assert_eq!(cursor.restarts(), 1);
}
