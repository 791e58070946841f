//! Past webinars: the runs of a number, who was there, who stayed away.

use jiff::Timestamp;

use crate::endpoint::past_meetings::{PastInstance, PastParticipants};
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingId, MeetingRef};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;

/// The runs of a webinar number, in one piece. Light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPastWebinarInstances {
    /// The webinar's number.
    pub webinar: MeetingId,
}

impl Endpoint for ListPastWebinarInstances {
    type Answer = PastWebinarInstances;
    const OPERATION: Operation = Operation::ListPastWebinarInstances;

    fn path(&self) -> String {
        format!("/past_webinars/{}/instances", self.webinar.path_segment())
    }
}

/// Who was in a past webinar. Medium, so it costs nothing of the daily allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPastWebinarParticipants {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListPastWebinarParticipants {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        ListPastWebinarParticipants { webinar: webinar.into(), page_size, next_page_token: None }
    }
}

impl Endpoint for ListPastWebinarParticipants {
    type Answer = PastParticipants;
    const OPERATION: Operation = Operation::ListPastWebinarParticipants;

    fn path(&self) -> String {
        format!("/past_webinars/{}/participants", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("include_fields", "registrant_id")
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListPastWebinarParticipants {
    fn with_token(&self, token: &PageToken) -> Self {
        ListPastWebinarParticipants { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// Who had registered for a webinar and did not come. Heavy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPastWebinarAbsentees {
    /// Which webinar.
    pub webinar: MeetingRef,
    /// Which planned occurrence of it.
    pub occurrence_id: Option<String>,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListPastWebinarAbsentees {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(webinar: impl Into<MeetingRef>) -> Self {
        let page_size = Some(super::PAGE_SIZE_MAX);
        let webinar = webinar.into();
        ListPastWebinarAbsentees { webinar, occurrence_id: None, page_size, next_page_token: None }
    }
}

impl Endpoint for ListPastWebinarAbsentees {
    type Answer = PastWebinarAbsentees;
    const OPERATION: Operation = Operation::ListPastWebinarAbsentees;

    fn path(&self) -> String {
        format!("/past_webinars/{}/absentees", self.webinar.path_segment())
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .maybe("occurrence_id", self.occurrence_id.clone())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListPastWebinarAbsentees {
    fn with_token(&self, token: &PageToken) -> Self {
        ListPastWebinarAbsentees { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

wire! {
    /// The runs of a webinar number.
    pub struct PastWebinarInstances {
        /// The runs, in no promised order.
        pub webinars: Vec<PastInstance>,
    }

    /// A page of the people who had registered and did not come.
    pub struct PastWebinarAbsentees {
        /// Pointer to the next page.
        pub next_page_token: Option<PageToken>,
        /// Number of pages; not to be relied on.
        pub page_count: Option<u64>,
        /// Number of this page; on its way out.
        pub page_number: Option<u64>,
        /// Rows a page that Zoom really used.
        pub page_size: Option<u64>,
        /// Rows over all pages.
        pub total_records: Option<u64>,
        /// The people of this page.
        pub registrants: Vec<Registrant>,
    }

    /// Somebody who registered, with what they filled in.
    pub struct Registrant {
        /// The registration.
        pub id: Option<String>,
        /// E-mail address.
        pub email: Option<String>,
        /// First name.
        pub first_name: Option<String>,
        /// Last name.
        pub last_name: Option<String>,
        /// Street and number.
        pub address: Option<String>,
        /// Town.
        pub city: Option<String>,
        /// State or province.
        pub state: Option<String>,
        /// Postal code.
        pub zip: Option<String>,
        /// Two letters of the country.
        pub country: Option<String>,
        /// Telephone number.
        pub phone: Option<String>,
        /// Organisation.
        pub org: Option<String>,
        /// Position in it.
        pub job_title: Option<String>,
        /// Its trade.
        pub industry: Option<String>,
        /// Its size, as a range in words.
        pub no_of_employees: Option<String>,
        /// When they mean to buy.
        pub purchasing_time_frame: Option<String>,
        /// What part they have in buying.
        pub role_in_purchase_process: Option<String>,
        /// Questions and remarks.
        pub comments: Option<String>,
        /// `approved`, `pending` or `denied`.
        pub status: Option<String>,
        /// When they registered, UTC.
        pub create_time: Option<Timestamp>,
        /// Their own address to join by.
        pub join_url: Option<String>,
        /// Questions of the host's own, answered.
        pub custom_questions: Vec<CustomQuestion>,
    }

    /// A question of the host's own.
    pub struct CustomQuestion {
        /// The question.
        pub title: Option<String>,
        /// The answer.
        pub value: Option<String>,
    }
}

page!(PastWebinarAbsentees, registrants: Registrant, total);
