//! Operations on columns: added, dropped, other type, other default, nulls refused or allowed.
use super::super::beneath::Beneath;
use super::super::format::{Hazard, HazardKind, Held, LockMode, Look, LookKind, Reversibility, Step};
use super::super::sql::{collate_clause, column_definition, column_extras, own_of_column};
use super::super::type_change::keeps_every_file;
use super::ahead::{self, old_table};
use super::answer::{Ahead, Grouping, Milestone, Operation, Resource};
use super::context::Context;
use super::schema::blocks;
use super::support::{InPlace, back, exact, exclusive, hazard, lock, steps};
use super::written::since;
use crate::model::{Column, ColumnName, ColumnValue, ObjectId, Qualified, State, Typed};

fn id(table: &Qualified, name: &ColumnName) -> ObjectId {
    ObjectId::column(*table, *name)
}

/// Tells whether `add column` with this value would write the whole table anew: identity, generation, and defaults
/// that PostgreSQL cannot prove to be stable (only known shapes are taken as safe).
fn rewrites(value: &ColumnValue) -> bool {
    match value {
        ColumnValue::None => false,
        ColumnValue::Identity(_) | ColumnValue::Generated(..) => true,
        ColumnValue::Default(expression) => !crate::canonical::is_stable_default(expression.sql()),
    }
}

/// `add column`.
pub(in super::super) fn add(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    column: Typed<'_, Column>,
) -> Operation {
    let (id, table_id) = (id(table, name), ObjectId::table(*table));
    let mut sql = vec![format!("alter table {table} add column {}", column_definition(table, name, &column))];
    sql.extend(column_extras(table, name, column));
    sql.extend(own_of_partitions(context, context.after, (table, name)));
    let mut hazards = Vec::new();
    let mut held = Held::Moment;
    if rewrites(&column.value) && !context.is_new(table) {
        held = Held::Rewrite;
        hazards.push(hazard(
            HazardKind::Rewrite,
            &id,
            "its value is computed for every row: the table is written anew, and nobody can read or write it meanwhile",
        ));
    }
    let nothing_to_hold = column.not_null && matches!(column.value, ColumnValue::None);
    if nothing_to_hold {
        let because = "fails where the table holds a row, which would have no value for it: give it a default, or leave \
                       `not null` for a later plan, once every row has one";
        hazards.push(hazard(HazardKind::MayFailOnRows, &id, because));
    }
    // Nobody writes these: what is computed is computed again, and what is numbered is numbered again.
    let unwritten = match &column.value {
        ColumnValue::Generated(..) => true,
        ColumnValue::Identity(identity) => identity.always,
        ColumnValue::None | ColumnValue::Default(_) => false,
    };
    let (kind, conditions) = if unwritten {
        (Reversibility::Exact, Vec::new())
    } else {
        let (kind, condition) = since(context, table, name, &column);
        (kind, vec![condition])
    };
    let mut needs = context.needs_after(&id);
    needs.push(Resource::ColumnName(*table, *name));
    Operation {
        does: format!("add column {}", id.short()),
        subject: id,
        steps: steps(sql),
        inverse: back(
            kind,
            conditions,
            exclusive(&table_id),
            steps([format!("alter table {table} drop column {name}")]),
        ),
        locks: vec![lock(&table_id, LockMode::AccessExclusive, held)],
        hazards,
        needs,
        makes: vec![Resource::After(id)],
        destroys: Vec::new(),
        grouping: if held == Held::Moment && !nothing_to_hold { Grouping::Shared } else { Grouping::Alone },
        ahead: Ahead::looking(nothing_to_hold.then(|| any_row(context, table, &id))),
    }
}

/// What the partitions that are there before and after have of their own in a column.
fn own_of_partitions(context: &Context<'_>, state: &State, (table, name): (&Qualified, &ColumnName)) -> Vec<String> {
    let stay = context.beneath_before.tables(table).into_iter().filter(|of| context.after.table(of).is_some());
    stay.flat_map(|of| own_of_column(&of, name, state)).collect()
}

/// Partitions that refuse nulls whatever their parent does: PostgreSQL lets them be null with that.
fn refuse_nulls_again(context: &Context<'_>, state: &State, (table, name): (&Qualified, &ColumnName)) -> Vec<String> {
    let stay = context.beneath_before.tables(table).into_iter().filter(|of| context.after.table(of).is_some());
    let refuses = |of: &Qualified| state.column(of, name).is_some_and(|column| column.not_null);
    stay.filter(refuses).map(|of| format!("alter table {of} alter column {name} set not null")).collect()
}

/// Look for a row, which would have no value for a column that is not null and has no default.
fn any_row(context: &Context<'_>, table: &Qualified, column: &ObjectId) -> Look {
    let says = format!("rows of {}, which would have no value for {}", ObjectId::table(*table).short(), column.short());
    let rows = format!("select * from {}", old_table(context, table));
    Look { kind: LookKind::Fails, object: *column, says, rows, behind: None }
}

/// `drop column`: its indexes and constraints are dropped before, by operations of their own.
pub(in super::super) fn drop(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    column: Typed<'_, Column>,
) -> Operation {
    let (id, table_id) = (id(table, name), ObjectId::table(*table));
    // Rows that are there again may have no value for it: `not null` comes back only where a value does.
    let restored =
        Column { not_null: column.not_null && !matches!(column.value, ColumnValue::None), ..column.own.clone() };
    let mut undo = vec![format!("alter table {table} add column {}", column_definition(table, name, &restored))];
    undo.extend(column_extras(table, name, column));
    if column.not_null && !restored.not_null {
        undo.push(format!("alter table {table} alter column {name} set not null"));
    }
    undo.extend(own_of_partitions(context, context.before, (table, name)));
    let rows = blocks(
        &id,
        format!("select count(*) from (select 1 from {table} limit 1) as any_row"),
        format!("{} was not null and had no default: it can come back only while the table is empty", id.short()),
    );
    let conditions = if column.not_null && !restored.not_null { vec![rows] } else { Vec::new() };
    let held = if rewrites(&column.value) { Held::Rewrite } else { Held::Moment };
    Operation {
        does: format!("drop column {}", id.short()),
        subject: id,
        steps: steps([format!("alter table {table} drop column {name}")]),
        inverse: back(
            Reversibility::StructureOnly,
            conditions,
            vec![lock(&table_id, LockMode::AccessExclusive, held)],
            steps(undo),
        ),
        locks: exclusive(&table_id),
        hazards: vec![hazard(
            HazardKind::DataLoss,
            &id,
            if matches!(column.value, ColumnValue::Identity(_)) {
                "its numbers go: it comes back with others"
            } else {
                "its values go and don't come back"
            },
        )],
        needs: context.needs_before(&id),
        makes: Vec::new(),
        destroys: vec![Resource::Before(id)],
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// A type change that PostgreSQL makes without writing or reading the table (measured pairs only).
pub(in super::super) fn change_type(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    before: &Column,
    after: &Column,
) -> Operation {
    let (id, table_id) = (id(table, name), ObjectId::table(*table));
    let sql = |c: &Column| {
        format!(
            "alter table {table} alter column {name} type {}{}",
            c.data_type.sql(),
            collate_clause(c.collation.as_ref())
        )
    };
    let mut op = InPlace {
        does: format!("change {} to {}", id.short(), after.data_type.sql()),
        subject: id,
        forward: vec![sql(after)],
        backward: vec![sql(before)],
        locks: exclusive(&table_id),
        hazards: Vec::new(),
        needs: context.needs_after(&id),
    }
    .operation();
    // The wider type may hold values by then that the narrower one does not: PostgreSQL checks as it writes anew.
    if !keeps_every_file(after.data_type.sql(), before.data_type.sql()) {
        op.inverse.kind = Reversibility::Conditional;
        op.inverse.conditions = super::narrow::column(table, name, before.data_type.sql());
        op.inverse.conditions.extend(super::return_conditions::rounded(context, table, name));
        op.inverse.parts[0].locks = vec![lock(&table_id, LockMode::AccessExclusive, Held::Rewrite)];
    }
    op
}

/// `set default`, `drop default`.
pub(in super::super) fn set_default(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    before: &Column,
    after: &Column,
) -> Operation {
    let (id, table_id) = (id(table, name), ObjectId::table(*table));
    let sql = |table: &Qualified, value: &ColumnValue| match value {
        ColumnValue::Default(e) => format!("alter table {table} alter column {name} set default ({})", e.sql()),
        ColumnValue::None | ColumnValue::Identity(_) | ColumnValue::Generated(..) => {
            format!("alter table {table} alter column {name} drop default")
        }
    };
    // Partitions get it too: those with a default of their own have that again behind it.
    let with_own = |state: &State, beneath: &Beneath, value: &ColumnValue| -> Vec<String> {
        let others = beneath.tables(table).into_iter().filter_map(|of| Some((of, state.column(&of, name)?)));
        let others = others.filter(|(of, own)| own.value != *value && context.before.table(of).is_some());
        std::iter::once(sql(table, value)).chain(others.map(|(of, own)| sql(&of, &own.value))).collect()
    };
    let mut needs = context.needs_after(&id);
    needs.extend(context.needs_before(&id));
    InPlace {
        does: if matches!(after.value, ColumnValue::None) {
            format!("drop default of {}", id.short())
        } else {
            format!("set default of {}", id.short())
        },
        subject: id,
        forward: with_own(context.after, &context.beneath_after, &after.value),
        backward: with_own(context.before, &context.beneath_before, &before.value),
        locks: exclusive(&table_id),
        hazards: Vec::new(),
        needs,
    }
    .operation()
}

/// `not null` added, online: a check that is not valid, validated in a segment of its own, proves it without a scan.
pub(in super::super) fn set_not_null(context: &Context<'_>, table: &Qualified, name: &ColumnName) -> [Operation; 3] {
    let (id, table_id) = (id(table, name), ObjectId::table(*table));
    let check = crate::model::ConstraintName::new(crate::model::aside_name(&context.seed, &id));
    let alter = format!("alter table {table}");
    let halfway = |name| Resource::Halfway(id, name);
    let drop_check = format!("{alter} drop constraint {check}");
    let add_check = format!("{alter} add constraint {check} check ({name} is not null) not valid");
    let operation =
        |does: String, sql: Vec<String>, undo: Vec<String>, locks: Vec<_>, needs, makes, grouping| Operation {
            does,
            subject: id,
            steps: steps(sql),
            inverse: exact(exclusive(&table_id), undo),
            locks,
            hazards: Vec::new(),
            needs,
            makes,
            destroys: Vec::new(),
            grouping,
            ahead: Ahead::none(),
        };
    let mut validate = operation(
        format!("check that {} has no nulls", id.short()),
        vec![format!("{alter} validate constraint {check}")],
        vec![drop_check.clone(), add_check.clone()],
        vec![lock(&table_id, LockMode::ShareUpdateExclusive, Held::Scan)],
        vec![halfway(Milestone::NullsRefusedAnew)],
        vec![halfway(Milestone::NullsLookedFor)],
        Grouping::Alone,
    );
    validate.hazards = nulls_are_looked_for(&id);
    let mut set = operation(
        format!("set {} not null", id.short()),
        vec![format!("{alter} alter column {name} set not null"), drop_check.clone()],
        Vec::new(),
        exclusive(&table_id),
        vec![halfway(Milestone::NullsLookedFor)],
        vec![Resource::After(id), halfway(Milestone::NullsRefused)],
        Grouping::Alone,
    );
    let undone = [format!("{alter} alter column {name} drop not null")].into_iter();
    let undone = steps(undone.chain(refuse_nulls_again(context, context.before, (table, name))));
    // The boundary before it has the check, validated.
    set.inverse.parts = behind_a_check(&table_id, [steps([add_check.clone()]), validate.steps.clone(), undone]);
    // New rows obey it from here on: it stands alone, so that it goes again where old ones have nulls.
    let mut prepare = operation(
        format!("prepare {} to be not null", id.short()),
        vec![add_check],
        vec![drop_check],
        exclusive(&table_id),
        vec![Resource::After(table_id), Resource::Before(id)],
        vec![halfway(Milestone::NullsRefusedAnew)],
        Grouping::Alone,
    );
    let (look, rule) = ahead::not_null(context, (table, name), &check);
    prepare.ahead = Ahead { looks: look.into_iter().collect(), rule: Some(rule) };
    [prepare, validate, set]
}

fn nulls_are_looked_for(id: &ObjectId) -> Vec<Hazard> {
    vec![
        hazard(HazardKind::MayFailOnRows, id, "fails if a row has null there"),
        hazard(HazardKind::LongScan, id, "the table is read once; readers and writers go on"),
    ]
}

/// `drop not null`.
pub(in super::super) fn drop_not_null(context: &Context<'_>, table: &Qualified, name: &ColumnName) -> Operation {
    let (id, table_id) = (id(table, name), ObjectId::table(*table));
    let again = refuse_nulls_again(context, context.after, (table, name));
    let mut op = InPlace {
        does: format!("let {} be null", id.short()),
        subject: id,
        forward: std::iter::once(format!("alter table {table} alter column {name} drop not null"))
            .chain(again.iter().cloned())
            .collect(),
        backward: Vec::new(),
        locks: vec![lock(
            &table_id,
            LockMode::AccessExclusive,
            if again.is_empty() { Held::Moment } else { Held::Scan },
        )],
        hazards: Vec::new(),
        needs: vec![Resource::After(table_id), Resource::Before(id)],
    }
    .operation();
    // The same way back as forward: behind a validated check.
    let [prepare, validate, set] = set_not_null(context, table, name);
    op.inverse.parts = behind_a_check(&table_id, [prepare.steps, validate.steps, set.steps]);
    op.inverse.parts[1].relief = prepare.inverse.parts.into_iter().flat_map(|part| part.steps).collect();
    op.inverse.kind = Reversibility::Conditional;
    op.inverse.conditions = vec![super::super::format::Condition {
        kind: super::super::format::ConditionKind::Blocks,
        object: id,
        count: format!("select count(*) from {table} where {name} is null"),
        says: format!("nulls in {} written since", id.short()),
    }];
    op
}

/// A way back over a check that is validated in between: the second part reads the table, the others take a moment.
fn behind_a_check(table: &ObjectId, parts: impl IntoIterator<Item = Vec<Step>>) -> Vec<super::super::format::BackPart> {
    let part = |(at, steps): (usize, Vec<Step>)| {
        let (mode, held) = match at {
            1 => (LockMode::ShareUpdateExclusive, Held::Scan),
            _ => (LockMode::AccessExclusive, Held::Moment),
        };
        super::super::format::BackPart { locks: vec![lock(table, mode, held)], steps, relief: Vec::new() }
    };
    parts.into_iter().enumerate().map(part).collect()
}
