//! Calls over the day, against what the plan allows and what is kept back.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plotly::common::Marker;
use plotly::layout::{Axis, AxisType, BarMode, RangeMode};
use plotly::{Bar, Layout};
use rollbook_core::label::Label;

use super::view::SpendingView;
use crate::web::chart::{Chart, Height, Plot, SERIES, instant};
use crate::web::shown::{count, thousands};

/// Calls of each hour of the UTC day, by label.
pub fn chart(place: usize, pool: &SpendingView, now: Timestamp, zone: &TimeZone) -> Chart {
    let began = pool.resets_at - SignedDuration::from_hours(24);
    let mut plot = Plot::new();
    for (label, colour) in Label::ALL.into_iter().zip(SERIES) {
        let calls: BTreeMap<Timestamp, u64> = pool
            .hours
            .iter()
            .filter(|hour| hour.label == label.name())
            .map(|hour| (hour.at, hour.calls))
            .collect();
        if calls.is_empty() {
            continue;
        }
        let hours = (0..24).map(|hour| began + SignedDuration::from_hours(hour));
        let (x, y): (Vec<String>, Vec<u64>) = hours
            .take_while(|at| *at <= now)
            .map(|at| (instant(at, zone), calls.get(&at).copied().unwrap_or(0)))
            .unzip();
        plot.add_trace(Bar::new(x, y).name(label.to_string()).marker(Marker::new().color(colour)));
    }
    let range = vec![instant(began, zone), instant(pool.resets_at, zone)];
    plot.set_layout(
        Layout::new()
            .bar_mode(BarMode::Stack)
            .show_legend(true)
            .x_axis(Axis::new().type_(AxisType::Date).range(range))
            .y_axis(Axis::new().range_mode(RangeMode::ToZero).fixed_range(true)),
    );
    let title = format!("Calls by hour, {}", pool.pool);
    Chart::new(&format!("spending-{place}"), &title, &words(pool), Height::Low, &plot)
}

fn words(pool: &SpendingView) -> String {
    let total: u64 = pool.hours.iter().map(|hour| hour.calls).sum();
    let most = pool
        .hours
        .iter()
        .fold(BTreeMap::<Timestamp, u64>::new(), |mut hours, hour| {
            *hours.entry(hour.at).or_default() += hour.calls;
            hours
        })
        .into_values()
        .max()
        .unwrap_or(0);
    let refused = match pool.refused {
        0 => "none was refused for its rate".to_owned(),
        some => format!("{} of them refused for their rate", thousands(some)),
    };
    format!(
        "{} since the day's allowances were filled, {} in the busiest hour; {refused}.",
        count(total, "call", "calls"),
        thousands(most)
    )
}
