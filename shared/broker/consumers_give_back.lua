-- Puts a message that a consumer has in hand back into its queue, as the last one; if the consumer counted as lost
-- meanwhile, its message is there already.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the consumer
-- ARGV[2]  the queue
-- ARGV[3]  the message
-- Returns  nothing

if redis.call('LREM', IN_HAND .. ARGV[1], 1, ARGV[3]) == 1 then redis.call('LPUSH', ARGV[2], ARGV[3]) end
