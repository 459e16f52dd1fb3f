//! Makes fragments of the SQL that the catalog prints, each text parsed once.
use crate::{
    canonical::{settled_expression, settled_query},
    model::Fragment,
};
use std::collections::HashMap;

/// Fragments of printed SQL. A catalog prints the same defaults and predicates over and over: each is parsed once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    expressions: HashMap<String, String>,
}

impl Texts {
    /// Makes a fragment of an expression as `pg_get_expr` printed it.
    pub(super) fn expression(&mut self, printed: &str) -> Fragment {
        let settled = match self.expressions.get(printed) {
            Some(known) => known.clone(),
            None => {
                let settled = settled_expression(printed);
                self.expressions.insert(printed.to_owned(), settled.clone());
                settled
            }
        };
        Fragment::settled(printed, settled)
    }

    /// Makes a fragment of a query as `pg_get_viewdef` printed it.
    pub(super) fn query(printed: &str) -> Fragment {
        let printed = printed.trim().trim_end_matches(';');
        Fragment::settled(printed, settled_query(printed))
    }

    /// Makes a fragment of what the catalog prints in one way only: types, collations, whole index keys.
    pub(super) fn verbatim(printed: &str) -> Fragment {
        Fragment::settled(printed, printed)
    }
}
