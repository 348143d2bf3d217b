-- Makes flights that begin at the parse stage for pages that were fetched at another time, and stores their bytes. Both
-- are done together, or else a page would count as lost if its sender was interrupted in between. These flights are not
-- entered under their URLs as in the air, so that a fetch of the same page can go on beside them.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the flights, as JSON: [{id, url, batch, record}]
-- ARGV[i]  from 2 on: the compressed bytes of each page, in the same order
-- Returns  now, which counts as the moment of their publication

for i, f in ipairs(cjson.decode(ARGV[1])) do
  redis.call('SET', PAGE .. f.id, ARGV[i + 1])
  redis.call('HSET', FLIGHT .. f.id, 'url', f.url, 'key', f.id, 'host', '', 'batch', f.batch, 'stage', 'parse',
    'record', f.record, 'accepted_at', now, 'published_at', now, 'losses', 0)
  redis.call('ZADD', STAGE .. 'parse', now, f.id)
  if f.batch ~= '' then redis.call('INCR', BATCH .. f.batch); redis.call('EXPIRE', BATCH .. f.batch, 604800) end
end
return now
