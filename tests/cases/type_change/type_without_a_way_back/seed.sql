insert into notes (id, place) values (1, 3), (2, null)
