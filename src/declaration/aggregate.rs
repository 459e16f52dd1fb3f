//! Reads and writes aggregates of a declaration, by the statement that a catalog's reader gives. The key is the name with
//! the types of all arguments.
use super::{
    Known, attributes,
    definition::{self, whole},
    function::{same_arguments_before, split_key, typed_key, with_schema},
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    resolve::routine_schema,
    value::Out,
};
use crate::canonical::{
    AGGREGATE_OPTIONS, AggregateText, ArgumentText, OptionForm, OptionValue, parse_aggregate, parse_aggregate_option,
    parse_argument, with_sorted,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectId, ObjectKind, routine_name};
use crate::yaml::{self, Entry};
use serde_yaml::Value;
use std::{borrow::Cow, collections::BTreeMap};

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[
        "arguments",
        "order_by",
        "sfunc",
        "stype",
        "sspace",
        "finalfunc",
        "finalfunc_extra",
        "finalfunc_modify",
        "combinefunc",
        "serialfunc",
        "deserialfunc",
        "initcond",
        "msfunc",
        "minvfunc",
        "mstype",
        "msspace",
        "mfinalfunc",
        "mfinalfunc_extra",
        "mfinalfunc_modify",
        "minitcond",
        "sortop",
        "parallel",
        "hypothetical",
        "create",
        "comment",
        "owner",
        "grants",
        "renamed_from",
    ],
    state: &[],
    later: &[],
};

/// Options that every aggregate has.
const NEEDED: [&str; 2] = ["sfunc", "stype"];

/// Keys that say something only beside another one.
const BESIDE: [(&str, &str); 13] = [
    ("finalfunc_extra", "finalfunc"),
    ("finalfunc_modify", "finalfunc"),
    ("serialfunc", "deserialfunc"),
    ("deserialfunc", "serialfunc"),
    ("msfunc", "mstype"),
    ("minvfunc", "msfunc"),
    ("mstype", "minvfunc"),
    ("msspace", "mstype"),
    ("mfinalfunc", "mstype"),
    ("minitcond", "mstype"),
    ("mfinalfunc_extra", "mfinalfunc"),
    ("mfinalfunc_modify", "mfinalfunc"),
    ("hypothetical", "order_by"),
];

/// Reads an aggregate of a declaration, once all relations, types and functions of all files are known.
pub(super) fn read(reader: &mut Reader, known: &Known, entry: &Entry) {
    let plain = without_star(&entry.key);
    let key = (plain.as_ref(), &entry.key_place);
    let Some((name, list, types)) = typed_key(reader, known, ObjectKind::Aggregate, key) else { return };
    let schema = reader.schema;
    let id =
        |name: &str, arguments: &str| ObjectId::of_parts(ObjectKind::Aggregate, &[schema.as_str(), name, arguments]);
    let by_types = AggregateText { arguments: types, ..AggregateText::default() };
    let what = format!("the aggregate {}", entry.key);
    // Its identity has the names of its arguments, which are among its keys.
    let bare = id(name, &by_types.signature());
    let Some(mut keys) = Keys::new(reader, &bare, &what, &entry.value, &KEYS) else { return };
    let said = match keys.has("create") {
        true => whole(&mut keys, parse_aggregate).and_then(|said| same_as_key(&mut keys, known, said)),
        false => arguments(&mut keys, known, &by_types),
    };
    let arguments = said.as_ref().map_or_else(|| by_types.signature(), AggregateText::identity);
    keys.id = id(name, &arguments);
    if !keys.reader.begin(&keys.id, &entry.key_place) {
        return;
    }
    let said = said.and_then(|said| if keys.has("create") { Some(said) } else { options(&mut keys, said) });
    let said = said.and_then(|said| with_schemas(&mut keys, known, said));
    let said =
        said.map(|said| AggregateText { schema: Some(schema.as_str().to_owned()), name: name.to_owned(), ..said });
    same_arguments_before(&mut keys, &list);
    keys.directives(|old| {
        let old = without_star(old);
        id(split_key(&old).map_or(old.as_ref(), |(name, _)| name), &arguments)
    });
    definition::insert(keys, said.map(|said| said.print()), |text| parse_aggregate(text).map(drop));
}

/// Writes the key of an aggregate without arguments as that of a routine: PostgreSQL has a star there.
fn without_star(key: &str) -> Cow<'_, str> {
    key.strip_suffix("(*)").map_or(Cow::Borrowed(key), |name| Cow::Owned(format!("{name}()")))
}

/// Refuses a whole statement that is about something else than its key says.
fn same_as_key(keys: &mut Keys<'_, '_>, known: &Known, said: AggregateText) -> Option<AggregateText> {
    let place = keys.key_place("create");
    let arguments: Option<Vec<ArgumentText>> =
        said.arguments.iter().map(|argument| with_schema(keys.reader, known, argument, &place)).collect();
    let said = AggregateText { arguments: arguments?, ..said };
    let schema = said.schema.clone().unwrap_or_else(|| keys.reader.schema.as_str().to_owned());
    let made = ObjectId::of_parts(ObjectKind::Aggregate, &[schema.as_str(), &said.name, &said.signature()]);
    if made == keys.id {
        return Some(said);
    }
    let message = format!("{} makes the aggregate {}", keys.of("create"), made.short());
    let help = format!("its key is `{}`, in the schema {schema}", key(&made));
    keys.reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&place, "another one").help(help));
    None
}

/// Reads the arguments, the direct ones and those that are sorted: together they have the types of the key.
fn arguments(keys: &mut Keys<'_, '_>, known: &Known, by_types: &AggregateText) -> Option<AggregateText> {
    let sorted = if keys.has("order_by") { Some(list(keys, known, "order_by")?) } else { None };
    let direct = match keys.has("arguments") {
        true => list(keys, known, "arguments")?,
        false => {
            let types = &by_types.arguments;
            types[..types.len().saturating_sub(sorted.as_ref().map_or(0, Vec::len))].to_vec()
        }
    };
    let count = sorted.as_ref().map(|_| direct.len());
    let all = with_sorted(&direct, sorted.unwrap_or_default());
    let said = AggregateText { arguments: all, direct: count, ..AggregateText::default() };
    let (found, wanted) = (said.signature(), by_types.signature());
    if found == wanted {
        return Some(said);
    }
    let (message, place) = (format!("{} takes ({found}), and its key says ({wanted})", keys.what), keys.place.clone());
    let help = format!(
        "the key has the types of `arguments:`, and then of `order_by:`, in their order: `{}({found})`",
        keys.id.own_name()
    );
    keys.reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&place, "here").help(help));
    None
}

/// Reads a list of arguments, with their names.
fn list(keys: &mut Keys<'_, '_>, known: &Known, key: &'static str) -> Option<Vec<ArgumentText>> {
    let node = keys.node(key)?;
    let what = keys.of(key);
    let mut out = Vec::new();
    for (text, item) in yaml::texts(node, &what, &mut keys.reader.out)? {
        let of = format!("an argument of {}", keys.what);
        let read = definition::parsed(keys.reader, item, &of, parse_argument)?;
        if read.default.is_some() || !matches!(read.mode, None | Some("VARIADIC")) {
            let message = format!("`{text}` is no argument of an aggregate: they go in, and have no defaults");
            keys.error(Code::WrongType, message, &item.place, "this one");
            return None;
        }
        out.push(with_schema(keys.reader, known, &read, &item.place)?);
    }
    Some(out)
}

/// Reads the options, each by its form; nothing where those are missing that every aggregate has.
fn options(keys: &mut Keys<'_, '_>, mut said: AggregateText) -> Option<AggregateText> {
    for key in NEEDED {
        if !keys.has(key) {
            keys.missing(key);
        }
    }
    for (key, other) in BESIDE {
        if keys.has(key) && !keys.has(other) {
            let (message, place) = (format!("{} stands without `{other}`", keys.of(key)), keys.key_place(key));
            keys.error(Code::Contradiction, message, &place, &format!("says nothing without `{other}`"));
        }
    }
    for (word, form) in AGGREGATE_OPTIONS {
        if let Some(value) = option(keys, word, form) {
            said.options.insert(word, value);
        }
    }
    NEEDED.iter().all(|key| said.options.contains_key(key)).then(|| said.settled())
}

/// Reads one option; none where it is not there, or is a flag that is not set.
fn option(keys: &mut Keys<'_, '_>, word: &'static str, form: OptionForm) -> Option<OptionValue> {
    match form {
        OptionForm::Function | OptionForm::Operator | OptionForm::Type => {
            let node = keys.node(word)?;
            let what = keys.of(word);
            definition::parsed(keys.reader, node, &what, |text| parse_aggregate_option(word, text))
        }
        OptionForm::Number => keys.small::<u32>(word).map(|number| OptionValue::Text(number.to_string())),
        OptionForm::Word(all) => {
            let words: Vec<(&str, &str)> = all.iter().map(|word| (*word, *word)).collect();
            keys.word(word, &words).map(|said| OptionValue::Text(said.to_owned()))
        }
        OptionForm::Text => keys.text(word).map(OptionValue::Text),
        OptionForm::Flag => keys.flag(word).then_some(OptionValue::Set),
    }
}

/// Gives functions and types their schemas, where these are known: PostgreSQL's own stand without.
fn with_schemas(keys: &mut Keys<'_, '_>, known: &Known, said: AggregateText) -> Option<AggregateText> {
    let home = keys.reader.schema;
    let mut options = BTreeMap::new();
    for (word, form) in AGGREGATE_OPTIONS {
        let Some(value) = said.options.get(word) else { continue };
        let found = match (value, form) {
            (OptionValue::Name(name), OptionForm::Function) if name.len() == 1 => {
                let schema = routine_schema(keys.reader, known, &home, &name[0]);
                let schema = schema.map(|schema| schema.as_str().to_owned());
                OptionValue::Name(schema.into_iter().chain(name.iter().cloned()).collect())
            }
            (OptionValue::Type(name), _) => {
                let place = keys.key_place(if keys.has("create") { "create" } else { word });
                let bare = ArgumentText::of_type(name.clone());
                OptionValue::Type(
                    with_schema(keys.reader, known, &bare, &place)?.known_type.unwrap_or_else(|| name.clone()),
                )
            }
            (OptionValue::Name(_) | OptionValue::Text(_) | OptionValue::Set, _) => value.clone(),
        };
        options.insert(word, found);
    }
    Some(AggregateText { options, ..said })
}

/// Gives the key of an aggregate: its name as it is, and the types of all its arguments.
pub(super) fn key(id: &ObjectId) -> String {
    let signature = routine_name(id).parts().get(2).copied().unwrap_or_default();
    format!("{}({})", id.own_name(), if signature.is_empty() { "*" } else { signature })
}

/// Writes an aggregate for a declaration: its parts, or the statement where these would not say the same. A function of
/// its own schema that is declared stands without it.
pub(super) fn write(id: &ObjectId, text: &str, comment: Option<&str>, is_declared: &dyn Fn(&str) -> bool) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_aggregate(text).ok().filter(|parsed| parsed.print() == text && reads_back(id, parsed)) {
        Some(parsed) => written(&mut out, &parsed, is_declared),
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}

/// Says that what would be written has no second meaning.
fn reads_back(id: &ObjectId, parsed: &AggregateText) -> bool {
    let key = key(id);
    let lacks = |(key, other): &(&str, &str)| {
        let has = |key: &str| parsed.options.contains_key(key) || (key == "order_by" && parsed.direct.is_some());
        has(key) && !has(other)
    };
    split_key(&without_star(&key)).is_some_and(|(name, _)| name == id.own_name())
        && id.parts().get(2).is_some_and(|arguments| parsed.identity() == *arguments)
        && NEEDED.iter().all(|word| parsed.options.contains_key(word))
        && !BESIDE.iter().any(lacks)
}

fn written(out: &mut Out, parsed: &AggregateText, is_declared: &dyn Fn(&str) -> bool) {
    let AggregateText { schema, name: _, arguments, direct, options } = parsed;
    let list = |arguments: &[ArgumentText]| arguments.iter().map(ArgumentText::sql).collect::<Vec<_>>();
    let (first, sorted) = parsed.direct_and_sorted();
    if arguments.iter().any(|a| a.mode.is_some() || a.name.is_some()) {
        out.list("arguments", list(first));
    }
    if direct.is_some() {
        out.list("order_by", list(sorted));
    }
    for (word, form) in AGGREGATE_OPTIONS.iter().filter(|(word, _)| !parsed.is_usual(word)) {
        match (options.get(word), form) {
            (None, _) => {}
            (Some(OptionValue::Set), _) => out.flag(word, true),
            (Some(OptionValue::Name(name)), OptionForm::Function) => {
                let short = name.len() == 2 && name.first() == schema.as_ref() && is_declared(&name[1]);
                let name = if short { &name[1..] } else { name.as_slice() };
                out.put(word, OptionValue::Name(name.to_vec()).sql(*form));
            }
            (Some(OptionValue::Text(text)), OptionForm::Text) => out.put(word, text.as_str()),
            (Some(OptionValue::Text(text)), OptionForm::Number) => {
                out.put(word, text.parse::<u32>().map_or_else(|_| Value::from(text.as_str()), Value::from));
            }
            (Some(value), form) => out.put(word, value.sql(*form)),
        }
    }
}
