//! Charts: a figure as data beside the space it is drawn into, and what it shows in words.
//!
//! Colours are names of the style sheet, such as `var(--s1)`; the script puts in what they are in the present theme.

use std::fmt;

use askama::filters::{Escaper, Html, HtmlSafe};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plotly::{Layout, Trace};

/// Colours of series, in the order to use them: they differ in lightness too.
pub const SERIES: [&str; 6] = ["var(--s1)", "var(--s2)", "var(--s3)", "var(--s4)", "var(--s5)", "var(--s6)"];

/// How much room a chart takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Height {
    /// One of several on one axis of time.
    Low,
    /// A chart of its own.
    Middle,
    /// Many rows.
    Tall,
}

impl Height {
    fn class(self) -> &'static str {
        match self {
            Height::Low => "low",
            Height::Middle => "middle",
            Height::Tall => "tall",
        }
    }
}

/// A chart with its words. Shown in a template by `{{ chart }}`; the page's frame needs
/// [`super::page::Frame::with_charts`].
#[derive(Debug, Clone)]
pub struct Chart {
    id: String,
    title: String,
    words: String,
    figure: String,
    height: Height,
}

/// What is drawn. The library's own type of this name brings its whole script along, megabytes for each chart.
#[derive(Default)]
pub struct Plot {
    traces: Vec<Box<dyn Trace>>,
    layout: Layout,
}

impl Plot {
    /// Nothing yet.
    pub fn new() -> Plot {
        Plot::default()
    }

    /// Adds a series.
    pub fn add_trace(&mut self, trace: Box<dyn Trace>) {
        self.traces.push(trace);
    }

    /// Says how it is laid out.
    pub fn set_layout(&mut self, layout: Layout) {
        self.layout = layout;
    }

    /// As the library's script takes it.
    fn to_json(&self) -> String {
        let traces: Vec<String> = self.traces.iter().map(|trace| trace.to_json()).collect();
        format!("{{\"data\":[{}],\"layout\":{}}}", traces.join(","), self.layout.to_json())
    }
}

impl Chart {
    /// A chart. `id` names it on its page; `words` say what it shows, for whoever does not see it.
    pub fn new(id: &str, title: &str, words: &str, height: Height, plot: &Plot) -> Chart {
        Chart {
            id: id.to_owned(),
            title: title.to_owned(),
            words: words.to_owned(),
            // In an element of data nothing but its end tag means anything.
            figure: plot.to_json().replace('<', "\\u003c"),
            height,
        }
    }
}

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, title, words) = (escaped(&self.id), escaped(&self.title), escaped(&self.words));
        let (height, figure) = (self.height.class(), &self.figure);
        write!(
            f,
            "<figure class=\"chart\"><figcaption>{title}</figcaption>\
             <div class=\"chart-space {height}\" id=\"{id}\" data-chart=\"{id}-data\" role=\"img\" \
             aria-label=\"{title}: {words}\"></div>\
             <script type=\"application/json\" id=\"{id}-data\">{figure}</script>\
             <p class=\"chart-words\">{words}</p></figure>"
        )
    }
}

// What comes from outside is escaped above.
impl HtmlSafe for Chart {}

/// Text as it may stand in HTML, in attributes too.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // Writing to a string does not fail.
    let _ = Html.write_escaped_str(&mut safe, text);
    safe
}

/// What people typed, as a chart may show it: the chart library takes `<b>` in a name for markup.
pub fn plain(text: &str) -> String {
    text.replace('<', "\u{2039}").replace('>', "\u{203a}")
}

/// An instant on a chart's axis, on the school's clock: charts know of no zones.
pub fn instant(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use plotly::Scatter;

    use super::*;

    #[test]
    fn what_is_drawn_is_what_the_library_would_write() {
        let (mut own, mut library) = (Plot::new(), plotly::Plot::new());
        for name in ["a", "b"] {
            own.add_trace(Scatter::new(vec![1], vec![2]).name(name));
            library.add_trace(Scatter::new(vec![1], vec![2]).name(name));
        }
        let layout = || Layout::new().show_legend(true);
        own.set_layout(layout());
        library.set_layout(layout());
        let [own, library] = [own.to_json(), library.to_json()]
            .map(|json| serde_json::from_str::<serde_json::Value>(&json).unwrap());
        assert_eq!((&own["data"], &own["layout"]), (&library["data"], &library["layout"]));
    }

    #[test]
    fn nothing_that_people_typed_ends_the_data_or_the_words() {
        let evil = "</script><script>alert(1)</script>\" onclick=\"x";
        let mut plot = Plot::new();
        plot.add_trace(Scatter::new(vec![1], vec![2]).name(evil));
        let html = Chart::new("c", evil, evil, Height::Low, &plot).to_string();
        assert_eq!(html.matches("</script>").count(), 1, "{html}");
        let (before, data) = html.split_once("c-data\">").unwrap();
        let (data, after) = data.split_once("</script>").unwrap();
        for part in [before, after] {
            assert!(!part.contains("<script>") && !part.contains("\" onclick"), "{part}");
        }
        let figure: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(figure["data"][0]["name"], evil);
    }

    #[test]
    fn an_axis_shows_the_schools_clock() {
        let zone = TimeZone::get("Europe/Vienna").unwrap();
        assert_eq!(instant("2026-10-06T08:00:00Z".parse().unwrap(), &zone), "2026-10-06 10:00:00");
    }
}
