-- Begin, change or end a subscription, if it is still the one that the caller knows; keeps its places and the counts.
-- ARGV: source id, token ('' where there is none yet), unix time of what is next, unix time until which its source is
-- covered (each: '' as it is, 'none' no longer), then fields and values, or nothing to end it
local key = 'copydesk:subscription:' .. ARGV[1]
local was = redis.call('HMGET', key, 'token', 'state')
if (was[1] or '') ~= ARGV[2] then
  return 0
end
local function place(zset, score)
  if score == 'none' then
    redis.call('ZREM', zset, ARGV[1])
  elseif score ~= '' then
    redis.call('ZADD', zset, score, ARGV[1])
  end
end
place('copydesk:push:due', ARGV[3])
place('copydesk:push:covered', ARGV[4])
if #ARGV == 4 then
  redis.call('DEL', key)
else
  redis.call('HSET', key, unpack(ARGV, 5))
end
local state = redis.call('HGET', key, 'state')
if state ~= was[2] then
  for name, by in pairs({[was[2] or ''] = -1, [state or ''] = 1}) do
    if name ~= '' then
      redis.call('HINCRBY', 'copydesk:push:states', name, by)
    end
  end
end
return 1
