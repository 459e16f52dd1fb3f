insert into goods (id, count, name) values (1, 2, 'a'), (2, 3, null)
