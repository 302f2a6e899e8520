//! The description of the API, made from the code: what a command is called, takes and answers.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use pipss_domain::defusion::OpenWithDefusion;
use pipss_domain::pathway::CaseCommand;
use pipss_domain::raise::RaiseReferral;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref,
    Required, ResponseBuilder, SecurityRequirement, Type,
};
use utoipa::{PartialSchema, ToSchema};

use pipss_domain::one_to_one::OneToOneCommand;

use crate::defusions;
use crate::door::{self, CommandAnswer, Server};
use crate::one_to_one_answer::OneToOneDone;
use crate::one_to_ones;
use crate::problem::Problem;

/// The head of the description.
pub fn about() -> OpenApi {
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("PIPSS")
                .version("1")
                .description(Some(
                    "The record of the Post Incident Pathway for Staff Support. Every write is a command: it \
                     needs an `Idempotency-Key`, and, to an existing case, the version it is meant for in \
                     `If-Match`. What you may not see looks the same as what does not exist.",
                )),
        )
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("token", SecurityScheme::Http(token))
                .build(),
        ))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .build()
}

/// Adds commands to the router and to the description, so that neither has one the other lacks.
pub(crate) struct Commands<'a> {
    router: Router<Arc<Server>>,
    described: &'a mut OpenApi,
}

impl<'a> Commands<'a> {
    pub fn new(router: Router<Arc<Server>>, described: &'a mut OpenApi) -> Self {
        let mut commands = Self { router, described };
        commands.schema::<CommandAnswer>();
        commands.schema::<Problem>();
        commands
    }

    /// The command that opens a case.
    pub fn raise(mut self, summary: &str) -> Self {
        let path = "/api/v1/referrals";
        self.describe::<RaiseReferral>(path, summary, 201, &[]);
        self.router = self.router.route(path, post(door::raise));
        self
    }

    /// The command that opens a case by logging a defusion.
    pub fn open_with_defusion(mut self, summary: &str) -> Self {
        let path = "/api/v1/defusions";
        self.describe::<OpenWithDefusion>(path, summary, 201, &[]);
        self.router = self.router.route(path, post(defusions::log));
        self
    }

    /// A command to a case.
    pub fn command<C: CaseCommand + ToSchema + 'static>(mut self, summary: &str) -> Self {
        let path = format!("/api/v1/cases/{{case}}/{}", C::NAME);
        self.describe::<C>(&path, summary, 200, &["case", "If-Match"]);
        self.router = self.router.route(&path, post(door::command::<C>));
        self
    }

    /// A command to a one-to-one.
    pub fn one_to_one<C: OneToOneCommand + ToSchema + 'static>(mut self, summary: &str) -> Self {
        let path = format!("/api/v1/one-to-ones/{{one_to_one}}/{}", C::NAME);
        self.schema::<OneToOneDone>();
        self.describe::<C>(&path, summary, 200, &["one_to_one", "If-Match"]);
        self.router = self.router.route(&path, post(one_to_ones::command::<C>));
        self
    }

    pub fn done(self) -> Router<Arc<Server>> {
        self.router
    }

    fn schema<T: ToSchema + PartialSchema>(&mut self) {
        let mut schemas = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut schemas);
        let components = self.described.components.get_or_insert_default();
        components.schemas.extend(schemas);
    }

    fn describe<T: ToSchema>(&mut self, path: &str, summary: &str, status: u16, more: &[&str]) {
        self.schema::<T>();
        let json = |name: &str| {
            let schema = Ref::from_schema_name(name);
            ContentBuilder::new().schema(Some(schema)).build()
        };
        let body = RequestBodyBuilder::new()
            .content("application/json", json(&T::name()))
            .required(Some(Required::True));
        let answer = ResponseBuilder::new()
            .description("Done; the same at every repeat of the same Idempotency-Key")
            .content("application/json", json(&answered(path)));
        let mut operation = OperationBuilder::new()
            .operation_id(Some(operation_id(path)))
            .tag("commands")
            .summary(Some(summary))
            .parameter(parameter("Idempotency-Key"))
            .request_body(Some(body.build()))
            .response(status.to_string(), answer);
        for name in more {
            operation = operation.parameter(parameter(name));
        }
        let item = PathItem::new(HttpMethod::Post, operation);
        self.described.paths.paths.insert(path.into(), item);
    }
}

/// What a command answers with.
fn answered(path: &str) -> std::borrow::Cow<'static, str> {
    if path.contains("{one_to_one}") {
        OneToOneDone::name()
    } else {
        CommandAnswer::name()
    }
}

/// `triage` for a case, `one-to-one-offer` for a one-to-one.
fn operation_id(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    if path.contains("{one_to_one}") {
        format!("one-to-one-{name}")
    } else {
        name.to_owned()
    }
}

fn parameter(name: &str) -> ParameterBuilder {
    let (place, words) = match name {
        "case" => (ParameterIn::Path, "The case"),
        "one_to_one" => (ParameterIn::Path, "The one-to-one"),
        "If-Match" => (
            ParameterIn::Header,
            "The version it is meant for, as ETag gave it",
        ),
        _ => (
            ParameterIn::Header,
            "1 to 255 characters; the same for a repeat of the same act",
        ),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::True)
        .description(Some(words))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}
