insert into notes (id) values (1)
