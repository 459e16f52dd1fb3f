//! Parses what `create table` says of partitions: the key that a table is cut by, and the place of one partition.
use super::parse::{self, SqlError};
use crate::model::quote;
use pg_query::protobuf::{CreateStmt, PartitionBoundSpec, node::Node};

/// A partition's place, as `create table … partition of` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionPlace {
    /// The schema of the partitioned table, where it is written.
    pub schema: Option<String>,
    /// The partitioned table.
    pub parent: String,
    /// The rows that go there, in canonical text: `FOR VALUES …` or `DEFAULT`.
    pub bound: String,
}

/// Gives the canonical text of what stands behind `partition by`: `range (created_at)`.
///
/// # Errors
/// If it is anything else.
pub fn canonical_partition_key(text: &str) -> Result<String, SqlError> {
    const BEFORE: &str = "create table t () partition by ";
    let Node::CreateStmt(tree) = parse::one(BEFORE, text, "\n")? else {
        return Err(SqlError::new("this is no partition key"));
    };
    let bare = CreateStmt { partspec: None, ..tree.clone() };
    let Some(spec) = tree.partspec.clone().filter(|_| is_bare(&bare)) else {
        return Err(SqlError::new("this is more than a partition key"));
    };
    let printed = parse::print(Node::CreateStmt(CreateStmt { partspec: Some(spec), ..tree }))?;
    let key = printed.find("PARTITION BY ").map(|at| printed[at + "PARTITION BY ".len()..].trim());
    let key = key.ok_or_else(|| SqlError::new("this is no partition key"))?;
    // The method is a word of PostgreSQL's, in whatever case.
    Ok(match key.split_once('(') {
        Some((method, keys)) => format!("{} ({keys}", method.trim().to_lowercase()),
        None => key.to_owned(),
    })
}

/// Reads what stands behind `partition of`: the parent, and the rows that go there.
///
/// # Errors
/// If it is anything else, or says columns.
pub fn parse_partition_place(text: &str) -> Result<PartitionPlace, SqlError> {
    let Node::CreateStmt(tree) = parse::one("create table t partition of ", text, "\n")? else {
        return Err(SqlError::new("this is no partition"));
    };
    let bare = CreateStmt { partbound: None, inh_relations: Vec::new(), ..tree.clone() };
    let parent = tree.inh_relations.first().and_then(|node| node.node.as_ref());
    let (true, Some(Node::RangeVar(parent)), Some(_)) = (is_bare(&bare), parent, &tree.partbound) else {
        return Err(SqlError::new("this is more than a table and the rows that go there"));
    };
    let (schema, name) = (parent.schemaname.clone(), parent.relname.clone());
    // The same partition of all other rows tells where the bound begins.
    let rest = PartitionBoundSpec { is_default: true, ..PartitionBoundSpec::default() };
    let printed = parse::print(Node::CreateStmt(tree.clone()))?;
    let other = parse::print(Node::CreateStmt(CreateStmt { partbound: Some(rest), ..tree }))?;
    let bound = other.trim_end().strip_suffix("DEFAULT").and_then(|before| printed.strip_prefix(before));
    let bound = bound.ok_or_else(|| SqlError::new("this is no bound of a partition"))?;
    Ok(PartitionPlace { schema: Some(schema).filter(|s| !s.is_empty()), parent: name, bound: bound.trim().to_owned() })
}

/// Gives the canonical text of a bound: `for values …`, or `default`.
///
/// # Errors
/// If it is anything else.
pub fn canonical_bound(text: &str) -> Result<String, SqlError> {
    parse_partition_place(&format!("t {text}")).map(|place| place.bound)
}

/// Lists the constants of a bound, by key: what a range begins with, what a list holds. None for a hash, for a default
/// partition, and for an end that is open.
#[must_use]
pub fn bound_constants(bound: &str) -> Vec<Vec<String>> {
    let Ok(Node::CreateStmt(tree)) = parse::one("create table t partition of t ", bound, "\n") else {
        return Vec::new();
    };
    let Some(spec) = tree.partbound else { return Vec::new() };
    let text = |node: &pg_query::protobuf::Node| parse::print_expression(node.clone()).ok();
    let open = |text: &String| matches!(text.to_lowercase().as_str(), "minvalue" | "maxvalue");
    let ends = |list: &[pg_query::protobuf::Node]| list.iter().map(|node| text(node).filter(|t| !open(t))).collect();
    let (lower, upper): (Vec<Option<String>>, Vec<Option<String>>) = (ends(&spec.lowerdatums), ends(&spec.upperdatums));
    if lower.is_empty() {
        let listed: Vec<String> = spec.listdatums.iter().filter_map(text).collect();
        return if listed.is_empty() { Vec::new() } else { vec![listed] };
    }
    // An upper end is no value of the range; it is there to be stepped back from.
    lower.into_iter().zip(upper).map(|(lower, upper)| lower.into_iter().chain(upper).collect()).collect()
}

/// Lists the columns and expressions of a partition key, in order, as SQL.
#[must_use]
pub fn partition_keys(key: &str) -> Vec<String> {
    let Ok(Node::CreateStmt(tree)) = parse::one("create table t () partition by ", key, "\n") else {
        return Vec::new();
    };
    let params = tree.partspec.map(|spec| spec.part_params).unwrap_or_default();
    let sql = |node: &pg_query::protobuf::Node| {
        let Some(Node::PartitionElem(key)) = &node.node else { return None };
        match &key.expr {
            Some(expression) => parse::print_expression(*expression.clone()).ok(),
            None => Some(quote(&key.name)),
        }
    };
    params.iter().filter_map(sql).collect()
}

fn is_bare(tree: &CreateStmt) -> bool {
    tree.partspec.is_none()
        && tree.partbound.is_none()
        && tree.inh_relations.is_empty()
        && tree.table_elts.is_empty()
        && tree.constraints.is_empty()
        && tree.options.is_empty()
        && tree.of_typename.is_none()
        && tree.tablespacename.is_empty()
        && tree.access_method.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_one_text() {
        for (text, canonical) in [
            ("RANGE (Created_At)", "range (created_at)"),
            ("list(\"Foo\")", "list (\"Foo\")"),
            ("hash (a, b)", "hash (a, b)"),
            ("range ((a + 1), b collate \"C\" text_pattern_ops)", "range ((a + 1), b COLLATE \"C\" text_pattern_ops)"),
        ] {
            assert_eq!(canonical_partition_key(text).unwrap(), canonical);
            assert_eq!(canonical_partition_key(canonical).unwrap(), canonical);
        }
        assert!(canonical_partition_key("range (a) tablespace x").is_err());
        assert!(canonical_partition_key("range (a); drop table t").is_err());
        assert_eq!(partition_keys("range (a, lower(b))"), ["a", "lower(b)"]);
    }

    #[test]
    fn places_have_a_parent_and_a_bound() {
        let place = parse_partition_place("s.\"P for values\" for values in ('a for values', null)").unwrap();
        assert_eq!((place.schema.as_deref(), place.parent.as_str()), (Some("s"), "P for values"));
        assert_eq!(place.bound, "FOR VALUES IN ('a for values', NULL)");
        assert_eq!(canonical_bound("default").unwrap(), "DEFAULT");
        let hash = canonical_bound("for values with (modulus 4, remainder 1)").unwrap();
        assert_eq!(canonical_bound(&hash).unwrap(), hash);
        assert_eq!(canonical_bound("FOR VALUES FROM (1) TO (MAXVALUE)").unwrap(), "FOR VALUES FROM (1) TO (maxvalue)");
        assert!(canonical_bound("for values in (1) partition by range (a)").is_err());
        assert!(parse_partition_place("p").is_err());
    }

    #[test]
    fn constants_are_those_by_key() {
        assert_eq!(bound_constants("for values in ('a', 'b')"), [["'a'", "'b'"]]);
        assert_eq!(bound_constants("for values from (1, minvalue) to (5, 'x')"), [vec!["1", "5"], vec!["'x'"]]);
        assert!(bound_constants("default").is_empty());
        assert!(bound_constants("for values with (modulus 4, remainder 1)").is_empty());
    }
}
