-- Accepts pages: each gets a flight that waits in the frontier, unless its URL is in the air or known already. Wakes the
-- tick, so that a page whose host is free need not wait for the next beat.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the requests, as JSON: [{id, url, key, host, again, batch, only_new, record}]
-- Returns  for each request, in their order: {'new', id}, {'joined', id of the flight in the air} or {'known', ''}
-- Constants of ledger.py: FOLLOW_FAILED_AGAIN_S, FOLLOW_FAILED_AGAIN_CAP_S

local function known(key)
  local seen = redis.call('ZSCORE', SEEN, key)
  if not seen then return false end
  local f = redis.call('HMGET', FAILED .. key, 'at', 'times')
  if not f[1] or tonumber(f[1]) < tonumber(seen) then return true end
  local wait = math.min(FOLLOW_FAILED_AGAIN_CAP_S, FOLLOW_FAILED_AGAIN_S * 2 ^ (tonumber(f[2]) - 1))
  return now < tonumber(f[1]) + wait * 1000
end
local out, is_new = {}, false
for i, r in ipairs(cjson.decode(ARGV[1])) do
  local flying = redis.call('HGET', AIR, r.key)
  if flying then out[i] = {'joined', flying}
  elseif r.only_new and known(r.key) then out[i] = {'known', ''}
  else
    redis.call('HSET', FLIGHT .. r.id, 'url', r.url, 'key', r.key, 'host', r.host, 'batch', r.batch, 'stage', 'waiting',
      'next', 'fetch', 'again', r.again and 1 or 0, 'record', r.record, 'accepted_at', now, 'published_at', now,
      'losses', 0)
    redis.call('HSET', AIR, r.key, r.id)
    redis.call('ZADD', SEEN, now, r.key)
    redis.call('ZADD', STAGE .. 'waiting', now, r.id)
    wait(r.id, r.host, now, r.again)
    if r.batch ~= '' then redis.call('INCR', BATCH .. r.batch); redis.call('EXPIRE', BATCH .. r.batch, 604800) end
    out[i], is_new = {'new', r.id}, true
  end
end
if is_new then redis.pcall('PUBLISH', WAKE_CHANNEL, '') end  -- which a user of Redis may be denied
return out
