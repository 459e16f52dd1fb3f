//! Kinds that are compared attribute by attribute: each lists its attributes once, and every stage follows the list.
use super::{Attribute, ColumnName, Fragment, Parameters, Weight, attribute::Attributes};

/// A kind whose state is its attributes.
pub trait Parts: Clone + PartialEq + 'static {
    /// All attributes, in the order in which digests and plan files have them.
    const ATTRIBUTES: &'static [AttributeOf<Self>];
}

/// One attribute of a kind: all that the stages ask of it.
#[derive(Debug)]
pub struct AttributeOf<T> {
    /// The name in digests and reports, and the key in declarations and plan files.
    pub name: &'static str,
    /// Weight of a difference in a live database.
    pub weight: Weight,
    /// Meaning of a declaration that does not say the attribute.
    pub silence: Silence,
    /// Effect of a difference on the object.
    pub change: OnChange,
    /// Form of the attribute's key in YAML.
    pub key: Keyed,
    /// The place in the kind's type.
    pub field: Field<T>,
}

/// Meanings of a declaration that does not say an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// PostgreSQL's default is meant.
    Usual,
    /// Any value will do: the attribute is left to others.
    Unmanaged,
}

/// Effects of a difference in an attribute on the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// PostgreSQL alters it where it stands: the kind's comparison says by which alteration.
    Alters,
    /// The object is dropped and created.
    Replaces,
    /// No plan changes it yet: it is told.
    Carried,
    /// Nothing happens: the attribute is not compared.
    Nothing,
}

/// Forms of an attribute's key in YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// Key in declarations and plan files, in one form.
    Everywhere,
    /// Key in plan files alone.
    InPlans,
    /// Key in a form that the kind's own file reads and writes.
    Specially,
}

/// The place of an attribute in the kind's type, with the way in and out.
#[derive(Debug)]
#[allow(missing_docs, reason = "the ways in and out of each form")]
pub enum Field<T> {
    /// `true`, and `false` is usual.
    Flag { get: fn(&T) -> bool, set: fn(&mut T, bool) },
    /// A text, or none; the usual one, where that has a name, is none too.
    Text { get: fn(&T) -> Option<&str>, set: fn(&mut T, Option<&str>) },
    /// One of several words; none is usual.
    Word { get: fn(&T) -> Option<&'static str>, set: fn(&mut T, &str), words: fn() -> Vec<&'static str> },
    /// A number, or none.
    Number { get: fn(&T) -> Option<i32>, set: fn(&mut T, Option<i32>) },
    /// Columns of the object's table, or of another.
    Columns { get: fn(&T) -> &[ColumnName], set: fn(&mut T, Vec<ColumnName>) },
    /// Storage parameters and their like.
    Parameters { get: fn(&T) -> &Parameters, set: fn(&mut T, Parameters) },
    /// SQL, or none.
    Sql { get: fn(&T) -> Option<&Fragment>, set: fn(&mut T, Option<Fragment>), grammar: Grammar },
    /// Form that no other attribute has: told, and taken from another object, by its own functions.
    Own { tell: fn(&T, &mut Attributes), take: fn(&mut T, &T) },
}

/// Grammars by which a piece of SQL is read and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// A type with its modifiers.
    Type,
    /// The name of a collation.
    Collation,
    /// An expression.
    Expression,
    /// A query.
    Query,
}

/// A type whose values are words of PostgreSQL's.
pub trait Word: Copy + PartialEq + 'static {
    /// Every word; a value's first one is the one that is written.
    const WORDS: &'static [(&'static str, Self)];

    /// The word that is written.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }

    /// The value of a word.
    #[must_use]
    fn of_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }
}

impl<T: Parts> AttributeOf<T> {
    /// Tells the value, where it is not usual.
    pub(super) fn tell(&self, of: &T, out: &mut Attributes) {
        let (name, weight) = (self.name, self.weight);
        match &self.field {
            Field::Flag { get, set: _ } => out.text(weight, name, get(of).then_some("true")),
            Field::Text { get, set: _ } => out.text(weight, name, get(of)),
            Field::Word { get, set: _, words: _ } => out.text(weight, name, get(of)),
            Field::Number { get, set: _ } => out.text(weight, name, get(of).map(|number| number.to_string())),
            Field::Columns { get, set: _ } => out.list(weight, name, get(of).iter().map(ColumnName::as_str)),
            Field::Parameters { get, set: _ } => out.pairs(weight, name, get(of).sorted()),
            Field::Sql { get, set: _, grammar: _ } => out.text(weight, name, get(of).map(Fragment::sql)),
            Field::Own { tell, take: _ } => tell(of, out),
        }
    }

    /// The values that are told, which are none where the attribute is usual.
    #[must_use]
    pub fn told(&self, of: &T) -> Vec<Attribute> {
        let mut out = Attributes::default();
        self.tell(of, &mut out);
        out.0
    }

    /// Says that two objects have one value.
    #[must_use]
    pub fn is_same(&self, a: &T, b: &T) -> bool {
        match &self.field {
            Field::Flag { get, set: _ } => get(a) == get(b),
            Field::Text { get, set: _ } => get(a) == get(b),
            Field::Word { get, set: _, words: _ } => get(a) == get(b),
            Field::Number { get, set: _ } => get(a) == get(b),
            Field::Columns { get, set: _ } => get(a) == get(b),
            Field::Parameters { get, set: _ } => get(a) == get(b),
            Field::Sql { get, set: _, grammar: _ } => get(a).map(Fragment::sql) == get(b).map(Fragment::sql),
            Field::Own { tell: _, take: _ } => self.told(a) == self.told(b),
        }
    }

    /// Gives an object the value that another of its kind has.
    pub fn take(&self, to: &mut T, from: &T) {
        match &self.field {
            Field::Flag { get, set } => set(to, get(from)),
            Field::Text { get, set } => set(to, get(from)),
            Field::Word { get, set, words: _ } => set(to, get(from).unwrap_or_default()),
            Field::Number { get, set } => set(to, get(from)),
            Field::Columns { get, set } => set(to, get(from).to_vec()),
            Field::Parameters { get, set } => set(to, get(from).clone()),
            Field::Sql { get, set, grammar: _ } => set(to, get(from).cloned()),
            Field::Own { tell: _, take } => take(to, from),
        }
    }
}

/// The list of a kind's attributes. Each line: the field of its type (every field has a line), the name, the weight,
/// what silence means, what a difference makes, the form of its key in YAML, and the form of the field.
macro_rules! attributes {
    ($kind:ident: $($field:ident: $name:literal $weight:ident $silence:ident $change:ident $key:ident
        $form:ident $(($($argument:tt)*))?;)*) => {
        const _: () = {
            use $crate::model::parts::{AttributeOf, Field, Keyed, OnChange, Parts, Silence, field};
            impl Parts for $kind {
                const ATTRIBUTES: &'static [AttributeOf<Self>] = &[$(
                    AttributeOf {
                        name: $name,
                        weight: $crate::model::Weight::$weight,
                        silence: Silence::$silence,
                        change: OnChange::$change,
                        key: Keyed::$key,
                        field: field!($form $field $(($($argument)*))?),
                    }
                ),*];
            }
        };
        // Every field is an attribute: one that is in no line does not compile.
        const _: fn(&$kind) = |$kind { $($field: _),* }: &$kind| ();
    };
}

/// The way in and out of a field, by its form.
macro_rules! field {
    (flag $field:ident) => {
        Field::Flag { get: |of| of.$field, set: |of, set| of.$field = set }
    };
    // A flag whose opposite is the field.
    (unless $field:ident) => {
        Field::Flag { get: |of| !of.$field, set: |of, set| of.$field = !set }
    };
    // A type of two values, of which the flag is the second.
    (either $field:ident ($usual:path, $other:path)) => {
        Field::Flag { get: |of| of.$field == $other, set: |of, set| of.$field = if set { $other } else { $usual } }
    };
    (text $field:ident) => {
        Field::Text { get: |of| of.$field.as_deref(), set: |of, text| of.$field = text.map(str::to_owned) }
    };
    // A text of which one is usual, and has a name.
    (text $field:ident (unless $usual:literal)) => {
        Field::Text {
            get: |of| of.$field.as_deref(),
            set: |of, text| of.$field = text.filter(|text| *text != $usual).map(str::to_owned),
        }
    };
    // A text, of a field that is never without one.
    (text $field:ident (else $usual:literal)) => {
        Field::Text {
            get: |of| Some(of.$field.as_str()).filter(|text| *text != $usual),
            set: |of, text| of.$field = text.unwrap_or($usual).to_owned(),
        }
    };
    (name $field:ident ($of:ident)) => {
        Field::Text { get: |of| of.$field.as_ref().map($of::as_str), set: |of, text| of.$field = text.map($of::new) }
    };
    (word $field:ident ($of:ident)) => {
        Field::Word {
            get: |of| (of.$field != $of::default()).then(|| $crate::model::Word::word(of.$field)),
            set: |of, text| of.$field = <$of as $crate::model::Word>::of_word(text).unwrap_or_default(),
            words: || <$of as $crate::model::Word>::WORDS.iter().map(|(word, _)| *word).collect(),
        }
    };
    (maybe_word $field:ident ($of:ident)) => {
        Field::Word {
            get: |of| of.$field.map($crate::model::Word::word),
            set: |of, text| of.$field = <$of as $crate::model::Word>::of_word(text),
            words: || <$of as $crate::model::Word>::WORDS.iter().map(|(word, _)| *word).collect(),
        }
    };
    (number $field:ident) => {
        Field::Number { get: |of| of.$field, set: |of, number| of.$field = number }
    };
    (columns $field:ident) => {
        Field::Columns { get: |of| &of.$field, set: |of, columns| of.$field = columns }
    };
    (parameters $field:ident) => {
        Field::Parameters { get: |of| &of.$field, set: |of, parameters| of.$field = parameters }
    };
    // SQL that is always there keeps its own where none is given.
    (sql $field:ident ($grammar:ident)) => {
        Field::Sql {
            get: |of| Some(&of.$field),
            set: |of, sql| of.$field = sql.unwrap_or_else(|| of.$field.clone()),
            grammar: $crate::model::Grammar::$grammar,
        }
    };
    (maybe_sql $field:ident ($grammar:ident)) => {
        Field::Sql {
            get: |of| of.$field.as_ref(),
            set: |of, sql| of.$field = sql,
            grammar: $crate::model::Grammar::$grammar,
        }
    };
    (own $field:ident ($tell:expr)) => {
        Field::Own { tell: $tell, take: |to, from| to.$field.clone_from(&from.$field) }
    };
}

pub(super) use {attributes, field};
