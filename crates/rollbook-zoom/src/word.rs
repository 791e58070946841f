//! Enumerations of the wire that keep values nobody announced.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::{self, FromScalar};

/// An enumeration of words that keeps the words it does not know.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $( $(#[$arm_meta:meta])* $arm:ident = $word:literal, )* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$arm_meta])* $arm, )*
            /// A word nobody announced, as it came.
            Other(String),
        }

        impl $name {
            /// The word as Zoom writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( $name::$arm => $word, )*
                    $name::Other(word) => word,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromScalar for $name {
            fn from_text(text: &str) -> Option<Self> {
                Some(match text {
                    $( $word => $name::$arm, )*
                    $( _ if text.eq_ignore_ascii_case($word) => $name::$arm, )*
                    _ => $name::Other(text.to_owned()),
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                wire::strict(de, "a word")
            }
        }
    )*};
}

words! {
    /// Zoom's judgement of a stream. Given only when two account settings are on.
    Quality {
        /// Nothing to complain about.
        Good = "good",
        /// Noticeable trouble.
        Fair = "fair",
        /// Much trouble.
        Poor = "poor",
        /// Unusable.
        Bad = "bad",
    }
    /// Where a participant's row was spent. Stays in the waiting room are rows of their own.
    ParticipantStatus {
        /// In the meeting itself.
        InMeeting = "in_meeting",
        /// Waiting to be let in, which is not attendance.
        InWaitingRoom = "in_waiting_room",
    }
    /// What a participant said of a meeting at its end.
    Satisfaction {
        /// Thumb up.
        Good = "GOOD",
        /// Thumb down.
        NotGood = "NOT GOOD",
    }
    /// Zoom's judgement of how hard pressed a processor was. Its documents show but one word.
    PressureLevel {
        /// Not hard pressed.
        Normal = "normal",
    }
    /// What the strength of a radio signal is told in.
    SignalUnit {
        /// Decibels above a milliwatt.
        Dbm = "dBm",
    }
    /// Whether a user may sign in.
    UserStatus {
        /// May sign in.
        Active = "active",
        /// Was switched off.
        Inactive = "inactive",
        /// Was invited and has not come yet.
        Pending = "pending",
    }
}

/// Zoom's number for the kind of a meeting. New numbers come without notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingKind(pub i64);

impl MeetingKind {
    /// Whether lists that mix both mean a webinar.
    #[must_use]
    pub fn is_webinar(self) -> bool {
        matches!(self.0, 5 | 6 | 9)
    }

    /// Whether it was held in a personal meeting room, whose number many classes use in turn.
    #[must_use]
    pub fn is_personal_room(self) -> bool {
        self.0 == 4
    }
}

impl FromScalar for MeetingKind {
    fn from_text(text: &str) -> Option<Self> {
        i64::from_text(text).map(MeetingKind)
    }
    fn from_u64(number: u64) -> Option<Self> {
        i64::from_u64(number).map(MeetingKind)
    }
    fn from_i64(number: i64) -> Option<Self> {
        Some(MeetingKind(number))
    }
}
