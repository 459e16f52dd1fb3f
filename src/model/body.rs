//! Body of an object: what only its kind has.
use super::{
    Attributes, Check, Column, ColumnValue, Definition, Enforcement, Enumeration, Exclusion, Extension, ForeignKey,
    Fragment, Index, Key, Schema, Sequence, Table, View, parts::Parts,
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
    /// An exclusion constraint.
    Exclusion(&'o Exclusion),
}

/// Body of an object: what only its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the kinds")]
pub enum Body {
    Schema(Schema),
    Extension(Extension),
    Enumeration(Enumeration),
    Sequence(Sequence),
    Table(Table),
    Column(Column),
    Key(Key),
    ForeignKey(ForeignKey),
    Check(Check),
    Exclusion(Exclusion),
    Index(Index),
    View(View),
    Definition(Definition),
}

fn tell<T: Parts>(of: &T, out: &mut Attributes) {
    T::ATTRIBUTES.iter().for_each(|attribute| attribute.tell(of, out));
}

impl TableConstraint<'_> {
    /// The word that people read.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::ForeignKey(_) => "foreign key",
            Self::Check(_) => "check",
            Self::Exclusion(_) => "exclusion constraint",
        }
    }
}

impl Body {
    /// The word that a digest has of the body's form. People read [`super::Object::word`].
    pub(super) fn form(&self) -> &'static str {
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
            Self::Exclusion(_) => "exclusion constraint",
            Self::Index(_) => "index",
            Self::View(_) => "view",
            Self::Definition(_) => "definition",
        }
    }

    pub(super) fn tell(&self, out: &mut Attributes) {
        match self {
            Self::Schema(Schema) => {}
            Self::Extension(of) => tell(of, out),
            Self::Enumeration(of) => tell(of, out),
            Self::Sequence(of) => tell(of, out),
            Self::Table(of) => tell(of, out),
            Self::Column(of) => tell(of, out),
            Self::Key(of) => tell(of, out),
            Self::ForeignKey(of) => tell(of, out),
            Self::Check(of) => tell(of, out),
            Self::Exclusion(of) => tell(of, out),
            Self::Index(of) => tell(of, out),
            Self::View(of) => tell(of, out),
            Self::Definition(of) => of.tell(out),
        }
    }

    /// Gives the body's SQL: types, expressions, keys, queries. A definition's text is none of them: it is a whole
    /// statement.
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
            Self::Table(table) => {
                table.partition_by.iter().chain(table.partition_of.iter().map(|of| &of.bound)).collect()
            }
            Self::Check(check) => vec![&check.expression],
            Self::Index(index) => index.keys.iter().map(|key| &key.sql).chain(&index.predicate).collect(),
            Self::Exclusion(of) => of.keys.iter().map(|key| &key.key.sql).chain(&of.predicate).collect(),
            Self::View(view) => [&view.query].into_iter().chain(view.defaults.values()).collect(),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Key(_)
            | Self::ForeignKey(_)
            | Self::Definition(_) => Vec::new(),
        }
    }

    /// Gives the tablespace that the object names.
    #[must_use]
    pub fn tablespace(&self) -> Option<&str> {
        match self {
            Self::Table(Table { tablespace, .. })
            | Self::Key(Key { tablespace, .. })
            | Self::Exclusion(Exclusion { tablespace, .. })
            | Self::Index(Index { tablespace, .. })
            | Self::View(View { tablespace, .. }) => tablespace.as_deref(),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Column(_)
            | Self::ForeignKey(_)
            | Self::Check(_)
            | Self::Definition(_) => None,
        }
    }

    /// Tells whether it is a constraint that has an index, which has its name.
    #[must_use]
    pub const fn owns_index(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Exclusion(_))
    }

    /// The comment on the index that a constraint has.
    #[must_use]
    pub fn index_comment(&self) -> Option<&str> {
        match self.constraint()? {
            TableConstraint::Key(key) => key.index_comment.as_deref(),
            TableConstraint::Exclusion(exclusion) => exclusion.index_comment.as_deref(),
            TableConstraint::ForeignKey(_) | TableConstraint::Check(_) => None,
        }
    }

    /// Tells for which rows a check or foreign key holds; a key or an exclusion constraint always holds for every row.
    /// `None` for what is no constraint.
    #[must_use]
    pub fn enforcement(&self) -> Option<Enforcement> {
        self.constraint().map(|constraint| match constraint {
            TableConstraint::Key(_) | TableConstraint::Exclusion(_) => Enforcement::Valid,
            TableConstraint::ForeignKey(key) => key.enforcement,
            TableConstraint::Check(check) => check.enforcement,
        })
    }

    /// The object as a constraint, where it is one.
    #[must_use]
    pub fn constraint(&self) -> Option<TableConstraint<'_>> {
        match self {
            Self::Key(key) => Some(TableConstraint::Key(key)),
            Self::ForeignKey(key) => Some(TableConstraint::ForeignKey(key)),
            Self::Check(check) => Some(TableConstraint::Check(check)),
            Self::Exclusion(exclusion) => Some(TableConstraint::Exclusion(exclusion)),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Table(_)
            | Self::Column(_)
            | Self::Index(_)
            | Self::View(_)
            | Self::Definition(_) => None,
        }
    }
}
