//! Makes a column from its catalog row: type, collation, default, identity, storage.
use super::{
    relation::{ColumnRow, RelationRow},
    row::{letter, options},
    sequence::sequence_options,
    text::Texts,
};
use crate::model::{
    Column, ColumnValue, Compression, Fragment, GenerationKind, Identity, Storage, default_name, quote,
};

/// The column of a table's row; `sequence` is the one behind an identity column.
pub(super) fn column(
    row: &ColumnRow,
    table: &RelationRow,
    sequence: Option<&RelationRow>,
    texts: &mut Texts,
) -> Column {
    Column {
        position: u32::try_from(row.position).unwrap_or_default(),
        data_type: Texts::verbatim(&row.data_type),
        collation: collation(row),
        not_null: row.not_null,
        // What a partition has from its parent has the parent's name.
        not_null_name: row
            .not_null_name
            .clone()
            .filter(|n| row.not_null_local && *n != default_name(&table.name, &row.name, "not_null")),
        not_null_validated: row.not_null_validated,
        value: value(row, table, sequence, texts),
        storage: row.storage.as_deref().and_then(storage),
        compression: row.compression.as_deref().and_then(compression),
        statistics: row.statistics,
        options: options(row.options.as_ref()),
    }
}

/// Gives the collation, where it is not the type's.
pub(super) fn collation(row: &ColumnRow) -> Option<Fragment> {
    let (schema, name) = (row.collation_schema.as_ref()?, row.collation.as_ref()?);
    Some(Texts::verbatim(&format!("{}.{}", quote(schema), quote(name))))
}

/// The way of compressing values of a row's letter.
pub(super) fn compression(method: &str) -> Option<Compression> {
    match letter(method) {
        'p' => Some(Compression::Pglz),
        'l' => Some(Compression::Lz4),
        _ => None,
    }
}

/// The way of storing values of a row's letter.
pub(super) fn storage(of: &str) -> Option<Storage> {
    match letter(of) {
        'p' => Some(Storage::Plain),
        'e' => Some(Storage::External),
        'x' => Some(Storage::Extended),
        'm' => Some(Storage::Main),
        _ => None,
    }
}

fn value(row: &ColumnRow, table: &RelationRow, sequence: Option<&RelationRow>, texts: &mut Texts) -> ColumnValue {
    if let (false, Some(sequence)) = (row.identity.is_empty(), sequence) {
        let usual = default_name(&table.name, &row.name, "seq");
        return ColumnValue::Identity(Identity {
            always: letter(&row.identity) == 'a',
            options: sequence_options(sequence),
            sequence: Some(sequence.name.clone()).filter(|name| *name != usual),
        });
    }
    match (&row.expression, letter(&row.generated)) {
        (None, _) => ColumnValue::None,
        (Some(expression), 's') => ColumnValue::Generated(texts.expression(expression), GenerationKind::Stored),
        (Some(expression), 'v') => ColumnValue::Generated(texts.expression(expression), GenerationKind::Virtual),
        (Some(expression), _) => ColumnValue::Default(texts.expression(expression)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(row: &ColumnRow, sequence: Option<&RelationRow>) -> Column {
        let table = RelationRow { name: "documents".to_owned(), ..RelationRow::default() };
        column(row, &table, sequence, &mut Texts::default())
    }

    #[test]
    fn names_that_postgresql_would_give_are_not_kept() {
        let mut row = ColumnRow { name: "id".to_owned(), identity: "a".to_owned(), ..ColumnRow::default() };
        row.not_null_name = Some("documents_id_not_null".to_owned());
        row.not_null_local = true;
        let mut sequence = RelationRow { name: "documents_id_seq".to_owned(), ..RelationRow::default() };
        let column = read(&row, Some(&sequence));
        assert_eq!(column.not_null_name, None);
        assert!(matches!(column.value, ColumnValue::Identity(Identity { always: true, sequence: None, options: _ })));
        row.not_null_name = Some("other".to_owned());
        sequence.name = "numbers".to_owned();
        let column = read(&row, Some(&sequence));
        assert_eq!(column.not_null_name.as_deref(), Some("other"));
        let ColumnValue::Identity(identity) = column.value else { panic!("{:?}", column.value) };
        assert_eq!(identity.sequence.as_deref(), Some("numbers"));
    }

    #[test]
    fn collations_are_written_whole() {
        let row = ColumnRow {
            collation_schema: Some("pg_catalog".to_owned()),
            collation: Some("C".to_owned()),
            ..ColumnRow::default()
        };
        assert_eq!(read(&row, None).collation.map(|c| c.sql().to_owned()).as_deref(), Some("pg_catalog.\"C\""));
    }
}
