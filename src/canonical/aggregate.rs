//! Parses `create aggregate` into its parts, and writes it as the catalog is read: PostgreSQL prints no aggregates.
//! Source: <https://www.postgresql.org/docs/18/sql-createaggregate.html>.
use super::parse::{self, SqlError};
use super::routine::parse_signature;
use super::routine_text::{ArgumentText, RoutineBody, RoutineText, in_a_signature};
use super::type_name::{self, TypeName};
use super::words::{between, closing, string, words};
use crate::model::quote;
use pg_query::protobuf::{self, ObjectType, node::Node};
use std::collections::BTreeMap;

/// Forms that the value of an aggregate's option has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionForm {
    /// Name of a function.
    Function,
    /// Name of an operator.
    Operator,
    /// A type.
    Type,
    /// Number of bytes.
    Number,
    /// One of some words.
    Word(&'static [&'static str]),
    /// Text, which the type reads.
    Text,
    /// Option that is written or not.
    Flag,
}

const MODIFY: OptionForm = OptionForm::Word(&["read_only", "shareable", "read_write"]);

/// The options of an aggregate, in the order in which a catalog's reader writes them.
pub const AGGREGATE_OPTIONS: [(&str, OptionForm); 21] = [
    ("sfunc", OptionForm::Function),
    ("stype", OptionForm::Type),
    ("sspace", OptionForm::Number),
    ("finalfunc", OptionForm::Function),
    ("finalfunc_extra", OptionForm::Flag),
    ("finalfunc_modify", MODIFY),
    ("combinefunc", OptionForm::Function),
    ("serialfunc", OptionForm::Function),
    ("deserialfunc", OptionForm::Function),
    ("initcond", OptionForm::Text),
    ("msfunc", OptionForm::Function),
    ("minvfunc", OptionForm::Function),
    ("mstype", OptionForm::Type),
    ("msspace", OptionForm::Number),
    ("mfinalfunc", OptionForm::Function),
    ("mfinalfunc_extra", OptionForm::Flag),
    ("mfinalfunc_modify", MODIFY),
    ("minitcond", OptionForm::Text),
    ("sortop", OptionForm::Operator),
    ("parallel", OptionForm::Word(&["safe", "restricted", "unsafe"])),
    ("hypothetical", OptionForm::Flag),
];

/// Values of an aggregate's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// Name of a function or an operator: its schema, where that is written, and its own.
    Name(Vec<String>),
    /// A type.
    Type(TypeName),
    /// A number, a word, or a text.
    Text(String),
    /// Option that is written.
    Set,
}

/// An aggregate, as its statement says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AggregateText {
    /// The schema, where that is written.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// All arguments: the direct ones, then those that are sorted. A variadic one that is both stands once.
    pub arguments: Vec<ArgumentText>,
    /// The number of direct arguments, where the others are sorted (`order by`).
    pub direct: Option<usize>,
    /// The options that are written, by their words.
    pub options: BTreeMap<&'static str, OptionValue>,
}

/// Reads the statement of an aggregate.
///
/// # Errors
/// If it is anything else, or is written in the syntax from before PostgreSQL 8.2 (`basetype = …`).
pub fn parse_aggregate(text: &str) -> Result<AggregateText, SqlError> {
    let tree = defined("", text, "")?;
    if tree.oldstyle {
        return Err(SqlError::new("it is written as before PostgreSQL 8.2; its arguments stand behind its name"));
    }
    let mut names = parse::names(&tree.defnames);
    let mut out =
        AggregateText { name: names.pop().unwrap_or_default(), schema: names.pop(), ..AggregateText::default() };
    (out.arguments, out.direct) = arguments(text)?;
    for option in tree.definition.iter().filter_map(|node| node.node.as_ref()) {
        let Node::DefElem(option) = option else { continue };
        let (word, form) = form_of(&option.defname)?;
        match value(option, form)? {
            Some(value) => drop(out.options.insert(word, value)),
            None => drop(out.options.remove(word)),
        }
    }
    Ok(out.settled())
}

/// Reads the value of one option: what stands behind `sfunc =`.
///
/// # Errors
/// If it is no such value.
pub fn parse_aggregate_option(word: &str, text: &str) -> Result<OptionValue, SqlError> {
    let (_, form) = form_of(word)?;
    let tree = defined(&format!("create aggregate a(*) ({word} = "), text, "\n)")?;
    let found = match tree.definition.as_slice() {
        [protobuf::Node { node: Some(Node::DefElem(option)) }] => value(option, form)?,
        _ => None,
    };
    found.ok_or_else(|| SqlError::new("this is more than a name"))
}

fn defined(before: &str, text: &str, behind: &str) -> Result<protobuf::DefineStmt, SqlError> {
    if let Node::DefineStmt(tree) = parse::one(before, text, behind)?
        && tree.kind() == ObjectType::ObjectAggregate
    {
        return Ok(tree);
    }
    Err(SqlError::new("this makes no aggregate"))
}

/// Reads the arguments, and how many of them are direct.
fn arguments(text: &str) -> Result<(Vec<ArgumentText>, Option<usize>), SqlError> {
    let all = words(text)?;
    let none = || SqlError::new("this has no list of arguments");
    let open = all.iter().position(|word| word.text == "(").ok_or_else(none)?;
    let inside = &all[open + 1..closing(&all, open).ok_or_else(none)?];
    if let [star] = inside
        && star.text == "*"
    {
        return Ok((Vec::new(), None));
    }
    let by = |at: &usize| inside[*at].is("order") && inside.get(at + 1).is_some_and(|next| next.is("by"));
    let Some(at) = (0..inside.len()).find(by) else { return Ok((parse_signature(between(text, inside))?, None)) };
    let direct = parse_signature(between(text, &inside[..at]))?;
    let sorted = parse_signature(between(text, &inside[at + 2..]))?;
    Ok((with_sorted(&direct, sorted), Some(direct.len())))
}

/// The direct arguments with those that are sorted: a variadic one that is both stands once, as PostgreSQL keeps it.
#[must_use]
pub fn with_sorted(direct: &[ArgumentText], sorted: Vec<ArgumentText>) -> Vec<ArgumentText> {
    let is_both = direct.last().is_some_and(|last| last.mode == Some("VARIADIC"));
    direct.iter().cloned().chain(sorted.into_iter().filter(|_| !is_both)).collect()
}

fn form_of(word: &str) -> Result<(&'static str, OptionForm), SqlError> {
    // Older words, which PostgreSQL takes still.
    let word = match word {
        "sfunc1" => "sfunc",
        "stype1" => "stype",
        "initcond1" => "initcond",
        word => word,
    };
    let found = AGGREGATE_OPTIONS.iter().find(|(of, _)| *of == word);
    found.copied().ok_or_else(|| SqlError::new(format!("`{word}` is no option of an aggregate")))
}

/// Gives the value of an option; `None` for a flag that is not set.
fn value(option: &protobuf::DefElem, form: OptionForm) -> Result<Option<OptionValue>, SqlError> {
    let wrong = |what: &str| SqlError::new(format!("`{}` is no {what}", option.defname));
    let argument = option.arg.as_deref().and_then(|node| node.node.as_ref());
    let names = match argument {
        Some(Node::TypeName(name)) if name.typmods.is_empty() && name.array_bounds.is_empty() && !name.setof => {
            parse::names(&name.names)
        }
        Some(Node::List(list)) => parse::names(&list.items),
        Some(Node::String(text)) => vec![text.sval.clone()],
        Some(Node::Integer(number)) => vec![number.ival.to_string()],
        Some(Node::Float(number)) => vec![number.fval.clone()],
        _ => Vec::new(),
    };
    let text = |what: &str| match names.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(wrong(what)),
    };
    Ok(Some(match (form, argument) {
        (OptionForm::Flag, None) => OptionValue::Set,
        (OptionForm::Flag, _) => match text("flag")?.as_str() {
            "true" | "on" | "1" => OptionValue::Set,
            "false" | "off" | "0" => return Ok(None),
            _ => return Err(wrong("flag")),
        },
        (OptionForm::Type, Some(Node::TypeName(name))) => OptionValue::Type(type_name::from_tree(name)?),
        (OptionForm::Type, _) => return Err(wrong("type")),
        (OptionForm::Function, _) if (1..=2).contains(&names.len()) => OptionValue::Name(names),
        (OptionForm::Function, _) => return Err(wrong("name of a function")),
        (OptionForm::Operator, _) if (1..=2).contains(&names.len()) => OptionValue::Name(names),
        (OptionForm::Operator, _) => return Err(wrong("operator")),
        (OptionForm::Number, Some(Node::Integer(_))) => OptionValue::Text(text("number")?),
        (OptionForm::Number, _) => return Err(wrong("number")),
        (OptionForm::Word(all), _) => {
            let word = text("word")?;
            OptionValue::Text(all.contains(&word.as_str()).then_some(word).ok_or_else(|| wrong("word that it takes"))?)
        }
        (OptionForm::Text, _) => OptionValue::Text(text("text")?),
    }))
}

impl AggregateText {
    /// Gives it with all that PostgreSQL fills in, and without what says nothing.
    #[must_use]
    pub fn settled(mut self) -> Self {
        // A final function of an ordered set may change the state, others may not.
        let usual = if self.direct.is_some() { "read_write" } else { "read_only" };
        for (function, modify) in [("finalfunc", "finalfunc_modify"), ("mfinalfunc", "mfinalfunc_modify")] {
            if !self.options.contains_key(function) {
                self.options.remove(modify);
            } else if !self.options.contains_key(modify) {
                self.options.insert(modify, OptionValue::Text(usual.to_owned()));
            }
        }
        let says_nothing = |word: &str, value: &OptionValue| match value {
            OptionValue::Text(text) => {
                (word == "parallel" && text == "unsafe") || (word.ends_with("space") && text == "0")
            }
            OptionValue::Name(_) | OptionValue::Type(_) | OptionValue::Set => false,
        };
        self.options.retain(|word, value| !says_nothing(word, value));
        self
    }

    /// Says that PostgreSQL would fill in the option as it is.
    #[must_use]
    pub fn is_usual(&self, word: &str) -> bool {
        let mut without = self.clone();
        without.options.remove(word);
        without.settled().options.get(word) == self.options.get(word)
    }

    /// Lists the types of all arguments, by which it is called.
    #[must_use]
    pub fn signature(&self) -> String {
        let arguments = self.arguments.clone();
        RoutineText { arguments, ..RoutineText::new(RoutineBody::Text(String::new())) }.signature()
    }

    /// Writes the arguments as `pg_get_function_identity_arguments` does: what an identity ends with.
    #[must_use]
    pub fn identity(&self) -> String {
        let list = |arguments: &[ArgumentText]| arguments.iter().map(argument).collect::<Vec<_>>().join(", ");
        let (direct, sorted) = self.direct_and_sorted();
        match self.direct {
            None => list(direct),
            Some(0) => format!("ORDER BY {}", list(sorted)),
            Some(_) => format!("{} ORDER BY {}", list(direct), list(sorted)),
        }
    }

    /// Gives the direct arguments, and those that are sorted; one that is both is in both.
    #[must_use]
    pub fn direct_and_sorted(&self) -> (&[ArgumentText], &[ArgumentText]) {
        let count = self.direct.unwrap_or(self.arguments.len()).min(self.arguments.len());
        let (direct, sorted) = self.arguments.split_at(count);
        let is_both = self.direct.is_some() && sorted.is_empty();
        (direct, if is_both { &direct[count.saturating_sub(1)..] } else { sorted })
    }

    /// Writes the statement, as the catalog is read.
    #[must_use]
    pub fn print(&self) -> String {
        let arguments = Some(self.identity()).filter(|list| !list.is_empty()).unwrap_or_else(|| "*".to_owned());
        let written = |(word, form): &(&str, OptionForm)| {
            Some(match (self.options.get(word)?, form) {
                (OptionValue::Set, _) => (*word).to_owned(),
                (value, form) => format!("{word} = {}", value.sql(*form)),
            })
        };
        let options: Vec<String> = AGGREGATE_OPTIONS.iter().filter_map(written).collect();
        let schema = self.schema.as_deref().map(|schema| format!("{}.", quote(schema))).unwrap_or_default();
        format!("create aggregate {schema}{}({arguments}) ({})", quote(&self.name), options.join(", "))
    }
}

/// Writes an argument as PostgreSQL prints it, with its type in PostgreSQL's own spelling.
fn argument(of: &ArgumentText) -> String {
    let data_type = of.known_type.as_ref().map_or_else(|| of.data_type.clone(), in_a_signature);
    ArgumentText { data_type, default: None, ..of.clone() }.sql()
}

impl OptionValue {
    /// Writes the value as SQL.
    #[must_use]
    pub fn sql(&self, form: OptionForm) -> String {
        match (self, form) {
            (Self::Name(names), OptionForm::Operator) => match names.as_slice() {
                [schema, name] => format!("operator({}.{name})", quote(schema)),
                names => format!("operator(pg_catalog.{})", names.join(".")),
            },
            (Self::Name(names), _) => names.iter().map(|name| quote(name)).collect::<Vec<_>>().join("."),
            (Self::Type(name), _) => in_a_signature(name),
            // As `quote_literal` does.
            (Self::Text(text), OptionForm::Text) if text.contains('\\') => {
                format!("E{}", string(&text.replace('\\', "\\\\")))
            }
            (Self::Text(text), OptionForm::Text) => string(text),
            (Self::Text(text), _) => text.clone(),
            (Self::Set, _) => "true".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests that what a catalog's reader wrote is put together as it was.
    #[test]
    fn written_statements_survive() {
        for text in [
            "create aggregate public.total(integer) (sfunc = int4pl, stype = integer, initcond = '0', parallel = safe)",
            "create aggregate app.\"Odd one\"(*) (sfunc = app.\"Step on\", stype = app.\"My type\"[], initcond = E'{\"a\\\\b''\"}')",
            "create aggregate s.f(x double precision, VARIADIC \"a b\" app.mood[]) (sfunc = s.g, stype = internal, sspace = 8, finalfunc = s.h, finalfunc_extra, finalfunc_modify = shareable, combinefunc = s.c, serialfunc = s.d, deserialfunc = s.e)",
            "create aggregate s.m(bigint) (sfunc = int8_avg_accum, stype = internal, msfunc = a, minvfunc = b, mstype = internal, msspace = 48, mfinalfunc = c, mfinalfunc_extra, mfinalfunc_modify = read_only, minitcond = '', sortop = operator(pg_catalog.>))",
            "create aggregate s.p(double precision ORDER BY anyelement) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra, finalfunc_modify = read_write)",
            "create aggregate s.o(ORDER BY value anyelement) (sfunc = a, stype = internal)",
            "create aggregate s.r(VARIADIC \"any\" ORDER BY VARIADIC \"any\") (sfunc = a, stype = internal, hypothetical)",
        ] {
            assert_eq!(parse_aggregate(text).unwrap().print(), text);
        }
    }

    #[test]
    fn however_it_is_written_it_is_the_same() {
        let read = |text: &str| parse_aggregate(text).unwrap();
        let plain = "create aggregate f(integer) (sfunc = int4pl, stype = integer, finalfunc = s.g, finalfunc_modify = read_only)";
        for text in [
            "CREATE OR REPLACE AGGREGATE f(in INT4) (STYPE = int, SFUNC = int4pl, finalfunc = s.g, sspace = 0, PARALLEL = UNSAFE)",
            "create aggregate f(int) (sfunc1 = 'int4pl', stype1 = int4, FinalFunc = \"s\".g, finalfunc_modify = 'read_only', finalfunc_extra = false)",
        ] {
            assert_eq!(read(text).print(), plain, "{text}");
        }
        assert!(read(plain).is_usual("finalfunc_modify") && !read(plain).is_usual("finalfunc"));
        assert!(
            !read("create aggregate f(int order by int) (finalfunc = f, finalfunc_modify = read_only)")
                .is_usual("finalfunc_modify")
        );
        assert_eq!(
            read("create aggregate f(*) (sfunc = a, initcond = 0)").options["initcond"],
            OptionValue::Text("0".to_owned())
        );
        assert_eq!(read("create aggregate f(a int4 order by b text) (sfunc = a)").signature(), "integer, text");
        assert_eq!(parse_aggregate_option("sortop", ">").unwrap(), OptionValue::Name(vec![">".to_owned()]));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "create aggregate f(basetype = int, sfunc = int4pl, stype = int)",
            "create aggregate f(int) (sfunc = int4pl, colour = red)",
            "create aggregate f(int) (sfunc = int4pl, stype = setof int)",
            "create aggregate f(int) (sfunc = int4pl[], stype = int)",
            "create aggregate f(int) (parallel = perhaps)",
            "create aggregate f(int) (sspace = 'a')",
            "create function f() returns int language sql as 'select 1'",
            "create aggregate f(*) (sfunc = a); select 1",
        ] {
            assert!(parse_aggregate(text).is_err(), "{text}");
        }
        for (word, text) in [("sfunc", "a, stype = b"), ("stype", ""), ("sfunc", "a(b)"), ("sortop", "int[]")] {
            assert!(parse_aggregate_option(word, text).is_err(), "{word} = {text}");
        }
    }
}
