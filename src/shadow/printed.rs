//! SQL of an object beside that of the same object as it was, or as the shadow printed it, kind by kind.
use crate::model::{
    Check, Column, ColumnValue, Definition, Enumeration, Exclusion, Extension, ForeignKey, Fragment, Index, Key,
    Schema, Sequence, Table, View,
};

/// Work on a text and the one beside it.
pub(super) type OnPair<'a> = &'a dyn Fn(&mut Fragment, &Fragment);

/// Kind whose SQL a shadow prints.
pub(super) trait Printed {
    /// Goes through all SQL of the object, each text with the one in its place in the other form.
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>);

    /// Puts in the texts that the shadow printed, and what it knows beside: a declaration may name what is not stored.
    fn settle(&mut self, printed: &Self) {
        self.each_pair(printed, &settle);
    }
}

fn settle(declared: &mut Fragment, printed: &Fragment) {
    *declared = declared.settle(printed.sql());
}

fn each_if_there(a: &mut Option<Fragment>, b: &Option<Fragment>, each: OnPair<'_>) {
    if let (Some(a), Some(b)) = (a, b) {
        each(a, b);
    }
}

/// Nothing in these kinds is SQL.
macro_rules! without_sql {
    ($($kind:ty),+) => {
        $(impl Printed for $kind {
            fn each_pair(&mut self, _: &Self, _: OnPair<'_>) {}
        })+
    };
}

without_sql!(Schema, Extension, Enumeration, Sequence, Key, ForeignKey);

impl Printed for Table {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        each_if_there(&mut self.partition_by, &other.partition_by, each);
        if let (Some(a), Some(b)) = (&mut self.partition_of, &other.partition_of) {
            each(&mut a.bound, &b.bound);
        }
    }
}

impl Printed for Column {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        each(&mut self.data_type, &other.data_type);
        each_if_there(&mut self.collation, &other.collation, each);
        if let (
            ColumnValue::Default(a) | ColumnValue::Generated(a, _),
            ColumnValue::Default(b) | ColumnValue::Generated(b, _),
        ) = (&mut self.value, &other.value)
        {
            each(a, b);
        }
    }

    fn settle(&mut self, printed: &Self) {
        // `default null` is stored as no default at all, and neither is a collation or a storage that is the type's own.
        if let (ColumnValue::Default(_), ColumnValue::None) = (&self.value, &printed.value) {
            self.value = ColumnValue::None;
        }
        self.collation = self.collation.take().filter(|_| printed.collation.is_some());
        self.storage = self.storage.and(printed.storage);
        self.each_pair(printed, &settle);
    }
}

impl Printed for Check {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        each(&mut self.expression, &other.expression);
    }
}

impl Printed for Exclusion {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        if self.keys.len() == other.keys.len() {
            self.keys.iter_mut().zip(&other.keys).for_each(|(a, b)| each(&mut a.key.sql, &b.key.sql));
        }
        each_if_there(&mut self.predicate, &other.predicate, each);
    }

    fn settle(&mut self, printed: &Self) {
        if self.keys.len() == printed.keys.len() {
            // The operator that PostgreSQL found, in its schema where it is none of its own.
            self.keys.iter_mut().zip(&printed.keys).for_each(|(a, b)| a.operator.clone_from(&b.operator));
        }
        self.each_pair(printed, &settle);
    }
}

impl Printed for Index {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        if self.keys.len() == other.keys.len() {
            self.keys.iter_mut().zip(&other.keys).for_each(|(a, b)| each(&mut a.sql, &b.sql));
        }
        each_if_there(&mut self.predicate, &other.predicate, each);
    }
}

impl Printed for View {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        each(&mut self.query, &other.query);
        for (name, text) in &mut self.defaults {
            if let Some(other) = other.defaults.get(name) {
                each(text, other);
            }
        }
    }

    fn settle(&mut self, printed: &Self) {
        self.columns.clone_from(&printed.columns);
        self.each_pair(printed, &settle);
    }
}

impl Printed for Definition {
    fn each_pair(&mut self, other: &Self, each: OnPair<'_>) {
        each_if_there(&mut self.create, &other.create, each);
    }

    fn settle(&mut self, printed: &Self) {
        // The text of what is carried along is as the database that it was read from printed it.
        if !self.carried {
            self.each_pair(printed, &settle);
        }
    }
}
