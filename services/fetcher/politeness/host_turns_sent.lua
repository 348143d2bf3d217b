-- Records that the request of a turn has been sent: the host's delay counts from now. The frontier's slot for the host
-- is set to the same moment.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the host
-- ARGV[2]  its delay (ms)
-- Returns  nothing

local host = ARGV[1]
local ready = now + math.max(tonumber(ARGV[2]), tonumber(redis.call('HGET', PACE .. host, 'grown') or 0))
redis.call('ZREM', SENDING, host)
redis.call('ZADD', TOUCHED, ready, host)
redis.call('ZADD', SLOTS, 'GT', ready, host)
line_up(host)
