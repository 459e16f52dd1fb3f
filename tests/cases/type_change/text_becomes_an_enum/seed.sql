insert into notes (id, state) values (1, 'open'), (2, 'done')
