-- Entries of a stream with one of these values in a field, but for those that say that something was taken out.
-- ARGV: stream, id to begin with, most that are looked at, field, values ...
-- Answers the id of the last that was looked at (empty: the end is reached), and the ids of those that were found.
local wanted, found, last = {}, {}, ''
for n = 5, #ARGV do
  wanted[ARGV[n]] = true
end
for _, entry in ipairs(redis.call('XRANGE', ARGV[1], ARGV[2], '+', 'COUNT', ARGV[3])) do
  last = entry[1]
  local fields = {}
  for n = 1, #entry[2], 2 do
    fields[entry[2][n]] = entry[2][n + 1]
  end
  if wanted[fields[ARGV[4]]] and fields.verdict ~= 'retracted' and fields.reason ~= 'retracted' then
    found[#found + 1] = last
  end
end
return {last, found}
