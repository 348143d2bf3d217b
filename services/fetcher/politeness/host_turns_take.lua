-- Takes a host's next turn, if nothing stands in its way.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the host
-- ARGV[2]  its delay (ms)
-- ARGV[3]  the usual delay of a host (ms)
-- ARGV[4]  how many requests may be made to it at a time; 0 for any number
-- ARGV[5]  the name of the lease
-- ARGV[6]  the length of the lease (ms)
-- ARGV[7]  1 if the delay is the Crawl-delay of the host's robots.txt, else 0
-- Returns  {how long to wait (ms), now, 1 if others wait until the request has been sent}; the turn has been taken if
--          the wait is 0
-- Constants of host_turns.py: CROWDED_MS, PACE_KEPT_MS

for _, set in ipairs({TOUCHED, SENDING}) do redis.call('ZREMRANGEBYSCORE', set, '-inf', now) end
local host, delay, connections, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[6])
local touched, paused = redis.call('ZSCORE', TOUCHED, host), redis.call('ZSCORE', PAUSED, host)
local ready = math.max(tonumber(touched or 0), tonumber(paused or 0))
if ready > now then return {ready - now, now, 0} end
local leases = LEASES .. host
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
local crowded = connections > 0 and redis.call('ZCARD', leases) >= connections
if crowded or redis.call('ZSCORE', SENDING, host) then return {CROWDED_MS, now, 0} end
if delay == tonumber(ARGV[3]) then redis.call('HDEL', PACE .. host, 'delay', 'asked_for')
else
  redis.call('HSET', PACE .. host, 'delay', delay, 'asked_for', ARGV[7])
  redis.call('PEXPIRE', PACE .. host, PACE_KEPT_MS)
end
redis.call('ZADD', leases, now + lease, ARGV[5])
redis.call('PEXPIRE', leases, lease)
local paced = (delay > 0 or redis.call('HEXISTS', PACE .. host, 'grown') == 1) and 1 or 0
if paced == 1 then redis.call('ZADD', SENDING, now + lease, host) end
return {0, now, paced}
