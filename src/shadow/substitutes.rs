//! Replaces what the shadow's server lacks: syntax of later majors, extensions, languages of functions.
use super::standin::{self, Volatility};
use crate::canonical::parse_routine;
use crate::model::{Body, DefaultsOf, Definition, Head, NewObjects, Object, ObjectId, ObjectKind, SchemaName, State};
use crate::store::{Use, UseKind};
use std::collections::BTreeSet;

/// Says that a function runs as its owner: what a stand-in for that role may do says nothing of what the role may do, so
/// the function belongs to the shadow's own role there.
#[must_use]
pub fn runs_as_its_owner(definition: &Definition) -> bool {
    let routine = definition.text().and_then(|text| parse_routine(text).ok());
    routine.is_some_and(|routine| routine.security_definer)
}

/// Gives the state as a server of that major version can build it; what was put in place of what it cannot is added to
/// `partial`.
pub(super) fn adapted(state: &State, major: u32, partial: &mut BTreeSet<String>) -> State {
    let mut state = state.clone();
    state.objects.retain(|id, object| {
        let textless = object.definition().is_some_and(|definition| definition.create.is_none());
        if textless {
            partial.insert(format!(
                "{} {} is not in the shadow: PostgreSQL has no text for it",
                object.word(id),
                id.short()
            ));
        }
        let Head { comment: _, owner, privileges, column_privileges, depends_on: _ } = &mut object.head;
        if let Body::Definition(definition) = &object.body {
            // Some kinds belong to superusers alone, which no stand-in is; no plan changes whose they are.
            if definition.carried {
                (*owner, *privileges) = (None, None);
                column_privileges.clear();
            } else if runs_as_its_owner(definition) {
                *owner = None;
            }
        }
        !textless
    });
    if major >= 18 {
        return state;
    }
    state.objects.retain(|id, _| {
        let is_later = DefaultsOf::of(id).is_some_and(|of| of.on == NewObjects::LargeObjects);
        if is_later {
            let message = format!("{} {} are not in the shadow: PostgreSQL {major} has none", id.word(), id.short());
            partial.insert(message);
        }
        !is_later
    });
    for (id, object) in &mut state.objects {
        let said = object.body.without_18();
        partial.extend(said.map(|said| format!("{} {} {said} on PostgreSQL {major}", id.word(), id.short())));
    }
    state
}

/// Gives the schemas of extensions that the state does not hold: outside of the scope, and there.
pub(super) fn homes(state: &State) -> BTreeSet<SchemaName> {
    let home = |object: &Object| {
        if let Body::Extension(extension) = &object.body { Some(extension.schema) } else { None }
    };
    let outside = |schema: &SchemaName| schema.as_str() != "pg_catalog" && !state.has(&ObjectId::schema(*schema));
    state.objects.values().filter_map(home).filter(outside).collect()
}

/// Writes what stands in for a definition that the server refuses: a function that answers null under the same
/// signature; nothing for the rest, which nothing that pgform models needs.
pub(super) fn instead(id: &ObjectId, definition: &Definition) -> Vec<String> {
    let parts = if id.is(ObjectKind::Function) { id.parts() } else { return Vec::new() };
    let (Some(text), [schema, name, ..]) = (definition.text(), parts.as_slice()) else { return Vec::new() };
    let Some((arguments, returns, rest)) = signature(text) else { return Vec::new() };
    let head = rest.split(" AS ").next().unwrap_or(rest);
    let volatility = if head.contains(" IMMUTABLE") {
        Volatility::Immutable
    } else if head.contains(" STABLE") {
        Volatility::Stable
    } else {
        Volatility::Volatile
    };
    standin::function(Some(schema), name, arguments, returns, volatility)
}

/// Splits `pg_get_functiondef`'s text into the arguments, the result and what follows them.
fn signature(text: &str) -> Option<(&str, &str, &str)> {
    let (head, rest) = text.split_once(")\n RETURNS ")?;
    // A name may hold a parenthesis only in quotes: the first one outside of them opens the arguments.
    let mut quoted = false;
    let open = head.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '(' && !quoted).then_some(at)
    })?;
    let (returns, rest) = rest.split_once('\n')?;
    Some((&head[open + 1..], returns, rest))
}

/// Writes the script of an extension that the server does not bring: what is known of the common ones, and what `uses`
/// says.
pub(super) fn script(extension: &str, schema: Option<&SchemaName>, uses: &[Use]) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut made: BTreeSet<(String, String)> = BTreeSet::new();
    let common: BTreeSet<&str> = known(extension).iter().map(|(name, ..)| *name).collect();
    for (name, arguments, returns, volatility) in known(extension) {
        // Rows are to have a value where only such a default gives one.
        if *returns == "uuid" && *volatility == Volatility::Volatile {
            out.push(random_uuid(name, arguments));
        } else {
            out.extend(standin::function(None, name, arguments, returns, *volatility));
        }
    }
    let here = |used: &&Use| matches!(used.name.as_slice(), [s, _] if schema.is_some_and(|own| own.as_str() == s));
    let of = |kind: UseKind| uses.iter().filter(move |u| u.kind == kind).filter(here);
    for used in of(UseKind::Type) {
        if let [_, name] = used.name.as_slice() {
            out.splice(0..0, standin::type_(None, name, true));
        }
    }
    for used in of(UseKind::Function) {
        let ([_, name], Some((arguments, returns))) =
            (used.name.as_slice(), used.shape.as_deref().and_then(|s| s.split_once(") returns ")))
        else {
            continue;
        };
        let arguments = arguments.trim_start_matches('(');
        let cannot = ["internal", "cstring", "language_handler", "fdw_handler", "index_am_handler"];
        if cannot.iter().any(|word| arguments.contains(word) || returns.contains(word)) {
            continue;
        }
        if !common.contains(name.as_str()) && made.insert((name.clone(), arguments.to_owned())) {
            out.extend(standin::function(None, name, arguments, returns, Volatility::Immutable));
        }
    }
    out.iter().map(|sql| format!("{sql};\n")).collect()
}

fn random_uuid(name: &str, arguments: &str) -> String {
    format!(
        "create function {name}({arguments}) returns uuid language sql volatile as 'select pg_catalog.gen_random_uuid()'"
    )
}

/// Writes the functions of PostgreSQL 18 that the state names, for a server of before: they stand in `pg_catalog`.
pub(super) fn later_functions(state: &State, major: u32) -> Vec<String> {
    if major >= 18 {
        return Vec::new();
    }
    let uuid = |name: &str, arguments: &str| random_uuid(&format!("pg_catalog.{name}"), arguments);
    let same = |name: &str, arguments: &str, returns: &str, body: &str| {
        format!(
            "create function pg_catalog.{name}({arguments}) returns {returns} language sql immutable as 'select {body}'"
        )
    };
    let all = [
        ("uuidv7", vec![uuid("uuidv7", ""), uuid("uuidv7", "interval")]),
        ("uuidv4", vec![uuid("uuidv4", "")]),
        ("casefold", vec![same("casefold", "text", "text", "pg_catalog.lower($1)")]),
        ("array_sort", vec![same("array_sort", "anyarray", "anyarray", "$1")]),
        ("array_reverse", vec![same("array_reverse", "anyarray", "anyarray", "$1")]),
        ("crc32", vec![same("crc32", "bytea", "bigint", "pg_catalog.length($1)::bigint")]),
        ("crc32c", vec![same("crc32c", "bytea", "bigint", "pg_catalog.length($1)::bigint")]),
    ];
    let named = |name: &str| state.objects.values().any(|object| texts(object).iter().any(|text| text.contains(name)));
    all.into_iter().filter(|(name, _)| named(&format!("{name}("))).flat_map(|(_, sql)| sql).collect()
}

fn texts(object: &Object) -> Vec<&str> {
    let statement = object.definition().and_then(Definition::text);
    object.body.fragments().into_iter().map(|sql| sql.sql()).chain(statement).collect()
}

type Known = (&'static str, &'static str, &'static str, Volatility);

/// Lists the functions that declarations call before any database was seen: defaults of keys, above all.
fn known(extension: &str) -> &'static [Known] {
    use Volatility::{Immutable, Volatile};
    match extension {
        "uuid-ossp" => &[
            ("uuid_nil", "", "uuid", Immutable),
            ("uuid_ns_dns", "", "uuid", Immutable),
            ("uuid_ns_url", "", "uuid", Immutable),
            ("uuid_ns_oid", "", "uuid", Immutable),
            ("uuid_ns_x500", "", "uuid", Immutable),
            ("uuid_generate_v1", "", "uuid", Volatile),
            ("uuid_generate_v1mc", "", "uuid", Volatile),
            ("uuid_generate_v3", "namespace uuid, name text", "uuid", Immutable),
            ("uuid_generate_v4", "", "uuid", Volatile),
            ("uuid_generate_v5", "namespace uuid, name text", "uuid", Immutable),
        ],
        "pgcrypto" => &[
            ("digest", "text, text", "bytea", Immutable),
            ("digest", "bytea, text", "bytea", Immutable),
            ("hmac", "text, text, text", "bytea", Immutable),
            ("hmac", "bytea, bytea, text", "bytea", Immutable),
            ("crypt", "text, text", "text", Immutable),
            ("gen_salt", "text", "text", Volatile),
            ("gen_salt", "text, integer", "text", Volatile),
            ("encrypt", "bytea, bytea, text", "bytea", Immutable),
            ("decrypt", "bytea, bytea, text", "bytea", Immutable),
            ("gen_random_bytes", "integer", "bytea", Volatile),
            ("gen_random_uuid", "", "uuid", Volatile),
            ("armor", "bytea", "text", Immutable),
            ("dearmor", "text", "bytea", Immutable),
            ("pgp_sym_encrypt", "text, text", "bytea", Volatile),
            ("pgp_sym_decrypt", "bytea, text", "text", Immutable),
        ],
        "moddatetime" => &[("moddatetime", "", "trigger", Volatile)],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read_from_a_printed_function() {
        let text = "CREATE OR REPLACE FUNCTION public.\"f(\"(a integer DEFAULT 1, b text)\n RETURNS SETOF text\n LANGUAGE plv8\n IMMUTABLE\nAS $function$x$function$";
        let id = ObjectId::of_parts(ObjectKind::Function, &["public", "f(", "a integer, b text"]);
        let opaque = Definition::carried(Some(text.to_owned()));
        assert_eq!(
            instead(&id, &opaque),
            [
                "create function \"public\".\"f(\"(a integer DEFAULT 1, b text) returns SETOF text language plpgsql immutable as $p0$begin return; end$p0$"
            ]
        );
    }

    #[test]
    fn an_extension_gets_what_is_used_of_it() {
        let used = |kind, name: &str, shape: Option<&str>| Use {
            kind,
            name: vec!["ext".to_owned(), name.to_owned()],
            shape: shape.map(str::to_owned),
        };
        let uses = [
            used(UseKind::Function, "f", Some("(integer, text) returns text")),
            used(UseKind::Function, "handler", Some("(internal) returns text")),
            used(UseKind::Type, "shape", None),
        ];
        let script = script("anything", Some(&SchemaName::new("ext")), &uses);
        assert!(script.contains("create function \"f\"(integer, text) returns text"), "{script}");
        assert!(script.contains("create type \"shape\""), "{script}");
        assert!(!script.contains("handler\""), "{script}");
    }
}
