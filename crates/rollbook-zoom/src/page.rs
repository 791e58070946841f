//! Long lists, a page at a time. A token is a value; nothing here loops behind the caller's back.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;

/// How long Zoom keeps a page token.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// A token this close to its end is not used any more: the request still has to travel, and Zoom's
/// count began before the answer arrived here.
pub const TOKEN_MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// No list of Zoom's is longer: at 300 rows a page this is three million rows, thirty times a busy
/// month of a large account.
const PAGES_MAX: u32 = 10_000;

/// Empty pages that still name a successor may come; more in a row than this is a list that never ends.
const EMPTY_PAGES_MAX: u32 = 2;

/// Zoom's opaque pointer to the next page of one list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(pub String);

impl PageToken {
    /// The token's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A request whose answer comes in pages.
pub trait Paged: Endpoint<Answer: Page> + Sized {
    /// The same request for the page behind the token. All other parameters stay as they are: a
    /// token is bound to them.
    #[must_use]
    fn with_token(&self, token: &PageToken) -> Self;
}

/// One page of a list.
pub trait Page {
    /// What the list holds.
    type Row;
    /// The rows of this page.
    fn rows(&self) -> &[Self::Row];
    /// The rows of this page, taken out.
    fn into_rows(self) -> Vec<Self::Row>;
    /// The pointer to the next page; `None` at the end of the list.
    fn next_page_token(&self) -> Option<&PageToken>;
    /// The page size Zoom really used, which may be less than was asked for.
    fn page_size(&self) -> Option<u64>;
    /// How many rows all pages hold together, where Zoom says.
    fn total_records(&self) -> Option<u64>;
}

/// What to ask next to get on with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextPage {
    /// The first page. What was read before this may come again: keep rows by their key.
    First,
    /// The page behind this token.
    At(PageToken),
    /// Nothing: the list is complete.
    Done,
}

/// How far a list has been read. Can be kept on disk between two pages.
///
/// A list that had to begin again gives rows that were there already, and rows may have moved
/// between pages meanwhile. So keep rows by a key of their own, never by position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCursor {
    token: Option<PageToken>,
    got_at: Option<Timestamp>,
    is_done: bool,
    pages: u32,
    empty_pages: u32,
    rows: u64,
    page_size: Option<u64>,
    total_records: Option<u64>,
    restarts: u32,
}

/// A list that does not end by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the list does not end: {pages} pages and {rows} rows so far, {why}")]
pub struct EndlessList {
    /// Pages read since the last beginning.
    pub pages: u32,
    /// Rows read since the last beginning.
    pub rows: u64,
    /// What gave it away.
    pub why: &'static str,
}

impl PageCursor {
    /// A list nobody has begun to read.
    #[must_use]
    pub fn new() -> Self {
        PageCursor::default()
    }

    /// What to ask next. A token that is too old by `now` sends the list back to its first page.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> NextPage {
        match &self.token {
            _ if self.is_done => NextPage::Done,
            Some(token) if now < self.usable_until().unwrap_or(Timestamp::MIN) => NextPage::At(token.clone()),
            _ => NextPage::First,
        }
    }

    /// The request that gets on with the list, or `None` when it is complete.
    #[must_use]
    pub fn request<P: Paged + Clone>(&self, now: Timestamp, list: &P) -> Option<P> {
        match self.next(now) {
            NextPage::First => Some(list.clone()),
            NextPage::At(token) => Some(list.with_token(&token)),
            NextPage::Done => None,
        }
    }

    /// Takes note of a page that was asked for at `asked_at`.
    ///
    /// # Errors
    /// [`EndlessList`] when the pages cannot be explained by the number of records.
    pub fn got<P: Page>(&mut self, asked_at: Timestamp, page: &P) -> Result<(), EndlessList> {
        if self.next(asked_at) == NextPage::First && self.pages > 0 {
            self.begin_again();
        }
        let rows = page.rows().len() as u64;
        let token = page.next_page_token().cloned();
        let is_same_token = token.is_some() && token == self.token;
        self.pages += 1;
        self.rows += rows;
        self.empty_pages = if rows == 0 { self.empty_pages + 1 } else { 0 };
        self.page_size = page.page_size().or(self.page_size);
        self.total_records = page.total_records().or(self.total_records);
        self.is_done = token.is_none();
        self.token = token;
        self.got_at = Some(asked_at);
        if self.is_done { Ok(()) } else { self.check_that_it_ends(is_same_token) }
    }

    /// Takes note that Zoom no longer accepts the token: the list begins again.
    pub fn restart(&mut self) {
        self.begin_again();
    }

    fn begin_again(&mut self) {
        *self = PageCursor { restarts: self.restarts + 1, ..PageCursor::default() };
    }

    fn check_that_it_ends(&self, is_same_token: bool) -> Result<(), EndlessList> {
        // Whether a token changes from page to page is not documented, so the same one again proves
        // nothing while records are missing.
        let why = if self.pages >= PAGES_MAX {
            "more than any list has"
        } else if self.empty_pages > EMPTY_PAGES_MAX {
            "the last ones empty"
        } else if is_same_token && self.total_records.is_none_or(|total| self.rows >= total) {
            "with the same page token twice"
        } else if self.total_records.is_some_and(|total| u64::from(self.pages) > self.pages_expected(total)) {
            "more than the number of records can explain"
        } else {
            return Ok(());
        };
        Err(EndlessList { pages: self.pages, rows: self.rows, why })
    }

    /// Twice the pages that the records fill, and three more: the list may grow while it is read, and
    /// Zoom has been seen to send short pages. A total of 0 beside rows is Zoom's fault, not the end.
    fn pages_expected(&self, total: u64) -> u64 {
        let page_size = self.page_size.filter(|&size| size > 0).unwrap_or(30);
        total.max(self.rows).div_ceil(page_size).saturating_mul(2).saturating_add(3)
    }

    /// The moment from which the token is too old. `None` without a token.
    #[must_use]
    pub fn usable_until(&self) -> Option<Timestamp> {
        self.token.as_ref()?;
        self.got_at?.checked_add(TOKEN_LIFETIME - TOKEN_MARGIN).ok()
    }

    /// Whether the last page has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Pages read since the last beginning.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Rows read since the last beginning.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many rows Zoom says there are, by the last page that said so.
    #[must_use]
    pub fn total_records(&self) -> Option<u64> {
        self.total_records
    }

    /// The page size Zoom really used.
    #[must_use]
    pub fn page_size(&self) -> Option<u64> {
        self.page_size
    }

    /// How often the list had to begin again.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.restarts
    }
}

/// Ties a list's answer to [`Page`]: which member holds the rows, and whether Zoom counts them.
macro_rules! page {
    ($answer:ident, $rows:ident: $row:ty, total) => {
        $crate::page::page!(@ $answer, $rows: $row, self => self.total_records);
    };
    ($answer:ident, $rows:ident: $row:ty, no total) => {
        $crate::page::page!(@ $answer, $rows: $row, self => None);
    };
    (@ $answer:ident, $rows:ident: $row:ty, $this:ident => $total:expr) => {
        impl $crate::page::Page for $answer {
            type Row = $row;
            fn rows(&self) -> &[$row] {
                &self.$rows
            }
            fn into_rows(self) -> Vec<$row> {
                self.$rows
            }
            fn next_page_token(&self) -> Option<&$crate::page::PageToken> {
                self.next_page_token.as_ref()
            }
            fn page_size(&self) -> Option<u64> {
                self.page_size
            }
            fn total_records(&$this) -> Option<u64> {
                $total
            }
        }
    };
}
pub(crate) use page;

impl crate::wire::FromScalar for PageToken {
    fn from_text(text: &str) -> Option<Self> {
        Some(PageToken(text.to_owned()))
    }
    fn from_u64(number: u64) -> Option<Self> {
        Some(PageToken(number.to_string()))
    }
}
