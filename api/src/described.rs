//! What the description of the API says of refusals: the same of every act, from one table.

use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{
    Content, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema,
};

use crate::problem::Problem;

/// A refusal: its status, what it is called in the description, what it means, and of whom.
type Row = (&'static str, &'static str, &'static str, Of);

/// Which acts can be refused in a way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Everything,
    /// What asks who it is.
    SignedIn,
    /// What comes with a body.
    Writes,
    /// What names the version it is meant for.
    Versioned,
}

#[rustfmt::skip] // a table is read by its columns
const REFUSALS: [Row; 13] = [
    ("400", "Malformed", "It cannot be read. Without a body where it is not even HTTP.", Of::Everything),
    ("401", "Unauthorised", "No token, one that does not hold, or one that is too old for this.", Of::SignedIn),
    ("403", "NotAllowed", "Whoever asks cannot do this.", Of::SignedIn),
    ("404", "NotFound", "There is nothing here, or nothing that whoever asks may know of.", Of::Everything),
    ("409", "OutOfStep", "Not now; `next` says what can be done instead.", Of::Writes),
    ("412", "Stale", "Someone changed it in the meantime.", Of::Versioned),
    ("413", "TooLarge", "The body is longer than 64 KiB.", Of::Writes),
    ("415", "MediaType", "The body is not `application/json`.", Of::Writes),
    ("422", "Invalid", "Something in it cannot be right; `errors` says what.", Of::Everything),
    ("428", "IfMatchMissing", "It does not say which version it is meant for.", Of::Versioned),
    ("429", "TooMany", "Too much at once; `Retry-After` says how long to wait.", Of::Everything),
    ("503", "Unavailable", "Not right now; the code says whether anything may have been saved.", Of::Everything),
    ("507", "Full", "The disk is full; nothing was saved.", Of::Everything),
];

/// Describes how everything can be refused, and what the headers and parameters look like.
pub(crate) fn completed(mut described: OpenApi) -> OpenApi {
    let components = described.components.get_or_insert_default();
    for (_, name, means, _) in REFUSALS {
        let response = ResponseBuilder::new()
            .description(means)
            .content(PROBLEM_JSON, problem())
            .build();
        components.responses.insert(name.into(), response.into());
    }
    for item in described.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post];
        operations.into_iter().flatten().for_each(complete);
    }
    described
}

const PROBLEM_JSON: &str = "application/problem+json";

fn problem() -> Content {
    let schema = Ref::from_schema_name(Problem::name());
    ContentBuilder::new().schema(Some(schema)).build()
}

fn complete(operation: &mut Operation) {
    let open = operation.security.is_some();
    let writes = operation.request_body.is_some();
    let mut parameters: Vec<&mut Parameter> = (operation.parameters.iter_mut().flatten())
        .filter_map(|given| match given {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect();
    let versioned = parameters.iter().any(|given| given.name == "If-Match");
    parameters.iter_mut().for_each(|given| bounded(given));
    let responses = &mut operation.responses.responses;
    responses.retain(|status, _| status.starts_with('2'));
    for (status, name, _, of) in REFUSALS {
        let can_be = match of {
            Of::Everything => true,
            Of::SignedIn => !open,
            Of::Writes => writes,
            Of::Versioned => versioned,
        };
        if can_be {
            let response: RefOr<Response> = Ref::from_response_name(name).into();
            responses.insert(status.into(), response);
        }
    }
}

/// What stands in a header or names one thing has a known form.
fn bounded(parameter: &mut Parameter) {
    let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else {
        return;
    };
    match (&parameter.parameter_in, parameter.name.as_str()) {
        (ParameterIn::Header, "If-Match") => {
            schema.pattern = Some(r#"^"[0-9]{1,19}(\.[0-9a-f]{8})?"$"#.into())
        }
        (ParameterIn::Header, "Idempotency-Key") => {
            schema.pattern = Some("^[!-~]{1,255}$".into());
        }
        _ => {}
    }
}
