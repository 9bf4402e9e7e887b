//! `schema FILE` and `schema {…}`: the body is JSON that a schema allows. It stands alone.

use std::sync::Arc;

use super::Query;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{ReadResult, Stop};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::json_schema::JsonSchema;
use crate::expect::operands::{Takes, Word};

/// A schema, or the file whose text was not handed in yet.
#[derive(Debug)]
struct Schema {
    file: Option<Arc<str>>,
    schema: Option<JsonSchema>,
}

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word {
    name: "schema",
    takes: &[Takes::FileOrDocument],
    make: |mut operands| {
        let text = operands.text()?;
        Ok(Box::new(if text.starts_with('{') {
            Schema { file: None, schema: Some(JsonSchema::new(&text)?) }
        } else {
            Schema { file: Some(text), schema: None }
        }))
    },
}];

impl Query for Schema {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let Some(schema) = &self.schema else {
            let file = self.file.as_deref().unwrap_or_default();
            return Err(Stop::unverified(format!("the schema {file} was not read")));
        };
        schema.check(answer.json()?)?;
        Ok(Datum::Flag.into())
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Body
    }

    fn stands_alone(&self) -> bool {
        true
    }

    fn schema_file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    fn with_schema(&self, schema: JsonSchema) -> Option<Box<dyn Query>> {
        let file = self.file.clone()?;
        Some(Box::new(Self { file: Some(file), schema: Some(schema) }))
    }
}
