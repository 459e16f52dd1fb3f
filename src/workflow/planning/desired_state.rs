//! Desired state: the declaration completed from the chain's head, and the renames that it asks for.
use crate::canonical::parse_recorded_composite;
use crate::declaration::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::{
    Hints, apply_renames, columns_that_follow, complete, constraints_that_follow, goes_aside, keep_owners, set_aside,
};
use crate::model::{Body, Object, ObjectId, Rename, Schema, SchemaName, State, before_renames};
use crate::prove::Seeds;
use crate::workflow::renames::already_run::has_run;
use std::collections::{BTreeMap, BTreeSet};

/// Declared renames that act: those whose old name is still in the chain's head, and whose new one is not, or is left
/// by its object. Of a swap, and of a name that is taken over, both names exist: such a rename acts where it is not
/// among those that `ran`. Added are the constraints whose default name changes with them, and the objects set aside to
/// make way.
///
/// # Errors
/// A schema that is renamed onto another one.
pub(crate) fn acting_renames(head: &State, declared: &Declared, ran: &[Rename]) -> Result<Vec<Rename>, Diagnostics> {
    let wanted = || {
        let named = declared.directives.iter();
        named.filter_map(|(to, d)| Some(Rename { from: d.renamed_from?, to: *to }))
    };
    let acts = |rename: &Rename, outer: &[Rename]| {
        let there = |id: &ObjectId| head.has(&before_renames(id, outer));
        there(&rename.from) && (!there(&rename.to) || !has_run(ran, rename, outer))
    };
    // The name of a schema or table around an object is the one that it has now.
    let mut renames: Vec<Rename> = Vec::new();
    for depth in 0..=2 {
        let found: Vec<Rename> = wanted().filter(|r| r.depth() == depth && acts(r, &renames)).collect();
        renames.extend(found);
    }
    let onto: Diagnostics = renames.iter().filter_map(|r| onto_another(r, head, declared, &renames)).collect();
    onto.or_value(())?;
    renames.extend(set_aside(head, &renames));
    renames.extend(constraints_that_follow(head, &declared.state, &renames));
    renames.extend(set_aside(head, &renames));
    renames.extend(columns_that_follow(head, &renames));
    let in_the_way: Diagnostics =
        renames.iter().filter_map(|r| carried_in_the_way(r, head, declared, &renames)).collect();
    in_the_way.or_value(())?;
    // Outer names first: a column's rename is told under its table's new name.
    renames.sort_by_key(|r| (r.depth(), r.to));
    Ok(renames)
}

/// Refuses to rename a schema onto another: the objects of that one would be set aside with it, which no rename means.
fn onto_another(rename: &Rename, head: &State, declared: &Declared, all: &[Rename]) -> Option<Diagnostic> {
    let (from, to) = (rename.from.as_schema()?, rename.to.as_schema()?);
    if !head.has(&rename.to) || all.iter().any(|other| other.from == rename.to) {
        return None;
    }
    let message = format!(
        "schema {to} is renamed from {from}, and there is a schema {to} already: two schemas cannot become one"
    );
    let help =
        format!("give {from} a name that is free; or drop what {to} holds in a plan before this one, and {to} with it");
    let place = declared.places.attribute(&rename.to, "renamed_from");
    Some(Diagnostic::error(Code::Contradiction, message).maybe_at(place, "renamed from this").help(help))
}

/// Refuses to set aside what is carried along: no plan would drop it behind the rename that takes its name.
fn carried_in_the_way(rename: &Rename, head: &State, declared: &Declared, all: &[Rename]) -> Option<Diagnostic> {
    let here = before_renames(&rename.from, all);
    head.get(&here).filter(|object| goes_aside(rename) && object.is_carried())?;
    let message = format!(
        "{} {} has a name that a rename gives, and pgform carries it along: no plan can make it go",
        head.word(&here),
        here.short()
    );
    let taker =
        all.iter().find(|other| other.to.home() == rename.from.home() && other.to.own_name() == rename.from.own_name());
    let place = taker.and_then(|taker| declared.places.attribute(&taker.to, "renamed_from"));
    let help = "choose another name; or drop what has it by hand, and take note of that with `plan --absorb`";
    Some(Diagnostic::error(Code::DuplicateName, message).maybe_at(place, "renamed from this").help(help))
}

/// Renamed labels of enums, and attributes of composite types, that act: the type still has the old one. `renamed` is
/// the head after the renames, so that a type that gets another name itself is found.
pub(crate) fn hints(renamed: &State, declared: &Declared) -> Hints {
    let mut renamed_labels: BTreeMap<ObjectId, BTreeMap<String, String>> = BTreeMap::new();
    for (id, directives) in &declared.directives {
        let attributes = renamed.get(id).map(composite_attributes).unwrap_or_default();
        let has = |old: &String| match renamed.body(id) {
            Some(Body::Enumeration(enumeration)) => enumeration.labels.contains(old),
            _ => attributes.contains(old),
        };
        let acting = directives.renamed_labels.iter().filter(|(old, _)| has(old));
        let acting: BTreeMap<String, String> = acting.map(|(a, b)| (a.clone(), b.clone())).collect();
        if !acting.is_empty() {
            renamed_labels.insert(*id, acting);
        }
    }
    Hints { renamed_labels }
}

/// Names of the attributes of a composite type; none for everything else.
pub(crate) fn composite_attributes(object: &Object) -> BTreeSet<String> {
    let text = object.definition().and_then(|definition| parse_recorded_composite(definition.text()?).ok());
    text.into_iter().flat_map(|text| text.attributes).map(|attribute| attribute.name).collect()
}

/// The declared rows for the proof.
pub(crate) fn seeds(declared: &Declared) -> Seeds {
    let rows = declared.directives.iter().filter(|(_, d)| !d.seed.is_empty());
    rows.filter_map(|(id, d)| Some((id.as_table()?, d.seed.clone()))).collect()
}

/// The declared expressions for other types of columns.
pub(crate) fn using(declared: &Declared) -> BTreeMap<ObjectId, String> {
    declared.directives.iter().filter_map(|(id, directives)| Some((*id, directives.using.clone()?))).collect()
}

/// Head after the renames, and desired state: the declaration completed from that head.
pub(crate) fn both(head: &State, declared: &Declared, renames: &[Rename], scope: &[String]) -> (State, State) {
    let renamed = apply_renames(head, renames);
    let mut wanted = declared.state.clone();
    let said = |id: &ObjectId, name: &str| declared.says(id, name);
    for (id, object) in &mut wanted.objects {
        // The schema of an extension is its maker's choice, unless it is declared.
        if let (Body::Extension(wanted), Some(Body::Extension(there))) = (&mut object.body, renamed.body(id))
            && !said(id, "schema")
        {
            wanted.schema.clone_from(&there.schema);
        }
    }
    for schema in schemas(&wanted, scope) {
        let id = ObjectId::schema(schema);
        // A schema exists because an object lives in it; its attributes are the head's.
        let object = renamed.get(&id).cloned().unwrap_or_else(|| Body::Schema(Schema).into());
        wanted.objects.entry(id).or_insert(object);
    }
    wanted
        .objects
        .retain(|id, _| declared.places.object(id).is_some() || !elsewhere(id, (&renamed, &declared.state), scope));
    keep_owners(&renamed, &mut wanted);
    let desired = complete(&renamed, wanted, &said);
    (renamed, desired)
}

/// Tells whether a schema is outside of the scope, and declared only because every database has it, or because an
/// installed extension lives in it: no plan makes it.
fn elsewhere(id: &ObjectId, (head, declared): (&State, &State), scope: &[String]) -> bool {
    let Some(name) = id.as_schema() else { return false };
    let lives =
        |state: &State| state.objects.values().any(|o| matches!(&o.body, Body::Extension(e) if e.schema == name));
    let used = declared.objects.keys().any(|other| other != id && other.home() == Some(name));
    let named = scope.iter().any(|s| s == name.as_str());
    !head.has(id) && !used && if name.as_str() == "public" { !named && !lives(declared) } else { lives(head) }
}

fn schemas(state: &State, scope: &[String]) -> BTreeSet<SchemaName> {
    let mut out: BTreeSet<SchemaName> = state.objects.keys().filter_map(ObjectId::home).collect();
    out.extend(scope.iter().filter(|s| s.as_str() == "public").map(SchemaName::new));
    for object in state.objects.values() {
        if let Body::Extension(extension) = &object.body {
            out.insert(extension.schema);
        }
    }
    out.retain(|s| s.as_str() != "pg_catalog");
    out
}
