-- A request that was no page's is over.
-- ARGV: host, token, unix time, delay
release_slot(ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))
return 1
