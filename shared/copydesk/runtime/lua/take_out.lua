-- A page of a document that was taken out ends wherever it is, and what is kept of it goes. Runs after settle.lua, emit.lua.
-- ARGV: page id, mark as JSON, stage in which it is thought to be (empty: in none), TTL of the page in seconds,
--       cap of the stream, then fields and values of its dead letter
-- Answers 'done', or the stage in which it is instead; then nothing but the mark was written.
local id, page = ARGV[1], 'copydesk:page:' .. ARGV[1]
redis.call('HSETNX', 'copydesk:retracted', id, ARGV[2])
local waiting = 'copydesk:frontier:host:' .. (redis.call('HGET', page, 'host') or '')
local stage = ''
if redis.call('ZSCORE', 'copydesk:frontier:leases', id) or redis.call('ZSCORE', waiting, id) then
  stage = 'fetch'
else
  for _, name in ipairs({'extract', 'dedup'}) do
    if redis.call('ZSCORE', 'copydesk:stage:' .. name, id) then
      stage = name
    end
  end
end
if stage ~= ARGV[3] then
  return stage
end
if stage ~= '' then
  redis.call('ZREM', 'copydesk:frontier:leases', id)
  redis.call('ZREM', waiting, id)
  settle(stage, id, 'rejected:retracted', ARGV[4])
  emit('copydesk:rejected', ARGV[5], {unpack(ARGV, 6)})
end
redis.call('ZREM', 'copydesk:rechecks', id)
redis.call('DEL', 'copydesk:recheck:' .. id, 'copydesk:body:' .. id, 'copydesk:extraction:' .. id)
redis.call('HDEL', page, 'item', 'ref', 'way', 'before', 'owner', 'lease')
return 'done'
