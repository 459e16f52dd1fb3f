update documents set title = 'Installing' where path = '/guides/install.md';
insert into chunks (document_id, body, embedding)
  select id, 'first part of ' || path, '[1,0,0]' from documents;
