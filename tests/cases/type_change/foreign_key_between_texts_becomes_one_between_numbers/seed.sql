insert into documents (id) values ('1'), ('2'); insert into notes (id, document) values (1, '1'), (2, null)
