-- Take pages to fetch, at most one a host at a time, those hosts first that have waited longest. Runs after slots.lua.
-- ARGV: seconds of a lease, token, number of pages, delay, slots of a host
-- Answers per page: id, host, item as JSON, tries so far with this one, its way so far, what a recheck compares with.
local HOSTS = 1000 -- most that are looked at, which bounds the time that this takes
local lease, token, number = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local delay, slots = tonumber(ARGV[4]), tonumber(ARGV[5])
local now, taken, out = unix(), 0, {}
local hosts = 'copydesk:frontier:hosts'
-- Leases that ran out: their holder is gone, the page goes back to where it was.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'copydesk:frontier:leases', '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', 'copydesk:frontier:leases', id)
  local host = redis.call('HGET', 'copydesk:page:' .. id, 'host')
  if host then
    redis.call('ZADD', 'copydesk:frontier:host:' .. host, now, id)
    redis.call('ZADD', hosts, 'LT', now, host)
  end
end
for _, host in ipairs(redis.call('ZRANGEBYSCORE', hosts, '-inf', now, 'LIMIT', 0, math.min(number * 4, HOSTS))) do
  if taken >= number then
    break
  end
  local pages, wanted = 'copydesk:frontier:host:' .. host, 'copydesk:wanted:' .. host
  local first = redis.call('ZRANGE', pages, 0, 0, 'WITHSCORES')
  local item = first[1] and redis.call('HGET', 'copydesk:page:' .. first[1], 'item')
  if not first[1] then
    redis.call('ZREM', hosts, host)
  elseif not item then
    redis.call('ZREM', pages, first[1])
  elseif tonumber(first[2]) > now then
    redis.call('ZADD', hosts, first[2], host)
  elseif redis.call('GET', wanted) == 'poll' then
    redis.call('ZADD', hosts, now + 0.1, host)
  else
    local wait = take_slot(host, token, lease, delay, slots)
    if wait > 0 then
      redis.call('ZADD', hosts, now + wait / 1000, host)
    else
      local id, key = first[1], 'copydesk:page:' .. first[1]
      redis.call('ZREM', pages, id)
      redis.call('DEL', wanted)
      redis.call('ZADD', 'copydesk:frontier:leases', now + lease, id)
      redis.call('ZADD', hosts, slots > 1 and now or now + lease, host)
      redis.call('HSET', key, 'lease', token)
      taken = taken + 1
      for _, value in ipairs({id, host, item, redis.call('HINCRBY', key, 'fetch_tries', 1)}) do
        out[#out + 1] = value
      end
      out[#out + 1] = redis.call('HGET', key, 'way') or ''
      out[#out + 1] = redis.call('HGET', key, 'before') or ''
    end
  end
end
return out
