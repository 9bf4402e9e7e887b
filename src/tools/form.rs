//! The tools of the published Snipara contract that a tool of ours serves: each with its own reading and writing.

use std::future::Future;
use std::sync::LazyLock;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::{FieldError, InvalidRequest, Request};
use crate::orchestrator::{Orchestrator, OrchestratorError};

use super::outside::release_object;
use super::spec::JsonObject;
use super::{arguments, schema};

/// A form did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// The request cannot be carried out as it stands.
    #[error(transparent)]
    Invalid(#[from] InvalidRequest),
    /// The verb refused it or failed.
    #[error(transparent)]
    Failed(#[from] OrchestratorError),
}

impl From<FieldError> for FormError {
    fn from(error: FieldError) -> Self {
        Self::Invalid(error.into())
    }
}

/// What a form reads: one request, or two out of the same arguments.
pub trait FormRequest: Sized + Send + 'static {
    /// Returns the schema of everything that it reads.
    fn schema() -> JsonObject;

    /// Reads it; unknown arguments are ignored, and nulls are absent (snipara-wire.md §1.8).
    ///
    /// # Errors
    /// Names the field.
    fn read(given: &JsonObject) -> Result<Self, InvalidRequest>;
}

impl<P: Request> FormRequest for P {
    fn schema() -> JsonObject {
        schema::input_schema::<P>()
    }

    fn read(given: &JsonObject) -> Result<Self, InvalidRequest> {
        let request = arguments::read_leniently::<P>(&schema::input_schema::<P>(), given.clone())?;
        request.check()?;
        Ok(request)
    }
}

impl<P: Request, Q: Request> FormRequest for (P, Q) {
    fn schema() -> JsonObject {
        schema::united(P::schema(), Q::schema())
    }

    fn read(given: &JsonObject) -> Result<Self, InvalidRequest> {
        Ok((<P as FormRequest>::read(given)?, <Q as FormRequest>::read(given)?))
    }
}

type Answering<'a> = BoxFuture<'a, Result<JsonObject, FormError>>;
type Run = Box<dyn for<'a> Fn(Orchestrator, &'a JsonObject) -> Answering<'a> + Send + Sync>;

/// A published tool that one of ours serves.
pub struct Form {
    /// Its published name, without a prefix.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Tells whether a call does something that needs a person's consent at our own tool.
    pub asks_person: fn(&JsonObject) -> bool,
    schema: LazyLock<JsonObject>,
    run: Run,
}

impl Form {
    /// Makes a form of a body, which writes the answer as the contract has it.
    pub fn of<P, B, F>(name: &'static str, description: &'static str, body: B) -> Self
    where
        P: FormRequest,
        B: Fn(Orchestrator, P) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<JsonObject, FormError>> + Send + 'static,
    {
        Self {
            name,
            description,
            asks_person: |_| false,
            schema: LazyLock::new(|| schema::published(P::schema())),
            run: Box::new(move |orchestrator, given| async move { body(orchestrator, P::read(given)?).await }.boxed()),
        }
    }

    /// Returns the same form, some of whose calls need a person's consent.
    #[must_use]
    pub fn asking_a_person(self, when: fn(&JsonObject) -> bool) -> Self {
        Self { asks_person: when, ..self }
    }

    /// Returns the JSON Schema of what it takes.
    pub fn schema(&self) -> &JsonObject {
        &self.schema
    }

    /// Carries a call out. What it answers is fit to leave.
    ///
    /// # Errors
    /// Arguments that cannot be read, or as the verb does.
    pub async fn run(&self, orchestrator: Orchestrator, given: &JsonObject) -> Result<JsonObject, FormError> {
        let redactor = orchestrator.redactor().clone();
        let mut answer = (self.run)(orchestrator, given).await?;
        release_object(&mut answer, &redactor);
        Ok(answer)
    }
}

/// Makes a form whose verb's answer is written as it is: `form!("claim", "Take …", claim => payload::claim)`.
macro_rules! form {
    ($name:literal, $description:literal, $verb:ident => $written:path) => {
        $crate::tools::Form::of($name, $description, |orchestrator, request| async move {
            Ok($written(&orchestrator.$verb(request).await?))
        })
    };
}

pub(super) use form;
