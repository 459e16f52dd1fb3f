//! `validate`: checks the declaration without a database, and reports objects, changes and warnings.
use crate::declaration;
use crate::diagnostic::Diagnostics;
use crate::diff::diff;
use crate::report::Validation;
use crate::settings::Asked;
use crate::workflow::invocation::project::{Project, empty_database, known, scope_of};
use crate::workflow::planning::carried_objects::Touched;
use crate::workflow::planning::desired_state::{acting_renames, both, hints};
use crate::workflow::planning::made_plan::refuse_disobeyed;
use crate::workflow::renames::already_run::ran;
use crate::workflow::renames::history::Past;
use crate::workflow::renames::without_effect;

/// Result of `validate` on a sound declaration.
#[derive(Debug)]
pub struct Validated {
    /// Counts of the declaration's objects and changes.
    pub report: Validation,
    /// Warnings about what is probably not meant.
    pub warnings: Diagnostics,
}

/// Checks the declaration without a database.
///
/// # Errors
/// All mistakes of the declaration.
pub fn validate(project: &Project) -> Result<Validated, Diagnostics> {
    let plans = project.plans()?;
    let mut head = if plans.all().is_empty() { empty_database() } else { plans.fold_to_head()? };
    project.leave_to_others(&mut head);
    // Before the first plan nothing is known of a database, which may have functions that no file declares.
    let known = if plans.all().is_empty() { declaration::Known::default() } else { known(&head) };
    let declared = declaration::load_knowing(&project.schema_dir, &known)?;
    refuse_disobeyed(&declared, &head)?;
    let chain = if plans.all().is_empty() { Vec::new() } else { plans.chain()? };
    let past = Past::of(chain.iter().map(|plan| &plan.file().header));
    let renames = acting_renames(&head, &declared, &ran(&plans, plans.head()?.map(|plan| plan.digest())))?;
    let (before, mut after) = both(&head, &declared, &renames, &scope_of(project, &head, &declared).schemas);
    let touched = Touched::new(&before, &declared, &past.followed_by(&head, &renames));
    let mut warnings = declared.warnings.clone();
    warnings.extend(without_effect::of_nothing(&head, &declared, &renames));
    warnings.extend(without_effect::converted(&head, &declared, &renames));
    warnings.extend(without_effect::done(&head, &declared, &renames));
    warnings.extend(touched.settle_names(&mut after, &declared));
    let differ = diff(&before, &after, &hints(&before, &declared)).changes.len();
    let kinds = declared.state.objects.iter().map(|(id, object)| object.word(id));
    let found = (differ, warnings.0.len());
    let mut report = Validation::new(declared.places.files(), kinds, plans.all().len(), found);
    report.again = project.again(&Asked::default());
    Ok(Validated { report, warnings })
}
