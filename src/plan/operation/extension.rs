//! Operations on extensions: created, dropped, commented on, moved to another schema, held to a minimum version.
use super::super::format::{Assert, HazardKind, Reversibility, RunAs, Statement, Step};
use super::super::sql::{comment_on, dollar_quoted, list, literal};
use super::answer::{Operation, Resource};
use super::schema::{dropped, made};
use super::support::{InPlace, back, hazard};
use crate::model::{Extension, ExtensionName, Head, ObjectId, SchemaName, Typed};

/// `create extension`, by the role that logged in: most extensions want a superuser.
pub(in super::super) fn create_extension(name: &ExtensionName, extension: Typed<'_, Extension>) -> Operation {
    let id = ObjectId::extension(*name);
    let schema = &extension.schema;
    let mut op = made(
        format!("create extension {name}"),
        &id,
        Vec::new(),
        back(Reversibility::Exact, Vec::new(), Vec::new(), vec![as_login(format!("drop extension {name}"))]),
        vec![Resource::After(ObjectId::schema(*schema))],
        Vec::new(),
    );
    op.steps = vec![as_login(format!("create extension {name} schema {schema}"))];
    op.steps.extend(minimum_version(name, extension.own));
    op.steps.extend(extension.head.comment.as_deref().map(|comment| as_login(comment_is(name, Some(comment)))));
    op
}

fn as_login(sql: String) -> Step {
    Step::Statement(Statement { sql, run_as: RunAs::Login, probe: None, clear: None })
}

/// `comment on extension`. Without one it has that of its control file, which each version of it may say otherwise.
fn comment_is(name: &ExtensionName, comment: Option<&str>) -> String {
    let on = format!("extension {name}");
    match comment {
        Some("") => comment_on(&on, None),
        Some(comment) => comment_on(&on, Some(comment)),
        None => {
            let known = format!("from pg_catalog.pg_available_extensions() where name = {}", literal(name.as_str()));
            let own = format!(
                "execute {} || pg_catalog.quote_nullable((select comment {known}));",
                literal(&format!("comment on {on} is "))
            );
            format!("do {}", dollar_quoted(&format!("begin {own} end")))
        }
    }
}

/// The comment on an extension that stays.
pub(in super::super) fn comment(name: &ExtensionName, before: Option<&str>, after: Option<&str>) -> Operation {
    let id = ObjectId::extension(*name);
    let mut op = super::comment::comment(&id, &format!("extension {name}"), before, after, &id);
    op.steps = vec![as_login(comment_is(name, after))];
    op.inverse.parts[0].steps = vec![as_login(comment_is(name, before))];
    op
}

/// Steps that bring an extension which is there already to what a state has: its comment.
pub fn extension_as_recorded(name: &ExtensionName, there: &Head, recorded: &Head) -> Vec<Step> {
    let comment = recorded.comment.as_deref().filter(|_| there.comment != recorded.comment);
    comment.map(|comment| as_login(comment_is(name, Some(comment)))).into_iter().collect()
}

/// A version is never pinned; that it is high enough is asserted where the plan runs.
pub(in super::super) fn minimum_version(name: &ExtensionName, extension: &Extension) -> Option<Step> {
    let minimum = extension.minimum.as_ref()?;
    let numbers: Vec<String> =
        minimum.trim_start_matches(['>', '=', ' ']).split('.').map(|n| n.trim().to_owned()).collect();
    if numbers.iter().any(|n| n.is_empty() || !n.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let wanted = format!("array[{}]", list(&numbers));
    let sql = format!(
        "select coalesce((select pg_catalog.string_to_array(pg_catalog.regexp_replace(extversion, '[^0-9.].*$', ''), '.')::integer[] >= {wanted} from pg_catalog.pg_extension where extname = {}), false)",
        literal(name.as_str())
    );
    Some(Step::Assert(Assert {
        sql,
        expect: "t".to_owned(),
        says: format!(
            "extension {name} must be at version {minimum} or later here: run `alter extension {name} update` as a superuser"
        ),
        about: Some(ObjectId::extension(*name)),
    }))
}

/// The raised minimum: nothing changes, but it must hold.
pub(in super::super) fn require_extension(name: &ExtensionName, extension: &Extension) -> Option<Operation> {
    let id = ObjectId::extension(*name);
    let minimum = minimum_version(name, extension)?;
    let mut op = InPlace {
        does: format!("require extension {name} {}", extension.minimum.as_deref().unwrap_or_default()),
        subject: id,
        forward: Vec::new(),
        backward: Vec::new(),
        locks: Vec::new(),
        hazards: Vec::new(),
        needs: Vec::new(),
    }
    .operation();
    op.steps = vec![minimum];
    op.inverse.parts = Vec::new();
    // The extension is there before and after: nothing waits for it.
    Some(op.without_making())
}

/// `alter extension … set schema`: catalog only; the members move with it.
pub(in super::super) fn move_extension(name: &ExtensionName, from: &SchemaName, to: &SchemaName) -> Operation {
    let id = ObjectId::extension(*name);
    let mut op = InPlace {
        does: format!("move extension {name} to schema {to}"),
        subject: id,
        forward: Vec::new(),
        backward: Vec::new(),
        locks: Vec::new(),
        hazards: vec![hazard(
            HazardKind::BreaksClients,
            &id,
            format!("clients that find its members in {from} don't any more"),
        )],
        needs: vec![Resource::After(ObjectId::schema(*to))],
    }
    .operation();
    op.steps = vec![as_login(format!("alter extension {name} set schema {to}"))];
    op.inverse.parts[0].steps = vec![as_login(format!("alter extension {name} set schema {from}"))];
    op
}

/// `drop extension`, whose members nothing uses any more.
pub(in super::super) fn drop_extension(
    name: &ExtensionName,
    extension: Typed<'_, Extension>,
    needs: Vec<Resource>,
) -> Operation {
    let id = ObjectId::extension(*name);
    let undo = back(
        Reversibility::Exact,
        Vec::new(),
        Vec::new(),
        std::iter::once(format!("create extension {name} schema {}", extension.schema))
            .chain(extension.head.comment.as_deref().map(|comment| comment_is(name, Some(comment))))
            .map(as_login)
            .collect(),
    );
    let mut op = dropped(format!("drop extension {name}"), &id, Vec::new(), undo, needs, Vec::new());
    op.steps = vec![as_login(format!("drop extension {name}"))];
    op
}
