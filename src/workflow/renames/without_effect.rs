//! Warnings about directives without effect: renames that ran in an earlier plan, or name an object that never existed;
//! conversions to a type that the column has.
use crate::canonical::{Sameness, same_type};
use crate::declaration::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, ObjectId, ObjectKind, Rename, State, before_renames};
use crate::yaml::nearest;

/// Warnings about renames of objects that the chain's head does not have: the object is made anew, and the one meant is
/// dropped.
pub(crate) fn of_nothing(head: &State, declared: &Declared, acting: &[Rename]) -> Diagnostics {
    let is_empty = head.objects.keys().all(|id| matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension));
    let idle = idle(declared, acting).filter(|(to, _)| !is_empty && !head.has(&before_renames(to, acting)));
    idle.map(|(to, from)| {
        let message = format!(
            "{word} {} is renamed from {}, and the last plan has no {word} of that name: it is made anew",
            to.short(),
            from.short(),
            word = to.word(),
        );
        let last = |id: &ObjectId| id.parts().last().map(|name| (*name).to_owned()).unwrap_or_default();
        let alike = head.objects.keys().filter(|id| id.word() == to.word() && !declared.state.has(id));
        let names: Vec<String> = alike.map(last).collect();
        let near = nearest(&last(from), names.iter().map(String::as_str));
        let help = near.map_or_else(
            || "leave `renamed_from` out, where nothing is to be renamed".to_owned(),
            |near| format!("did you mean `renamed_from: {near}`?"),
        );
        warning(declared, to, message).help(help)
    })
    .collect()
}

/// Warnings about conversions that ran: the column has its type.
pub(crate) fn converted(head: &State, declared: &Declared, acting: &[Rename]) -> Diagnostics {
    let column = |state: &State, id: &ObjectId| match state.body(id) {
        Some(Body::Column(column)) => Some(column.data_type.clone()),
        _ => None,
    };
    let same = |id: &ObjectId| {
        let types = (column(head, &before_renames(id, acting)), column(&declared.state, id));
        matches!(types, (Some(a), Some(b)) if same_type(&a, &b) == Sameness::Same)
    };
    let idle = declared.directives.iter().filter(|(id, directives)| directives.using.is_some() && same(id));
    idle.map(|(id, _)| {
        let message = format!("`using` of {} {} does nothing: it has its type", id.word(), id.short());
        Diagnostic::warning(Code::Inert, message)
            .maybe_at(declared.places.attribute(id, "using"), "here")
            .help("it can be left out now")
    })
    .collect()
}

/// Warnings about renames that ran: the object has its new name.
pub(crate) fn done(head: &State, declared: &Declared, acting: &[Rename]) -> Diagnostics {
    let done = idle(declared, acting).filter(|(to, _)| head.has(&before_renames(to, acting)));
    done.map(|(to, _)| {
        let message = format!("`renamed_from` of {} {} does nothing: it has its name", to.word(), to.short());
        warning(declared, to, message).help("it can be left out now")
    })
    .collect()
}

fn idle<'d>(declared: &'d Declared, acting: &[Rename]) -> impl Iterator<Item = (&'d ObjectId, &'d ObjectId)> {
    let declared = declared.directives.iter().filter_map(|(to, d)| Some((to, d.renamed_from.as_ref()?)));
    declared.filter(|(to, from)| !acting.iter().any(|r| r.to == **to && r.from == **from))
}

fn warning(declared: &Declared, to: &ObjectId, message: String) -> Diagnostic {
    Diagnostic::warning(Code::Inert, message).maybe_at(declared.places.attribute(to, "renamed_from"), "here")
}
