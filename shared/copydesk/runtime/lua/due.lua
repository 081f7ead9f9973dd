-- Take sources that are due, at most one a host: whoever has the token has the source until the lease ends.
-- ARGV: unix time, unix time of the end of the lease, token, number
-- Answers per source: id, host, unix time for which it was due, source as JSON, state as JSON (empty: none yet).
local out = {}
for _, host in ipairs(redis.call('ZRANGEBYSCORE', 'copydesk:sources:hosts', '-inf', ARGV[1], 'LIMIT', 0, ARGV[4])) do
  local due = 'copydesk:sources:due:' .. host
  local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  local id = first[1]
  if id and tonumber(first[2]) <= tonumber(ARGV[1]) then
    local source = redis.call('HGET', 'copydesk:sources', id)
    if source then
      redis.call('ZADD', due, ARGV[2], id)
      redis.call('ZADD', 'copydesk:sources:hosts', ARGV[2], host)
      redis.call('HSET', 'copydesk:sources:leases', id, lease_of(ARGV[3]))
      for _, part in ipairs({id, host, first[2], source, redis.call('GET', 'copydesk:source:' .. id) or ''}) do
        out[#out + 1] = part
      end
    else
      redis.call('ZREM', due, id)
    end
  else
    place_host(host, 0)
  end
end
return out
