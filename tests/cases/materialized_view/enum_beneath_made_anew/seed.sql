insert into notes values (1, 'a'), (2, 'b'), (3, 'a')
