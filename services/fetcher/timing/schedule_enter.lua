-- Puts sources on the schedule. A new source is due at once; changed bounds take effect at once.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the sources, as JSON: [{name, url, shortest, longest, first}], with intervals in seconds, as text
-- Returns  nothing

for _, s in ipairs(cjson.decode(ARGV[1])) do
  local key = SOURCE .. s.name
  local f = redis.call('HMGET', key, 'shortest', 'longest', 'interval', 'claimed_at')
  redis.call('ZADD', SOURCES, 'NX', now, s.name)
  redis.call('HSET', key, 'url', s.url)
  if f[1] ~= s.shortest or f[2] ~= s.longest then
    local interval = math.min(tonumber(s.longest), math.max(tonumber(s.shortest), tonumber(f[3] or s.first)))
    redis.call('HSET', key, 'shortest', s.shortest, 'longest', s.longest, 'interval', interval, 'wait', interval)
    if f[4] then redis.call('ZADD', SOURCES, (f[4] + interval) * 1000, s.name) end
  end
end
