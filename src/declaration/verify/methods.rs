//! Reports index methods that nobody has.
use crate::declaration::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, ObjectId};
use crate::yaml::nearest;

/// Index methods of PostgreSQL's own, and pgvector's.
const METHODS: [&str; 8] = ["btree", "hash", "gist", "spgist", "gin", "brin", "hnsw", "ivfflat"];

/// Reports a name that is close to a method that there is: one that is not may be somebody's own, which only a server
/// knows.
pub(super) fn verify(reader: &Reader, out: &mut Diagnostics) {
    let another = |id: &ObjectId| id.as_extension().is_some_and(|name| name.as_str() != "vector");
    if reader.objects.keys().any(another) {
        return;
    }
    for (id, object) in reader.bodies() {
        let method = match object {
            Some(Body::Index(index)) => index.method.as_str(),
            Some(Body::Exclusion(exclusion)) => exclusion.method.as_str(),
            _ => continue,
        };
        if METHODS.contains(&method) {
            continue;
        }
        let Some(near) = nearest(method, METHODS) else { continue };
        let message = format!("there is no index method {method}: {}", id.short());
        out.push(
            Diagnostic::error(Code::NotDeclared, message)
                .maybe_at(reader.places.attribute(id, "using"), "no such method")
                .help(format!(
                    "did you mean `{near}`? PostgreSQL has {}, pgvector hnsw and ivfflat",
                    METHODS[..6].join(", ")
                )),
        );
    }
}
