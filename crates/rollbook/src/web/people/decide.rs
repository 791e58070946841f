//! Deciding who somebody is: a command for the collector, which looks the user up in Moodle and makes it so.

use axum::extract::State;
use axum::response::{Redirect, Response};
use rollbook_core::identity::PersonKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::commands::{CorrectionOrder, Decision};
use crate::sink::moodle::doubts::reference;
use crate::web::App;
use crate::web::audit;
use crate::web::input::{Body, Form};
use crate::web::order::{self, QueuedView, queued};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// The longest note, key and user name.
const TEXT_MAX: usize = 500;

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionWord {
    /// It is `user`.
    User,
    /// It is nobody of the site: a guest, a device in a room.
    Nobody,
    /// The rules decide again.
    Forget,
}

/// A decision about a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionAsk {
    /// About whom: `zoom:ID`, `email:ADDRESS`, `registrant:ID` or `name:COURSE_ID:NAME`.
    #[schema(examples("email:ana@uni.example"))]
    pub key: String,
    /// What is decided.
    pub decision: DecisionWord,
    /// The user of Moodle's it is, where it is one: id, e-mail or user name; `id:7` and `username:7` where a number could
    /// be either.
    #[schema(examples("id:7"))]
    pub user: Option<String>,
    /// Why, for those who come after.
    pub note: Option<String>,
}

impl DecisionAsk {
    fn order(self, app: &App) -> Result<CorrectionOrder, Problem> {
        app.school.check()?;
        let texts = [Some(&self.key), self.user.as_ref(), self.note.as_ref()];
        if texts.into_iter().flatten().any(|text| text.chars().count() > TEXT_MAX) {
            return Err(Problem::bad_request(format!("no field takes more than {TEXT_MAX} characters")));
        }
        let key: PersonKey = self.key.parse().map_err(Problem::bad_request)?;
        let user = self.user.map(|user| user.trim().to_owned()).filter(|user| !user.is_empty());
        let decision = match (self.decision, user) {
            (DecisionWord::User, Some(user)) => Decision::User(user),
            (DecisionWord::User, None) => {
                return Err(Problem::bad_request(
                    "say which user it is: an id, e-mail or user name of Moodle's",
                ));
            }
            (DecisionWord::Nobody, _) => Decision::Nobody,
            (DecisionWord::Forget, _) => Decision::Forget,
        };
        let note = self.note.filter(|note| !note.trim().is_empty());
        Ok(CorrectionOrder { key, decision, note })
    }
}

async fn put(app: &App, visitor: &Visitor, order: CorrectionOrder) -> Result<i64, Problem> {
    let action = match order.decision {
        Decision::Forget => "people.forget_decision",
        Decision::User(_) | Decision::Nobody => "people.decide",
    };
    let (now, key, named) = (app.clock.now(), order.key.clone(), reference(&order.key));
    let entry = audit::entry(app, visitor, action, named.clone(), None);
    order::put(app, visitor, entry, order, move |store| store.put_reference(now, &named, &key)).await
}

/// Decide who somebody is
///
/// Puts a command into the queue: the collector looks the user up in Moodle, remembers the decision, and sends the
/// sessions with that person to Moodle again.
#[utoipa::path(
    post, path = "/api/v1/corrections", tag = "People", request_body = DecisionAsk,
    responses((status = 202, description = "It is in the queue", body = QueuedView))
)]
pub async fn api(
    State(app): State<App>,
    visitor: Visitor,
    Body(ask): Body<DecisionAsk>,
) -> Result<Response, Problem> {
    Ok(queued(put(&app, &visitor, ask.order(&app)?).await?))
}

/// The page's form: a candidate, somebody else, nobody, or what was decided forgotten.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filled {
    key: String,
    /// `id:N` of a candidate, `other`, `nobody` or `forget`.
    choice: String,
    other: Option<String>,
    note: Option<String>,
    /// The page to go back to.
    from: Option<String>,
    to: Option<String>,
    likely: Option<bool>,
}

/// Sends the form's decision on its way.
pub(super) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Filled>,
) -> Result<Redirect, Problem> {
    let (decision, user) = match form.choice.as_str() {
        "nobody" => (DecisionWord::Nobody, None),
        "forget" => (DecisionWord::Forget, None),
        "other" => (DecisionWord::User, form.other),
        candidate => (DecisionWord::User, Some(candidate.to_owned())),
    };
    let ask = DecisionAsk { key: form.key, decision, user, note: form.note };
    put(&app, &visitor, ask.order(&app)?).await?;
    let mut back = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        [("from", form.from), ("to", form.to), ("likely", form.likely.map(|likely| likely.to_string()))]
    {
        if let Some(value) = value {
            back.append_pair(name, &value);
        }
    }
    Ok(Redirect::to(&format!("/people?{}", back.finish())))
}
