"""Which sources are due. Several ticks may ask at once; each due source is claimed by one."""

import json
from typing import cast

import redis

from services.fetcher.sources import Source
from shared.redis_keys import LUA_PRELUDE

# ARGV: [{"name", "every"}]. A source that was never seen is due at once; a changed `every` counts from now on.
CLAIM_DUE = """
local due = {}
for _, source in ipairs(cjson.decode(ARGV[1])) do
  if now >= tonumber(redis.call('HGET', SOURCES, source.name) or 0) + source.every * 1000 then
    redis.call('HSET', SOURCES, source.name, now)
    due[#due + 1] = source.name
  end
end
return due
"""


class Schedule:
    """When each source was last claimed, in Redis."""

    def __init__(self, client: "redis.Redis") -> None:
        self._claim = client.register_script(LUA_PRELUDE + CLAIM_DUE)

    def claim_due(self, sources: list[Source]) -> list[Source]:
        """The sources that are due now; whoever gets one is the only one to get it until it is due again."""
        if not sources:
            return []
        asked = json.dumps([{"name": source.name, "every": source.every} for source in sources])
        due = {name.decode() for name in cast(list[bytes], self._claim(args=[asked]))}
        return [source for source in sources if source.name in due]
