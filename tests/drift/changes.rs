//! What is changed by hand, one attribute at a time, and what `check` is to call it.

/// A change of one object.
pub(crate) struct Change {
    pub(crate) object: &'static str,
    pub(crate) attributes: &'static [&'static str],
    pub(crate) sql: &'static str,
    pub(crate) undo: &'static str,
    /// The first major version that has it.
    pub(crate) since: u32,
}

const fn change(
    object: &'static str,
    attributes: &'static [&'static str],
    sql: &'static str,
    undo: &'static str,
) -> Change {
    Change { object, attributes, sql, undo, since: 0 }
}

const fn of_18(
    object: &'static str,
    attributes: &'static [&'static str],
    sql: &'static str,
    undo: &'static str,
) -> Change {
    Change { object, attributes, sql, undo, since: 18 }
}

const NAME: &str = "column [app, authors, name]";
const NOTE: &str = "column [app, authors, note]";
const ID: &str = "column [app, authors, id]";
const PRICE: &str = "column [app, books, price]";
const AUTHORS: &str = "table [app, authors]";
const MOOD: &str = "enum [app, mood]";
const NUMBERS: &str = "sequence [app, numbers]";
const KEY: &str = "constraint [app, authors, authors_name_note_key]";
const AUTHOR: &str = "constraint [app, books, books_author_fkey]";
const CHECK: &str = "constraint [app, authors, authors_name_check]";
const TITLE_IDX: &str = "index [app, books_title_idx]";
const CHEAP: &str = "view [app, cheap]";
const PRICES: &str = "view [app, prices]";

pub(crate) const CHANGES: &[Change] = &[
    // schemas
    change(
        "schema [app]",
        &["comment"],
        "comment on schema app is 'x'",
        "comment on schema app is 'The application''s'",
    ),
    change(
        "schema [public]",
        &["comment"],
        "comment on schema public is 'x'",
        "comment on schema public is 'Everybody''s'",
    ),
    change(
        "constraint [app, named, named_key]",
        &["index_comment"],
        "comment on index app.named_key is null",
        "comment on index app.named_key is 'Of the other key'",
    ),
    change("schema [app]", &["owner"], "alter schema app owner to app_owner", "alter schema app owner to postgres"),
    change(
        "schema [app]",
        &["grants"],
        "grant create on schema app to app_reader",
        "revoke create on schema app from app_reader",
    ),
    change(
        "schema [bare]",
        &["grants"],
        "grant usage on schema bare to app_reader",
        "revoke usage on schema bare from app_reader",
    ),
    // enums
    change(MOOD, &["comment"], "comment on type app.mood is null", "comment on type app.mood is 'How it is'"),
    change(MOOD, &["owner"], "alter type app.mood owner to app_owner", "alter type app.mood owner to postgres"),
    change(MOOD, &["grants"], "grant usage on type app.mood to public", "revoke usage on type app.mood from public"),
    change(
        MOOD,
        &["labels"],
        "alter type app.mood rename value 'sad' to 'glum'",
        "alter type app.mood rename value 'glum' to 'sad'",
    ),
    // sequences
    change(NUMBERS, &["options"], "alter sequence app.numbers increment 7", "alter sequence app.numbers increment 5"),
    change(NUMBERS, &["options"], "alter sequence app.numbers minvalue 1", "alter sequence app.numbers minvalue 5"),
    change(
        NUMBERS,
        &["options"],
        "alter sequence app.numbers maxvalue 9000",
        "alter sequence app.numbers maxvalue 5000",
    ),
    change(NUMBERS, &["options"], "alter sequence app.numbers start 20", "alter sequence app.numbers start 10"),
    change(NUMBERS, &["options"], "alter sequence app.numbers cache 9", "alter sequence app.numbers cache 3"),
    change(NUMBERS, &["options"], "alter sequence app.numbers no cycle", "alter sequence app.numbers cycle"),
    change(NUMBERS, &["options"], "alter sequence app.numbers as bigint", "alter sequence app.numbers as integer"),
    change(
        NUMBERS,
        &["owned by"],
        "alter sequence app.numbers owned by app.scratch.id",
        "alter sequence app.numbers owned by none",
    ),
    change(NUMBERS, &["unlogged"], "alter sequence app.numbers set unlogged", "alter sequence app.numbers set logged"),
    change(
        NUMBERS,
        &["comment"],
        "comment on sequence app.numbers is 'x'",
        "comment on sequence app.numbers is 'By fives'",
    ),
    change(
        NUMBERS,
        &["owner"],
        "alter sequence app.numbers owner to app_owner",
        "alter sequence app.numbers owner to postgres",
    ),
    change(
        NUMBERS,
        &["grants"],
        "revoke select on sequence app.numbers from app_reader",
        "grant select on sequence app.numbers to app_reader",
    ),
    // tables
    change(
        AUTHORS,
        &["comment"],
        "comment on table app.authors is null",
        "comment on table app.authors is 'Who writes'",
    ),
    change(
        "table [app, scratch]",
        &["unlogged"],
        "alter table app.scratch set logged",
        "alter table app.scratch set unlogged",
    ),
    change(
        AUTHORS,
        &["with"],
        "alter table app.authors set (fillfactor = 80)",
        "alter table app.authors set (fillfactor = 70)",
    ),
    change(
        AUTHORS,
        &["with"],
        "alter table app.authors reset (toast.autovacuum_enabled)",
        "alter table app.authors set (toast.autovacuum_enabled = false)",
    ),
    change(
        "table [app, books]",
        &["with"],
        "alter table app.books set (fillfactor = 80)",
        "alter table app.books reset (fillfactor)",
    ),
    change(
        AUTHORS,
        &["row_security"],
        "alter table app.authors disable row level security",
        "alter table app.authors enable row level security",
    ),
    change(
        "table [app, books]",
        &["row_security"],
        "alter table app.books enable row level security",
        "alter table app.books disable row level security",
    ),
    change(
        AUTHORS,
        &["force_row_security"],
        "alter table app.authors no force row level security",
        "alter table app.authors force row level security",
    ),
    change(
        "table [app, books]",
        &["force_row_security"],
        "alter table app.books force row level security",
        "alter table app.books no force row level security",
    ),
    change(
        AUTHORS,
        &["replica_identity"],
        "alter table app.authors replica identity default",
        "alter table app.authors replica identity full",
    ),
    change(
        "table [app, books]",
        &["replica_identity"],
        "alter table app.books replica identity nothing",
        "alter table app.books replica identity default",
    ),
    change(
        "table [app, books]",
        &["clustered_on"],
        "alter table app.books cluster on books_isbn_idx",
        "alter table app.books set without cluster",
    ),
    change(
        "table [app, scratch]",
        &["owner"],
        "alter table app.scratch owner to app_owner",
        "alter table app.scratch owner to postgres",
    ),
    change(
        AUTHORS,
        &["grants"],
        "grant delete on app.authors to app_reader",
        "revoke delete on app.authors from app_reader",
    ),
    change(
        "table [app, books]",
        &["grants"],
        "grant select on app.books to public",
        "revoke select on app.books from public",
    ),
    // columns
    change(
        "column [app, scratch, id]",
        &["type"],
        "alter table app.scratch alter id type bigint",
        "alter table app.scratch alter id type integer",
    ),
    change(
        "column [app, scratch, body]",
        &["collate"],
        "alter table app.scratch alter body type text collate \"C\"",
        "alter table app.scratch alter body type text",
    ),
    change(
        "column [app, scratch, body]",
        &["not_null"],
        "alter table app.scratch alter body set not null",
        "alter table app.scratch alter body drop not null",
    ),
    change(
        "column [app, authors, mood]",
        &["default"],
        "alter table app.authors alter mood set default 'sad'",
        "alter table app.authors alter mood set default 'ok'",
    ),
    change(
        PRICE,
        &["value"],
        "alter table app.books alter price drop default",
        "alter table app.books alter price set default 9.99",
    ),
    change(
        "column [app, books, isbn]",
        &["type"],
        "alter table app.books alter isbn type varchar(20)",
        "alter table app.books alter isbn type text",
    ),
    change(
        ID,
        &["value"],
        "alter table app.authors alter id set generated always",
        "alter table app.authors alter id set generated by default",
    ),
    change(
        ID,
        &["value"],
        "alter table app.authors alter id set increment by 3",
        "alter table app.authors alter id set increment by 2",
    ),
    change(
        ID,
        &["value"],
        "alter table app.authors alter id set cache 9",
        "alter table app.authors alter id set cache 4",
    ),
    change(
        ID,
        &["value"],
        "alter table app.authors alter id set start with 7",
        "alter table app.authors alter id set start with 100",
    ),
    change(
        "column [app, authors, doubled]",
        &["value"],
        "alter table app.authors alter doubled drop expression",
        "alter table app.authors drop doubled, add doubled integer generated always as (length(name) * 2) stored",
    ),
    change(
        NOTE,
        &["storage"],
        "alter table app.authors alter note set storage main",
        "alter table app.authors alter note set storage external",
    ),
    change(
        NAME,
        &["storage"],
        "alter table app.authors alter name set storage external",
        "alter table app.authors alter name set storage extended",
    ),
    change(
        NOTE,
        &["compression"],
        "alter table app.authors alter note set compression default",
        "alter table app.authors alter note set compression pglz",
    ),
    change(
        NAME,
        &["compression"],
        "alter table app.authors alter name set compression pglz",
        "alter table app.authors alter name set compression default",
    ),
    change(
        NOTE,
        &["statistics"],
        "alter table app.authors alter note set statistics 60",
        "alter table app.authors alter note set statistics 50",
    ),
    change(
        NAME,
        &["statistics"],
        "alter table app.authors alter name set statistics 60",
        "alter table app.authors alter name set statistics -1",
    ),
    change(
        NOTE,
        &["options"],
        "alter table app.authors alter note reset (n_distinct)",
        "alter table app.authors alter note set (n_distinct = -0.5)",
    ),
    change(
        NAME,
        &["options"],
        "alter table app.authors alter name set (n_distinct = 5)",
        "alter table app.authors alter name reset (n_distinct)",
    ),
    change(
        NAME,
        &["comment"],
        "comment on column app.authors.name is 'x'",
        "comment on column app.authors.name is 'As printed'",
    ),
    change(
        NOTE,
        &["grants"],
        "revoke update (note) on app.authors from app_reader",
        "grant update (note) on app.authors to app_reader",
    ),
    change(
        NAME,
        &["grants"],
        "grant update (name) on app.authors to app_reader",
        "revoke update (name) on app.authors from app_reader",
    ),
    of_18(
        NAME,
        &["not_null_not_valid"],
        "alter table app.authors drop constraint authors_name_not_null, add constraint authors_name_not_null not null name not valid",
        "alter table app.authors validate constraint authors_name_not_null",
    ),
    of_18(
        NAME,
        &["not_null_name"],
        "alter table app.authors rename constraint authors_name_not_null to by_hand",
        "alter table app.authors rename constraint by_hand to authors_name_not_null",
    ),
    // constraints
    change(
        KEY,
        &["columns"],
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (note, name) include (mood) deferrable initially deferred",
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (name, note) include (mood) deferrable initially deferred",
    ),
    change(
        KEY,
        &["include"],
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (name, note) include (hand) deferrable initially deferred",
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (name, note) include (mood) deferrable initially deferred",
    ),
    change(
        KEY,
        &["deferrable"],
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (name, note) include (mood) deferrable",
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (name, note) include (mood) deferrable initially deferred",
    ),
    change(
        KEY,
        &["nulls_not_distinct"],
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique (name, note) include (mood) deferrable initially deferred",
        "alter table app.authors drop constraint authors_name_note_key, add constraint authors_name_note_key unique nulls not distinct (name, note) include (mood) deferrable initially deferred",
    ),
    change(
        KEY,
        &["with"],
        "alter index app.authors_name_note_key set (fillfactor = 50)",
        "alter index app.authors_name_note_key reset (fillfactor)",
    ),
    change(
        KEY,
        &["comment"],
        "comment on constraint authors_name_note_key on app.authors is 'x'",
        "comment on constraint authors_name_note_key on app.authors is null",
    ),
    change(
        "constraint [app, authors, authors_pkey]",
        &["comment"],
        "comment on constraint authors_pkey on app.authors is null",
        "comment on constraint authors_pkey on app.authors is 'The key'",
    ),
    change(
        AUTHOR,
        &["comment"],
        "comment on constraint books_author_fkey on app.books is null",
        "comment on constraint books_author_fkey on app.books is 'Who wrote it'",
    ),
    change(
        AUTHOR,
        &["deferrable"],
        "alter table app.books alter constraint books_author_fkey not deferrable",
        "alter table app.books alter constraint books_author_fkey deferrable initially immediate",
    ),
    change(
        AUTHOR,
        &["deferrable"],
        "alter table app.books alter constraint books_author_fkey initially deferred",
        "alter table app.books alter constraint books_author_fkey deferrable initially immediate",
    ),
    change(
        CHECK,
        &["comment"],
        "comment on constraint authors_name_check on app.authors is 'x'",
        "comment on constraint authors_name_check on app.authors is 'Not empty'",
    ),
    change(
        "constraint [app, authors, authors_hand_check]",
        &["enforcement"],
        "alter table app.authors validate constraint authors_hand_check",
        "alter table app.authors drop constraint authors_hand_check, add constraint authors_hand_check check (hand <> '') not valid",
    ),
    change(
        "constraint [app, authors, authors_note_check]",
        &["expression"],
        "alter table app.authors drop constraint authors_note_check, add constraint authors_note_check check (note <> 'y')",
        "alter table app.authors drop constraint authors_note_check, add constraint authors_note_check check (note <> 'x')",
    ),
    change(
        "constraint [app, authors, authors_note_check]",
        &["no_inherit"],
        "alter table app.authors drop constraint authors_note_check, add constraint authors_note_check check (note <> 'x') no inherit",
        "alter table app.authors drop constraint authors_note_check, add constraint authors_note_check check (note <> 'x')",
    ),
    change(
        "constraint [app, authors, authors_note_check]",
        &["enforcement"],
        "alter table app.authors drop constraint authors_note_check, add constraint authors_note_check check (note <> 'x') not valid",
        "alter table app.authors validate constraint authors_note_check",
    ),
    of_18(
        AUTHOR,
        &["enforcement"],
        "alter table app.books alter constraint books_author_fkey not enforced",
        "alter table app.books alter constraint books_author_fkey enforced",
    ),
    // indexes
    change(
        TITLE_IDX,
        &["fillfactor"],
        "alter index app.books_title_idx set (fillfactor = 50)",
        "alter index app.books_title_idx set (fillfactor = 60)",
    ),
    change(
        TITLE_IDX,
        &["comment"],
        "comment on index app.books_title_idx is null",
        "comment on index app.books_title_idx is 'For the list'",
    ),
    change(
        TITLE_IDX,
        &["keys"],
        "drop index app.books_title_idx; create index books_title_idx on app.books (title collate \"C\" text_pattern_ops desc) include (isbn) with (fillfactor = 60) where price > 1; comment on index app.books_title_idx is 'For the list'",
        TITLE,
    ),
    change(
        TITLE_IDX,
        &["keys"],
        "drop index app.books_title_idx; create index books_title_idx on app.books (title collate \"C\" desc nulls last) include (isbn) with (fillfactor = 60) where price > 1; comment on index app.books_title_idx is 'For the list'",
        TITLE,
    ),
    change(
        TITLE_IDX,
        &["keys"],
        "drop index app.books_title_idx; create index books_title_idx on app.books (title text_pattern_ops desc nulls last) include (isbn) with (fillfactor = 60) where price > 1; comment on index app.books_title_idx is 'For the list'",
        TITLE,
    ),
    change(
        TITLE_IDX,
        &["include"],
        "drop index app.books_title_idx; create index books_title_idx on app.books (title collate \"C\" text_pattern_ops desc nulls last) with (fillfactor = 60) where price > 1; comment on index app.books_title_idx is 'For the list'",
        TITLE,
    ),
    change(
        TITLE_IDX,
        &["where"],
        "drop index app.books_title_idx; create index books_title_idx on app.books (title collate \"C\" text_pattern_ops desc nulls last) include (isbn) with (fillfactor = 60) where price > 2; comment on index app.books_title_idx is 'For the list'",
        TITLE,
    ),
    change(
        "index [app, books_isbn_idx]",
        &["unique"],
        "drop index app.books_isbn_idx; create index books_isbn_idx on app.books (isbn)",
        "drop index app.books_isbn_idx; create unique index books_isbn_idx on app.books (isbn)",
    ),
    change(
        "index [app, books_isbn_idx]",
        &["nulls_not_distinct"],
        "drop index app.books_isbn_idx; create unique index books_isbn_idx on app.books (isbn) nulls not distinct",
        "drop index app.books_isbn_idx; create unique index books_isbn_idx on app.books (isbn)",
    ),
    change(
        "index [app, scratch_id_idx]",
        &["using"],
        "drop index app.scratch_id_idx; create index scratch_id_idx on app.scratch using hash (id)",
        "drop index app.scratch_id_idx; create index scratch_id_idx on app.scratch (id)",
    ),
    change(
        "index [app, scratch_id_idx]",
        &["comment"],
        "comment on index app.scratch_id_idx is 'by hand'",
        "comment on index app.scratch_id_idx is null",
    ),
    change(
        "index [app, scratch_id_idx]",
        &["invalid"],
        "update pg_index set indisvalid = false where indexrelid = 'app.scratch_id_idx'::regclass",
        "update pg_index set indisvalid = true where indexrelid = 'app.scratch_id_idx'::regclass",
    ),
    change(
        "index [app, books_lower_idx]",
        &["statistics"],
        "alter index app.books_lower_idx alter column 1 set statistics 78",
        "alter index app.books_lower_idx alter column 1 set statistics 77",
    ),
    change(
        "index [app, books_embedding_idx]",
        &["ef_construction"],
        "alter index app.books_embedding_idx set (ef_construction = 40)",
        "alter index app.books_embedding_idx set (ef_construction = 32)",
    ),
    change(
        "index [app, books_embedding_idx]",
        &["keys"],
        "drop index app.books_embedding_idx; create index books_embedding_idx on app.books using hnsw (embedding vector_cosine_ops) with (m = 8, ef_construction = 32)",
        "drop index app.books_embedding_idx; create index books_embedding_idx on app.books using hnsw (embedding vector_l2_ops) with (m = 8, ef_construction = 32)",
    ),
    // views
    change(
        CHEAP,
        &["security_barrier"],
        "alter view app.cheap reset (security_barrier)",
        "alter view app.cheap set (security_barrier)",
    ),
    change(
        CHEAP,
        &["security_invoker"],
        "alter view app.cheap set (security_invoker)",
        "alter view app.cheap reset (security_invoker)",
    ),
    change(
        CHEAP,
        &["check option"],
        "alter view app.cheap set (check_option = cascaded)",
        "alter view app.cheap set (check_option = local)",
    ),
    change(
        CHEAP,
        &["defaults"],
        "alter view app.cheap alter title drop default",
        "alter view app.cheap alter title set default 'untitled'",
    ),
    change(CHEAP, &["comment"], "comment on view app.cheap is 'x'", "comment on view app.cheap is 'Cheap ones'"),
    change(
        CHEAP,
        &["column_comments"],
        "comment on column app.cheap.title is 'x'",
        "comment on column app.cheap.title is 'The title'",
    ),
    change(CHEAP, &["owner"], "alter view app.cheap owner to app_owner", "alter view app.cheap owner to postgres"),
    change(CHEAP, &["grants"], "revoke select on app.cheap from app_reader", "grant select on app.cheap to app_reader"),
    change(
        "view [app, cheap_titles]",
        &["query"],
        "create or replace view app.cheap_titles as select title from app.cheap where id > 0",
        "create or replace view app.cheap_titles as select title from app.cheap",
    ),
    change(
        "view [app, cheap_titles]",
        &["grants"],
        "grant select on app.cheap_titles to public",
        "revoke select on app.cheap_titles from public",
    ),
    // what pgform does not model
    change(
        "function [app, touch, \"\"]",
        &["create"],
        "create or replace function app.touch() returns trigger language plpgsql as $$ begin new.note := 'other'; return new; end $$",
        "create or replace function app.touch() returns trigger language plpgsql as $$ begin new.note := 'touched'; return new; end $$",
    ),
    change(
        "function [app, touch, \"\"]",
        &["comment"],
        "comment on function app.touch() is null",
        "comment on function app.touch() is 'Touches'",
    ),
    change(
        "function [app, touch, \"\"]",
        &["create"],
        "alter function app.touch() security definer",
        "alter function app.touch() security invoker",
    ),
    change(
        "function [app, twice, integer]",
        &["create"],
        "create or replace function app.twice(n integer default 1) returns integer language sql immutable as $$ select n * 3 $$",
        "create or replace function app.twice(n integer default 1) returns integer language sql immutable as $$ select n * 2 $$",
    ),
    change(
        "function [app, twice, integer]",
        &["create"],
        "alter function app.twice(integer) volatile",
        "alter function app.twice(integer) immutable",
    ),
    change(
        "trigger [app, books, books_touch]",
        &["create"],
        "create or replace trigger books_touch before update on app.books for each row execute function app.touch()",
        "create or replace trigger books_touch before update on app.books for each row when (old.title is distinct from new.title) execute function app.touch()",
    ),
    change(
        "trigger [app, books, books_touch]",
        &["create"],
        "alter table app.books disable trigger books_touch",
        "alter table app.books enable trigger books_touch",
    ),
    change(
        "policy [app, authors, authors_own]",
        &["create"],
        "alter policy authors_own on app.authors using (true)",
        "alter policy authors_own on app.authors using (name = current_user)",
    ),
    change(
        "policy [app, authors, authors_own]",
        &["create"],
        "alter policy authors_own on app.authors to public",
        "alter policy authors_own on app.authors to app_reader",
    ),
    change(
        "domain [app, positive]",
        &["create"],
        "alter domain app.positive drop constraint positive_check; alter domain app.positive add constraint positive_check check (value > 1)",
        POSITIVE,
    ),
    change(
        "domain [app, positive]",
        &["create"],
        "alter domain app.positive set default 2",
        "alter domain app.positive set default 1",
    ),
    change(
        "domain [app, positive]",
        &["create"],
        "alter domain app.positive set not null",
        "alter domain app.positive drop not null",
    ),
    change(
        "composite type [app, pair]",
        &["create"],
        "alter type app.pair add attribute c integer",
        "alter type app.pair drop attribute c",
    ),
    change(
        PRICES,
        &["query"],
        "drop materialized view app.prices; create materialized view app.prices with (fillfactor = 80) as select price, count(id) as n from app.books group by price; create index prices_idx on app.prices (price); comment on materialized view app.prices is 'Counted'",
        "drop materialized view app.prices; create materialized view app.prices with (fillfactor = 80) as select price, count(*) as n from app.books group by price; create index prices_idx on app.prices (price); comment on materialized view app.prices is 'Counted'",
    ),
    change(
        PRICES,
        &["with"],
        "alter materialized view app.prices set (fillfactor = 90)",
        "alter materialized view app.prices set (fillfactor = 80)",
    ),
    change(
        PRICES,
        &["column_settings"],
        "alter table app.prices alter price set statistics 33",
        "alter table app.prices alter price set statistics -1",
    ),
    change(
        PRICES,
        &["populate"],
        "refresh materialized view app.prices with no data",
        "refresh materialized view app.prices",
    ),
    change(
        PRICES,
        &["clustered_on"],
        "alter materialized view app.prices cluster on prices_idx",
        "alter materialized view app.prices set without cluster",
    ),
    change(
        PRICES,
        &["replica_identity"],
        "alter table app.prices replica identity full",
        "alter table app.prices replica identity default",
    ),
    change(
        PRICES,
        &["comment"],
        "comment on materialized view app.prices is 'x'",
        "comment on materialized view app.prices is 'Counted'",
    ),
    change(
        PRICES,
        &["column_comments"],
        "comment on column app.prices.n is 'x'",
        "comment on column app.prices.n is null",
    ),
    change(
        "index [app, prices_idx]",
        &["comment"],
        "comment on index app.prices_idx is 'x'",
        "comment on index app.prices_idx is null",
    ),
    change(
        "index [app, prices_idx]",
        &["keys"],
        "drop index app.prices_idx; create index prices_idx on app.prices (price desc)",
        "drop index app.prices_idx; create index prices_idx on app.prices (price)",
    ),
    change(
        "rule [app, books, books_quiet]",
        &["create"],
        "create or replace rule books_quiet as on delete to app.books where old.title = 'kept' do instead nothing",
        "create or replace rule books_quiet as on delete to app.books where old.title = 'keep' do instead nothing",
    ),
    change(
        "statistics [app, books_stats]",
        &["create"],
        "alter statistics app.books_stats set statistics 40",
        "alter statistics app.books_stats set statistics -1",
    ),
    change(
        "event trigger [watcher]",
        &["create"],
        "alter event trigger watcher enable",
        "alter event trigger watcher disable",
    ),
    change(
        "publication [everything_new]",
        &["create"],
        "alter publication everything_new set (publish = 'insert')",
        "alter publication everything_new set (publish = 'insert, update')",
    ),
    change(
        "publication [everything_new]",
        &["create"],
        "alter publication everything_new add table app.authors",
        "alter publication everything_new drop table app.authors",
    ),
    change(
        "column [app, events, body]",
        &["value"],
        "alter table only app.events alter body set default 'x'",
        "alter table only app.events alter body drop default",
    ),
    change(
        "column [app, events, body]",
        &["storage"],
        "alter table only app.events alter body set storage external",
        "alter table only app.events alter body set storage extended",
    ),
    change(
        "column [app, events_2024, body]",
        &["default"],
        "alter table app.events_2024 alter body set default 'y'",
        "alter table app.events_2024 alter body set default 'none'",
    ),
    change(
        "table [app, events_2024]",
        &["replica_identity"],
        "alter table app.events_2024 replica identity full",
        "alter table app.events_2024 replica identity default",
    ),
    change(
        "table [app, derived]",
        &["create"],
        "alter table app.derived alter extra set default 'f'",
        "alter table app.derived alter extra set default 'e'",
    ),
    change(
        "table [app, base]",
        &["create"],
        "alter table app.base set (fillfactor = 55)",
        "alter table app.base reset (fillfactor)",
    ),
    change(
        "table [app, far]",
        &["create"],
        "alter foreign table app.far options (set t 'z')",
        "alter foreign table app.far options (set t 'y')",
    ),
    change(
        "server [elsewhere]",
        &["create"],
        "alter server elsewhere options (set host 'b')",
        "alter server elsewhere options (set host 'a')",
    ),
    change(
        "aggregate [app, total, integer]",
        &["create"],
        "drop aggregate app.total(integer); create aggregate app.total(integer) (sfunc = int4pl, stype = integer, initcond = '1')",
        "drop aggregate app.total(integer); create aggregate app.total(integer) (sfunc = int4pl, stype = integer, initcond = '0')",
    ),
    change(
        "default privileges [postgres, app, r]",
        &["create"],
        "alter default privileges in schema app grant insert on tables to app_reader",
        "alter default privileges in schema app revoke insert on tables from app_reader",
    ),
    // whose routines are, and who may call them
    change(
        "function [app, twice, integer]",
        &["grants"],
        "grant execute on function app.twice(integer) to public",
        "revoke execute on function app.twice(integer) from public",
    ),
    change(
        "function [app, twice, integer]",
        &["grants"],
        "revoke execute on function app.twice(integer) from app_reader",
        "grant execute on function app.twice(integer) to app_reader",
    ),
    change(
        "function [app, twice, integer]",
        &["owner"],
        "alter function app.twice(integer) owner to postgres",
        "alter function app.twice(integer) owner to app_owner",
    ),
    change(
        "procedure [app, nothing, \"\"]",
        &["grants"],
        "revoke execute on procedure app.nothing() from public",
        "grant execute on procedure app.nothing() to public",
    ),
    change(
        "aggregate [app, counted, \"\"]",
        &["grants"],
        "grant execute on function app.counted() to app_reader",
        "revoke execute on function app.counted() from app_reader",
    ),
    change(
        "aggregate [app, counted, \"\"]",
        &["comment"],
        "comment on aggregate app.counted(*) is null",
        "comment on aggregate app.counted(*) is 'All of them'",
    ),
    change(
        "aggregate [app, total, integer]",
        &["owner"],
        "alter aggregate app.total(integer) owner to app_owner",
        "alter aggregate app.total(integer) owner to postgres",
    ),
    change(
        "domain [app, positive]",
        &["owner"],
        "alter domain app.positive owner to app_owner",
        "alter domain app.positive owner to postgres",
    ),
    change(
        "domain [app, positive]",
        &["create"],
        "comment on constraint positive_check on domain app.positive is 'x'",
        "comment on constraint positive_check on domain app.positive is 'Above zero'",
    ),
    change(
        "composite type [app, pair]",
        &["create"],
        "comment on column app.pair.b is 'x'",
        "comment on column app.pair.b is 'The second'",
    ),
    change(
        "composite type [app, pair]",
        &["grants"],
        "revoke usage on type app.pair from public",
        "grant usage on type app.pair to public",
    ),
    change(
        "range type [app, span]",
        &["owner"],
        "alter type app.span owner to app_owner",
        "alter type app.span owner to postgres",
    ),
    change(
        "table [app, base]",
        &["grants"],
        "grant insert on app.base to app_reader",
        "revoke insert on app.base from app_reader",
    ),
    change(
        "table [app, base]",
        &["column_grants"],
        "grant select (label) on app.base to app_reader",
        "revoke select (label) on app.base from app_reader",
    ),
    change(PRICES, &["grants"], "grant select on app.prices to public", "revoke select on app.prices from public"),
    change(
        PRICES,
        &["owner"],
        "alter materialized view app.prices owner to app_owner",
        "alter materialized view app.prices owner to postgres",
    ),
    change(
        "table [app, far]",
        &["grants"],
        "grant insert on app.far to app_reader",
        "revoke insert on app.far from app_reader",
    ),
    change(
        "server [elsewhere]",
        &["grants"],
        "revoke usage on foreign server elsewhere from app_reader",
        "grant usage on foreign server elsewhere to app_reader",
    ),
    change(
        "foreign-data wrapper [nowhere]",
        &["grants"],
        "grant usage on foreign data wrapper nowhere to app_reader",
        "revoke usage on foreign data wrapper nowhere from app_reader",
    ),
    change(
        "collation [app, plain]",
        &["owner"],
        "alter collation app.plain owner to app_owner",
        "alter collation app.plain owner to postgres",
    ),
    change(
        "statistics [app, books_stats]",
        &["owner"],
        "alter statistics app.books_stats owner to app_owner",
        "alter statistics app.books_stats owner to postgres",
    ),
    change(
        "text search configuration [app, words]",
        &["owner"],
        "alter text search configuration app.words owner to app_owner",
        "alter text search configuration app.words owner to postgres",
    ),
    change(
        "default privileges [app_owner, \"\", r]",
        &["create"],
        "alter default privileges for role app_owner grant insert on tables to app_reader",
        "alter default privileges for role app_owner revoke insert on tables from app_reader",
    ),
    change(
        "default privileges [app_owner, \"\", f]",
        &["create"],
        "alter default privileges for role app_owner grant execute on functions to app_reader",
        "alter default privileges for role app_owner revoke execute on functions from app_reader",
    ),
    // whole objects
    change(
        "table [app, unheard]",
        &["+"],
        "create table app.unheard (id serial primary key, a text); create index on app.unheard (a)",
        "drop table app.unheard",
    ),
    change("sequence [app, unheard_id_seq]", &["+"], "select 1", "select 1"),
    change(
        "procedure [app, nothing, \"\"]",
        &["-"],
        "drop procedure app.nothing()",
        "create procedure app.nothing() language sql as $$ select 1 $$",
    ),
    change(
        "function [app, mine, \"\"]",
        &["+"],
        "create function app.mine() returns void language sql as ''",
        "drop function app.mine()",
    ),
];

const TITLE: &str = "drop index app.books_title_idx; create index books_title_idx on app.books (title collate \"C\" text_pattern_ops desc nulls last) include (isbn) with (fillfactor = 60) where price > 1; comment on index app.books_title_idx is 'For the list'";
const POSITIVE: &str = "alter domain app.positive drop constraint positive_check; alter domain app.positive add constraint positive_check check (value > 0); comment on constraint positive_check on domain app.positive is 'Above zero'";
