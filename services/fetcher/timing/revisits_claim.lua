-- Takes due revisits: no other tick gets them before the lease ends.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the length of the lease (ms)
-- ARGV[2]  how many to take at most
-- Returns  {end of the lease (ms), [{url key, request}]}

local limit, out = now + tonumber(ARGV[1]), {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', REVISITS_DUE, '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local plan = redis.call('HGET', REVISITS, key)
  if plan then
    redis.call('ZADD', REVISITS_DUE, limit, key)
    out[#out + 1] = {key, plan}
  else redis.call('ZREM', REVISITS_DUE, key) end
end
return {limit, out}
