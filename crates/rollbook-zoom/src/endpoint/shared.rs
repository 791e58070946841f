//! Small objects that several answers share.

use crate::wire::wire;

wire! {
    /// A custom key that the account attached to a meeting or a user.
    pub struct CustomKey {
        /// The key's name.
        pub key: Option<String>,
        /// What the account put there.
        pub value: Option<String>,
    }

    /// A tracking field that the account attached to a meeting.
    pub struct TrackingField {
        /// The field's name.
        pub field: Option<String>,
        /// What was filled in.
        pub value: Option<String>,
        /// Whether hosts see it.
        pub visible: Option<bool>,
    }

    /// A custom attribute of a user.
    pub struct CustomAttribute {
        /// The attribute's identifier.
        pub key: Option<String>,
        /// The attribute's name.
        pub name: Option<String>,
        /// The user's value.
        pub value: Option<String>,
    }

    /// A licence a user holds.
    pub struct LicenseInfo {
        /// The licence's name.
        pub license_type: Option<String>,
        /// Its variant, as Zoom's number.
        pub license_option: Option<i64>,
        /// The subscription it comes from.
        pub subscription_id: Option<String>,
    }

    /// A telephone call that carried a participant's sound.
    pub struct AudioCall {
        /// The participant's number, partly masked.
        pub call_number: Option<String>,
        /// `call-in` or `call-out`.
        pub call_type: Option<String>,
        /// Zoom's number at the other end.
        pub zoom_number: Option<String>,
    }
}
