use super::attribute::Attributes;
use super::{
    Attribute, Check, Column, ColumnValue, Digest, Enumeration, Extension, ForeignKey, Fragment, Hasher, Index, Key,
    Opaque, Schema, Sequence, Table, View, Weight,
};

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
