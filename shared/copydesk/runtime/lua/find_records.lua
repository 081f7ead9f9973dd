-- Ids (12 bytes) of the documents of a cluster, by their records in the copy index; runtime/index_layout.py has the layout.
-- ARGV: id of the cluster (12 bytes), keys of chunks ...
local out = {}
for n = 2, #ARGV do
  local value = redis.call('GET', ARGV[n]) or ''
  local at = string.find(value, ARGV[1], 1, true) and 1 or #value + 1
  while at <= #value do
    local id = string.sub(value, at + 22, at + 33)
    local cluster = string.byte(value, at + 48) == 0 and id or string.sub(value, at + 49, at + 60)
    if cluster == ARGV[1] then
      out[#out + 1] = id
    end
    at = at + struct.unpack('<I2', value, at)
  end
end
return out
