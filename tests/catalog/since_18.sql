-- What PostgreSQL 18 adds.
create table shop.modern (
    id int primary key,
    a int constraint named_by_hand not null,
    doubled int generated always as (a * 2) virtual,
    room int4range,
    lasts int4range,
    constraint modern_lasts unique (room, lasts without overlaps),
    constraint modern_a check (a > 0) not enforced,
    parent int constraint modern_parent references shop.modern not enforced
);
alter table shop.modern add constraint modern_late not null parent not valid;
