//! What really happened, to hold against what a client collected.

mod quality;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::campus::CourseKind;
use crate::day::{Device, Instance, instant};
use crate::fault::Defects;
use crate::options::Plan;
use crate::world::World;

pub(crate) use quality::of as true_quality;
pub use quality::{TrueCpu, TrueOdd, TrueQuality, TrueSample, TrueStream, TrueWifi};

/// Everything that happened in the world, and what was planned and did not.
#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    /// By start and uuid.
    pub instances: Vec<TrueInstance>,
    /// By planned start.
    pub never_held: Vec<NeverHeld>,
}

/// Meeting or webinar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A meeting.
    Meeting,
    /// A webinar.
    Webinar,
}

/// The three families of endpoints that yield rows of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// past_meetings and past_webinars.
    PastMeetings,
    /// report/meetings and report/webinars.
    Report,
    /// metrics/meetings and metrics/webinars.
    Metrics,
}

impl Family {
    /// All three.
    pub const ALL: [Family; 3] = [Family::PastMeetings, Family::Report, Family::Metrics];

    /// The word for it in paths.
    pub fn name(self) -> &'static str {
        match self {
            Family::PastMeetings => "past_meetings",
            Family::Report => "report",
            Family::Metrics => "metrics",
        }
    }
}

/// One run that happened.
#[derive(Clone, Debug, Serialize)]
pub struct TrueInstance {
    /// Meeting or webinar.
    pub kind: Kind,
    /// Zoom's number.
    pub id: u64,
    /// Zoom's name of this run.
    pub uuid: String,
    /// Its topic.
    pub topic: String,
    /// E-mail of the host.
    pub host: String,
    /// First join of somebody let in.
    pub start: Timestamp,
    /// Last leave.
    pub end: Timestamp,
    /// Different people who were in the meeting; those who only waited are left out.
    pub people: u32,
    /// Every connection, by join and user_id.
    pub stays: Vec<TrueStay>,
    /// What is wrong with it, in words.
    pub defects: Vec<String>,
    /// From when each family answers completely; families that never do are absent.
    pub complete_from: BTreeMap<Family, Timestamp>,
    /// From when lists show it.
    pub listed_from: Timestamp,
    /// Whether this plan and these settings can yield its rows at all.
    pub obtainable: bool,
    /// Why not, if not.
    pub unobtainable_because: Option<String>,
}

/// One connection.
///
/// A report line that comes twice (same `user_id`, join at most 4 s later) is here once, with the earlier join.
/// Connections of a page that reloads are stays of their own, with numbers of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrueStay {
    /// Zoom's number of the connection within the meeting.
    pub user_id: String,
    /// Zoom's name of the connection; dashboards alone tell it.
    pub participant_uuid: String,
    /// Who it really was.
    pub person: String,
    /// The name as Zoom shows it.
    pub name: String,
    /// The e-mail as Zoom shows it; often blank.
    pub email: String,
    /// The Zoom user as Zoom shows it; often blank.
    pub zoom_user_id: String,
    /// The registration, if any.
    pub registrant_id: String,
    /// From when.
    pub join: Timestamp,
    /// Until when.
    pub leave: Timestamp,
    /// `in_meeting` or `in_waiting_room`.
    pub status: &'static str,
    /// Whether this is a connection to a breakout room.
    pub breakout: bool,
    /// Whether it is a telephone.
    pub phone: bool,
}

/// A planned occurrence nobody held.
#[derive(Clone, Debug, Serialize)]
pub struct NeverHeld {
    /// Zoom's number.
    pub id: u64,
    /// Its topic.
    pub topic: String,
    /// E-mail of the host.
    pub host: String,
    /// When it was to begin.
    pub start: Timestamp,
    /// How long it was to last.
    pub minutes: i64,
}

impl Truth {
    /// The truth about this world.
    pub(crate) fn of(world: &World) -> Truth {
        let never_held = world.days.never_held.iter().map(|planned| {
            let course = &world.campus.courses[planned.course as usize];
            NeverHeld {
                id: course.number,
                topic: course.topic.clone(),
                host: world.campus.host(course.host).email.clone(),
                start: instant(planned.start),
                minutes: planned.minutes,
            }
        });
        Truth {
            instances: (0..world.days.instances.len()).map(|at| TrueInstance::of(world, at)).collect(),
            never_held: never_held.collect(),
        }
    }
}

impl TrueInstance {
    /// How many stays there were outside the waiting room. Lists of call quality hold ten a call at most, so that the
    /// least number of calls is a tenth of this, rounded up; 0 of one-person runs, which no such list holds (quirk 3).
    pub fn quality_stay_count(&self) -> usize {
        if self.people <= 1 {
            return 0;
        }
        self.stays.iter().filter(|stay| stay.status == "in_meeting").count()
    }

    /// The truth about the instance at this place.
    pub(crate) fn of(world: &World, at: usize) -> TrueInstance {
        let instance = &world.days.instances[at];
        let defects = &world.defects[at];
        let complete_from = complete_from(world, instance, defects);
        let reason = complete_from.is_empty().then(|| why_unobtainable(world, instance));
        TrueInstance {
            kind: match instance.kind {
                CourseKind::Meeting => Kind::Meeting,
                CourseKind::Webinar => Kind::Webinar,
            },
            id: instance.number,
            uuid: instance.uuid.clone(),
            topic: instance.topic.clone(),
            host: world.campus.host(instance.host).email.clone(),
            start: instant(instance.start),
            end: instant(instance.end),
            people: instance.people,
            stays: (0..instance.stays.len()).map(|stay| true_stay(world, at, stay)).collect(),
            defects: defects.words.clone(),
            complete_from,
            listed_from: instant(defects.listed_from),
            obtainable: reason.is_none(),
            unobtainable_because: reason,
        }
    }
}

fn true_stay(world: &World, at: usize, place: usize) -> TrueStay {
    let instance = &world.days.instances[at];
    let stay = &instance.stays[place];
    let shown = world.shown(instance, stay);
    TrueStay {
        user_id: stay.user_id.to_string(),
        participant_uuid: world.participant_uuid(instance, stay),
        person: world.person_key(instance, stay),
        name: shown.name.into_owned(),
        email: shown.email.to_owned(),
        zoom_user_id: shown.zoom_id.to_owned(),
        registrant_id: world.registrant_id(instance, stay),
        join: instant(stay.join),
        leave: instant(stay.leave),
        status: if stay.is_waiting { "in_waiting_room" } else { "in_meeting" },
        breakout: stay.breakout.is_some(),
        phone: stay.device == Device::Phone,
    }
}

/// The families this plan offers for this instance, each with the instant from which it is complete.
fn complete_from(world: &World, instance: &Instance, defects: &Defects) -> BTreeMap<Family, Timestamp> {
    Family::ALL
        .into_iter()
        .filter(|family| is_offered(world, instance, *family))
        .filter_map(|family| Some((family, instant(defects.family(family).complete_from()?))))
        .collect()
}

/// Whether plan and settings let this family show rows of this instance.
fn is_offered(world: &World, instance: &Instance, family: Family) -> bool {
    let options = &world.options;
    let is_alone = instance.people <= 1;
    match family {
        Family::Metrics => options.plan == Plan::Business && options.zoom.dashboards,
        Family::PastMeetings => options.plan > Plan::Free && (!is_alone || options.zoom.one_person_in_past),
        Family::Report => options.plan > Plan::Free && !is_alone,
    }
}

fn why_unobtainable(world: &World, instance: &Instance) -> String {
    if world.options.plan == Plan::Free {
        return "a Free plan offers neither past meetings nor reports nor dashboards".into();
    }
    if instance.people <= 1 {
        return "one person only: dashboards alone show the row, and this account has none".into();
    }
    "every family is spoilt for ever".into()
}
