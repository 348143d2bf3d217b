-- Stands before every script: the clock, and the functions that put hosts and flights into the frontier's queues.
--
-- The names of Redis' keys, in capitals, are those of redis_keys.py; lua_script.py declares them above this text. No
-- script gets KEYS. The keys that a script uses depend on what it reads in Redis (a flight names its host and its
-- batch), and KEYS must be known before the call. Only a cluster needs KEYS, and Depeche runs on one Redis.

-- Redis' clock is the only clock (ms). To it is added what it has lost when it was set back (clock_look.lua), so that no
-- moment that is stored comes to lie in the future.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(redis.call('HGET', CLOCK, 'ahead') or 0)

-- Enters a host by the moment at which its next page may be released; removes a host that has no page.
local function line_up(host)
  local first = redis.call('ZRANGE', HOST .. host, 0, 0, 'WITHSCORES')[2]
  local again = redis.call('ZRANGE', AGAIN .. host, 0, 0, 'WITHSCORES')[2]
  if not first and not again then redis.call('ZREM', HOSTS, host) return end
  local due = math.min(tonumber(first or again), tonumber(again or first))
  local slot, pause = redis.call('ZSCORE', SLOTS, host), redis.call('ZSCORE', PAUSED, host)
  redis.call('ZADD', HOSTS, math.max(due, tonumber(slot or 0), tonumber(pause or 0)), host)
end

-- Puts a flight that is due at `due` (ms) into a queue of its host: that of revisits if `again`, else of new pages.
local function wait(id, host, due, again)
  redis.call('ZADD', (again and AGAIN or HOST) .. host, due, id)
  line_up(host)
end

-- Records that a flight has left the fetch stage, which makes room for another page of its host.
local function fetched(id, host)
  if host and redis.call('ZREM', FETCHING .. host, id) == 1 then line_up(host) end
end

-- Makes a source due at `due` (ms), or at the end of its pause if that is later.
local function source_due(source, due)
  local pause = redis.call('ZSCORE', SOURCES_PAUSED, source)
  redis.call('ZADD', SOURCES, math.max(due, tonumber(pause or 0)), source)
end

-- Returns when a source is due by its last visit (ms): now, if that is past or if there was no visit.
local function due_after_wait(source)
  local f = redis.call('HMGET', SOURCE .. source, 'claimed_at', 'wait')
  return math.max(now, f[1] and f[2] and (f[1] + f[2]) * 1000 or now)
end
