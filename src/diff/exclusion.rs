//! Compares exclusion constraints: only the comment on their index changes where they stand.
use super::{Alteration, Pair, parts::Compared};
use crate::canonical::{Sameness, same_index_key};
use crate::model::Exclusion;

impl Compared for Exclusion {
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool> {
        let (a, b) = (&pair.before.keys, &pair.after.keys);
        let same = || {
            a.iter().zip(b).all(|(a, b)| {
                let key = same_index_key(&pair.after.method, &a.key.sql, &b.key.sql);
                key == Sameness::Same && a.operator == b.operator
            })
        };
        (attribute == "keys").then(|| a.len() != b.len() || !same())
    }

    fn alteration(_: &'static str, _: Pair<'_, Self>) -> Alteration {
        Alteration::IndexComment
    }
}
