insert into notes values (1, 5, 'a'), (2, 6, 'b'), (3, null, null);
