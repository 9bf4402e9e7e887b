//! The flags of a request, made from its schema: a field is listed where its type stands and nowhere else.

use std::marker::PhantomData;

use clap::builder::Str;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value};

use crate::domain::one_line;
use crate::tools::FormRequest;

/// How the fields of a request are called on the command line, where that is not `--` and their name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flags {
    /// Fields that are given by their place.
    pub(crate) positional: &'static [&'static str],
    /// Fields with a short flag.
    pub(crate) short: &'static [(&'static str, char)],
    /// Fields whose flag has another name. For one that is true unless told otherwise: the flag that says no.
    pub(crate) long: &'static [(&'static str, &'static str)],
    /// Fields that the command sets itself.
    pub(crate) left_out: &'static [&'static str],
}

/// A request with flags.
pub(crate) trait RequestFlags: FormRequest + serde::de::DeserializeOwned + Clone {
    /// How its fields are called.
    const FLAGS: Flags;
}

/// The flags of a request as clap's arguments.
#[derive(Debug, Clone)]
pub(crate) struct RequestArgs<P>(pub(crate) P);

impl<P: RequestFlags> Args for RequestArgs<P> {
    fn augment_args(command: Command) -> Command {
        Field::<P>::all().into_iter().fold(command, |command, field| command.args(field.args()))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<P: RequestFlags> FromArgMatches for RequestArgs<P> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Map::new();
        for field in Field::<P>::all() {
            if let Some(value) = field.given(matches)? {
                given.insert(field.name.clone(), value);
            }
        }
        serde_path_to_error::deserialize(Value::Object(given)).map(Self).map_err(|error| {
            let place = error.path().to_string();
            let reason = one_line(&error.into_inner().to_string(), 300);
            let field = Field::<P>::all().into_iter().find(|field| place.split(['.', '[']).next() == Some(&field.name));
            let way_out = field.map_or_else(String::new, |field| format!("\nCorrect `{}`.", field.shown()));
            clap::Error::raw(ErrorKind::ValueValidation, format!("{place}: {reason}\n{way_out}"))
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// One field of a request and its flag.
struct Field<P> {
    name: String,
    schema: Map<String, Value>,
    required: bool,
    request: PhantomData<P>,
}

impl<P: RequestFlags> Field<P> {
    fn all() -> Vec<Self> {
        let schema = P::schema();
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties
            .filter(|(name, _)| !P::FLAGS.left_out.contains(&name.as_str()))
            .map(|(name, schema)| Self {
                name: name.clone(),
                schema: schema.as_object().cloned().unwrap_or_default(),
                required: required.contains(&name.as_str()),
                request: PhantomData,
            })
            .collect()
    }

    fn kind(&self) -> &str {
        self.schema.get("type").and_then(Value::as_str).unwrap_or("any")
    }

    fn is_true_by_default(&self) -> bool {
        self.schema.get("default") == Some(&Value::Bool(true))
    }

    fn long(&self) -> String {
        let renamed = P::FLAGS.long.iter().find(|(field, _)| *field == self.name);
        match renamed {
            Some((_, flag)) => (*flag).to_owned(),
            None if self.is_true_by_default() => format!("no-{}", self.name.replace('_', "-")),
            None => self.name.replace('_', "-"),
        }
    }

    /// How the field is given: its flag, or the name of its place.
    fn shown(&self) -> String {
        if P::FLAGS.positional.contains(&self.name.as_str()) {
            self.name.to_uppercase()
        } else {
            format!("--{}", self.long())
        }
    }

    fn args(&self) -> Vec<Arg> {
        let mut arg = Arg::new(self.name.clone()).help(self.help());
        if P::FLAGS.positional.contains(&self.name.as_str()) {
            return vec![arg.required(self.required).value_name(self.name.to_uppercase())];
        }
        arg = arg.long(Str::from(self.long())).required(self.required);
        if let Some((_, short)) = P::FLAGS.short.iter().find(|(field, _)| *field == self.name) {
            arg = arg.short(*short);
        }
        let value_name = self.long().replace('-', "_").to_uppercase();
        match self.kind() {
            "boolean" if self.is_true_by_default() => {
                let yes = Arg::new(format!("{}-yes", self.name)).long(self.name.replace('_', "-"));
                let yes = yes.action(ArgAction::SetTrue).overrides_with(self.name.clone()).hide(true);
                vec![arg.action(ArgAction::SetFalse), yes]
            }
            "boolean" => vec![arg.action(ArgAction::SetTrue)],
            "integer" => {
                vec![arg.value_name("NUMBER").value_parser(clap::value_parser!(i64)).allow_negative_numbers(true)]
            }
            "number" => {
                vec![arg.value_name("NUMBER").value_parser(clap::value_parser!(f64)).allow_negative_numbers(true)]
            }
            "array" => vec![arg.value_name(value_name).action(ArgAction::Append)],
            "object" if self.is_map() => vec![arg.value_name("NAME=VALUE").action(ArgAction::Append)],
            _ => vec![arg.value_name(value_name)],
        }
    }

    /// The doc comment of the field, its choices and its default.
    fn help(&self) -> String {
        let text = self.schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let mut help = text.trim_end_matches('.').to_owned();
        if let Some(Value::Array(choices)) = self.schema.get("enum") {
            let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
            help.push_str(&format!(": {}", choices.join(", ")));
        }
        if matches!(self.kind(), "array") || self.is_map() {
            help.push_str("; repeatable");
        }
        match self.schema.get("default") {
            Some(Value::String(usual)) if !usual.is_empty() => help.push_str(&format!(" [default: {usual}]")),
            Some(Value::Number(usual)) => help.push_str(&format!(" [default: {usual}]")),
            _ => {}
        }
        help
    }

    fn is_map(&self) -> bool {
        self.kind() == "object" && self.schema.get("additionalProperties").is_some_and(Value::is_object)
    }

    /// Returns what was given; nothing when the field keeps its default.
    fn given(&self, matches: &ArgMatches) -> Result<Option<Value>, clap::Error> {
        if !matches!(matches.value_source(&self.name), Some(ValueSource::CommandLine | ValueSource::EnvVariable)) {
            return Ok(None);
        }
        Ok(match self.kind() {
            "boolean" => matches.get_one::<bool>(&self.name).map(|given| Value::from(*given)),
            "integer" => matches.get_one::<i64>(&self.name).map(|given| Value::from(*given)),
            "number" => matches.get_one::<f64>(&self.name).map(|given| Value::from(*given)),
            "array" => {
                let given = matches.get_many::<String>(&self.name).into_iter().flatten();
                let texts = self.schema.get("items").and_then(|items| items.get("type")) == Some(&"string".into());
                Some(given.map(|text| if texts { Value::from(text.as_str()) } else { value_of(text) }).collect())
            }
            "object" if self.is_map() => {
                let given = matches.get_many::<String>(&self.name).into_iter().flatten();
                Some(Value::Object(given.map(|text| self.pair(text)).collect::<Result<_, _>>()?))
            }
            "string" => matches.get_one::<String>(&self.name).map(|given| Value::from(given.as_str())),
            _ => matches.get_one::<String>(&self.name).map(|given| value_of(given)),
        })
    }

    fn pair(&self, text: &str) -> Result<(String, Value), clap::Error> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().into()))
            }
            _ => {
                let message = format!("--{} is `{}`: give NAME=VALUE\n", self.long(), one_line(text, 60));
                Err(clap::Error::raw(ErrorKind::ValueValidation, message))
            }
        }
    }
}

/// An object is given as JSON; anything else is a text, which the field's type may read in a form of its own.
fn value_of(text: &str) -> Value {
    let object = text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    object.unwrap_or_else(|| Value::from(text))
}
