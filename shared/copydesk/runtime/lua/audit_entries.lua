-- Ids and revisions of the documents of a stream.
-- ARGV: stream, id to begin with, most that are looked at
-- Answers the id of the last entry (empty: the end is reached), then id and revision of each, with a colon between.
local out = {''}
for _, entry in ipairs(redis.call('XRANGE', ARGV[1], ARGV[2], '+', 'COUNT', ARGV[3])) do
  local fields = {}
  for n = 1, #entry[2], 2 do
    fields[entry[2][n]] = entry[2][n + 1]
  end
  out[1] = entry[1]
  if fields.revision and fields.id and fields.verdict ~= 'gap' then
    out[#out + 1] = fields.id .. ':' .. fields.revision
  end
end
return out
