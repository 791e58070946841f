//! One row of a dashboard's participants: the richest there is.

use crate::campus::CourseKind;
use crate::chance::Dice;
use crate::day::{Device, Instance, Stay};
use crate::names;
use crate::quality::{Line, Room, Words};
use crate::world::{Shown, World, row_index};
use crate::zoom::json::Object;
use crate::zoom::past::status;
use crate::zoom::rows::time;

/// Writes one row as it stands at `now`.
pub(super) fn write(
    world: &World,
    instance: &Instance,
    stay: &Stay,
    now: i64,
    has_registrants: bool,
    room: Option<&Room>,
    object: &mut Object<'_>,
) {
    let mut dice = world.rows.at(row_index(instance, stay));
    let shown = world.shown(instance, stay);
    let line = Line::of(world, instance, room, stay);
    object.text("id", shown.zoom_id).text("participant_user_id", shown.zoom_id);
    object.text("user_id", &stay.user_id.to_string());
    object.text("participant_uuid", &world.participant_uuid(instance, stay));
    object.text("user_name", &shown.name).text("email", shown.email);
    object.text("join_time", &time(stay.join));
    if stay.leave <= now {
        object.text("leave_time", &time(stay.leave));
        object.text("leave_reason", &leave_reason(world, instance, stay, &shown));
    }
    object.text("status", status(stay.is_waiting)).text("role", role(instance, stay));
    if has_registrants {
        object.text("registrant_id", &world.registrant_id(instance, stay));
    }
    if let Some(room) = stay.breakout {
        object.text("bo_mtg_id", &world.breakout_id(instance, room));
    }
    if stay.room_people > 0 {
        object.bare("in_room_participants", stay.room_people);
    }
    device(world, stay, &shown, &mut dice, object);
    network(world, &line, &mut dice, object);
    features(world, &line, &mut dice, object);
}

fn role(instance: &Instance, stay: &Stay) -> &'static str {
    let is_host = stay.who == crate::day::Who::Person(instance.host);
    if is_host { "host" } else { "attendee" }
}

/// One of the documented reasons, with `$name` filled in once surprises are on.
fn leave_reason(world: &World, instance: &Instance, stay: &Stay, shown: &Shown<'_>) -> String {
    let what = if instance.kind == CourseKind::Webinar { "webinar" } else { "meeting" };
    if stay.leave >= instance.end {
        return format!("Host ended the {what}.");
    }
    let is_filled = world.options.faults.unknown_fields > 0.0;
    let name = if is_filled { shown.name.as_ref() } else { "$name" };
    match stay.user_id / 1_024 % 4 {
        0 => "Network connection error.".into(),
        1 => format!("{name} got disconnected from the {what}."),
        _ => format!("{name} left the {what}."),
    }
}

/// What somebody sat at; blank or absent for outsiders (quirk 31), in words of all kinds (quirk 37).
pub(super) fn device(
    world: &World,
    stay: &Stay,
    shown: &Shown<'_>,
    dice: &mut Dice,
    object: &mut Object<'_>,
) {
    let faults = &world.options.faults;
    let is_odd = dice.hit(faults.device_words);
    let odd: &str = dice.pick(names::ODD_DEVICES);
    let plain: &str = dice.pick(names::DEVICES);
    let word = match stay.device {
        Device::Phone => "Phone",
        Device::Room => "H.323/SIP",
        _ if is_odd => odd,
        _ => plain,
    };
    let number = dice.between(100, 9_999);
    let is_missing = dice.hit(faults.missing_device_fields) && !shown.is_internal;
    let is_absent = dice.hit(0.5);
    if stay.device == Device::Phone {
        object.list("audio_call", |out| {
            out.push_str(r#"{"call_number":"4131","call_type":"call-in","zoom_number":"18773690926"}"#);
        });
    }
    match (is_missing, is_absent) {
        (true, true) => {}
        (true, false) => {
            for key in ["device", "mac_addr", "microphone", "speaker", "pc_name", "camera", "harddisk_id"] {
                object.text(key, "");
            }
        }
        (false, _) => {
            object.text("device", word).text("mac_addr", &format!("f85e-a012-{number:04}"));
            object.text("microphone", "Microphone (High Definition Audio)");
            object.text("speaker", "Speaker (High Definition Audio)").text("camera", "HD Camera");
            object.text("pc_name", &format!("PC{number:05}")).text("harddisk_id", "");
        }
    }
    if stay.device == Device::Browser {
        object.text("browser_name", "Firefox").text("browser_version", "133");
    }
    object.text("os", plain).text("os_version", "10").text("version", "6.5.11.26770");
}

/// From where and by what somebody is connected.
pub(super) fn network(world: &World, line: &Line, dice: &mut Dice, object: &mut Object<'_>) {
    let is_masked = world.options.faults.hipaa;
    let address = format!("192.0.2.{}", dice.between(1, 254));
    let inner = format!("\"10.0.{}.{}\"", dice.between(0, 255), dice.between(1, 254));
    let center: &str = dice.pick(names::DATA_CENTERS);
    let kind: &str = dice.pick(&["Wired", "Wifi", "Wifi", "Cellular", "Others"]);
    let kind = match kind {
        _ if line.has_wifi => "Wifi",
        "Wifi" => "Wired",
        kind => kind,
    };
    object.text("ip_address", if is_masked { "" } else { &address });
    object.list("internal_ip_addresses", |out| out.push_str(&inner));
    object.text("location", if is_masked { "" } else { "Example City" });
    object.text("network_type", kind).text("data_center", center);
    object.text("full_data_center", &format!("{center};")).text("connection_type", "UDP");
    object.text("video_connection_type", "UDP").text("as_connection_type", "UDP");
    object.text("domain", "").text("sip_uri", "").text("from_sip_uri", "").text("customer_key", "");
}

fn features(world: &World, line: &Line, dice: &mut Dice, object: &mut Object<'_>) {
    // Once the words were chance; the number is still drawn, so that what follows stays what it was.
    dice.bits();
    let none = Words { audio: "", video: "", share: "" };
    let words = if world.options.zoom.quality_words { Words::of(line) } else { none };
    object.text("audio_quality", words.audio).text("video_quality", words.video);
    object.text("screen_share_quality", words.share);
    object.bare("share_application", dice.hit(0.02)).bare("share_desktop", dice.hit(0.05));
    object.bare("share_whiteboard", false).bare("recording", false).bare("has_archiving", false);
    object.text("optional_archiving", "").bare("total_jointime_cost", 3.98);
    if dice.hit(world.options.faults.unknown_fields) {
        object.text("ai_companion_mode", "assist-3").bare("seat", 7);
    }
}
