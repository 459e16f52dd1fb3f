insert into notes (body) values ('a'), ('b');
