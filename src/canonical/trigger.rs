//! Parses `create trigger` into its parts, and writes it as PostgreSQL prints it (`pg_get_triggerdef`).
use super::parse::{self, SqlError};
use super::statement::split_statements;
use super::words::{between, closing, string, words};
use crate::model::quote;
use pg_query::protobuf::{self, node::Node};

/// A trigger, as its statement says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `create trigger`")]
pub struct TriggerText {
    pub is_constraint: bool,
    pub name: String,
    /// `before`, `after` or `instead of`.
    pub timing: String,
    /// `insert`, `delete`, `update` and `truncate`, in this order.
    pub events: Vec<&'static str>,
    /// The columns of `update of`.
    pub columns: Vec<String>,
    /// The relation, as SQL.
    pub relation: String,
    /// The other table of a constraint, as SQL.
    pub from: Option<String>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    pub old_table: Option<String>,
    pub new_table: Option<String>,
    pub for_each_row: bool,
    /// The condition, as it stands between the parentheses.
    pub when: Option<String>,
    /// The names that lead to the function.
    pub function: Vec<String>,
    /// Arguments of the function: texts, always.
    pub arguments: Vec<String>,
    /// Word of `alter table` for when the trigger fires: `disable`, `enable replica` or `enable always`; none for the
    /// usual.
    pub enabled: Option<&'static str>,
}

const BEFORE: i32 = 1 << 1;
const INSTEAD: i32 = 1 << 6;
/// The events with their bits, in the order in which PostgreSQL prints them.
const EVENTS: [(&str, i32); 4] = [("insert", 1 << 2), ("delete", 1 << 3), ("update", 1 << 4), ("truncate", 1 << 5)];

/// Reads the statement of a trigger, and the one behind it that says when the trigger fires, if there is one.
///
/// # Errors
/// If it is anything else.
pub fn parse_trigger(text: &str) -> Result<TriggerText, SqlError> {
    let statements = split_statements(text)?;
    let (create, alter) = match statements.as_slice() {
        [create] => (create.as_str(), None),
        [create, alter] => (create.as_str(), Some(alter.as_str())),
        _ => return Err(SqlError::new("this is more than a trigger and when it fires")),
    };
    let made = created(create)?;
    let enabled = alter.map(|alter| fires(alter, &made.name)).transpose()?;
    Ok(TriggerText { enabled, ..made })
}

/// Reads `alter table … enable always trigger …`: the words that say when a trigger fires.
fn fires(alter: &str, trigger: &str) -> Result<&'static str, SqlError> {
    use protobuf::AlterTableType as Of;
    let Node::AlterTableStmt(tree) = parse::one("", alter, "")? else {
        return Err(SqlError::new("this is more than a trigger"));
    };
    let commands = tree.cmds.iter().filter_map(|node| match &node.node {
        Some(Node::AlterTableCmd(command)) if command.name == trigger => Some(command.subtype()),
        _ => None,
    });
    match commands.collect::<Vec<_>>().as_slice() {
        [Of::AtDisableTrig] => Ok("disable"),
        [Of::AtEnableReplicaTrig] => Ok("enable replica"),
        [Of::AtEnableAlwaysTrig] => Ok("enable always"),
        _ => Err(SqlError::new("this is more than a trigger and when it fires")),
    }
}

fn created(text: &str) -> Result<TriggerText, SqlError> {
    let Node::CreateTrigStmt(tree) = parse::one("", text, "")? else {
        return Err(SqlError::new("this makes no trigger"));
    };
    let all = words(text)?;
    let when = all.iter().position(|w| w.depth == 0 && w.is("when")).filter(|_| tree.when_clause.is_some());
    let when = when.and_then(|at| Some(between(text, all.get(at + 2..closing(&all, at + 1)?)?).to_owned()));
    let table = |is_new: bool| {
        tree.transition_rels.iter().find_map(|node| match &node.node {
            Some(Node::TriggerTransition(of)) if of.is_new == is_new => Some(of.name.clone()),
            _ => None,
        })
    };
    let timing = match tree.timing {
        BEFORE => "before",
        INSTEAD => "instead of",
        _ => "after",
    };
    Ok(TriggerText {
        is_constraint: tree.isconstraint,
        name: tree.trigname.clone(),
        timing: timing.to_owned(),
        events: EVENTS.iter().filter(|(_, bit)| tree.events & bit != 0).map(|(word, _)| *word).collect(),
        columns: parse::names(&tree.columns),
        relation: tree.relation.as_ref().map(parse::relation).unwrap_or_default(),
        from: tree.constrrel.as_ref().map(parse::relation),
        deferrable: tree.deferrable,
        initially_deferred: tree.initdeferred,
        old_table: table(false),
        new_table: table(true),
        for_each_row: tree.row,
        when,
        function: parse::names(&tree.funcname),
        arguments: parse::names(&tree.args),
        enabled: None,
    })
}

impl TriggerText {
    /// Writes the function with what it is given, as SQL.
    #[must_use]
    pub fn call(&self) -> String {
        let name: Vec<String> = self.function.iter().map(|part| quote(part)).collect();
        let arguments: Vec<String> = self.arguments.iter().map(|text| string(text)).collect();
        format!("{}({})", name.join("."), arguments.join(", "))
    }

    /// Writes the statement, as `pg_get_triggerdef` prints it.
    #[must_use]
    pub fn print(&self) -> String {
        let constraint = if self.is_constraint { "CONSTRAINT " } else { "" };
        let columns: Vec<String> = self.columns.iter().map(|column| quote(column)).collect();
        let event = |event: &&str| match *event {
            "update" if !columns.is_empty() => format!("UPDATE OF {}", columns.join(", ")),
            event => event.to_uppercase(),
        };
        let events: Vec<String> = self.events.iter().map(event).collect();
        let mut out = format!(
            "CREATE {constraint}TRIGGER {} {} {} ON {} ",
            quote(&self.name),
            self.timing.to_uppercase(),
            events.join(" OR "),
            self.relation
        );
        if self.is_constraint {
            out.extend(self.from.iter().map(|from| format!("FROM {from} ")));
            out.push_str(if self.deferrable { "DEFERRABLE INITIALLY " } else { "NOT DEFERRABLE INITIALLY " });
            out.push_str(if self.initially_deferred { "DEFERRED " } else { "IMMEDIATE " });
        }
        let tables = [("OLD", &self.old_table), ("NEW", &self.new_table)];
        let tables: String = tables
            .iter()
            .filter_map(|(word, name)| Some(format!("{word} TABLE AS {} ", quote(name.as_deref()?))))
            .collect();
        if !tables.is_empty() {
            out.push_str(&format!("REFERENCING {tables}"));
        }
        out.push_str(if self.for_each_row { "FOR EACH ROW " } else { "FOR EACH STATEMENT " });
        out.extend(self.when.iter().map(|when| format!("WHEN ({when}) ")));
        out.push_str(&format!("EXECUTE FUNCTION {}", self.call()));
        out.extend(self.enabled.map(|_| format!(";\n{}", self.fires())));
        out
    }

    /// Writes the statement that says when the trigger fires.
    #[must_use]
    pub fn fires(&self) -> String {
        format!("alter table {} {} trigger {}", self.relation, self.enabled.unwrap_or("enable"), quote(&self.name))
    }
}

/// Reads the call of a trigger's function: the names that lead to it, and the texts that it is given.
///
/// # Errors
/// If it is no call with texts alone.
pub fn parse_trigger_call(text: &str) -> Result<(Vec<String>, Vec<String>), SqlError> {
    parse::one("create trigger t after insert on t execute function ", text, "\n")?;
    let parsed = parse_trigger(&format!("create trigger t after insert on t execute function {text}\n"))?;
    Ok((parsed.function, parsed.arguments))
}

/// Reads when a trigger runs: `before insert or update`.
///
/// # Errors
/// If that is not what PostgreSQL's grammar takes.
pub fn parse_trigger_events(text: &str) -> Result<TriggerText, SqlError> {
    parse::one("create trigger t ", text, "\n on t execute function f()")?;
    parse_trigger(&format!("create trigger t {text}\n on t execute function f()"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_statements_survive() {
        for text in [
            "CREATE TRIGGER last_updated BEFORE UPDATE ON public.actor FOR EACH ROW EXECUTE FUNCTION public.last_updated()",
            "CREATE TRIGGER \"Odd\" BEFORE INSERT OR UPDATE OF a, \"b c\" ON public.film FOR EACH ROW WHEN ((old.a IS DISTINCT FROM new.a)) EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'it''s \\')",
            "CREATE TRIGGER x AFTER DELETE OR TRUNCATE ON s.t REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION s.f()",
            "CREATE TRIGGER x INSTEAD OF INSERT ON s.v FOR EACH ROW EXECUTE FUNCTION s.f()",
            "CREATE CONSTRAINT TRIGGER x AFTER UPDATE ON s.t FROM s.u NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION s.f()",
            "CREATE CONSTRAINT TRIGGER x AFTER UPDATE ON s.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION s.f();\nalter table s.t enable always trigger x",
        ] {
            assert_eq!(parse_trigger(text).unwrap().print(), text);
        }
    }

    #[test]
    fn parts_are_read_alone() {
        let read = parse_trigger_events("before update or insert").unwrap();
        assert_eq!((read.timing.as_str(), read.events.as_slice()), ("before", ["insert", "update"].as_slice()));
        assert!(parse_trigger_events("sometimes").is_err());
        assert_eq!(
            parse_trigger_call("f('a', 'b')").unwrap(),
            (vec!["f".to_owned()], vec!["a".to_owned(), "b".to_owned()])
        );
        assert!(parse_trigger_call("f(").is_err());
    }
}
