//! The flags of a request, made from its schema: a field is listed where its type stands and nowhere else.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use clap::builder::Str;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value, json};

use crate::domain::one_line;
use crate::tools::FormRequest;

/// Reads what was typed.
pub(crate) type Read = fn(&str) -> Result<Value, String>;

/// How the fields of a request are called on the command line, where that is not `--` and their name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flags {
    /// Fields that are given by their place.
    pub(crate) positional: &'static [&'static str],
    /// Fields with a short flag.
    pub(crate) short: &'static [(&'static str, char)],
    /// Fields whose flag has another name; a second name of a field is an alias. For one that is true unless told
    /// otherwise: the flag that says no.
    pub(crate) long: &'static [(&'static str, &'static str)],
    /// Fields that are typed in a form of their own.
    pub(crate) forms: &'static [TypedForm],
    /// Fields that the command sets itself.
    pub(crate) left_out: &'static [&'static str],
    /// Fields that short help leaves out.
    pub(crate) rare: &'static [&'static str],
}

impl Flags {
    /// Every field is called as it is.
    pub(crate) const PLAIN: Self =
        Self { positional: &[], short: &[], long: &[], forms: &[], left_out: &[], rare: &[] };
}

/// A field that is typed in another form than its schema says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedForm {
    /// The field.
    pub(crate) field: &'static str,
    /// What the help calls what is typed.
    pub(crate) value_name: &'static str,
    /// What the help says.
    pub(crate) help: &'static str,
    /// Makes what the field, or an item of it, holds; for a map an object of one pair.
    pub(crate) read: Read,
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
        let given = Field::<P>::all().into_iter().filter_map(|field| Some((field.name.clone(), field.given(matches)?)));
        let given = given.collect();
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
        match self.other_names().next() {
            Some(flag) => flag.to_owned(),
            None if self.is_true_by_default() => format!("no-{}", self.name.replace('_', "-")),
            None => self.name.replace('_', "-"),
        }
    }

    fn other_names(&self) -> impl Iterator<Item = &'static str> {
        P::FLAGS.long.iter().filter(|(field, _)| *field == self.name).map(|(_, flag)| *flag)
    }

    fn form(&self) -> Option<&'static TypedForm> {
        P::FLAGS.forms.iter().find(|form| form.field == self.name)
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
        let help = self.help();
        let arg = Arg::new(self.name.clone()).help(in_short(&help).to_owned()).long_help(help).required(self.required);
        let arg = arg.hide_short_help(P::FLAGS.rare.contains(&self.name.as_str()));
        let value_name = |plain: &str| self.form().map_or(plain, |form| form.value_name).to_owned();
        if P::FLAGS.positional.contains(&self.name.as_str()) {
            return vec![arg.value_name(value_name(&self.name.to_uppercase())).value_parser(self.read())];
        }
        let short = P::FLAGS.short.iter().find(|(field, _)| *field == self.name).map(|(_, short)| *short);
        let arg = arg.long(Str::from(self.long())).visible_aliases(self.other_names().skip(1)).short(short);
        let own_name = self.long().replace('-', "_").to_uppercase();
        let (plain, action) = match self.kind() {
            "boolean" if self.is_true_by_default() => {
                let yes = Arg::new(format!("{}-yes", self.name)).long(self.name.replace('_', "-"));
                let yes = yes.action(ArgAction::SetTrue).overrides_with(self.name.clone()).hide(true);
                return vec![arg.action(ArgAction::SetFalse), yes];
            }
            "boolean" => {
                let no = Arg::new(format!("{}-no", self.name)).long(format!("no-{}", self.long()));
                let no = no.aliases(self.other_names().skip(1).map(|name| Str::from(format!("no-{name}"))));
                let no = no.action(ArgAction::SetTrue).overrides_with(self.name.clone()).hide(true);
                return vec![arg.action(ArgAction::SetTrue).overrides_with(format!("{}-no", self.name)), no];
            }
            "integer" | "number" => ("NUMBER", ArgAction::Set),
            "array" => (own_name.as_str(), ArgAction::Append),
            "object" if self.is_map() => ("NAME=VALUE", ArgAction::Append),
            _ => (own_name.as_str(), ArgAction::Set),
        };
        let arg = arg.value_name(value_name(plain)).action(action).value_parser(self.read());
        vec![arg.allow_negative_numbers(matches!(self.kind(), "integer" | "number"))]
    }

    fn read(&self) -> Read {
        let kind = self.kind();
        let items = self.schema.get("items").and_then(|items| items.get("type")).and_then(Value::as_str);
        match (self.form(), kind, items) {
            (Some(form), ..) => form.read,
            (None, "integer", _) => number::<i64>,
            (None, "number", _) => number::<f64>,
            (None, "string", _) | (None, "array", Some("string")) => |text| Ok(text.into()),
            (None, "object", _) if self.is_map() => pair,
            _ => object_or_text,
        }
    }

    /// The doc comment of the field, its choices and its default.
    fn help(&self) -> String {
        let text = self.schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let text = self.form().map_or(text, |form| form.help);
        let mut help = text.trim_end_matches('.').to_owned();
        if let Some(Value::Array(choices)) = self.schema.get("enum") {
            let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
            help.push_str(&format!(": {}", choices.join(", ")));
        }
        if matches!(self.kind(), "array") || self.is_map() {
            help.push_str("; repeatable");
        }
        match self.schema.get("default").filter(|_| self.form().is_none()) {
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
    fn given(&self, matches: &ArgMatches) -> Option<Value> {
        if !matches!(matches.value_source(&self.name), Some(ValueSource::CommandLine | ValueSource::EnvVariable)) {
            return None;
        }
        if self.kind() == "boolean" {
            return matches.get_one::<bool>(&self.name).map(|given| Value::from(*given));
        }
        let mut given = matches.get_many::<Value>(&self.name).into_iter().flatten().cloned();
        match self.kind() {
            "array" => Some(given.collect()),
            "object" if self.is_map() => {
                let pairs = given.filter_map(|pair| pair.as_object().cloned()).flatten();
                Some(Value::Object(pairs.collect()))
            }
            _ => given.next(),
        }
    }
}

/// The first clause of a text, where that leaves nothing out that must be known to use the flag at all.
fn in_short(help: &str) -> &str {
    const LONG: usize = 60;
    let cut = if help.len() > LONG { help.find(';') } else { None };
    cut.and_then(|end| help.get(..end)).unwrap_or(help)
}

fn number<N: FromStr<Err: Display> + Into<Value>>(text: &str) -> Result<Value, String> {
    text.parse::<N>().map(Into::into).map_err(|error| error.to_string())
}

fn pair(text: &str) -> Result<Value, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok(json!({ name.trim(): value.trim() }))
        }
        _ => Err("give NAME=VALUE".to_owned()),
    }
}

/// An object is given as JSON; anything else is a text, which the field's type may read in a form of its own.
fn object_or_text(text: &str) -> Result<Value, String> {
    let object = text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    Ok(object.unwrap_or_else(|| text.into()))
}
