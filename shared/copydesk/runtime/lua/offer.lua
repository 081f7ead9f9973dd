-- A source offers items: those that nobody has taken yet enter the frontier.
-- ARGV: seconds for which an item is remembered, unix time, then per item: id, host, item as JSON
-- Answers the ids that are new.
local new = {}
for n = 3, #ARGV, 3 do
  local id, host = ARGV[n], ARGV[n + 1]
  -- A page without a TTL is still in work, however long ago the item was seen.
  local fresh = redis.call('SET', 'copydesk:seen:' .. id, '1', 'EX', ARGV[1], 'NX')
  if fresh and redis.call('TTL', 'copydesk:page:' .. id) ~= -1 then
    redis.call('DEL', 'copydesk:page:' .. id)
    redis.call('HSET', 'copydesk:page:' .. id, 'item', ARGV[n + 2], 'host', host, 'taken_at', ARGV[2])
    redis.call('ZADD', 'copydesk:frontier:host:' .. host, ARGV[2], id)
    redis.call('ZADD', 'copydesk:frontier:hosts', 'LT', ARGV[2], host)
    redis.call('HINCRBY', 'copydesk:counts', 'fetch:taken', 1)
    new[#new + 1] = id
  else
    redis.call('EXPIRE', 'copydesk:seen:' .. id, ARGV[1])
  end
end
return new
