-- Plans a story's next visit, in place of the story's present plan if it has one. Where there are too many plans, a
-- story without a plan gets none.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the story's url key
-- ARGV[2]  ms until the visit is due
-- ARGV[3]  the request
-- ARGV[4]  how many plans there may be
-- Returns  1 if it has been planned, else 0

local is_full = redis.call('ZCARD', REVISITS_DUE) >= tonumber(ARGV[4])
if is_full and not redis.call('ZSCORE', REVISITS_DUE, ARGV[1]) then return 0 end
redis.call('ZADD', REVISITS_DUE, now + tonumber(ARGV[2]), ARGV[1])
redis.call('HSET', REVISITS, ARGV[1], ARGV[3])
return 1
