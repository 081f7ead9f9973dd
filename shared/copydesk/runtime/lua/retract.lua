-- Somebody takes a document out: marked once, and told on every stream that may have carried it. Runs after emit.lua.
-- ARGV: id, mark as JSON, cap of the streams, streams with spaces between, then fields and values of the entry
if redis.call('HSETNX', 'copydesk:retracted', ARGV[1], ARGV[2]) == 0 then
  return 0
end
for stream in string.gmatch(ARGV[4], '%S+') do
  emit(stream, ARGV[3], {unpack(ARGV, 5)})
  redis.call('HINCRBY', 'copydesk:counts', 'retracted:' .. stream, 1)
end
return 1
