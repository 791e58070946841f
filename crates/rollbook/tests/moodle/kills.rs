//! A push that dies anywhere is made good by the next one.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use rollbook_moodle::testing::TestSite;

use crate::school::{School, stay};

/// A future that is given up after it was polled so many times, which drops it in the middle of an `await`.
struct Mortal<F> {
    inner: F,
    polls: u32,
}

impl<F: Future + Unpin> Future for Mortal<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match Pin::new(&mut self.inner).poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            // At its last poll it dies at once: whatever it has sent is on its way.
            Poll::Pending if self.polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Polls until the work ends, or it dies; tells whether it ended.
async fn lives_for<F: Future>(work: F, polls: u32) -> bool {
    let work = pin!(work);
    Mortal { inner: work, polls }.await.is_some()
}

/// More polls than a push of two sessions ever needs.
const POLLS_MAX: u32 = 2_000;

fn sessions(school: &mut School) -> [i64; 2] {
    let ana = |from, to| stay("Ana Lopez", Some("ana@school.example"), from, to);
    let first = school.held("aaaa==", 0, &[ana(0, 60), stay("Ben Kim", None, 2, 50)]);
    let second = school.held("bbbb==", 120, &[ana(120, 150), ana(152, 180), stay("guest", None, 125, 170)]);
    [first, second]
}

/// What both sessions must come to.
async fn check(school: &mut School) {
    let first = school.rows("aaaa==").await;
    let second = school.rows("bbbb==").await;
    let shown = |rows: &[String]| -> Vec<String> {
        rows.iter()
            .map(|row| {
                let (name, rest) = row.split_once(':').unwrap();
                format!("{name} {}", rest.split_once(' ').unwrap().1)
            })
            .collect()
    };
    assert_eq!(shown(&first), ["ANA LOPEZ 0-60", "BEN KIM 2-50"]);
    assert_eq!(shown(&second), ["ANA LOPEZ 120-150", "guest 125-170", "ANA LOPEZ 152-180"]);
}

/// How many polls it takes to be let in: hundreds on PostgreSQL, which has a password hashed thousands of times.
async fn polls_to_connect(school: &School) -> u32 {
    let mut polls = 0;
    let mut connecting = pin!(school.site.connect());
    std::future::poll_fn(|context| {
        polls += 1;
        connecting.as_mut().poll(context).map(drop)
    })
    .await;
    polls
}

/// One push after the other dies, each a little later than the one before, until one lives to its end.
async fn die_until_done(school: &mut School) -> usize {
    // Now and then a connection takes a few polls less.
    let first = polls_to_connect(school).await.saturating_sub(5).max(1);
    for (deaths, polls) in (first..POLLS_MAX).enumerate() {
        if lives_for(school.pushing(false), polls).await {
            return deaths;
        }
    }
    panic!("no push ever ends");
}

async fn a_push_that_dies_at_any_await_is_made_good_by_the_next(site: TestSite) {
    let mut school = School::new(site).await;
    let [first, second] = sessions(&mut school);
    let deaths = die_until_done(&mut school).await;
    // A busy machine has more than one answer ready at a poll.
    assert!(deaths > 3, "it died only {deaths} times");
    check(&mut school).await;
    // All of it is known to be ours: corrected in every column, and taken away again.
    for (instance, own) in [(first, 2), (second, 3)] {
        assert_eq!(school.store.held_rows(&school.sink(), instance).unwrap().own.len(), own);
    }
    school.attended(first, &[stay("Ana Lopez", Some("ana@school.example"), 0, 61)]);
    die_until_done(&mut school).await;
    assert_eq!(school.rows("aaaa==").await.len(), 1);
    assert!(school.rows("aaaa==").await[0].ends_with(" 0-61"));
}

rollbook_moodle::on_both!(a_push_that_dies_at_any_await_is_made_good_by_the_next);
