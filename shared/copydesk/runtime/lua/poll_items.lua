-- What a source offers has changed since its last poll.
-- ARGV: id, token, SADD or SREM, ids of items
if polls(ARGV[1], ARGV[2]) then
  redis.call(ARGV[3], 'copydesk:source:' .. ARGV[1] .. ':items', unpack(ARGV, 4))
end
return 1
