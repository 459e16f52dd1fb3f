//! What the demo's team has, and what it wants.

/// An older database, as somebody made it by hand.
pub(super) const OLDER: &str = "\
create extension vector;
create type document_status as enum ('draft', 'indexed');
create table documents (
  id bigint generated always as identity primary key,
  path text not null unique,
  status document_status not null default 'draft',
  legacy_path text,
  embedding vector(3)
);
create index documents_embedding_hnsw on documents using hnsw (embedding vector_l2_ops);
create view indexed_documents as select id, path from documents where status = 'indexed';
insert into documents (path, status, legacy_path, embedding) values
  ('/guides/install.md', 'indexed', 'C:\\INSTALL.TXT', '[1,2,3]'),
  ('/guides/upgrade.md', 'draft', null, null),
  ('/reference/api.md', 'indexed', null, '[3,2,1]');
";

/// What the application writes once the plan is applied.
pub(super) const WRITTEN: &str = "\
update documents set title = 'Installing' where path = '/guides/install.md';
insert into chunks (document_id, body, embedding)
  select id, 'first part of ' || path, '[1,0,0]' from documents;
";

/// What is looked at in the end.
pub(super) const ROWS: &str = "\
select path, status, coalesce(legacy_path, '(null)'), coalesce(embedding::text, '(null)')
from public.documents order by id";

/// One edit of the declaration.
pub(super) struct Edit {
    /// The file, below the declaration's folder.
    pub(super) file: &'static str,
    /// The line where it is made; none: the file is new.
    pub(super) at: Option<&'static str>,
    /// Whether that line goes.
    pub(super) replaces: bool,
    /// The lines that come in its place, or behind it.
    pub(super) lines: &'static str,
}

/// The change of a working day: other distances, a column, a check, a table with embeddings, and something old that goes.
pub(super) const EDITS: &[Edit] = &[
    Edit { file: "enums.yaml", at: Some("  - indexed"), replaces: false, lines: "  - failed" },
    Edit { file: "tables/documents.yaml", at: Some("      legacy_path: text"), replaces: true, lines: "" },
    Edit {
        file: "tables/documents.yaml",
        at: Some("      embedding: public.vector(3)"),
        replaces: false,
        lines: "      title: text",
    },
    Edit {
        file: "tables/documents.yaml",
        at: Some("      - path"),
        replaces: false,
        lines: "    checks:\n      documents_path_not_blank: \"path <> ''\"",
    },
    Edit {
        file: "tables/documents.yaml",
        at: Some("        - embedding public.vector_l2_ops"),
        replaces: true,
        lines: "        - embedding public.vector_cosine_ops",
    },
    Edit {
        file: "tables/chunks.yaml",
        at: None,
        replaces: false,
        lines: "\
tables:
  chunks:
    columns:
      id: bigint generated always as identity
      document_id: bigint not null
      body: text not null
      embedding: vector(3)
    primary_key: [id]
    foreign_keys:
      chunks_document_id_fkey: {columns: [document_id], references: \"documents (id)\", on_delete: cascade}
    indexes:
      chunks_embedding_hnsw:
        using: hnsw
        keys: [\"embedding vector_cosine_ops\"]
        with: {m: 24}",
    },
];

impl Edit {
    /// The file's text with the edit; nothing if the line is not there.
    pub(super) fn of(&self, text: &str) -> Option<String> {
        let Some(at) = self.at else { return text.is_empty().then(|| format!("{}\n", self.lines)) };
        let mut out: Vec<&str> = Vec::new();
        let mut found = false;
        for line in text.lines() {
            let here = line == at && !found;
            found |= here;
            if !(here && self.replaces) {
                out.push(line);
            }
            if here {
                out.extend(self.lines.lines());
            }
        }
        found.then(|| out.join("\n") + "\n")
    }

    /// What it takes away and what it adds.
    pub(super) fn diff(&self) -> String {
        let gone = self.at.filter(|_| self.replaces).map(|line| format!("-{line}\n")).unwrap_or_default();
        self.lines.lines().fold(gone, |out, line| format!("{out}+{line}\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_made_where_its_line_stands_or_not_at_all() {
        let edit = |replaces| Edit { file: "f", at: Some("b"), replaces, lines: "c\nd" };
        assert_eq!(edit(false).of("a\nb\nb\n").as_deref(), Some("a\nb\nc\nd\nb\n"));
        assert_eq!(edit(true).of("a\nb\n").as_deref(), Some("a\nc\nd\n"));
        assert_eq!(edit(true).of("a\n"), None);
        assert_eq!(edit(true).diff(), "-b\n+c\n+d\n");
    }
}
