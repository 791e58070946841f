//! Call quality as Parquet: one row for each sample.

use rollbook_core::instance::Instance;
use rollbook_core::quality::{Column, Measure};

use super::{Field, Kind};
use crate::cli::export::sample::{Sample, is_word, main_columns, other_columns, unreadable};

/// What Zoom says of a connection's machine and network that is worth grouping by: its name there, and what it is.
const DETAILS: [(&str, &str); 6] = [
    ("device", "kind of device, Zoom's words"),
    ("os", "operating system"),
    ("version", "version of the client"),
    ("network_type", "kind of network, Zoom's words"),
    ("connection_type", "how it was connected, such as UDP"),
    ("data_center", "Zoom's data centre"),
];

/// All figures there are, beside whose they are and when.
#[derive(Debug)]
pub struct Samples {
    figures: Vec<Column>,
}

impl Samples {
    /// The columns.
    pub fn new() -> (Samples, Vec<Field>) {
        let figures = [main_columns(), other_columns()].concat();
        let text = |name, what| Field::new(name, Kind::Text, what);
        let required = |field| Field { is_required: true, ..field };
        let mut fields = vec![
            required(text("meeting_uuid", "UUID of the meeting's instance")),
            Field::new("meeting_id", Kind::Whole, "number of the meeting"),
            text("topic", "topic of the meeting"),
            text("host", "e-mail of the host"),
            Field::new("session_start", Kind::Instant, "when the instance started"),
            text("user_id", "Zoom's number of the connection within the instance"),
            text("participant_uuid", "Zoom's id of the connection"),
            text("name", "name as Zoom gave it"),
            text("email", "e-mail, where Zoom told it"),
        ];
        fields.extend(DETAILS.map(|(name, what)| text(name, what)));
        let time = Field::new("time", Kind::Instant, "when the sample was taken, about one a minute");
        fields.push(required(time));
        fields.extend(figures.iter().map(|column| figure_field(*column)));
        fields.push(text("unreadable", "JSON: what Zoom wrote where a figure should have been"));
        (Samples { figures }, fields)
    }

    /// Fills in samples of one connection, in their order.
    pub fn fill(&self, columns: &mut [super::Column], instance: &Instance, run: &[Sample<'_>]) {
        let (Some(first), rows) = (run.first(), run.len()) else { return };
        let row = first.row;
        let mut columns = columns.iter_mut();
        let mut next = || columns.next().expect("there are as many columns as fields");
        next().add_text(Some(&instance.uuid), rows);
        next().add_whole(instance.number.and_then(|number| i64::try_from(number).ok()), rows);
        next().add_text(instance.topic.as_deref(), rows);
        next().add_text(instance.host_email.as_deref(), rows);
        next().add_whole(instance.started_at.map(|at| at.as_millisecond()), rows);
        let whose =
            [first.user_id(), row.participant_uuid.as_deref(), row.name.as_deref(), row.email.as_deref()];
        let details = DETAILS.map(|(name, _)| row.details.get(name).map(String::as_str));
        for text in whose.into_iter().chain(details) {
            next().add_text(text, rows);
        }
        let time = next();
        for sample in run {
            time.add_whole(Some(sample.at().as_millisecond()), 1);
        }
        for figure in &self.figures {
            let column = next();
            match row.series.column(*figure) {
                None => column.add_nulls(rows),
                Some(_) if is_word(*figure) => {
                    run.iter().for_each(|one| column.add_text(row.series.word(*figure, one.place), 1));
                }
                Some(values) => column.add_figures(&values[first.place..first.place + rows]),
            }
        }
        let odd = next();
        if row.series.odd().is_empty() {
            odd.add_nulls(rows);
        } else {
            run.iter().for_each(|sample| odd.add_text(unreadable_json(sample).as_deref(), 1));
        }
    }
}

fn unreadable_json(sample: &Sample<'_>) -> Option<String> {
    let all = unreadable(sample);
    (!all.is_empty()).then(|| serde_json::to_string(&all).expect("two texts can always be written"))
}

fn figure_field(column: Column) -> Field {
    let kind = match column {
        Column::Stream(_, Measure::Width | Measure::Height) => Kind::Pixels,
        _ if is_word(column) => Kind::Text,
        _ => Kind::Real,
    };
    let unit = (kind != Kind::Text).then(|| column.unit());
    Field { unit, ..Field::new(&column.name(), kind, &description(column)) }
}

/// What a figure is, in words.
fn description(column: Column) -> String {
    let (channel, measure) = match column {
        Column::Stream(channel, measure) => (channel, measure),
        Column::CpuZoomMin => return "least share of the processor that Zoom took".to_owned(),
        Column::CpuZoomAvg => return "average share of the processor that Zoom took".to_owned(),
        Column::CpuZoomMax => return "most of the processor that Zoom took".to_owned(),
        Column::CpuSystemMax => return "most of the processor that everything together took".to_owned(),
        Column::RssiMin => return "weakest signal of the wireless network".to_owned(),
        Column::RssiAvg => return "average signal of the wireless network".to_owned(),
        Column::RssiMax => return "strongest signal of the wireless network".to_owned(),
        Column::PressureMin => return "least pressure on the processor, Zoom's word".to_owned(),
        Column::PressureAvg => return "average pressure on the processor, Zoom's word".to_owned(),
        Column::PressureMax => return "most pressure on the processor, Zoom's word".to_owned(),
    };
    let what = match measure {
        Measure::Bitrate => "bitrate",
        Measure::Latency => "latency over five seconds",
        Measure::Jitter => "jitter",
        Measure::AvgLoss => "average packet loss",
        Measure::MaxLoss => "most packet loss",
        Measure::Width => "width of the picture",
        Measure::Height => "height of the picture",
        Measure::FrameRate => "pictures a second",
    };
    format!("{what} of Zoom's stream {}", channel.zoom_name())
}
