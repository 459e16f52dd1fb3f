//! Lists what SQL names: relations, types, functions, collations, columns.
use super::{AGGREGATE_OPTIONS, OptionForm, memo::Memo, parse};
use serde_json::Value;
use std::{collections::BTreeSet, convert::Infallible};

/// Name in a fragment. A schema is `None` where it was not written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A table, view, sequence or index.
    Relation(Option<String>, String),
    /// A type.
    Type(Option<String>, String),
    /// A function; overloads are not told apart.
    Function(Option<String>, String),
    /// A collation.
    Collation(Option<String>, String),
    /// A column as written: the qualifiers before it, then its name (`*` for all).
    Column(Vec<String>, String),
}

/// Names in a fragment, in a fixed order.
pub type References = BTreeSet<Reference>;

/// Lists what an expression names; empty where it does not parse.
#[must_use]
pub fn references_of_expression(text: &str) -> References {
    static KNOWN: Memo<References> = Memo::new();
    let found = KNOWN.get(text, || Ok::<_, Infallible>(references_of_statements(&format!("select {text}\n"))));
    found.unwrap_or_default()
}

/// Lists what a query names; empty where it does not parse.
#[must_use]
pub fn references_of_query(text: &str) -> References {
    references_of_statements(text)
}

/// Lists what some statements name; empty where they don't parse.
#[must_use]
pub fn references_of_statements(sql: &str) -> References {
    let mut out = Collector::default();
    let statements = parse::many(sql).unwrap_or_default();
    // A visitor written by hand would miss a kind of node in silence.
    parse::each_tree(statements, |tree| out.walk(tree));
    let Collector { found, common } = out;
    found.into_iter().filter(|r| !matches!(r, Reference::Relation(None, name) if common.contains(name))).collect()
}

#[derive(Default)]
struct Collector {
    found: References,
    /// Names of common table expressions, which are not relations.
    common: BTreeSet<String>,
}

impl Collector {
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    match key.as_str() {
                        "RangeVar" | "relation" | "pktable" | "sequence" | "constrrel" => self.relation(inner),
                        "FuncCall" | "CreateTrigStmt" => self.function(inner),
                        "DefElem" => self.option(inner),
                        "ColumnRef" => self.column(inner),
                        "CommonTableExpr" => self.common_table(inner),
                        "TypeCast" => self.cast(inner),
                        "type_name" | "TypeName" | "return_type" | "arg_type" => self.type_name(inner),
                        "collname" => self.collation(inner),
                        _ => {}
                    }
                    self.walk(inner);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn relation(&mut self, value: &Value) {
        if let Some(name) = value["relname"].as_str() {
            let schema = value["schemaname"].as_str().filter(|s| !s.is_empty()).map(str::to_owned);
            self.found.insert(Reference::Relation(schema, name.to_owned()));
        }
    }

    fn function(&mut self, value: &Value) {
        if let Some((schema, name)) = qualified(&value["funcname"]) {
            self.found.insert(Reference::Function(schema, name));
        }
    }

    /// Adds the function that an aggregate's option names; to the grammar it is a type.
    fn option(&mut self, value: &Value) {
        let is_function = |word: &str| AGGREGATE_OPTIONS.contains(&(word, OptionForm::Function));
        if value["defname"].as_str().is_some_and(is_function)
            && let Some((schema, name)) = qualified(&value["arg"]["node"]["TypeName"]["names"])
        {
            self.found.insert(Reference::Function(schema, name));
        }
    }

    fn type_name(&mut self, value: &Value) {
        if let Some((schema, name)) = qualified(&value["names"]) {
            self.found.insert(Reference::Type(schema, name));
        }
    }

    fn collation(&mut self, value: &Value) {
        if let Some((schema, name)) = qualified(value) {
            self.found.insert(Reference::Collation(schema, name));
        }
    }

    fn column(&mut self, value: &Value) {
        let mut parts = strings(&value["fields"]);
        if value["fields"].as_array().is_some_and(|f| f.len() > parts.len()) {
            parts.push("*".to_owned());
        }
        if let Some(name) = parts.pop() {
            self.found.insert(Reference::Column(parts, name));
        }
    }

    fn common_table(&mut self, value: &Value) {
        if let Some(name) = value["ctename"].as_str() {
            self.common.insert(name.to_owned());
        }
    }

    /// Adds the relation that `'public.s'::regclass` names inside a string.
    fn cast(&mut self, value: &Value) {
        let Some((_, target)) = qualified(&value["type_name"]["names"]) else { return };
        let Some(text) = find_string(&value["arg"]) else { return };
        let names =
            parse::one("select * from ", &text, "\n").ok().map(|_| references_of_query(&format!("table {text}")));
        match target.as_str() {
            "regclass" => {
                let relations = names.unwrap_or_default().into_iter().filter(|r| matches!(r, Reference::Relation(..)));
                self.found.extend(relations);
            }
            "regtype" => {
                if let Ok(t) = super::parse_type(&text) {
                    self.found.insert(Reference::Type(t.schema, t.name));
                }
            }
            "regproc" | "regprocedure" => {
                let called = if text.contains('(') { text.clone() } else { format!("{text}()") };
                let name = called.split('(').next().map(str::to_owned).unwrap_or_default();
                self.found.extend(references_of_expression(&format!("{name}()")));
            }
            _ => {}
        }
    }
}

fn find_string(value: &Value) -> Option<String> {
    value["node"]["AConst"]["val"]["Sval"]["sval"].as_str().map(str::to_owned)
}

fn strings(list: &Value) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|i| i["node"]["String"]["sval"].as_str().map(str::to_owned)).collect()
}

fn qualified(list: &Value) -> Option<(Option<String>, String)> {
    let mut parts = strings(list);
    let name = parts.pop()?;
    Some((parts.pop(), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(schema: Option<&str>, name: &str) -> Reference {
        Reference::Relation(schema.map(str::to_owned), name.to_owned())
    }

    #[test]
    fn queries_name_relations_functions_types_and_columns() {
        let found = references_of_query(
            "with c as (select id from public.documents d where d.status = 'x'::app.status) \
             select app.rank(c.id), (select max(y) from other) from c where exists (table third)",
        );
        for expected in [
            relation(Some("public"), "documents"),
            relation(None, "other"),
            relation(None, "third"),
            Reference::Function(Some("app".into()), "rank".into()),
            Reference::Type(Some("app".into()), "status".into()),
            Reference::Column(vec!["d".into()], "status".into()),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
        assert!(!found.contains(&relation(None, "c")));
    }

    #[test]
    fn an_aggregate_names_its_functions_and_the_type_of_its_state() {
        let found =
            references_of_statements("create aggregate s.f(app.mood) (sfunc = s.step, stype = s.pair, finalfunc = g)");
        for expected in [
            Reference::Function(Some("s".into()), "step".into()),
            Reference::Function(None, "g".into()),
            Reference::Type(Some("s".into()), "pair".into()),
            Reference::Type(Some("app".into()), "mood".into()),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
    }

    #[test]
    fn a_name_inside_a_regclass_constant_is_a_reference() {
        let found = references_of_expression("nextval('public.\"My seq\"'::regclass)");
        assert!(found.contains(&relation(Some("public"), "My seq")), "{found:?}");
    }
}
