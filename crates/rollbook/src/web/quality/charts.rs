//! Call quality over days, drawn.

use plotly::Scatter;
use plotly::common::Mode;
use plotly::layout::{Axis, Layout};

use super::{DayView, QualityView, ValueView};
use crate::web::chart::{Chart, Height, Plot, SERIES, plain};

/// So few days are named one by one below a chart.
const FEW_DAYS: usize = 10;

/// As charts count.
const MILLISECONDS_OF_A_DAY: f64 = 86_400_000.0;

/// Of these, drawn over time.
pub(super) const DRAWN: usize = 5;

fn line(name: &str, colour: &'static str, days: &[DayView]) -> Box<Scatter<String, f64>> {
    let shown = days.iter().filter_map(|day| Some((day.day.to_string(), day.sum.bad_share? * 100.0)));
    let (x, y): (Vec<String>, Vec<f64>) = shown.unzip();
    Scatter::new(x, y)
        .name(plain(name))
        .mode(Mode::LinesMarkers)
        .line(plotly::common::Line::new().color(colour))
}

/// Days as days, even where there is but one.
fn layout(days: &[DayView]) -> Layout {
    let percent = Axis::new().title("bad minutes, %").range_mode(plotly::layout::RangeMode::ToZero);
    let mut across = Axis::new().tick_format("%-d %b");
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let before = format!("{} 12:00", first.day.yesterday().unwrap_or(first.day));
        across = across.range(vec![before, format!("{} 12:00", last.day)]);
    }
    if days.len() <= FEW_DAYS {
        across = across.dtick(MILLISECONDS_OF_A_DAY);
    }
    Layout::new().y_axis(percent).x_axis(across)
}

/// Bad minutes over the days.
pub(super) fn over_time(view: &QualityView) -> Option<Chart> {
    let (first, last) = (view.days.first()?, view.days.last()?);
    let mut plot = Plot::new();
    plot.add_trace(line("all", SERIES[0], &view.days));
    plot.set_layout(layout(&view.days));
    let percent = |day: &DayView| day.sum.bad_share.unwrap_or(0.0) * 100.0;
    let most = view.days.iter().max_by(|a, b| percent(a).total_cmp(&percent(b)))?;
    let began = format!("{:.1} % of all minutes were bad on {}", percent(first), first.day);
    let words = match first.day == last.day {
        true => format!("{began}, the only day of which call quality is known."),
        false => {
            let (last_on, most_on) = (last.day, most.day);
            format!(
                "{began}, {:.1} % on {last_on}; most on {most_on} with {:.1} %.",
                percent(last),
                percent(most)
            )
        }
    };
    Some(Chart::new("over-time", "Bad minutes by day", &words, Height::Middle, &plot))
}

/// The same for the most frequent values.
pub(super) fn of_values(view: &QualityView) -> Option<Chart> {
    let drawn: Vec<&ValueView> = view.values.iter().filter(|one| !one.is_rest).take(DRAWN).collect();
    if drawn.is_empty() {
        return None;
    }
    let mut plot = Plot::new();
    for (value, colour) in drawn.iter().zip(SERIES) {
        plot.add_trace(line(&value.name(), colour, &value.days));
    }
    plot.set_layout(layout(&view.days));
    let told: Vec<String> = drawn
        .iter()
        .map(|one| format!("{} {:.1} %", one.name(), one.sum.bad_share.unwrap_or(0.0) * 100.0))
        .collect();
    let title = format!("Bad minutes by day and {}", view.by.words().to_lowercase());
    let words = format!("Bad among all minutes: {}.", told.join(", "));
    Some(Chart::new("of-values", &title, &words, Height::Middle, &plot))
}
