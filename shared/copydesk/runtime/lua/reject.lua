-- A page's way ends in the dead letters.
-- ARGV: stage, page id, owner, outcome, TTL of the page in seconds, bound of the stream, then fields and values of the entry
if not owned(ARGV[1], ARGV[2], ARGV[3]) then
  return 0
end
settle(ARGV[1], ARGV[2], ARGV[4], ARGV[5])
redis.call('XADD', 'copydesk:rejected', 'MAXLEN', '~', ARGV[6], '*', unpack(ARGV, 7))
return 1
