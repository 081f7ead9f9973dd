-- A source offers items: those that nobody has taken yet enter the frontier, as far as their host has room in it.
-- Runs after slots.lua.
-- ARGV: seconds for which an item is remembered, most pages of one host, then per item: id, host, item as JSON
-- Answers the ids that are new, and those that were refused.
local now, new, refused = unix(), {}, {}
for n = 3, #ARGV, 3 do
  local id, host = ARGV[n], ARGV[n + 1]
  local page, waiting = 'copydesk:page:' .. id, 'copydesk:frontier:host:' .. host
  if redis.call('EXISTS', 'copydesk:seen:' .. id) == 1 then
    redis.call('EXPIRE', 'copydesk:seen:' .. id, ARGV[1])
  elseif redis.call('TTL', page) == -1 then
    -- Without a TTL it is still in work, however long ago it was seen.
    redis.call('SET', 'copydesk:seen:' .. id, '1', 'EX', ARGV[1])
  elseif redis.call('HEXISTS', 'copydesk:retracted', id) == 1 then
    -- Somebody has taken it out: neither new nor refused.
  elseif redis.call('ZCARD', waiting) >= tonumber(ARGV[2]) then
    refused[#refused + 1] = id
  else
    redis.call('SET', 'copydesk:seen:' .. id, '1', 'EX', ARGV[1])
    redis.call('DEL', page)
    redis.call('HSET', page, 'item', ARGV[n + 2], 'host', host)
    -- In the order of the offer.
    redis.call('ZADD', waiting, now + (n - #ARGV) * 0.000001, id)
    redis.call('ZADD', 'copydesk:frontier:hosts', 'LT', now, host)
    redis.call('HINCRBY', 'copydesk:counts', 'fetch:taken', 1)
    new[#new + 1] = id
  end
end
return {new, refused}
