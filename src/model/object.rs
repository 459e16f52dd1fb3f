use super::attribute::Attributes;
use super::{
    Attribute, Check, Column, ColumnValue, Digest, Enumeration, Extension, ForeignKey, Fragment, Hasher, Index, Key,
    Opaque, Schema, Sequence, Table, View, Weight,
};

/// A constraint of a table, of whichever kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableConstraint<'o> {
    /// A primary key or a unique one.
    Key(&'o Key),
    /// A foreign key.
    ForeignKey(&'o ForeignKey),
    /// A check.
    Check(&'o Check),
}

/// One object of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the kinds")]
pub enum Object {
    Schema(Schema),
    Extension(Extension),
    Enumeration(Enumeration),
    Sequence(Sequence),
    Table(Table),
    Column(Column),
    Key(Key),
    ForeignKey(ForeignKey),
    Check(Check),
    Index(Index),
    View(View),
    Opaque(Opaque),
}

impl Object {
    /// The word people read, which is finer than the kind of its identity: a constraint is a key, a foreign key or a check.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Schema(_) => "schema",
            Self::Extension(_) => "extension",
            Self::Enumeration(_) => "enum",
            Self::Sequence(_) => "sequence",
            Self::Table(_) => "table",
            Self::Column(_) => "column",
            Self::Key(_) => "key",
            Self::ForeignKey(_) => "foreign key",
            Self::Check(_) => "check",
            Self::Index(_) => "index",
            Self::View(_) => "view",
            Self::Opaque(_) => "opaque",
        }
    }

    /// All its attributes that are not at their default, in a fixed order, with their weights.
    #[must_use]
    pub fn attributes(&self) -> Vec<Attribute> {
        let mut out = Attributes::default();
        match self {
            Self::Schema(o) => o.attributes(&mut out),
            Self::Extension(o) => o.attributes(&mut out),
            Self::Enumeration(o) => o.attributes(&mut out),
            Self::Sequence(o) => o.attributes(&mut out),
            Self::Table(o) => o.attributes(&mut out),
            Self::Column(o) => o.attributes(&mut out),
            Self::Key(o) => o.attributes(&mut out),
            Self::ForeignKey(o) => o.attributes(&mut out),
            Self::Check(o) => o.attributes(&mut out),
            Self::Index(o) => o.attributes(&mut out),
            Self::View(o) => o.attributes(&mut out),
            Self::Opaque(o) => o.attributes(&mut out),
        }
        out.0
    }

    /// Its SQL: types, expressions, keys, queries. An opaque object's text is none of them: it is a whole statement.
    #[must_use]
    pub fn fragments(&self) -> Vec<&Fragment> {
        match self {
            Self::Column(column) => {
                let value = match &column.value {
                    ColumnValue::Default(sql) | ColumnValue::Generated(sql, _) => Some(sql),
                    ColumnValue::None | ColumnValue::Identity(_) => None,
                };
                [&column.data_type].into_iter().chain(&column.collation).chain(value).collect()
            }
            Self::Check(check) => vec![&check.expression],
            Self::Index(index) => index.keys.iter().map(|key| &key.sql).chain(&index.predicate).collect(),
            Self::View(view) => [&view.query].into_iter().chain(view.defaults.values()).collect(),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Table(_)
            | Self::Key(_)
            | Self::ForeignKey(_)
            | Self::Opaque(_) => Vec::new(),
        }
    }

    /// Its comment.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        match self {
            Self::Schema(Schema { comment, .. })
            | Self::Extension(Extension { comment, .. })
            | Self::Enumeration(Enumeration { comment, .. })
            | Self::Sequence(Sequence { comment, .. })
            | Self::Table(Table { comment, .. })
            | Self::Column(Column { comment, .. })
            | Self::Key(Key { comment, .. })
            | Self::ForeignKey(ForeignKey { comment, .. })
            | Self::Check(Check { comment, .. })
            | Self::Index(Index { comment, .. })
            | Self::View(View { comment, .. })
            | Self::Opaque(Opaque { comment, .. }) => comment.as_deref(),
        }
    }

    /// The tablespace that it names.
    #[must_use]
    pub fn tablespace(&self) -> Option<&str> {
        match self {
            Self::Table(Table { tablespace, .. })
            | Self::Key(Key { tablespace, .. })
            | Self::Index(Index { tablespace, .. }) => tablespace.as_deref(),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Column(_)
            | Self::ForeignKey(_)
            | Self::Check(_)
            | Self::View(_)
            | Self::Opaque(_) => None,
        }
    }

    /// Who may do what with it, and with single columns of it, beside its owner: one list after the other.
    #[must_use]
    pub fn privileges(&self) -> Vec<&[String]> {
        let (own, of_columns) = match self {
            Self::Schema(Schema { privileges, .. })
            | Self::Enumeration(Enumeration { privileges, .. })
            | Self::Sequence(Sequence { privileges, .. })
            | Self::Table(Table { privileges, .. })
            | Self::Column(Column { privileges, .. }) => (privileges, None),
            Self::View(View { privileges, column_privileges, .. })
            | Self::Opaque(Opaque { privileges, column_privileges, .. }) => (privileges, Some(column_privileges)),
            Self::Extension(_) | Self::Key(_) | Self::ForeignKey(_) | Self::Check(_) | Self::Index(_) => {
                return Vec::new();
            }
        };
        let of_columns = of_columns.into_iter().flat_map(|of| of.values());
        own.iter().chain(of_columns).map(Vec::as_slice).collect()
    }

    /// The role that it belongs to, where that is known.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match self {
            Self::Schema(Schema { owner, .. })
            | Self::Enumeration(Enumeration { owner, .. })
            | Self::Sequence(Sequence { owner, .. })
            | Self::Table(Table { owner, .. })
            | Self::View(View { owner, .. })
            | Self::Opaque(Opaque { owner, .. }) => owner.as_deref(),
            Self::Extension(_)
            | Self::Column(_)
            | Self::Key(_)
            | Self::ForeignKey(_)
            | Self::Check(_)
            | Self::Index(_) => None,
        }
    }

    /// The object as a constraint, where it is one.
    #[must_use]
    pub fn constraint(&self) -> Option<TableConstraint<'_>> {
        match self {
            Self::Key(key) => Some(TableConstraint::Key(key)),
            Self::ForeignKey(key) => Some(TableConstraint::ForeignKey(key)),
            Self::Check(check) => Some(TableConstraint::Check(check)),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Table(_)
            | Self::Column(_)
            | Self::Index(_)
            | Self::View(_)
            | Self::Opaque(_) => None,
        }
    }

    /// The digest of what blocks a replay when it differs.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        hasher.field(self.word().as_bytes());
        for attribute in self.attributes() {
            if attribute.weight == Weight::Hard {
                hasher.field(attribute.name.as_bytes());
                hasher.field(attribute.value.as_bytes());
            }
        }
        hasher.finish("s1")
    }
}
