//! Users of the account.

use jiff::Timestamp;

use crate::endpoint::shared::{CustomAttribute, LicenseInfo};
use crate::endpoint::{Endpoint, Query};
use crate::id::{MeetingId, UserId};
use crate::operation::Operation;
use crate::page::{PageToken, Paged, page};
use crate::wire::wire;
use crate::word::UserStatus;

/// The account's users of one status. Medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUsers {
    /// Which users; Zoom lists one status at a time.
    pub status: UserStatus,
    /// Only users with this role.
    pub role_id: Option<String>,
    /// Rows a page, at most 300.
    pub page_size: Option<u16>,
    /// The page to get; the first without.
    pub next_page_token: Option<PageToken>,
}

impl ListUsers {
    /// The first page of the list, 300 rows a page.
    #[must_use]
    pub fn new(status: UserStatus) -> Self {
        ListUsers { status, role_id: None, page_size: Some(super::PAGE_SIZE_MAX), next_page_token: None }
    }
}

impl Endpoint for ListUsers {
    type Answer = Users;
    const OPERATION: Operation = Operation::ListUsers;

    fn path(&self) -> String {
        "/users".to_owned()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        Query::new()
            .with("status", self.status.as_str())
            .maybe("role_id", self.role_id.clone())
            .paged(self.page_size, self.next_page_token.as_ref())
            .done()
    }
}

impl Paged for ListUsers {
    fn with_token(&self, token: &PageToken) -> Self {
        ListUsers { next_page_token: Some(token.clone()), ..self.clone() }
    }
}

/// One user. Light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetUser {
    /// The user, by ID, e-mail address or `me`.
    pub user: UserId,
}

impl Endpoint for GetUser {
    type Answer = User;
    const OPERATION: Operation = Operation::GetUser;

    fn path(&self) -> String {
        format!("/users/{}", self.user.path_segment())
    }
}

wire! {
    /// A page of the account's users.
    pub struct Users {
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
        /// The users of this page.
        pub users: Vec<User>,
    }

    /// A user. Lists leave out the members that only a single user has.
    pub struct User {
        /// The user.
        pub id: Option<UserId>,
        /// E-mail address.
        pub email: Option<String>,
        /// First name.
        pub first_name: Option<String>,
        /// Last name.
        pub last_name: Option<String>,
        /// Name shown to others.
        pub display_name: Option<String>,
        /// Licence: 1 basic, 2 licensed, 4 unassigned, 99 none.
        pub kind as "type": Option<i64>,
        /// Whether the user may sign in.
        pub status: Option<UserStatus>,
        /// Role, by number.
        pub role_id: Option<String>,
        /// Role, by name.
        pub role_name: Option<String>,
        /// Department.
        pub dept: Option<String>,
        /// Time zone, by its name in the zone database.
        pub timezone: Option<String>,
        /// Language, such as `en-US`.
        pub language: Option<String>,
        /// When the user came to the account, UTC.
        pub created_at: Option<Timestamp>,
        /// When the user came to Zoom, UTC.
        pub user_created_at: Option<Timestamp>,
        /// When the user last signed in, UTC.
        pub last_login_time: Option<Timestamp>,
        /// The client used then.
        pub last_client_version: Option<String>,
        /// Number of the personal meeting room.
        pub pmi: Option<MeetingId>,
        /// Whether instant meetings use that room.
        pub use_pmi: Option<bool>,
        /// The key that makes a participant host.
        pub host_key: Option<String>,
        /// 1 when the e-mail address has been verified.
        pub verified: Option<i64>,
        /// The employer's identifier.
        pub employee_unique_id: Option<String>,
        /// Groups.
        pub group_ids: Vec<String>,
        /// Groups for chat.
        pub im_group_ids: Vec<String>,
        /// Divisions.
        pub division_ids: Vec<String>,
        /// Licences.
        pub license_info_list: Vec<LicenseInfo>,
        /// United plan, by Zoom's number.
        pub plan_united_type: Option<String>,
        /// Zoom One plan, by Zoom's number.
        pub zoom_one_type: Option<i64>,
        /// The account's own attributes.
        pub custom_attributes: Vec<CustomAttribute>,
        /// The account.
        pub account_id: Option<String>,
        /// The account, by number.
        pub account_number: Option<i64>,
        /// The user in Zoom's content system.
        pub cms_user_id: Option<String>,
        /// Company.
        pub company: Option<String>,
        /// Position.
        pub job_title: Option<String>,
        /// Cost centre.
        pub cost_center: Option<String>,
        /// Place of work.
        pub location: Option<String>,
        /// Superior.
        pub manager: Option<String>,
        /// Chat address.
        pub jid: Option<String>,
        /// Ways to sign in, by Zoom's numbers.
        pub login_types: Vec<i64>,
        /// Address of the personal meeting room.
        pub personal_meeting_url: Option<String>,
        /// Country of the telephone number.
        pub phone_country: Option<String>,
        /// Telephone number.
        pub phone_number: Option<String>,
        /// All telephone numbers.
        pub phone_numbers: Vec<PhoneNumber>,
        /// Address of the picture.
        pub pic_url: Option<String>,
        /// Pronouns.
        pub pronouns: Option<String>,
        /// When pronouns are shown, by Zoom's number.
        pub pronouns_option: Option<i64>,
        /// The user's own host name.
        pub vanity_url: Option<String>,
        /// Zoom's cluster.
        pub cluster: Option<String>,
    }

    /// A user's telephone number.
    pub struct PhoneNumber {
        /// Country code, such as `+1`.
        pub code: Option<String>,
        /// Two letters of the country.
        pub country: Option<String>,
        /// `Mobile`, `Office`, `Home` or `Fax`.
        pub label: Option<String>,
        /// The number.
        pub number: Option<String>,
        /// Whether it has been verified.
        pub verified: Option<bool>,
    }
}

page!(Users, users: User, total);
