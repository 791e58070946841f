//! What became of a request, for people and programs.

use jiff::Timestamp;
use rollbook_core::label::{Label, PerLabel};
use rollbook_core::request::Decision;
use rollbook_store::{Record, Store};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::page::{count, safe};
use crate::cli::{Exit, output};
use crate::refresh::Put;

/// Runs and where they stand.
pub fn print(store: &Store, records: &[Record]) -> anyhow::Result<()> {
    for record in records {
        let stays = store.stays(record.id)?.into_iter().filter(|stay| !stay.is_withdrawn).count();
        output::line(format!(
            "{} {}: {}, {}\n  {}",
            safe(record.instance.topic.as_deref().unwrap_or("(no topic)")),
            record.instance.uuid,
            record.state.name(),
            count(stays as u64, "stay", "stays"),
            record.reason.as_deref().unwrap_or("")
        ))?;
        if let Some(at) = record.next_look_at {
            output::line(format!("  next look at {at}"))?;
        }
    }
    Ok(())
}

/// How many requests remain today; none where there is no ration.
pub fn left(decision: &Decision) -> Option<u32> {
    match decision {
        Decision::Ask { left } => *left,
        Decision::Join { .. } | Decision::Refused(_) => None,
    }
}

/// The ration, where there is one.
pub fn ration(decision: &Decision) -> anyhow::Result<()> {
    match decision {
        Decision::Ask { left: Some(left) } => {
            output::line(format!("{} left today.", count(u64::from(*left), "request", "requests")))
        }
        Decision::Join { request, .. } => {
            output::line(format!("Joined request {request}: it costs nothing of the ration."))
        }
        _ => Ok(()),
    }
}

/// Nothing is asked of Zoom: a rule stands against it.
pub fn refused(context: &Context<'_>, put: &Put) -> anyhow::Result<Exit> {
    if let Decision::Refused(refusal) = &put.decision {
        eprintln!("rollbook: refused: {refusal}");
        if context.json {
            output::json(&json!({ "refused": refusal.to_string(), "request_id": put.request }))?;
        }
    }
    Ok(Exit::Failed)
}

/// Nothing is asked of Zoom: it was, a moment ago.
pub fn answered(
    context: &Context<'_>,
    store: &Store,
    put: &Put,
    at: Timestamp,
    runs: &[Record],
) -> anyhow::Result<Exit> {
    if context.json {
        let calls = PerLabel::<u64>::default();
        let request = store.request(put.request)?;
        output::json(&json!({ "instances": runs, "calls": calls, "request": request, "ration_left": null }))?;
    } else {
        print(store, runs)?;
        output::line(format!("It was looked at {} already.", context.page().second(at)))?;
        ration(&put.decision)?;
    }
    Ok(if runs.iter().any(|run| run.state.is_open()) { Exit::Open } else { Exit::Done })
}

/// What would become of it, and its price.
pub fn dry_run(
    context: &Context<'_>,
    decision: &Decision,
    is_known: bool,
    price: &PerLabel<u64>,
) -> anyhow::Result<Exit> {
    let calls: Vec<String> = Label::ALL
        .into_iter()
        .filter(|label| price[*label] > 0)
        .map(|label| format!("{} {label}", price[label]))
        .collect();
    let cost = match (is_known, calls.is_empty()) {
        (false, _) => {
            "the store does not know it, so it would be looked up first; the price is not known".to_owned()
        }
        (true, true) => "no family of Zoom's endpoints is open for it".to_owned(),
        (true, false) => format!("calls: about {}", calls.join(", ")),
    };
    let (word, sentence, exit) = match decision {
        Decision::Ask { left: None } => ("ask", format!("It would be asked for: {cost}."), Exit::Done),
        Decision::Ask { left: Some(left) } => {
            let left = count(u64::from(*left), "request", "requests");
            ("ask", format!("It would be asked for: {cost}; {left} would be left today."), Exit::Done)
        }
        Decision::Join { request, .. } => {
            ("join", format!("It would join request {request}, which costs nothing."), Exit::Done)
        }
        Decision::Refused(refusal) => ("refused", format!("It would be refused: {refusal}."), Exit::Failed),
    };
    if context.json {
        let price = is_known.then_some(price);
        output::json(&json!({ "decision": word, "says": sentence, "price": price }))?;
    } else {
        output::line(sentence)?;
    }
    Ok(exit)
}
