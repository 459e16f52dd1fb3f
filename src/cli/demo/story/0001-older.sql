create extension vector;
create type document_status as enum ('draft', 'indexed');
create table repositories (
  id bigint generated always as identity primary key,
  name text not null unique
);
create table documents (
  id bigint generated always as identity primary key,
  repository_id bigint not null references repositories (id) on delete cascade,
  path text not null,
  status document_status not null default 'draft',
  legacy_path text,
  embedding vector(3),
  unique (repository_id, path)
);
comment on table documents is 'One row per source file';
create index documents_embedding_hnsw on documents using hnsw (embedding vector_l2_ops);
create view indexed_documents as select id, repository_id, path from documents where status = 'indexed';
insert into repositories (name) values ('handbook');
insert into documents (repository_id, path, status, legacy_path, embedding) values
  (1, '/guides/install.md', 'indexed', 'C:\INSTALL.TXT', '[1,2,3]'),
  (1, '/guides/upgrade.md', 'draft', null, null),
  (1, '/reference/api.md', 'indexed', null, '[3,2,1]');
