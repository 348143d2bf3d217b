-- Allows no request to a host for a while.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the host
-- ARGV[2]  for how long (ms)
-- Returns  nothing

redis.call('ZADD', TOUCHED, 'GT', now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZADD', SLOTS, 'GT', now + tonumber(ARGV[2]), ARGV[1])
line_up(ARGV[1])
