-- A page's way ends in the dead letters. Runs after settle.lua, emit.lua.
-- ARGV: stage, page id, owner, outcome, TTL of the page in seconds, bound of the stream, then fields and values of the entry
if not owned(ARGV[1], ARGV[2], ARGV[3]) then
  return 0
end
settle(ARGV[1], ARGV[2], ARGV[4], ARGV[5])
-- What is no article is not looked at again, and what its publisher reserves or somebody has taken out is not kept.
redis.call('ZREM', 'copydesk:rechecks', ARGV[2])
redis.call('DEL', 'copydesk:recheck:' .. ARGV[2])
if ARGV[4] == 'rejected:reserved' or ARGV[4] == 'rejected:retracted' then
  redis.call('DEL', 'copydesk:body:' .. ARGV[2])
end
if ARGV[4] == 'rejected:retracted' then
  redis.call('HDEL', 'copydesk:page:' .. ARGV[2], 'item', 'ref')
end
emit('copydesk:rejected', ARGV[6], {unpack(ARGV, 7)})
return 1
