insert into notes values (1), (2); insert into comments (note_id) values (1), (null);
