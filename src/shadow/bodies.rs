//! Bodies in PL/pgSQL that its parser refuses. PostgreSQL looks into a body when the function is made, if it is let to
//! (<https://www.postgresql.org/docs/current/plpgsql-development-tips.html>): pgform's sessions do not let it, since what a
//! body names may be made later.
use super::{Bench, Rejected};
use crate::{
    canonical::{is_plpgsql, parse_routine},
    diagnostic::Diagnostics,
    model::{Object, ObjectId},
    plan::Problem,
};

/// A mistake in the text itself, whatever else is there.
const SYNTAX_ERROR: &str = "42601";

impl Bench {
    /// The problems of those routines among the objects whose body PL/pgSQL cannot read; they are built in the shadow.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn misread_bodies<'o>(
        &mut self,
        objects: impl Iterator<Item = (&'o ObjectId, &'o Object)>,
    ) -> Result<Vec<Problem>, Diagnostics> {
        let mut out = Vec::new();
        for (id, object) in objects.filter(|(id, _)| id.kind().is_routine()) {
            let Some(sql) = object.definition().and_then(|definition| definition.text()) else { continue };
            let in_plpgsql = parse_routine(sql).is_ok_and(|routine| routine.language.as_deref() == Some("plpgsql"));
            if !in_plpgsql || self.lacks(id) {
                continue;
            }
            let looked = format!("set check_function_bodies to on;\n{sql};\nset check_function_bodies to off");
            let Err(error) = self.connection().batch(&looked).await else { continue };
            // What a later major version has for syntax is none to this one.
            if error.is(SYNTAX_ERROR) && !is_plpgsql(sql) {
                let rejected =
                    Rejected { object: *id, attribute: Some("body"), sql: sql.to_owned(), error, off_path: None };
                out.push(rejected.problem());
            }
        }
        Ok(out)
    }
}
