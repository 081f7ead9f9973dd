-- Take pages to fetch, at most one a host. A host's slot is busy while a request to it runs, and for the delay after it.
-- ARGV: unix time, seconds of a lease, token, number of pages
-- Answers per page: id, host, item as JSON, tries so far with this one.
local now, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
local out = {}
-- Leases that ran out: their holder is gone, the page goes back to where it was.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'copydesk:frontier:leases', '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', 'copydesk:frontier:leases', id)
  local host = redis.call('HGET', 'copydesk:page:' .. id, 'host')
  if host then
    redis.call('ZADD', 'copydesk:frontier:host:' .. host, now, id)
    redis.call('ZADD', 'copydesk:frontier:hosts', 'LT', now, host)
  end
end
for _, host in ipairs(redis.call('ZRANGEBYSCORE', 'copydesk:frontier:hosts', '-inf', now, 'LIMIT', 0, tonumber(ARGV[4]) * 4)) do
  if #out >= tonumber(ARGV[4]) * 4 then
    break
  end
  local pages = 'copydesk:frontier:host:' .. host
  local busy = redis.call('PTTL', 'copydesk:slot:' .. host)
  if busy > 0 then
    redis.call('ZADD', 'copydesk:frontier:hosts', now + busy / 1000, host)
  elseif redis.call('EXISTS', 'copydesk:wanted:' .. host) == 1 then
    redis.call('ZADD', 'copydesk:frontier:hosts', now + 0.1, host)
  else
    local first = redis.call('ZRANGE', pages, 0, 0, 'WITHSCORES')
    if not first[1] then
      redis.call('ZREM', 'copydesk:frontier:hosts', host)
    elseif tonumber(first[2]) > now then
      redis.call('ZADD', 'copydesk:frontier:hosts', first[2], host)
    else
      local id = first[1]
      local key = 'copydesk:page:' .. id
      local item = redis.call('HGET', key, 'item')
      redis.call('ZREM', pages, id)
      redis.call('ZADD', 'copydesk:frontier:leases', now + lease, id)
      redis.call('ZADD', 'copydesk:frontier:hosts', now + lease, host)
      redis.call('SET', 'copydesk:slot:' .. host, ARGV[3], 'PX', math.ceil(lease * 1000))
      redis.call('HSET', key, 'lease', ARGV[3])
      out[#out + 1] = id
      out[#out + 1] = host
      out[#out + 1] = item
      out[#out + 1] = redis.call('HINCRBY', key, 'fetch_tries', 1)
    end
  end
end
return out
