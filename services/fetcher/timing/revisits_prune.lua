-- Removes plans that are too late to be of use.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  how long a plan may have been due (ms)
-- ARGV[2]  how many to remove at most
-- Returns  how many were removed

local late = redis.call('ZRANGEBYSCORE', REVISITS_DUE, '-inf', now - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
for _, key in ipairs(late) do
  redis.call('ZREM', REVISITS_DUE, key)
  redis.call('HDEL', REVISITS, key)
end
return #late
