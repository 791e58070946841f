//! What a call was like over time: a chart for each figure, all along the same time, with thresholds and absence.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plotly::common::{Anchor, DashType, Font, Line, Marker, Mode};
use plotly::layout::{Annotation, Axis, AxisType, RangeMode, Shape, ShapeLayer, ShapeLine, ShapeType};
use plotly::{Layout, Scatter};
use rollbook_core::quality::thresholds::{
    CPU_BUSY, DELAY_FREE, FRAMES_FAIR, FRAMES_GOOD, PICTURE_LOSS_FAIR, PICTURE_LOSS_GOOD, Threshold,
};
use rollbook_core::quality::{Channel, Column, Flow, Measure};

use crate::report::callers::Caller;
use crate::web::chart::{Chart, Height, Plot, SERIES, instant};

/// One chart.
struct Figure {
    id: &'static str,
    title: &'static str,
    measure: Measure,
    /// Limits to draw, each with its words.
    limits: &'static [(&'static Threshold, &'static str)],
}

const FIGURES: [Figure; 6] = [
    Figure {
        id: "loss",
        title: "Loss",
        measure: Measure::AvgLoss,
        limits: &[(&PICTURE_LOSS_GOOD, "pictures: good up to"), (&PICTURE_LOSS_FAIR, "fair up to")],
    },
    Figure {
        id: "latency",
        title: "Latency",
        measure: Measure::Latency,
        limits: &[(&DELAY_FREE, "impairs nothing up to")],
    },
    Figure { id: "jitter", title: "Jitter", measure: Measure::Jitter, limits: &[] },
    Figure { id: "bitrate", title: "Bitrate", measure: Measure::Bitrate, limits: &[] },
    Figure {
        id: "fps",
        title: "Frame rate",
        measure: Measure::FrameRate,
        limits: &[(&FRAMES_GOOD, "camera: good from"), (&FRAMES_FAIR, "fair from")],
    },
    Figure { id: "picture", title: "Height of pictures", measure: Measure::Height, limits: &[] },
];

/// Loads of the processor, with their words.
const LOADS: [(Column, &str); 3] = [
    (Column::CpuSystemMax, "everything, at most"),
    (Column::CpuZoomMax, "Zoom, at most"),
    (Column::CpuZoomAvg, "Zoom, on average"),
];

/// A line of a chart.
struct Trace {
    name: String,
    colour: &'static str,
    dash: DashType,
    values: Vec<(Timestamp, Option<f64>)>,
}

/// The charts of a call; those of figures that nobody told are left out.
pub fn charts(caller: &Caller, extent: Option<(Timestamp, Timestamp)>, zone: &TimeZone) -> Vec<Chart> {
    let Some(extent) = extent else { return Vec::new() };
    let absent = absences(caller, extent);
    let one = |id: &str, title: &str, unit: &str, limits: &[(&Threshold, &str)], traces: Vec<Trace>| {
        let is_told = traces.iter().any(|trace| trace.values.iter().any(|(_, value)| value.is_some()));
        is_told.then(|| chart(id, title, unit, limits, &traces, &absent, extent, zone))
    };
    let figures = FIGURES.iter().filter_map(|figure| {
        let traces = caller
            .quality
            .channels
            .iter()
            .filter(|quality| figure.measure.is_of(quality.channel.media))
            .map(|quality| trace(caller, quality.channel, figure.measure))
            .collect();
        one(figure.id, figure.title, figure.measure.unit(), figure.limits, traces)
    });
    let loads = LOADS.iter().zip(SERIES).map(|((column, words), colour)| Trace {
        name: (*words).to_owned(),
        colour,
        dash: DashType::Solid,
        values: values(caller, *column),
    });
    let load = one("cpu", "Load of the processor", "%", &[(&CPU_BUSY, "busy from")], loads.collect());
    figures.chain(load).collect()
}

fn trace(caller: &Caller, channel: Channel, measure: Measure) -> Trace {
    let place = Channel::MAIN.iter().position(|main| *main == channel);
    Trace {
        name: channel.words(),
        colour: SERIES[place.unwrap_or(channel.index()) % SERIES.len()],
        // Not by colour alone.
        dash: if matches!(channel.flow, Flow::Input) { DashType::Solid } else { DashType::Dash },
        values: match measure {
            // 0 ms of a stream that flows may mean that nothing was measured (docs/quality.md).
            Measure::Latency => values(caller, Column::Stream(channel, measure))
                .into_iter()
                .map(|(at, value)| (at, value.filter(|value| *value > 0.0)))
                .collect(),
            _ => values(caller, Column::Stream(channel, measure)),
        },
    }
}

/// By time; a gap is told as a gap, so that no line bridges it.
fn values(caller: &Caller, column: Column) -> Vec<(Timestamp, Option<f64>)> {
    let mut all = Vec::new();
    for (row, _) in caller.connections.iter().filter_map(|connection| connection.told.as_ref()) {
        let series = &row.series;
        all.extend((0..series.len()).map(|at| (series.times()[at], series.value(column, at))));
        // Between two connections there is nothing.
        if let Some(last) = series.times().last() {
            all.push((*last + jiff::SignedDuration::from_secs(1), None));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

/// When nobody of theirs was connected.
fn absences(caller: &Caller, (from, to): (Timestamp, Timestamp)) -> Vec<(Timestamp, Timestamp)> {
    let mut spans: Vec<(Timestamp, Timestamp)> =
        caller.connections.iter().map(|one| (one.stay.joined_at, one.stay.left_at.unwrap_or(to))).collect();
    spans.sort();
    let (mut absent, mut since) = (Vec::new(), from);
    for (joined, left) in spans {
        if joined > since {
            absent.push((since, joined));
        }
        since = since.max(left);
    }
    if since < to {
        absent.push((since, to));
    }
    absent
}

#[allow(clippy::too_many_arguments, reason = "one place draws all charts of a call")]
fn chart(
    id: &str,
    title: &str,
    unit: &str,
    limits: &[(&Threshold, &str)],
    traces: &[Trace],
    absent: &[(Timestamp, Timestamp)],
    extent: (Timestamp, Timestamp),
    zone: &TimeZone,
) -> Chart {
    let mut plot = Plot::new();
    for trace in traces {
        let x: Vec<String> = trace.values.iter().map(|(at, _)| instant(*at, zone)).collect();
        let y: Vec<Option<f64>> = trace.values.iter().map(|(_, value)| *value).collect();
        plot.add_trace(
            Scatter::new(x, y)
                .name(&trace.name)
                .mode(Mode::LinesMarkers)
                .connect_gaps(false)
                .line(Line::new().color(trace.colour).dash(trace.dash.clone()).width(1.6))
                .marker(Marker::new().color(trace.colour).size(3)),
        );
    }
    let most =
        traces.iter().flat_map(|trace| &trace.values).filter_map(|(_, value)| *value).fold(0.0, f64::max);
    // A limit far above everything would press the lines to the ground.
    let near = limits
        .iter()
        .filter(|(limit, _)| limit.value <= 2.0 * most || unit == "fps" || unit == "%" && id == "cpu");
    let near: Vec<&(&Threshold, &str)> = near.collect();
    let mut shapes: Vec<Shape> = absent.iter().map(|span| away(*span, zone)).collect();
    shapes.extend(near.iter().map(|(limit, _)| line_at(limit.value)));
    let words =
        near.iter().map(|(limit, words)| label(limit.value, &format!("{words} {} {unit}", limit.value)));
    let (from, to) = (instant(extent.0, zone), instant(extent.1, zone));
    plot.set_layout(
        Layout::new()
            .x_axis(Axis::new().type_(AxisType::Date).range(vec![from, to]))
            .y_axis(
                Axis::new().range_mode(RangeMode::ToZero).fixed_range(true).tick_suffix(format!(" {unit}")),
            )
            .show_legend(true)
            .annotations(words.collect())
            .shapes(shapes),
    );
    Chart::new(id, title, &in_words(traces, unit, absent), Height::Middle, &plot)
}

fn away((from, to): (Timestamp, Timestamp), zone: &TimeZone) -> Shape {
    Shape::new()
        .shape_type(ShapeType::Rect)
        .layer(ShapeLayer::Below)
        .x_ref("x")
        .y_ref("paper")
        .x0(instant(from, zone))
        .x1(instant(to, zone))
        .y0(0)
        .y1(1)
        .fill_color("var(--gap)")
        .line(ShapeLine::new().width(0.0))
}

fn line_at(value: f64) -> Shape {
    let line = ShapeLine::new().color("var(--muted)").width(1.0).dash(DashType::Dot);
    Shape::new()
        .shape_type(ShapeType::Line)
        .x_ref("paper")
        .y_ref("y")
        .x0(0)
        .x1(1)
        .y0(value)
        .y1(value)
        .line(line)
}

fn label(value: f64, words: &str) -> Annotation {
    Annotation::new()
        .text(words)
        .x_ref("paper")
        .x(1.0)
        .x_anchor(Anchor::Right)
        .y_ref("y")
        .y(value)
        .y_anchor(Anchor::Bottom)
        .show_arrow(false)
        .font(Font::new().size(11).color("var(--muted)"))
}

/// The same for who does not see it: mean and greatest value of each line, and when nobody was there.
fn in_words(traces: &[Trace], unit: &str, absent: &[(Timestamp, Timestamp)]) -> String {
    let figures = traces.iter().filter_map(|trace| {
        let told: Vec<f64> = trace.values.iter().filter_map(|(_, value)| *value).collect();
        let most = told.iter().copied().max_by(f64::total_cmp)?;
        #[allow(clippy::cast_precision_loss)]
        let mean = told.iter().sum::<f64>() / told.len() as f64;
        let digits = usize::from(most < 10.0);
        Some(format!("{} {mean:.digits$} {unit} on average, {most:.digits$} {unit} at most", trace.name))
    });
    let mut words = figures.collect::<Vec<_>>().join("; ") + ".";
    if !absent.is_empty() {
        words += " Grey: not connected.";
    }
    words
}
