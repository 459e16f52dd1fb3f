//! Compares indexes: none changes where it stands.
use super::{Alteration, Pair, parts::Compared};
use crate::canonical::{Sameness, same_index_key};
use crate::model::Index;

impl Compared for Index {
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool> {
        let (a, b) = (&pair.before.keys, &pair.after.keys);
        let same =
            || a.iter().zip(b).all(|(a, b)| same_index_key(&pair.after.method, &a.sql, &b.sql) == Sameness::Same);
        (attribute == "keys").then(|| a.len() != b.len() || !same())
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        Alteration::Replaced(vec![attribute])
    }
}
