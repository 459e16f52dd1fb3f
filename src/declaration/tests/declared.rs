//! Tests that a declaration with everything in it is read into the right state.
use super::render::{read, render, snapshot};
use crate::model::{Body, ObjectId};

/// The example of the design, with a second table for its foreign key.
pub(super) const EXAMPLE: &str = r#"schema: public

extensions:
  vector: {version: ">= 0.7"}

enums:
  document_status: [draft, indexed, failed]

tables:
  repositories:
    columns:
      id: bigint generated always as identity
    primary_key: [id]
  documents:
    comment: One row per source file
    columns:
      id: bigint generated always as identity
      repository_id: bigint not null
      path: text not null
      status: document_status not null default 'draft'
      embedding: {type: halfvec(3072), storage: plain}
    primary_key: [id]
    unique:
      documents_repository_path_key: [repository_id, path]
    foreign_keys:
      documents_repository_id_fkey: {columns: [repository_id], references: "repositories (id)", on_delete: cascade}
    checks:
      documents_path_not_blank: "path <> ''"
    indexes:
      documents_embedding_hnsw:
        using: hnsw
        keys: ["embedding halfvec_cosine_ops"]
        with: {m: 16, ef_construction: 64}
        where: "status = 'indexed'"

views:
  indexed_documents:
    query: |
      select id, path from documents where status = 'indexed'
"#;

/// Everything else that a declaration can say.
pub(super) const REST: &str = r#"schema: app
schemas:
  app: {comment: The application}
extensions:
  pg_trgm:
  citext: {schema: app}
enums:
  mood:
    labels: [sad, glad]
    comment: How it feels
    renamed_from: feeling
    renamed_labels: {glad: happy}
sequences:
  ticket: {as: integer, start: 100, increment: 5, cache: 10, cycle: true, owned_by: things.ticket}
tables:
  things:
    renamed_from: items
    unlogged: true
    with: {fillfactor: 70, autovacuum_enabled: false}
    row_security: true
    force_row_security: true
    replica_identity: {index: things_code}
    clustered_on: things_code
    columns:
      id: {type: int, identity: {generated: by default, start: 10, max: 1000}}
      ticket: integer default nextval('ticket')
      code: {type: varchar(9), collate: '"C"', not_null: true, renamed_from: kode, statistics: 500, comment: "the code"}
      price: {type: "numeric(10,2)", default: 0, using: "price::numeric", backfill: "1"}
      gross: numeric(10, 2) generated always as (price * 1.2) stored
      mood: app.mood
      note: text storage external compression lz4
      n: {type: integer, options: {n_distinct: -0.5}}
    primary_key: {columns: [id], include: [code], deferrable: initially deferred, name: things_pk, comment: its key}
    unique:
      - [code, ticket]
      - {columns: [ticket], nulls_not_distinct: true}
      - [ticket]
    foreign_keys:
      - {columns: [ticket], references: public.documents, on_delete: set null, on_update: restrict, deferrable: true, match: full, not_valid: true}
    checks:
      - price > 0
      - {expression: "price > n", no_inherit: true, not_valid: true, comment: c}
    indexes:
      things_code: {keys: [code], unique: true, include: [note], with: {fillfactor: 90}, comment: i, renamed_from: old}
      things_lower: {keys: ["lower(code)", "price desc nulls last"], statistics: {1: 500}}
    policies:
      Everybody's: {for: select, to: [app, public], using: ((price > 0)), comment: p}
      own: {to: Web, as: restrictive, using: (select current_user) = code, check: "(n > 0) or (n < 0)", renamed_from: mine}
      whole: {create: "create policy whole on app.things for insert with check (true);"}
views:
  cheap: {query: "select id, price as p from things where price < 1;", columns: [id, p], security_barrier: true, security_invoker: true, check_option: local, comment: v, renamed_from: low, column_comments: {p: price}, defaults: {p: 3}}
  short: select 1 as one
"#;

fn listed(files: &[(&str, &str)]) -> String {
    let declared = match read(files) {
        Ok(declared) => declared,
        Err(diagnostics) => return render(&diagnostics),
    };
    let mut out = render(&declared.warnings);
    for (id, object) in &declared.state.objects {
        let at = declared.places.object(id).map_or("-".to_owned(), |p| p.line().to_string());
        out.push_str(&format!("{id} @{at}\n"));
        for a in object.attributes() {
            let at = declared.places.attribute(id, a.name).map_or("-".to_owned(), |p| p.line().to_string());
            out.push_str(&format!("    {} = {} @{at}\n", a.name, a.value.encoded()));
        }
    }
    for (id, d) in &declared.directives {
        let old = d.renamed_from.as_ref().map(ToString::to_string);
        let (using, backfill, labels) = (&d.using, &d.backfill, &d.renamed_labels);
        out.push_str(&format!(
            "{id}: from {old:?} using {using:?} backfill {backfill:?} labels {labels:?} {:?}\n",
            d.place
        ));
    }
    out
}

#[test]
fn the_example_is_read() {
    snapshot("example", &listed(&[("schema/documents.yaml", EXAMPLE)]));
}

#[test]
fn everything_that_can_be_said_is_read() {
    snapshot("everything", &listed(&[("b.yaml", REST), ("a.yaml", EXAMPLE)]));
}

#[test]
fn types_are_found_where_the_extension_is() {
    let text = "schema: app\nextensions:\n  vector: {schema: extensions, version: \">= 0.7\"}\ntables:\n  t:\n    columns:\n      a: vector(3)[]\n      b: halfvec\n      c: unknown_type(3)\n";
    let declared = read(&[("a.yaml", text)]).unwrap();
    let types: Vec<String> = declared
        .state
        .objects
        .values()
        .filter_map(|o| if let Body::Column(c) = &o.body { Some(c.data_type.as_written().to_owned()) } else { None })
        .collect();
    assert_eq!(types, ["extensions.vector(3)[]", "extensions.halfvec", "unknown_type(3)"]);
    assert!(declared.state.has(&ObjectId::schema(crate::model::SchemaName::new("extensions"))));
}
