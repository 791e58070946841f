//! Call quality: one sample a minute for each connection, values as text with units (quirks 49 to 54).

use super::{Type, row, typed};
use crate::chance::Dice;
use crate::day::{Device, Instance, Stay};
use crate::truth::Family;
use crate::world::{World, row_index};
use crate::zoom::ask::Ask;
use crate::zoom::find;
use crate::zoom::json::{Object, object, separate};
use crate::zoom::page::Page;
use crate::zoom::reply::Reply;
use crate::zoom::rows::{self, Row, time};

/// People on a page nobody asked a size for, and on the largest one.
const PAGE: (u32, u32) = (1, 10);

/// How fast a stream is at its best, in kbps, and whether it has pictures.
const STREAMS: [(&str, i64, bool); 6] = [
    ("audio_input", 60, false),
    ("audio_output", 65, false),
    ("video_input", 1_100, true),
    ("video_output", 900, true),
    ("as_input", 250, true),
    ("as_output", 240, true),
];

/// The connections that have samples: everybody let in.
fn rows<'a>(world: &'a World, ask: &Ask) -> Result<(usize, Vec<Row<'a>>), Reply> {
    if Type::of(ask)? == Type::PastOne {
        // Neither call-quality list has it.
        return Err(Reply::invalid_field("type", "Invalid field."));
    }
    let (at, wanted) = typed(world, ask)?;
    let instance = &world.days.instances[at];
    let mut rows = match wanted {
        Type::Live => rows::live(instance, ask.now),
        Type::Past | Type::PastOne => rows::of(world, ask, at, Family::Metrics)?.rows,
    };
    rows.retain(|row| !row.stay.is_waiting);
    Ok((at, rows))
}

/// `GET /metrics/meetings/{id}/participants/qos` and its webinar form.
pub(in crate::zoom) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::sized(world, ask, PAGE)?;
    let (at, rows) = rows(world, ask)?;
    let instance = &world.days.instances[at];
    let cut = page.cut(world, ask, &rows);
    let body = object(|object| {
        page.head(object, rows.len());
        object.text("meeting_number", &instance.number.to_string()).list("participants", |out| {
            for (place, row) in cut.iter().enumerate() {
                separate(out, place);
                let mut object = Object::open(out);
                participant(world, instance, row.stay, ask.now, &mut object);
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

/// `GET /metrics/meetings/{id}/participants/{participantId}/qos` and its webinar form.
pub(in crate::zoom) fn one(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let (at, rows) = rows(world, ask)?;
    let wanted = rows.iter().find(|row| row.stay.user_id.to_string() == ask.participant);
    let row = wanted.ok_or_else(|| find::not_found(ask))?;
    let instance = &world.days.instances[at];
    Ok(Reply::ok(object(|object| participant(world, instance, row.stay, ask.now, object))))
}

fn participant(world: &World, instance: &Instance, stay: &Stay, now: i64, object: &mut Object<'_>) {
    let mut dice = world.rows.at(row_index(instance, stay));
    let shown = world.shown(instance, stay);
    object.text("id", shown.zoom_id).text("user_id", &stay.user_id.to_string());
    object.text("participant_uuid", &world.participant_uuid(instance, stay));
    object.text("user_name", &shown.name).text("email", shown.email);
    object.text("join_time", &time(stay.join));
    if stay.leave <= now {
        object.text("leave_time", &time(stay.leave));
    }
    row::device(world, stay, &shown, &mut dice, object);
    row::network(world, &mut dice, object);
    let mut dice = world.samples.at(row_index(instance, stay));
    let line = Line { health: dice.share(), shares: dice.hit(0.2), has_wifi: dice.hit(0.5) };
    object.list("user_qos", |out| {
        let until = stay.leave.min(now);
        let first = stay.join.div_euclid(60) * 60 + 60;
        for (place, at) in (first..=until).step_by(60).enumerate() {
            separate(out, place);
            let mut object = Object::open(out);
            object.text("date_time", &time(at));
            sample(world, stay, &line, &mut dice, &mut object);
            object.close();
        }
    });
}

/// What one person's line is like, all through the meeting.
struct Line {
    /// 0 is the worst there is.
    health: f64,
    shares: bool,
    has_wifi: bool,
}

fn sample(world: &World, stay: &Stay, line: &Line, dice: &mut Dice, object: &mut Object<'_>) {
    // Poor lines have bad minutes, one in four.
    let is_bad = dice.hit(if line.health < 0.1 { 0.25 } else { 0.01 });
    for (name, kbps, has_picture) in STREAMS {
        let is_shared = name.starts_with("as_");
        let flows = match stay.device {
            Device::Phone => !has_picture,
            _ => !is_shared || line.shares,
        };
        let has_gap = dice.hit(world.options.faults.idle_streams);
        let form = dice.below(3);
        if flows && !has_gap {
            let values = Values::draw(kbps, is_bad, dice);
            values.write(name, has_picture, object);
        } else if has_gap && form < 2 {
            // Nothing flowed: blank texts, or a rate without a picture; else the object is absent.
            Values::blank(form == 1).write(name, has_picture, object);
        }
    }
    let zoom = dice.between(2, 30);
    let system = zoom + dice.between(3, 60);
    let (least, most) = (zoom / 2, zoom + 9);
    object.bare(
        "cpu_usage",
        format!(
            r#"{{"zoom_min_cpu_usage":"{least}%","zoom_avg_cpu_usage":"{zoom}%","zoom_max_cpu_usage":"{most}%","system_max_cpu_usage":"{system}%"}}"#
        ),
    );
    if line.has_wifi {
        let level = dice.between(-85, -40);
        let (least, most) = (level - 6, level + 4);
        object.bare(
            "wifi_rssi",
            format!(r#"{{"max_rssi":{most},"avg_rssi":{level},"min_rssi":{least},"rssi_unit":"dBm"}}"#),
        );
    }
}

/// The values of one stream in one minute, as text with units.
struct Values {
    bitrate: String,
    latency: String,
    jitter: String,
    loss: [String; 2],
    resolution: &'static str,
    frame_rate: String,
}

impl Values {
    fn draw(kbps: i64, is_bad: bool, dice: &mut Dice) -> Values {
        let worse = if is_bad { 8 } else { 1 };
        let loss = dice.between(0, 60) * worse;
        let most = loss + dice.between(0, 90) * worse;
        let percent = |hundredths: i64| format!("{}.{:02}%", hundredths / 100, hundredths % 100);
        Values {
            bitrate: format!("{}.{:02} kbps", dice.between(kbps / 3, kbps) / worse, dice.below(100)),
            latency: format!("{} ms", dice.between(8, 90) * worse.min(5)),
            jitter: format!("{} ms", dice.between(0, 12) * worse),
            loss: [percent(loss), percent(most)],
            resolution: if is_bad { "320*180" } else { dice.pick(&["1280*720", "640*360"]) },
            frame_rate: format!("{} fps", dice.between(10, 30) / if is_bad { 3 } else { 1 }),
        }
    }

    /// No values; with a rate, the picture alone is missing (quirk 51).
    fn blank(has_rate: bool) -> Values {
        let [bitrate, latency, loss] =
            if has_rate { ["70 kbps", "0 ms", "0.0%"] } else { ["", "", ""] }.map(str::to_owned);
        Values {
            bitrate,
            jitter: latency.clone(),
            latency,
            loss: [loss.clone(), loss],
            resolution: if has_rate { "0*0" } else { "" },
            frame_rate: String::new(),
        }
    }

    fn write(&self, name: &str, has_picture: bool, object: &mut Object<'_>) {
        let text = crate::zoom::json::object(|inner| {
            inner.text("bitrate", &self.bitrate).text("latency", &self.latency).text("jitter", &self.jitter);
            inner.text("avg_loss", &self.loss[0]).text("max_loss", &self.loss[1]);
            if has_picture {
                inner.text("resolution", self.resolution).text("frame_rate", &self.frame_rate);
            }
        });
        object.bare(name, text);
    }
}
