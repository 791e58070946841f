//! The OpenAPI document of the JSON API, from the code: the handlers tell paths, parameters and answers, the routes tell
//! what each needs.

use axum::Json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, Header, OpenApi as Document, Ref, RefOr, ResponseBuilder, SecurityRequirement,
};
use utoipa::{Modify, OpenApi};

use super::problem::Problem;
use super::route::{Needs, Route};

/// Where the document is.
const PATH: &str = "/api/v1/openapi.json";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, Needs::Nothing, api)]
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "rollbook",
        description = "Who attended every Zoom meeting and how their call went: what rollbook's pages show, for programs. \
            Times are UTC. Errors are problem documents (RFC 9457). Lists come in pages: `next` is the cursor of the \
            page after. Requests are limited by token, login or address: see the headers RateLimit and RateLimit-Policy."
    ),
    paths(
        api,
        super::today::api,
        super::audit::api,
        super::courses::api,
        super::courses::course_api,
        super::forget::list_api,
        super::forget::plan_api,
        super::forget::erase_api,
        super::people::api,
        super::people::corrections_api,
        super::people::decide::api,
        super::quality::api,
        super::quality::meetings_api,
        super::meetings::api,
        super::instance::api,
        super::instance::look::offer_api,
        super::instance::look::look_api,
        super::look_up::offer_api,
        super::look_up::look_api,
        super::look_up::asked_api,
        super::person::api,
        super::quota::api,
        super::quota::backfill::forecast_api,
        super::quota::backfill::backfill_api,
        super::system::api,
        super::system::runs_api,
        super::system::run_api,
        super::system::fields_api,
        super::system::commands_api,
        super::system::command_api,
    ),
    components(schemas(Problem)),
    modifiers(&Security),
)]
struct Documented;

/// How programs and pages sign in.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_with(Components::new);
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of `rollbook token add`. Its scopes are named at each path."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let session = ApiKeyValue::with_description(
            "__Host-rollbook",
            "The cookie of somebody who signed in; POST needs the header X-CSRF-Token beside it.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    }
}

/// What Moodle tells: not there where none is set up.
const OF_MOODLE: [&str; 3] = ["/api/v1/courses", "/api/v1/people", "/api/v1/corrections"];

/// The whole document.
pub fn document() -> Document {
    let mut document = Documented::openapi();
    for route in super::routes().iter().filter(|route| route.is_api()) {
        let Some(path) = document.paths.paths.get_mut(route.path) else { continue };
        let operation = if route.method == "POST" { path.post.as_mut() } else { path.get.as_mut() };
        if let Some(operation) = operation {
            tell_needs(operation, route.needs);
            tell_problems(operation, route);
            describe_answers(operation);
            operation.operation_id = Some(name_of(route));
        }
    }
    document
}

fn tell_needs(operation: &mut Operation, needs: Needs) {
    let scopes: Vec<&str> = match needs {
        Needs::Nothing => {
            operation.security = Some(vec![SecurityRequirement::default()]);
            return;
        }
        Needs::SignedIn => Vec::new(),
        Needs::May(capability) => vec![capability.name()],
    };
    if let [scope] = scopes.as_slice() {
        let told = operation.description.take().unwrap_or_default();
        operation.description = Some(format!("{told}\n\nNeeds the scope `{scope}`.").trim().to_owned());
    }
    operation.security = Some(vec![
        SecurityRequirement::new("token", scopes.clone()),
        SecurityRequirement::new("session", scopes),
    ]);
}

/// `get_meetings_meeting`: what programs made from the document call it, the same for no two.
fn name_of(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1/");
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = route.method.as_str().to_lowercase();
    words.fold(method, |name, word| format!("{name}_{word}"))
}

/// The format wants a description of every answer, which most of ours have in their schemas.
fn describe_answers(operation: &mut Operation) {
    for answer in operation.responses.responses.values_mut() {
        match answer {
            RefOr::T(answer) if answer.description.is_empty() => {
                "What was asked for".clone_into(&mut answer.description)
            }
            RefOr::T(_) | RefOr::Ref(_) => {}
        }
    }
}

fn tell_problems(operation: &mut Operation, route: &Route) {
    let mut problems = vec![
        ("400", "Something in the request is wrong; `detail` names it"),
        ("429", "Too often; `Retry-After` says how many seconds to wait"),
        ("500", "It went wrong here"),
        ("503", "Something rollbook depends on does not answer, or is not set up"),
    ];
    if route.needs != Needs::Nothing {
        problems.push(("401", "Nobody is signed in, or the token is not good"));
        problems.push(("403", "The role or the token's scopes do not allow it"));
    }
    if OF_MOODLE.iter().any(|path| route.path.starts_with(path)) {
        problems.push(("404", "There is no such thing, it is not yours to see, or no Moodle is set up"));
    } else if route.path.contains('{') {
        problems.push(("404", "There is no such thing, or it is not yours to see"));
    }
    if route.method == "POST" {
        problems.push(("413", "More was sent than is read"));
        problems.push(("415", "It was sent as something other than JSON"));
    }
    for (status, words) in problems {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let mut response =
            ResponseBuilder::new().description(words).content("application/problem+json", content);
        if status == "429" {
            response = response.header("Retry-After", Header::default());
        }
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.build().into());
    }
}

/// This document
///
/// The OpenAPI document of the API, as this server speaks it.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "API", responses((status = 200, description = "OpenAPI 3.1")))]
async fn api() -> Json<Document> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The document holds one schema for each name, and says nothing where two types have the same.
    #[test]
    fn no_two_types_of_the_document_share_a_name() {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    for name in schemas(&std::fs::read_to_string(&path).unwrap()) {
                        places.entry(name).or_default().push(path.display().to_string());
                    }
                }
            }
        }
        assert!(places.contains_key("QualityView"), "schemas are found");
        places.retain(|_, places| places.len() > 1);
        assert!(places.is_empty(), "{places:#?}");
    }

    /// Names of the types of a file that have a schema.
    fn schemas(text: &str) -> Vec<String> {
        let derived = text.split("#[derive(").skip(1).filter_map(|rest| rest.split_once(")]"));
        let with_schema = derived.filter(|(derives, _)| derives.contains("ToSchema"));
        let name = |(_, rest): (&str, &str)| {
            let mut words = rest.split_whitespace().skip_while(|word| !matches!(*word, "struct" | "enum"));
            words.nth(1).map(|word| word.trim_end_matches(['{', ';']).to_owned())
        };
        with_schema.filter_map(name).collect()
    }

    #[test]
    fn every_route_of_the_api_is_in_the_document_and_no_other() {
        let routes: BTreeSet<String> = super::super::routes()
            .iter()
            .filter(|route| route.is_api())
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        let document = serde_json::to_value(document()).unwrap();
        let (mut told, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                told.insert(format!("{} {path}", method.to_uppercase()));
                assert!(names.insert(operation["operationId"].to_string()), "{method} {path}");
                for answer in operation["responses"].as_object().unwrap().values() {
                    assert!(answer["description"].is_string(), "{method} {path}: {answer}");
                }
                assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{path}");
                assert!(
                    operation["security"].is_array() && operation["responses"]["200"].is_object()
                        || method == "post",
                    "{path}"
                );
            }
        }
        assert_eq!(told, routes);
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let text = serde_json::to_string(&document()).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for named in text.split("#/components/schemas/").skip(1) {
            let name = named.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
