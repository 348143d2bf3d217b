-- Gives pages that were fetched at another time flights that begin at the parse stage, each with its bytes: not one
-- without the other, or a page would count as lost because whoever brought it was interrupted. None stands for its URL
-- in the air, so that a fetch of the same page goes on beside it.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the flights, as JSON: [{id, url, batch, record}]
-- ARGV[i]  from 2 on: the compressed bytes of as many pages, in the same order
-- Returns  now, which counts as the moment of their publication

for i, f in ipairs(cjson.decode(ARGV[1])) do
  redis.call('SET', PAGE .. f.id, ARGV[i + 1])
  redis.call('HSET', FLIGHT .. f.id, 'url', f.url, 'key', f.id, 'host', '', 'batch', f.batch, 'stage', 'parse',
    'record', f.record, 'accepted_at', now, 'published_at', now, 'losses', 0)
  redis.call('ZADD', STAGE .. 'parse', now, f.id)
  if f.batch ~= '' then redis.call('INCR', BATCH .. f.batch); redis.call('EXPIRE', BATCH .. f.batch, 604800) end
end
return now
