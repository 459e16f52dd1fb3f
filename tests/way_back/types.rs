//! Another type of a column: what does not fit is counted before it and on the way back, and what it loses is allowed by name.
use super::sql;
use crate::support::{Version, change, expect, fresh_database, pgform, project};

const GOODS: &str = "\
schema: public
tables:
  goods:
    columns:
      id: integer not null
      price: numeric(8,2) not null
      code: text
      state: text
      twice: integer generated always as (id * 2) stored
    primary_key: [id]
";

#[test]
fn what_another_type_refuses_or_rounds_is_counted_first_and_what_is_written_since() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = project(GOODS);
    let (dir, url) = (dir.path(), database.url.as_str());
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    sql(&database, "insert into goods values (1, 1.5, 'abc  ', '1'), (2, 2, 'ab', null)");
    change(dir, "id: integer", "id: bigint");
    change(dir, "twice: integer", "twice: bigint");
    change(dir, "price: numeric(8,2)", "price: integer");
    change(dir, "code: text", "code: varchar(3)");
    change(dir, "state: text", "state: {type: integer, using: \"state::integer\"}");
    expect(&pgform(dir, &["plan", "-m", "second"]), 0, "values converted back, what was lost stays lost");
    let named = ["Rewrite:goods.id", "Rewrite:goods.price", "Rewrite:goods.code", "Rewrite:goods.state"];
    let more = ["Rewrite:goods.twice", "LongLock:goods"];
    let lost = ["DataLoss:goods.price", "DataLoss:goods.state"];
    let allow = |of: &[&'static str]| -> Vec<&'static str> { of.iter().flat_map(|name| ["--allow", *name]).collect() };
    let apply =
        |allowed: Vec<&'static str>| pgform(dir, &[&["apply", "-d", url, "--yes"], allowed.as_slice()].concat());
    expect(&apply(Vec::new()), 4, "Rewrite:goods.id");
    let usual = [allow(&named), allow(&more)].concat();
    expect(&apply(usual.clone()), 4, "DataLoss:goods.price");
    // Blanks are values too.
    let all = [usual, allow(&lost)].concat();
    expect(&apply(all.clone()), 4, "1 value of goods.code which character varying(3) cannot hold");
    sql(&database, "update goods set code = 'abc' where id = 1; create index by_hand on goods (twice)");
    expect(&apply(all.clone()), 4, "nothing that the plan does not know stands on column goods.twice");
    sql(&database, "drop index by_hand");
    expect(&apply(all), 0, "applied: 0002 second");
    assert_eq!(sql(&database, "select string_agg(price::text, ' ' order by id) from goods"), "2 2");
    expect(&pgform(dir, &["validate"]), 0, "`using` of column goods.state does nothing: it has its type");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    sql(&database, "insert into goods values (3000000000, 7, 'x', 4)");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 4, "1 value of goods.id which integer cannot hold");
    sql(&database, "delete from goods where id > 2");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
    assert_eq!(sql(&database, "select string_agg(price::text, ' ' order by id) from goods"), "2.00 2.00");
    expect(&pgform(dir, &["check", "-d", url]), 2, "0001 first");
}
