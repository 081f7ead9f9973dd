-- Add, change or remove a source, unless somebody else did so since it was read.
-- ARGV: id, source as JSON as it was read (empty: there was none), as it is to be (empty: removed),
--       host before, host after, unix time of the next poll (empty: as it is; -: not polled), status (empty: as it is);
--       for a sitemap: id of the index that names it, that index as JSON as it was read, the mark of the sitemap's last
--       change (left out: as it is). Nothing is done unless the index is still so.
local id, before, after = ARGV[1], ARGV[4], ARGV[5]
if (redis.call('HGET', 'copydesk:sources', id) or '') ~= ARGV[2] then
  return 0
end
if ARGV[8] then
  if redis.call('HGET', 'copydesk:sources', ARGV[8]) ~= ARGV[9] then
    return 0
  end
  if ARGV[10] then
    redis.call('HSET', 'copydesk:source:' .. ARGV[8] .. ':sitemaps', id, ARGV[10])
  end
end
local key = 'copydesk:source:' .. id
local due = redis.call('ZSCORE', 'copydesk:sources:due:' .. before, id)
if ARGV[6] ~= '' then
  due = ARGV[6]
end
if ARGV[3] == '' then
  redis.call('HDEL', 'copydesk:sources', id)
  redis.call('HDEL', 'copydesk:sources:leases', id)
  redis.call('DEL', key, key .. ':items', key .. ':sitemaps')
  set_status(id, 'ok')
  due = '-'
else
  redis.call('HSET', 'copydesk:sources', id, ARGV[3])
  if ARGV[7] ~= '' then
    set_status(id, ARGV[7])
  end
end
redis.call('ZREM', 'copydesk:sources:due:' .. before, id)
if due and due ~= '-' then
  redis.call('ZADD', 'copydesk:sources:due:' .. after, due, id)
  redis.call('ZADD', 'copydesk:sources:hosts', 'LT', due, after)
end
return 1
