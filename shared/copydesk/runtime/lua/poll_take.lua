-- Take one source, due or not, for what a hub pushed; nothing while it is polled.
-- ARGV: unix time, unix time of the end of the lease, token, id, host
local due = 'copydesk:sources:due:' .. ARGV[5]
local score = redis.call('ZSCORE', due, ARGV[4])
local source = redis.call('HGET', 'copydesk:sources', ARGV[4])
if not score or not source or redis.call('HEXISTS', 'copydesk:sources:leases', ARGV[4]) == 1 and tonumber(score) > tonumber(ARGV[1]) then
  return false
end
redis.call('ZADD', due, ARGV[2], ARGV[4])
redis.call('HSET', 'copydesk:sources:leases', ARGV[4], lease_of(ARGV[3]))
return {score, source, redis.call('GET', 'copydesk:source:' .. ARGV[4]) or ''}
