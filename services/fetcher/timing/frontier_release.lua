-- Releases flights that are due and whose host allows it. Flights that wait for another attempt at a later stage have
-- left the frontier already: they are released without room, and count as taking it up.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  how many flights to release at most
-- ARGV[2]  how many more flights have room between frontier and Postgres
-- ARGV[3]  the usual delay of a host (ms)
-- ARGV[4]  how many pages of a host may be in the fetch stage; 0 for any number
-- Returns  {now, [{flight, stage, record}]}
-- Constants of frontier.py: FULL_AGAIN_MS, FORGOTTEN_AFTER_MS

local budget, room, out = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
local usual, connections = tonumber(ARGV[3]), tonumber(ARGV[4])
local function go(queue, id, host)
  redis.call('ZREM', queue, id)
  redis.call('ZREM', STAGE .. 'waiting', id)
  local f = redis.call('HMGET', FLIGHT .. id, 'next', 'record')
  if f[1] then
    redis.call('HSET', FLIGHT .. id, 'stage', f[1], 'published_at', now)
    redis.call('ZADD', STAGE .. f[1], now, id)
    if host ~= '' then redis.call('ZADD', FETCHING .. host, now, id) end
    out[#out + 1] = {id, f[1], f[2]}
  end
end
local function delay_of(host)
  if host == '' then return 0 end
  local pace = redis.call('HMGET', PACE .. host, 'delay', 'grown')
  return math.max(tonumber(pace[1] or usual), tonumber(pace[2] or 0))
end
local function free_of(host)
  if host == '' or connections == 0 then return budget end
  redis.call('ZREMRANGEBYSCORE', FETCHING .. host, '-inf', now - FORGOTTEN_AFTER_MS)
  return connections - redis.call('ZCARD', FETCHING .. host)
end
room = room - redis.call('ZCARD', RETRY)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', RETRY, '-inf', now, 'LIMIT', 0, budget)) do go(RETRY, id, '') end
budget = math.min(budget, #out + math.max(0, room))
redis.call('ZREMRANGEBYSCORE', SLOTS, '-inf', now)
redis.call('ZREMRANGEBYSCORE', PAUSED, '-inf', now)
for _, host in ipairs(redis.call('ZRANGEBYSCORE', HOSTS, '-inf', now, 'LIMIT', 0, budget - #out)) do
  if #out >= budget then break end
  local before, delay, many = #out, delay_of(host), math.min(budget - #out, free_of(host))
  if many <= 0 then redis.call('ZADD', HOSTS, now + FULL_AGAIN_MS, host)
  else
    if delay > 0 then many = 1 end
    for _, queue in ipairs({HOST .. host, AGAIN .. host}) do
      local left = many - (#out - before)
      if left == 0 then break end
      for _, id in ipairs(redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, left)) do go(queue, id, host) end
    end
    if #out > before and delay > 0 then redis.call('ZADD', SLOTS, now + delay, host) end
    line_up(host)
  end
end
return {now, out}
