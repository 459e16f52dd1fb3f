//! Runs every check of what pgvector would refuse over a declaration.
use super::{
    column,
    facts::{Method, grouped},
    index::Look,
    plain, size, stored, uses, version,
};
use crate::declaration::{Known, reader::Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, Index, ObjectId};
use crate::yaml::nearest;

/// Reports what pgvector would refuse.
pub(in crate::declaration) fn verify(reader: &mut Reader, known: &Known) {
    let (mut needs, mut out) = (Vec::new(), Diagnostics::default());
    for (id, object) in reader.bodies() {
        match object {
            Some(Body::Column(c)) => {
                column::verify(reader, id, c, &mut needs, &mut out);
                stored::verify(reader, known, id, c, &mut out);
            }
            Some(Body::Key(key)) => size::verify(reader, known, id, key, &mut out),
            Some(Body::Index(index)) => {
                plain::verify(reader, known, id, index, &mut out);
                if let Some(method) = Method::of(&index.method) {
                    Look { reader, id, index, method, needs: &mut needs, out: &mut out }.verify();
                }
            }
            Some(_) | None => {}
        }
    }
    uses::verify(reader, known, &mut needs, &mut out);
    out.0.extend(version::judge(reader, needs));
    reader.out.extend(out);
}

/// Checks the parameters of an index: known, in their range, and at peace with each other.
pub(super) fn parameters(reader: &Reader, id: &ObjectId, index: &Index, method: Method, out: &mut Diagnostics) {
    let place = |name: &str| reader.places.attribute(id, &format!("with[{name}]"));
    let known = method.parameters();
    let mut values: Vec<(&str, i64)> = Vec::new();
    for (name, lowest, highest, usual) in known {
        let Some(written) = index.with.get(name) else {
            values.push((name, *usual));
            continue;
        };
        match written.parse::<i64>() {
            Ok(value) if (*lowest..=*highest).contains(&value) => values.push((name, value)),
            Ok(_) => {
                let message =
                    format!("`{name}` of {} is {written}, and must be {lowest} to {}", id.short(), grouped(*highest));
                out.push(Diagnostic::error(Code::VectorParameter, message).maybe_at(place(name), "out of range"));
            }
            Err(_) => {
                let message = format!(
                    "`{name}` of {} is {written}, and must be a whole number, {lowest} to {}",
                    id.short(),
                    grouped(*highest)
                );
                out.push(Diagnostic::error(Code::VectorParameter, message).maybe_at(place(name), "no whole number"));
            }
        }
    }
    for name in index.with.keys().filter(|name| known.iter().all(|(k, ..)| k != name)) {
        let all: Vec<&str> = known.iter().map(|(name, ..)| *name).collect();
        let near =
            nearest(name, all.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        out.push(
            Diagnostic::error(
                Code::VectorParameter,
                format!("{} has no parameter `{name}`: {}", method.an(), id.short()),
            )
            .maybe_at(place(name), "unknown")
            .help(format!("{near}{} takes {}", method.as_str(), all.join(", "))),
        );
    }
    if let [("m", m), ("ef_construction", ef)] = values.as_slice()
        && *ef < 2 * m
    {
        let said = if index.with.contains_key("ef_construction") { "" } else { ", its default" };
        let message =
            format!("{}: `ef_construction` is {ef}{said}, and must be at least twice `m`, which is {m}", id.short());
        let at = if index.with.contains_key("ef_construction") { "ef_construction" } else { "m" };
        out.push(
            Diagnostic::error(Code::VectorParameter, message)
                .maybe_at(place(at), "here")
                .help(format!("write {{m: {m}, ef_construction: {}}}", 2 * m)),
        );
    }
}
