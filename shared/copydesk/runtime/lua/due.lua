-- Take sources that are due: whoever moves the score has the source until the lease ends.
-- ARGV: unix time, unix time of the end of the lease, number
local out = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'copydesk:sources:due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  local source = redis.call('HGET', 'copydesk:sources', id)
  if source then
    redis.call('ZADD', 'copydesk:sources:due', ARGV[2], id)
    out[#out + 1] = source
  else
    redis.call('ZREM', 'copydesk:sources:due', id)
  end
end
return out
