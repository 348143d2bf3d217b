-- Looks whether Redis' clock has been set. If it was set back, what it lost is added to it from then on (CLOCK), as all
-- moments that are stored would else lie in the future: pages would not be due, and what is lost would not be missed.
-- What is added melts away again: slowly, or at once when the clock is set forward. After either, no consumer has missed
-- a sign of life.
--
-- KEYS     none; prelude.lua says why
-- ARGV     none
-- Returns  by how much the clock has been set (ms), less than 0 if back; 0 if it runs
-- Constants of clock.py: BACK_MS, FORWARD_MS, MELTS

local ahead, seen = unpack(redis.call('HMGET', CLOCK, 'ahead', 'seen'))
ahead, seen = tonumber(ahead or 0), tonumber(seen or now)
local passed, set = now - seen, 0
if passed < -BACK_MS then
  set, ahead = passed, ahead - passed
elseif passed > FORWARD_MS then
  set, ahead = passed, math.max(0, ahead - passed)
elseif passed > 0 then
  ahead = math.max(0, math.floor(ahead - passed * MELTS))
end
now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ahead
redis.call('HSET', CLOCK, 'ahead', ahead, 'seen', now)
if set ~= 0 then
  for _, consumer in ipairs(redis.call('ZRANGE', CONSUMERS, 0, -1)) do redis.call('ZADD', CONSUMERS, now, consumer) end
end
return set
