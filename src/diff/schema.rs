//! Compares schemas: nothing but their head can differ, and all else about them is declared.
use super::{
    Alteration, Pair,
    kind::{Kind, SaidOf, Subject},
};
use crate::model::{ObjectId, Schema};

impl Kind for Schema {
    fn diff(pair: Pair<'_, Self>, _: &Subject<'_>) -> Vec<Alteration> {
        let (Schema, Schema) = (pair.before, pair.after);
        Vec::new()
    }

    fn inherit(_: &Self, _: &mut Self, _: &ObjectId, _: SaidOf<'_>) {}
}
