//! Call quality of everybody, minute by minute, as a map.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plotly::common::{ColorScale, ColorScaleElement, HoverInfo};
use plotly::layout::{Axis, AxisType};
use plotly::{HeatMap, Layout};

use super::view::{InstanceView, PersonView};
use crate::web::chart::{Chart, Height, Plot, instant, plain};

/// People on the map, those with the most bad minutes: more lines than this are not told apart.
const PEOPLE_MAX: usize = 40;

/// Letters of a name beside the map.
const NAME_MAX: usize = 22;

/// The map; none where nothing was measured.
pub fn chart(view: &InstanceView, zone: &TimeZone) -> Option<Chart> {
    let mut people: Vec<&PersonView> =
        view.people.as_ref()?.iter().filter(|person| !person.minutes.is_empty()).collect();
    if people.is_empty() {
        return None;
    }
    people.sort_by(|a, b| b.bad_minutes.cmp(&a.bad_minutes).then_with(|| a.name.cmp(&b.name)));
    let left_out = people.len().saturating_sub(PEOPLE_MAX);
    people.truncate(PEOPLE_MAX);
    let minutes: BTreeSet<Timestamp> =
        people.iter().flat_map(|person| person.minutes.iter().map(|(at, _)| *at)).collect();
    let row = |person: &PersonView| {
        let graded: BTreeMap<Timestamp, Option<u8>> = person.minutes.iter().copied().collect();
        // Nothing at all is absence; 0 is a minute of which too little was measured.
        minutes.iter().map(|at| graded.get(at).map(|grade| grade.unwrap_or(0))).collect::<Vec<Option<u8>>>()
    };
    // Drawn from below: the worst comes out on top.
    let rows: Vec<Vec<Option<u8>>> = people.iter().rev().map(|person| row(person)).collect();
    let text: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|grade| word(*grade).to_owned()).collect()).collect();
    let step = |place: f64, colour: &str| ColorScaleElement(place, colour.to_owned());
    let colours = ["var(--gap)", "var(--good)", "var(--fair)", "var(--bad)"];
    // Four flat steps, not a slope between them.
    let scale = (0_u8..4).flat_map(|at| {
        let colour = colours[usize::from(at)];
        [step(f64::from(at) / 4.0, colour), step(f64::from(at + 1) / 4.0, colour)]
    });
    let map = HeatMap::new(minutes.iter().map(|at| instant(*at, zone)).collect(), names(&people), rows)
        .color_scale(ColorScale::Vector(scale.collect()))
        .show_scale(false)
        .zmin(-0.5)
        .zmax(3.5)
        // With gaps cells are drawn one by one: without, by a style in the page, which the pages' policy forbids.
        .x_gap(1.0)
        .y_gap(1.0)
        .text_matrix(text)
        .hover_info(HoverInfo::All)
        .hover_template("%{y}<br>%{x|%H:%M}: %{text}<extra></extra>")
        .name("");
    let mut plot = Plot::new();
    plot.add_trace(map);
    plot.set_layout(
        Layout::new()
            .x_axis(Axis::new().type_(AxisType::Date).show_grid(false))
            .y_axis(Axis::new().type_(AxisType::Category).show_grid(false).fixed_range(true)),
    );
    let height = if people.len() > 12 { Height::Tall } else { Height::Middle };
    let words = words(view, left_out);
    Some(Chart::new("heat", "Call quality of everybody, minute by minute", &words, height, &plot))
}

fn word(grade: Option<u8>) -> &'static str {
    match grade {
        None => "not there",
        Some(1) => "good",
        Some(2) => "fair",
        Some(3) => "bad",
        Some(_) => "there, too little measured",
    }
}

/// Names from below, told apart where two people bear the same one: the axis would make one line of them.
fn names(people: &[&PersonView]) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut names: Vec<String> = people
        .iter()
        .map(|person| {
            let mut name: String = plain(&person.name).chars().take(NAME_MAX).collect();
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            if *count > 1 {
                name += &format!(" ({count})");
            }
            name
        })
        .collect();
    names.reverse();
    names
}

fn words(view: &InstanceView, left_out: usize) -> String {
    let mut words = view.quality_words().unwrap_or_default();
    if let Some(quality) = view.quality.as_ref().filter(|quality| !quality.together.is_empty()) {
        words += &format!(
            " In {} a third of the people or more had trouble at once, which points to a room or to the meeting.",
            crate::web::shown::count(quality.together.len() as u64, "minute", "minutes")
        );
    }
    if left_out > 0 {
        words += &format!(" {left_out} more people with fewer bad minutes are in the table only.");
    }
    words + " The table of people holds each one's minutes."
}
