-- Take subscriptions for which something is to be done: whoever moves the score has them until the lease ends.
-- ARGV: unix time, unix time of the end of the lease, number
local ids = redis.call('ZRANGEBYSCORE', 'copydesk:push:due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  redis.call('ZADD', 'copydesk:push:due', ARGV[2], id)
end
return ids
