-- Puts sources on the schedule. A new source is due at once, a paused one after its pause; changed bounds take effect
-- at once.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the sources, as JSON: [{name, url, shortest, longest, first}], with intervals in seconds, as text
-- Returns  nothing

for _, s in ipairs(cjson.decode(ARGV[1])) do
  local key = SOURCE .. s.name
  local f = redis.call('HMGET', key, 'shortest', 'longest', 'interval', 'claimed_at')
  if not redis.call('ZSCORE', SOURCES, s.name) then source_due(s.name, now) end
  redis.call('HSET', key, 'url', s.url)
  if f[1] ~= s.shortest or f[2] ~= s.longest then
    local interval = math.min(tonumber(s.longest), math.max(tonumber(s.shortest), tonumber(f[3] or s.first)))
    redis.call('HSET', key, 'shortest', s.shortest, 'longest', s.longest, 'interval', interval, 'wait', interval)
    if f[4] then source_due(s.name, (f[4] + interval) * 1000) end
  end
end
