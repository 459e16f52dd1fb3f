-- What pgvector adds.
create schema ai;
create extension vector schema ai;
create table ai.chunks (id bigint primary key, embedding ai.vector(3));
alter table ai.chunks alter column embedding set storage plain;
create index chunks_hnsw on ai.chunks using hnsw (embedding ai.vector_cosine_ops) with (m = 8, ef_construction = 32);
create index chunks_ivfflat on ai.chunks using ivfflat (embedding) with (lists = 10) where id > 0;
create function ai.near(ai.vector) returns float8 language sql
    return $1 operator(ai.<=>) '[1,2,3]'::ai.vector;
create view ai.close as select id, embedding operator(ai.<->) '[1,1,1]' as distance from ai.chunks;
