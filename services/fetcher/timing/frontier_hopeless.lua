-- Finds pages that have waited too long for hosts that have refused all requests for as long. Changes nothing.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  how long is too long (ms)
-- ARGV[2]  how many pages to find at most
-- Returns  [{record, why the host is held back, since when it has refused (ms)}]

local horizon, most, out = now - tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for _, host in ipairs(redis.call('ZRANGEBYSCORE', REFUSING, '-inf', horizon)) do
  local why, since = redis.call('HGET', PACE .. host, 'why'), redis.call('ZSCORE', REFUSING, host)
  for _, queue in ipairs({HOST .. host, AGAIN .. host}) do
    for _, id in ipairs(redis.call('ZRANGE', queue, 0, most)) do
      local f = redis.call('HMGET', FLIGHT .. id, 'accepted_at', 'record')
      if #out < most and f[1] and tonumber(f[1]) <= horizon then out[#out + 1] = {f[2], why or '', since} end
    end
  end
end
return out
