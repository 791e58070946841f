//! Least, mean and most of each stream over a whole stay (QSS).

use super::sample::{hundredths, whole};
use super::{PAGE, Part, Rows};
use crate::day::{Instance, Stay};
use crate::quality::{Flow, Line, Minute, STREAMS, Scene, Series, Shown, stream_name};
use crate::world::World;
use crate::zoom::ask::Ask;
use crate::zoom::json::{Object, object, separate};
use crate::zoom::metrics::Type;
use crate::zoom::page::Page;
use crate::zoom::reply::Reply;

/// `GET /metrics/meetings/{id}/participants/qos_summary` and its webinar form: of ended instances only, and empty
/// without the add-on (quirk 57).
pub(in crate::zoom) fn list(world: &World, ask: &mut Ask) -> Result<Reply, Reply> {
    let mut page = Page::sized(world, ask, PAGE)?;
    let mut found = Rows::of(world, ask, Type::Past)?;
    found.rows.retain(|row| world.options.zoom.qss_addon && row.part == Part::Whole);
    page.check_grown(found.rows.len())?;
    let instance = &world.days.instances[found.at];
    let scene = Scene::of(world, instance);
    let cut = page.cut(world, ask, &found.rows);
    let body = object(|object| {
        page.short_head(object);
        object.list("participants", |out| {
            for (place, row) in cut.iter().enumerate() {
                separate(out, place);
                let shown = world.shown(instance, row.stay);
                let mut object = Object::open(out);
                object.text("id", shown.zoom_id).text("participant_id", &row.stay.user_id.to_string());
                object.text("user_name", &shown.name).text("email", shown.email);
                object.list("qos", |out| write(world, instance, &scene, row.stay, out));
                object.close();
            }
        });
    });
    Ok(page.reply(body))
}

/// All streams that flowed, and the processor.
fn write(world: &World, instance: &Instance, scene: &Scene, stay: &Stay, out: &mut String) {
    let line = Line::of(world, instance, scene.room.as_ref(), stay);
    let mut streams = [StreamSummary::default(); STREAMS];
    let mut cpu = CpuSummary::default();
    let mut last: Option<Minute> = None;
    for minute in Series::of(world, instance, scene, &line, stay, i64::MAX) {
        for (stream, shown) in streams.iter_mut().zip(&minute.streams) {
            match shown {
                Shown::Absent | Shown::Blank { .. } => {}
                Shown::Whole(flow) => stream.add(flow, flow.picture),
                Shown::WithoutPicture(flow) => stream.add(flow, None),
            }
        }
        cpu.add(&minute);
        last = Some(minute);
    }
    let Some(last) = last else { return };
    let mut place = 0;
    for (at, stream) in streams.iter().enumerate().filter(|(_, stream)| stream.bitrate.count > 0) {
        separate(out, place);
        place += 1;
        entry(out, stream_name(at, last.connector), |details| stream.write(at % 6 >= 2, details));
    }
    if cpu.avg.count > 0 {
        separate(out, place);
        entry(out, "cpu_usage", |details| cpu.write(last.has_pressure, details));
    }
}

fn entry(out: &mut String, name: &str, write: impl FnOnce(&mut Object<'_>)) {
    let mut entry = Object::open(out);
    entry.text("type", name).bare("details", object(write));
    entry.close();
}

/// Least, most, and what the mean needs.
#[derive(Clone, Copy, Default)]
struct Span {
    min: u32,
    max: u32,
    sum: u64,
    count: u32,
}

impl Span {
    fn add(&mut self, value: u32) {
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.sum += u64::from(value);
        self.count += 1;
    }

    fn mean(&self) -> u32 {
        self.sum.checked_div(u64::from(self.count)).unwrap_or(0) as u32
    }
}

#[derive(Clone, Copy, Default)]
struct StreamSummary {
    bitrate: Span,
    latency: Span,
    jitter: Span,
    avg_loss: Span,
    max_loss: Span,
    fps: Span,
    /// The largest.
    resolution: Option<(u32, u32)>,
}

impl StreamSummary {
    fn add(&mut self, flow: &Flow, picture: Option<(u32, u32, u32)>) {
        self.bitrate.add(flow.bitrate);
        self.latency.add(flow.latency_ms);
        self.jitter.add(flow.jitter_ms);
        self.avg_loss.add(flow.avg_loss);
        self.max_loss.add(flow.max_loss);
        if let Some((width, height, fps)) = picture {
            self.fps.add(fps);
            self.resolution = self.resolution.max(Some((width, height)));
        }
    }

    /// Units stand with and without a space, as in the documented sample (quirk 49).
    fn write(&self, has_picture: bool, details: &mut Object<'_>) {
        let rate = |value| text(value, hundredths, "kbps");
        details.text("min_bitrate", &rate(self.bitrate.min)).text("avg_bitrate", &rate(self.bitrate.mean()));
        details.text("max_bitrate", &rate(self.bitrate.max));
        let latency = |value| text(value, whole, " ms");
        details.text("min_latency", &latency(self.latency.min));
        details.text("avg_latency", &latency(self.latency.mean()));
        details.text("max_latency", &latency(self.latency.max));
        let jitter = |value| text(value, whole, "ms");
        details.text("min_jitter", &jitter(self.jitter.min)).text("avg_jitter", &jitter(self.jitter.mean()));
        details.text("max_jitter", &jitter(self.jitter.max));
        let loss = |value| text(value, hundredths, "%");
        details.text("min_loss", &loss(self.avg_loss.min)).text("avg_loss", &loss(self.avg_loss.mean()));
        details.text("max_loss", &loss(self.max_loss.max));
        if has_picture {
            let size = self.resolution.map(|(width, height)| format!("{width}*{height}"));
            // Without a picture the text is blank beside 0 fps (quirk 51).
            details.text("resolution", &size.unwrap_or_default());
            let fps = |value| text(value, whole, " fps");
            details.text("min_frame_rate", &fps(self.fps.min)).text("avg_frame_rate", &fps(self.fps.mean()));
            details.text("max_frame_rate", &fps(self.fps.max));
        }
    }
}

#[derive(Default)]
struct CpuSummary {
    min: Span,
    avg: Span,
    max: Span,
    system: Span,
}

impl CpuSummary {
    fn add(&mut self, minute: &Minute) {
        let Some(cpu) = minute.cpu else { return };
        self.min.add(cpu.zoom_min);
        self.avg.add(cpu.zoom_avg);
        self.max.add(cpu.zoom_max);
        self.system.add(cpu.system_max);
    }

    fn write(&self, has_pressure: bool, details: &mut Object<'_>) {
        let percent = |value| text(value, whole, "%");
        details.text("zoom_min_cpu_usage", &percent(self.min.min));
        details.text("zoom_avg_cpu_usage", &percent(self.avg.mean()));
        details.text("zoom_max_cpu_usage", &percent(self.max.max));
        details.text("system_max_cpu_usage", &percent(self.system.max));
        if has_pressure {
            for name in ["min", "avg", "max"] {
                details.text(&format!("system_{name}_cpu_pressure_level"), "normal");
            }
        }
    }
}

fn text(value: u32, number: fn(&mut String, u32), unit: &str) -> String {
    let mut text = String::new();
    number(&mut text, value);
    text.push_str(unit);
    text
}
