insert into notes (id, place) values (1, '1'), (2, null), (3, '30')
