-- Ends a turn, and adapts the host's delay to how the host answered. The delay does not grow for an answer to a request
-- that was made before it last grew: such an answer says nothing about the present delay.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the host
-- ARGV[2]  its delay (ms)
-- ARGV[3]  the lease
-- ARGV[4]  when the turn was granted (ms)
-- ARGV[5]  the verdict: 'good', 'overloaded', 'unavailable' (the page, and maybe the host) or 'other'
-- ARGV[6]  the pause that an overloaded host asks for (ms), or 0
-- ARGV[7]  the key of the page
-- ARGV[8]  the reason for the verdict, kept for the operator
-- ARGV[9]  1 for a page; 0 for a file about the site, such as its robots.txt
-- Returns  the grown delay of an overloaded host (ms), else 0
-- Constants of host_turns.py: RECOVERY, SHORTEST_GROWN_MS, LONGEST_GROWN_MS, PACE_KEPT_MS, LATEST_ANSWERS,
-- FEWEST_FAILURES

local host, delay, verdict, pause = ARGV[1], tonumber(ARGV[2]), ARGV[5], tonumber(ARGV[6])
redis.call('ZREM', LEASES .. host, ARGV[3])

-- The latest answers, oldest first: '1' for unavailable, '0' for good. A host without failures has none. Answers before
-- the first failure are not known; they count as good once a good one has followed.
local latest, failed = unpack(redis.call('HMGET', PACE .. host, 'latest', 'failed'))
if verdict == 'unavailable' then
  latest = latest or ''
  if failed ~= ARGV[7] then latest = (latest .. '1'):sub(-LATEST_ANSWERS) end
  redis.call('HSET', PACE .. host, 'latest', latest, 'failed', ARGV[7])
  redis.call('PEXPIRE', PACE .. host, PACE_KEPT_MS)
  local _, failures = latest:gsub('1', '')
  local most = failures == #latest or 2 * failures > LATEST_ANSWERS
  if most and failures >= FEWEST_FAILURES then verdict = 'overloaded' end
elseif verdict == 'good' and latest then
  latest = (latest .. '0'):sub(-LATEST_ANSWERS)
  if latest:find('1') then redis.call('HSET', PACE .. host, 'latest', latest)
  else redis.call('HDEL', PACE .. host, 'latest', 'failed') end
end

local grown, grown_at = unpack(redis.call('HMGET', PACE .. host, 'grown', 'grown_at'))
grown = tonumber(grown or 0)
if verdict == 'good' and grown > 0 then
  local less = math.floor(grown * RECOVERY)
  if less > math.max(delay, SHORTEST_GROWN_MS) then redis.call('HSET', PACE .. host, 'grown', less)
  else redis.call('HDEL', PACE .. host, 'grown', 'grown_at', 'why') end
end
if verdict == 'good' and ARGV[9] == '1' then redis.call('ZREM', REFUSING, host) end
if verdict ~= 'overloaded' then return 0 end
redis.call('ZADD', REFUSING, 'NX', now, host)
redis.call('HSET', PACE .. host, 'why', ARGV[8])
if tonumber(ARGV[4]) >= tonumber(grown_at or 0) then
  grown = math.min(LONGEST_GROWN_MS, 2 * math.max(grown, delay, SHORTEST_GROWN_MS))
  redis.call('HSET', PACE .. host, 'grown', grown, 'grown_at', now)
  redis.call('PEXPIRE', PACE .. host, PACE_KEPT_MS)
end
redis.call('ZADD', TOUCHED, 'GT', now + grown, host)
redis.call('ZADD', SLOTS, 'GT', now + grown, host)
if pause > 0 then redis.call('ZADD', PAUSED, 'GT', now + pause, host) end
line_up(host)
return grown
