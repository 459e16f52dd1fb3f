-- Every attribute of the modelled kinds and every opaque kind, for PostgreSQL 15 and later.
do $$ begin create role catalog_reader; exception when duplicate_object or unique_violation then end $$;
create schema shop;
comment on schema shop is 'What we sell';
grant usage on schema shop to catalog_reader;
create schema elsewhere;
create schema pgform;
create table pgform.journal (id int);
create extension citext schema shop;

create type shop.mood as enum ('sad', 'happy', 'ok');
comment on type shop.mood is 'How it went';
create type elsewhere.color as enum ('red');
create function elsewhere.twice(int) returns int language sql immutable as 'select $1 * 2';

create sequence shop.numbers as smallint increment -2 minvalue -100 maxvalue -1 start -3 cache 5 cycle;
comment on sequence shop.numbers is 'Downwards';
create unlogged sequence shop.fast;

create table shop.owners (id bigint primary key, name text not null, unique nulls not distinct (name) include (id));
create table shop."Mixed Case" (
    id integer generated always as identity (start 10 increment 5 minvalue 5 maxvalue 1000 cache 3 cycle),
    serial_id serial,
    code varchar(10) collate "C" not null,
    price numeric(10, 2) default 1.5,
    twice numeric generated always as (price * 2) stored,
    mood shop.mood default 'ok',
    color elsewhere.color,
    moods shop.mood[],
    name shop.citext,
    notes text,
    owner_id bigint,
    other_id bigint,
    gone int,
    "from" timestamptz(3) default now(),
    constraint mixed_pk primary key (id) with (fillfactor = 80),
    constraint mixed_code_key unique (code, owner_id) deferrable initially deferred,
    constraint mixed_price check (price > 0) no inherit,
    constraint mixed_mood check (mood in ('ok', 'happy')),
    constraint mixed_owner foreign key (owner_id) references shop.owners on update cascade
        on delete set null (owner_id) deferrable,
    constraint mixed_excluded exclude using btree (code with =)
) with (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
alter table shop."Mixed Case" drop column gone;
alter table shop."Mixed Case" add constraint mixed_other foreign key (other_id) references shop.owners match full
    on delete restrict not valid;
alter table shop."Mixed Case" add constraint mixed_late check (notes <> '') not valid;
alter table shop."Mixed Case" alter column notes set storage external, alter column notes set statistics 500,
    alter column notes set (n_distinct = -0.5), alter column notes set compression pglz,
    alter column "from" set not null;
create unique index mixed_replica on shop."Mixed Case" (code, "from") include (price, name);
alter table shop."Mixed Case" replica identity using index mixed_replica;
alter table shop."Mixed Case" cluster on mixed_pk;
alter table shop."Mixed Case" enable row level security, force row level security;
comment on table shop."Mixed Case" is 'It''s mixed';
comment on column shop."Mixed Case".notes is E'two\nlines';
comment on constraint mixed_price on shop."Mixed Case" is 'not for free';
grant select, insert on shop."Mixed Case" to catalog_reader;
grant update (notes) on shop."Mixed Case" to catalog_reader;

create index mixed_keys on shop."Mixed Case" using btree
    (lower(code) collate "POSIX" text_pattern_ops desc nulls last, (price + 1), name shop.citext_pattern_ops, "from" desc)
    with (fillfactor = 60) where mood = 'ok' and notes <> 'a,(b';
alter index shop.mixed_keys alter column 2 set statistics 300;
comment on index shop.mixed_keys is 'Hard to read';
create index mixed_gist on shop."Mixed Case" using gist (to_tsvector('simple', notes) tsvector_ops (siglen = 100));
create unlogged table shop.scratch (a int check (a > 0) not null);
alter table shop.scratch replica identity full;
-- What a failed concurrent build leaves.
create index scratch_broken on shop.scratch (a);
update pg_index set indisvalid = false where indexrelid = 'shop.scratch_broken'::regclass;

create view shop.plain as select id, code as c, elsewhere.twice(id) as doubled from shop."Mixed Case" where mood = 'ok';
alter view shop.plain alter column c set default 'x';
comment on view shop.plain is 'A look';
comment on column shop.plain.c is 'The code';
create view shop.careful with (security_barrier, security_invoker = true, check_option = cascaded) as
    select * from shop.owners where id > 0;
create view shop.nested as select p.id, o.name from shop.plain p join shop.careful o using (id);
create view elsewhere.outside as select 1 as one;

create domain shop.positive as integer default 1 not null constraint above check (value > 0);
comment on domain shop.positive is 'Above zero';
create type shop.point3 as (x float8, y float8, label text collate "C");
create type shop.floats as range (subtype = float8, subtype_diff = float8mi);
create collation shop.plain_c (locale = 'C');
create function shop.add(a int, b int default 2, variadic more int[] default '{}') returns int language sql immutable
    as 'select a + b';
comment on function shop.add(int, int, int[]) is 'Adds';
create function shop.rows_of(shop.owners) returns setof shop.point3 language sql as 'select null::shop.point3';
create procedure shop.work(inout a int) language plpgsql as 'begin a := 1; end';
create aggregate shop.total(int) (sfunc = int4pl, stype = int, initcond = '0', parallel = safe);
create operator shop.=== (function = int4eq, leftarg = int, rightarg = int, commutator = operator(shop.===), hashes);
create operator family shop.ints using btree;
create operator class shop.int_ops for type int using btree family shop.ints as operator 3 = (int, int),
    function 1 btint4cmp (int, int);
alter operator family shop.ints using btree add operator 1 < (int, bigint), function 1 (int, bigint) btint48cmp (int, bigint);
create operator class shop.stored for type int using gin as storage int;
create function shop.to_point(int) returns shop.point3 language sql as 'select null::shop.point3';
create cast (int as shop.point3) with function shop.to_point(int) as assignment;
create conversion shop.convert for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;

create function shop.touched() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before update of notes on shop."Mixed Case" for each row when (new.notes is not null)
    execute function shop.touched();
create trigger quiet after insert on shop.owners for each statement execute function shop.touched();
alter table shop.owners disable trigger quiet;
create constraint trigger late after insert on shop.owners deferrable initially deferred for each row
    execute function shop.touched();
create rule stop as on delete to shop.owners do instead nothing;
create policy mine on shop."Mixed Case" as restrictive for update to catalog_reader using (owner_id = 1)
    with check (owner_id = 2);
create policy everyone on shop."Mixed Case" using (true);
create statistics shop.correlated (ndistinct, dependencies) on code, owner_id from shop."Mixed Case";
alter statistics shop.correlated set statistics 200;

create table shop.measured (at date not null, value int, owner_id bigint references shop.owners)
    partition by range (at);
create table shop.measured_2024 partition of shop.measured (constraint own check (value > 0))
    for values from ('2024-01-01') to ('2025-01-01') partition by list (value);
create table shop.measured_2024_1 partition of shop.measured_2024 default;
alter table shop.measured add primary key (at, value);
create index measured_value on shop.measured (value);
create index measured_local on shop.measured_2024_1 (owner_id);
create table shop.points_at (id int primary key, at date, value int,
    foreign key (at, value) references shop.measured);
create table shop.parent (id int, name text default 'p');
create table shop.child (extra int, constraint extra_check check (extra > 0)) inherits (shop.parent);
create table shop.typed of shop.point3 (x with options default 0);
create materialized view shop.counted as select count(*) as n from shop."Mixed Case" with no data;
create unique index counted_n on shop.counted (n);
comment on materialized view shop.counted is 'How many';

create text search dictionary shop.short (template = simple, stopwords = english);
create text search configuration shop.words (parser = default);
alter text search configuration shop.words add mapping for asciiword, word with shop.short, simple;
create foreign data wrapper nowhere options (debug 'true');
create server far type 'test' foreign data wrapper nowhere options (host 'example.org');
create user mapping for catalog_reader server far options (password 'secret');
create foreign table shop.remote (id int options (key 'true') not null, t text) server far options (path '/x');
create function public.noticed() returns event_trigger language plpgsql as 'begin end';
create event trigger notice_drops on sql_drop when tag in ('DROP TABLE') execute function public.noticed();
alter event trigger notice_drops disable;
create publication sold for table shop.owners (id) where (id > 0), shop.points_at with (publish = 'insert, update');
create publication spread for tables in schema elsewhere;
alter default privileges for role catalog_reader in schema shop grant select on tables to public;
create temporary table gone_soon (id int);
