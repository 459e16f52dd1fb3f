select path, status, coalesce(legacy_path, '(null)'), coalesce(embedding::text, '(null)')
from public.documents order by id
