//! Who is meant by what somebody typed, and what is kept of them.

use rollbook_store::Reader;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cli::meeting::MeetingName;
use crate::erasure::{self, Plan, Refusal, Wanted};
use crate::web::problem::Problem;
use crate::web::shown::count;

/// Runs of a number that are offered.
const RUNS_SHOWN: usize = 10;

/// Who is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureAsk {
    /// An e-mail, a Zoom user id, a registrant id, `moodle:ID`; with a meeting the name of a guest as they typed it, or
    /// `connection:NUMBER`.
    #[schema(examples("ana@uni.example"))]
    pub person: String,
    /// The meeting in which a guest was who is known by a name alone: a UUID, or a number that ran once.
    pub meeting: Option<String>,
    /// Keep them away from now on although nothing is kept of them.
    #[serde(default)]
    pub even_unknown: bool,
}

/// What erasing somebody would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErasurePlan {
    /// All that means them.
    pub known_by: Vec<KnownByView>,
    /// Names they used, as typed.
    pub names: Vec<String>,
    /// Meetings they were in.
    pub meetings: usize,
    /// Their connections, which become nameless.
    pub stays: u64,
    /// Of those, connections that are theirs by the same name alone.
    pub stays_by_name: u64,
    /// Connections with call quality, which goes.
    pub call_quality: u64,
    /// Meetings they hosted.
    pub hosted: u64,
    /// Rows that Moodle was given, which are Moodle's own to erase.
    pub delivered: u64,
}

/// One thing that means somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownByView {
    /// As `person` takes it.
    pub identifier: String,
    /// How that is known.
    pub because: String,
}

/// Somebody who was found.
pub struct Found {
    /// As the collector's queue takes it.
    pub wanted: Wanted,
    /// What would go.
    pub plan: ErasurePlan,
}

/// Why nobody, or more than one, is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong and what to do.
    pub said: String,
    /// What may be meant instead.
    pub choices: Vec<Choice>,
    is_unknown: bool,
}

/// Something that may be meant instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the button says.
    pub words: String,
    /// What to look up.
    pub ask: ErasureAsk,
}

impl Choice {
    /// The meeting's name, for a form.
    pub fn meeting(&self) -> &str {
        self.ask.meeting.as_deref().unwrap_or_default()
    }
}

impl Trouble {
    /// Without anything to choose.
    pub fn said(said: impl Into<String>) -> Trouble {
        Trouble { said: said.into(), choices: Vec::new(), is_unknown: false }
    }

    /// For programs.
    pub fn problem(self) -> Problem {
        let choices: Vec<&str> = self.choices.iter().map(|choice| choice.words.as_str()).collect();
        let said = match choices.is_empty() {
            true => self.said,
            false => format!("{} ({})", self.said, choices.join("; ")),
        };
        if self.is_unknown { Problem::not_found(said) } else { Problem::bad_request(said) }
    }
}

/// Looks somebody up.
///
/// # Errors
/// If the store cannot be read.
pub fn find(reader: &Reader, ask: &ErasureAsk) -> rollbook_store::Result<Result<Found, Trouble>> {
    let instance = match ask.meeting.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(meeting) => match one_run(reader, ask, meeting)? {
            Ok(id) => Some(id),
            Err(trouble) => return Ok(Err(trouble)),
        },
    };
    let wanted = Wanted { person: ask.person.trim().to_owned(), instance, even_unknown: ask.even_unknown };
    match erasure::plan(reader, &wanted) {
        Ok(plan) => Ok(Ok(Found { wanted, plan: plan.into() })),
        Err(Refusal::Store(error)) => Err(error),
        Err(refusal) => Ok(Err(trouble(refusal, ask))),
    }
}

/// The run of a meeting that is meant.
fn one_run(reader: &Reader, ask: &ErasureAsk, meeting: &str) -> rollbook_store::Result<Result<i64, Trouble>> {
    let named: MeetingName = match meeting.parse() {
        Ok(named) => named,
        Err(wrong) => return Ok(Err(Trouble::said(wrong.to_string()))),
    };
    let runs = match &named {
        MeetingName::Number(number) => reader.instances_named(None, Some(*number), &number.to_string())?,
        MeetingName::Uuid(uuid) => reader.instances_named(None, None, uuid)?,
    };
    Ok(match runs.as_slice() {
        [only] => Ok(only.id),
        [] => Err(Trouble {
            is_unknown: true,
            ..Trouble::said(format!(
                "the store holds no run of meeting {named}: copy the number or all of the UUID from the meeting's page"
            ))
        }),
        several => Err(Trouble {
            said: format!(
                "meeting {named} ran {}; say in which run they were",
                count(several.len() as u64, "time", "times")
            ),
            choices: several
                .iter()
                .rev()
                .take(RUNS_SHOWN)
                .map(|run| Choice {
                    words: match run.instance.started_at {
                        Some(at) => format!("{at}, {}", run.instance.uuid),
                        None => run.instance.uuid.clone(),
                    },
                    ask: ErasureAsk { meeting: Some(run.instance.uuid.clone()), ..ask.clone() },
                })
                .collect(),
            is_unknown: false,
        }),
    })
}

/// The same refusals as the shell's, in the words of a form.
fn trouble(refusal: Refusal, ask: &ErasureAsk) -> Trouble {
    let instead = |words: String, ask| Choice { words, ask };
    match refusal {
        Refusal::NameAlone(name) => Trouble {
            is_unknown: true,
            ..Trouble::said(format!(
                "{name:?} is neither an e-mail nor an id that the store knows; of a guest, give the meeting too in which they were"
            ))
        },
        Refusal::NobodyOfThatName(name) => Trouble {
            is_unknown: true,
            ..Trouble::said(format!(
                "nobody called {name:?} was in that meeting; its page lists who was, as they wrote themselves"
            ))
        },
        Refusal::Several { name, choices } => Trouble {
            said: format!(
                "{name:?} were {} people in that meeting; say which connection is meant",
                choices.len()
            ),
            choices: choices
                .into_iter()
                .map(|one| instead(one.to_string(), ErasureAsk { person: one.identifier, ..ask.clone() }))
                .collect(),
            is_unknown: false,
        },
        Refusal::KnownBetter { name, identifier } => Trouble {
            said: format!("{name:?} is known by more than a name, and was perhaps in other meetings too"),
            choices: vec![instead(
                format!("{identifier} in all meetings"),
                ErasureAsk { person: identifier, meeting: None, even_unknown: ask.even_unknown },
            )],
            is_unknown: false,
        },
        Refusal::Unknown(name) => Trouble {
            said: format!("nothing is kept of {name:?}; they can be kept away from now on all the same"),
            choices: vec![instead(
                "Keep them away from now on (even_unknown)".to_owned(),
                ErasureAsk { even_unknown: true, ..ask.clone() },
            )],
            is_unknown: true,
        },
        refusal @ (Refusal::Nobody | Refusal::NotAMoodleUser(_) | Refusal::Store(_)) => {
            Trouble::said(refusal.to_string())
        }
    }
}

impl From<Plan> for ErasurePlan {
    fn from(plan: Plan) -> ErasurePlan {
        let known_by = plan.known_by.into_iter();
        let of = plan.portrait;
        ErasurePlan {
            known_by: known_by
                .map(|one| KnownByView { identifier: one.identifier, because: one.because })
                .collect(),
            names: of.names.into_iter().collect(),
            meetings: of.instances.len(),
            stays: of.stays,
            stays_by_name: of.stays_by_name,
            call_quality: of.call_quality,
            hosted: of.hosted,
            delivered: of.delivered,
        }
    }
}
