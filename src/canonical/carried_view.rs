//! Reads the statements by which earlier plans and imports carried a materialized view along, with its indexes.
use super::parse::SqlError;
use super::statement::split_statements;
use super::words::{Word, between, closing, words};
use crate::model::{
    ColumnName, ColumnSettings, Compression, Fragment, Index, IndexKey, Parameters, Qualified, RelationName,
    ReplicaIdentity, Storage, View, Word as _,
};

/// A materialized view with its indexes, each with its comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedView {
    /// The view.
    pub view: View,
    /// Its comment.
    pub comment: Option<String>,
    /// Its indexes.
    pub indexes: Vec<(RelationName, Index, Option<String>)>,
}

/// Reads the statements of a materialized view of that name, as `import` wrote them.
///
/// # Errors
/// If they are anything else.
pub fn parse_carried_view(name: &Qualified, text: &str) -> Result<CarriedView, SqlError> {
    let statements = split_statements(text)?;
    let [create, others @ ..] = statements.as_slice() else { return Err(strange("")) };
    let view = created(create).ok_or_else(|| strange(create))?;
    let mut out = CarriedView { view, comment: None, indexes: Vec::new() };
    for other in others {
        let all = words(other)?;
        said(&mut out, name, other, &all).ok_or_else(|| strange(other))?;
    }
    Ok(out)
}

fn strange(statement: &str) -> SqlError {
    let first = statement.trim().lines().next().unwrap_or_default().to_owned();
    SqlError::new(format!("this is more than a materialized view and its indexes: {first}"))
}

/// The name that a word is.
fn name_of(word: &Word<'_>) -> String {
    match word.text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.text.to_owned(),
    }
}

/// The text that a string is; of a number, its digits.
fn text_of(word: &Word<'_>) -> String {
    let quoted = |text: &str| Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'"));
    let escaped = word.text.strip_prefix('E').and_then(quoted).map(|text| text.replace("\\\\", "\\"));
    escaped.or_else(|| quoted(word.text)).unwrap_or_else(|| word.text.to_owned())
}

/// The items between the parentheses that open at a place, and the place behind them.
fn items<'t, 'w>(all: &'w [Word<'t>], open: usize) -> Option<(Vec<&'w [Word<'t>]>, usize)> {
    let end = closing(all, open)?;
    let inside = all.get(open + 1..end)?;
    let depth = all.get(open)?.depth + 1;
    Some((inside.split(|word| word.depth == depth && word.text == ",").collect(), end + 1))
}

/// Parameters: `name = value`, the name with its prefix.
fn parameters(items: &[&[Word<'_>]]) -> Option<Parameters> {
    let one = |item: &&[Word<'_>]| {
        let at = item.iter().position(|word| word.text == "=")?;
        Some((item.get(..at)?.iter().map(name_of).collect::<String>(), text_of(item.get(at + 1)?)))
    };
    items.iter().map(one).collect()
}

/// `create materialized view … [using …] [with (…)] [tablespace …] as … [with no data]`.
fn created(text: &str) -> Option<View> {
    let all = words(text).ok()?;
    let begins = ["create", "materialized", "view"];
    let mut view = View::of_query(Fragment::written(""));
    view.materialized = true;
    if !all.iter().zip(begins).all(|(word, begin)| word.is(begin)) {
        return None;
    }
    let mut at = 6;
    while !all.get(at)?.is("as") {
        match all.get(at)? {
            word if word.is("using") => (view.access_method, at) = (Some(name_of(all.get(at + 1)?)), at + 2),
            word if word.is("tablespace") => (view.tablespace, at) = (Some(name_of(all.get(at + 1)?)), at + 2),
            word if word.is("with") => {
                let (listed, behind) = items(&all, at + 1)?;
                (view.storage_parameters, at) = (parameters(&listed)?, behind);
            }
            _ => return None,
        }
    }
    let mut query = all.get(at + 1..)?;
    if let [rest @ .., with, no, data] = query
        && with.is("with")
        && no.is("no")
        && data.is("data")
    {
        (view.unpopulated, query) = (true, rest);
    }
    view.query = Fragment::written(between(text, query));
    Some(view)
}

/// Takes what a statement says behind the first; `None` for one that pgform never wrote.
fn said(out: &mut CarriedView, view: &Qualified, text: &str, all: &[Word<'_>]) -> Option<()> {
    let words: Vec<&str> = all.iter().map(|word| word.text).collect();
    let index = |out: &'_ mut CarriedView, at: usize| {
        let name = RelationName::new(name_of(all.get(at)?));
        out.indexes.iter().position(|(own, ..)| *own == name)
    };
    match words.as_slice() {
        ["CREATE", ..] => out.indexes.push(indexed(view, text, all)?),
        ["comment", "on", "materialized", "view", _, _, _, "is", _] => out.comment = Some(text_of(all.last()?)),
        ["comment", "on", "index", _, _, _, "is", _] => {
            let at = index(out, 5)?;
            out.indexes.get_mut(at)?.2 = Some(text_of(all.last()?));
        }
        ["comment", "on", "column", _, _, _, _, _, "is", _] => {
            out.view.column_comments.insert(ColumnName::new(name_of(all.get(7)?)), text_of(all.last()?));
        }
        ["alter", "index", _, _, _, "set", "tablespace", _] => {
            let at = index(out, 4)?;
            out.indexes.get_mut(at)?.1.tablespace = Some(name_of(all.last()?));
        }
        ["alter", "index", _, _, _, "alter", "column", key, "set", "statistics", target] => {
            let at = index(out, 4)?;
            out.indexes.get_mut(at)?.1.statistics.insert(key.parse().ok()?, target.parse().ok()?);
        }
        ["alter", "table", _, _, _, "cluster", "on", _] => {
            out.view.clustered_on = Some(RelationName::new(name_of(all.last()?)));
        }
        ["alter", "table", _, _, _, "replica", "identity", rest @ ..] => {
            out.view.replica_identity = match rest {
                ["full"] => ReplicaIdentity::Full,
                ["using", "index", _] => ReplicaIdentity::Index(RelationName::new(name_of(all.last()?))),
                _ => return None,
            };
        }
        ["alter", "table", _, _, _, "alter", _, "set", rest @ ..] => {
            let settings = out.view.column_settings.entry(ColumnName::new(name_of(all.get(6)?))).or_default();
            set(settings, all, rest)?;
        }
        _ => return None,
    }
    Some(())
}

fn set(settings: &mut ColumnSettings, all: &[Word<'_>], rest: &[&str]) -> Option<()> {
    match rest {
        ["storage", word] => settings.storage = Some(Storage::of_word(word)?),
        ["compression", word] => settings.compression = Some(Compression::of_word(word)?),
        ["statistics", target] => settings.statistics = Some(target.parse().ok()?),
        ["(", ..] => settings.options = parameters(&items(all, 8)?.0)?,
        _ => return None,
    }
    Some(())
}

/// An index, as `pg_get_indexdef` prints it.
fn indexed(view: &Qualified, text: &str, all: &[Word<'_>]) -> Option<(RelationName, Index, Option<String>)> {
    let mut index = Index::of_table(*view);
    index.unique = all.get(1)?.is("unique");
    let on = all.iter().position(|word| word.depth == 0 && word.is("on"))?;
    let name = RelationName::new(name_of(all.get(on.checked_sub(1)?)?));
    let using = all.iter().position(|word| word.depth == 0 && word.is("using"))?;
    index.method = name_of(all.get(using + 1)?);
    let (keys, mut at) = items(all, using + 2)?;
    index.keys = keys.iter().map(|key| IndexKey { sql: Fragment::written(between(text, key)) }).collect();
    while let Some(word) = all.get(at) {
        match word {
            word if word.is("include") => {
                let (listed, behind) = items(all, at + 1)?;
                index.include =
                    listed.iter().filter_map(|item| Some(ColumnName::new(name_of(item.first()?)))).collect();
                at = behind;
            }
            word if word.is("nulls") => (index.nulls_not_distinct, at) = (true, at + 3),
            word if word.is("with") => {
                let (listed, behind) = items(all, at + 1)?;
                (index.with, at) = (parameters(&listed)?, behind);
            }
            word if word.is("where") => {
                index.predicate = Some(Fragment::written(between(text, all.get(at + 1..)?)));
                break;
            }
            _ => return None,
        }
    }
    Some((name, index, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_import_wrote_is_read_whole() {
        let text = "create materialized view \"a b\".m using heap2 with (fillfactor = '80', toast.autovacuum_enabled = 'false') \
                    tablespace fast as  SELECT t.a,\n    'as ; with'::text AS \"as\"\n   FROM t with no data;\n\
                    CREATE UNIQUE INDEX \"m,i\" ON \"a b\".m USING btree (a, lower(x, ')') DESC) INCLUDE (b) NULLS NOT DISTINCT \
                    WITH (fillfactor='71') WHERE (a > 1);\n\
                    alter index \"a b\".\"m,i\" set tablespace slow;\n\
                    alter index \"a b\".\"m,i\" alter column 2 set statistics 7;\n\
                    comment on index \"a b\".\"m,i\" is 'it''s';\n\
                    comment on materialized view \"a b\".m is E'whole\\\\';\n\
                    alter table \"a b\".m cluster on \"m,i\";\n\
                    alter table \"a b\".m alter a set storage main;\n\
                    alter table \"a b\".m alter a set statistics 9;\n\
                    alter table \"a b\".m alter a set (n_distinct = 5);\n\
                    comment on column \"a b\".m.a is 'one'";
        let name = Qualified::new("a b", "m");
        let read = parse_carried_view(&name, text).unwrap();
        assert_eq!(read.comment.as_deref(), Some("whole\\"));
        assert_eq!(read.view.query.as_written(), "SELECT t.a,\n    'as ; with'::text AS \"as\"\n   FROM t");
        assert!(read.view.unpopulated && read.view.materialized);
        assert_eq!(read.view.access_method.as_deref(), Some("heap2"));
        assert_eq!(read.view.tablespace.as_deref(), Some("fast"));
        assert_eq!(read.view.storage_parameters.get("toast.autovacuum_enabled").unwrap(), "false");
        assert_eq!(read.view.clustered_on, Some(RelationName::new("m,i")));
        let settings = &read.view.column_settings[&ColumnName::new("a")];
        assert_eq!((settings.storage, settings.statistics), (Some(Storage::Main), Some(9)));
        assert_eq!(settings.options.get("n_distinct").unwrap(), "5");
        let [(index_name, index, comment)] = read.indexes.as_slice() else { panic!("{:?}", read.indexes) };
        assert_eq!((index_name.as_str(), comment.as_deref()), ("m,i", Some("it's")));
        let keys: Vec<&str> = index.keys.iter().map(|key| key.sql.as_written()).collect();
        assert_eq!(keys, ["a", "lower(x, ')') DESC"]);
        assert!(index.unique && index.nulls_not_distinct);
        assert_eq!(index.include, [ColumnName::new("b")]);
        assert_eq!(index.predicate.as_ref().unwrap().as_written(), "(a > 1)");
        assert_eq!(index.with.get("fillfactor").unwrap(), "71");
        assert_eq!((index.tablespace.as_deref(), index.statistics[&2]), (Some("slow"), 7));
        for other in ["create view v as select 1", "create materialized view s.m as select 1; drop table t"] {
            assert!(parse_carried_view(&name, other).is_err(), "{other}");
        }
    }
}
