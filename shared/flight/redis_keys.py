"""The names of all keys that Depeche has in Redis, in one place, for Python and for Lua (lua_script.py)."""

PREFIX = "depeche:"

QUEUE = PREFIX + "queue:"  # list: a stage's messages, the next one last; Celery's name of the queue, too
IN_HAND = PREFIX + "in_hand:"  # list: messages that this consumer has taken from its queue, and not acknowledged
CONSUMER = PREFIX + "consumer:"  # hash: what is known of this consumer of a queue
CONSUMERS = PREFIX + "consumers"  # sorted set: consumer -> its last sign of life (ms)
CONSUMED = PREFIX + "consumed"  # hash: stage -> last sign of life of any of its consumers (ms)

AIR = PREFIX + "air"  # hash: url key -> flight id
RETRY = PREFIX + "retry"  # sorted set: flight that waits for a stage other than fetch -> when it is due (ms)
SEEN = PREFIX + "seen"  # sorted set: url key -> when last accepted (ms)
HOSTS = PREFIX + "hosts"  # sorted set: host -> when its next page may be released (ms)
SLOTS = PREFIX + "slots"  # sorted set: host -> when its next release slot begins (ms)
TOUCHED = PREFIX + "touched"  # sorted set: host -> earliest moment of the next request (ms)
SENDING = PREFIX + "sending"  # sorted set: host to which a request is being sent -> when that counts as over (ms)
PAUSED = PREFIX + "paused"  # sorted set: host that asked for a pause -> when that ends (ms)
REFUSING = PREFIX + "refusing"  # sorted set: host that answers 429 or the like -> since its last good answer (ms)
TAKEN = PREFIX + "taken"  # hash: stage -> publication time of the newest message taken from its queue (ms)
SOURCES = PREFIX + "sources_due"  # sorted set: source -> when it is due (ms)
SOURCES_PAUSED = PREFIX + "sources_paused"  # sorted set: source that an operator has paused -> until when (ms)
REVISITS_DUE = PREFIX + "revisits_due"  # sorted set: url key of a story that is to be fetched again -> when (ms)
REVISITS = PREFIX + "revisits"  # hash: url key -> the request that fetches it again

CLOCK = PREFIX + "clock"  # hash: by how much Depeche's time is ahead of Redis' clock, and when it was looked at (ms)

POSTGRES = PREFIX + "postgres"  # hash: which Postgres what is remembered belongs to, and how far that had come

FLIGHT = PREFIX + "flight:"  # hash: all that is known of a page in the air
STAGE = PREFIX + "stage:"  # sorted set: flight id -> when its message was published (ms)
HOST = PREFIX + "host:"  # sorted set: flight id -> when it is due (ms)
AGAIN = PREFIX + "again:"  # the same, of stories that are fetched again: they give way to a host's new pages
FETCHING = PREFIX + "fetching:"  # sorted set: a host's flights at the stage fetch -> when they were released (ms)
LEASES = PREFIX + "leases:"  # sorted set: a request that is being made to the host -> when it counts as over (ms)
PACE = PREFIX + "pace:"  # hash: what is known of a host's delay, where that is not DEPECHE_HOST_DELAY
ROBOTS = PREFIX + "robots:"  # string: a site's robots.txt as last read, stored for times when it cannot be read
ROBOTS_FRESH = PREFIX + "robots_fresh:"  # string: exists while that copy need not be read again
ROBOTS_TURN = PREFIX + "robots_turn:"  # string: exists while a worker reads it
TDMREP = PREFIX + "tdmrep:"  # string: a site's tdmrep.json as last read, and until when it need not be read again
TDMREP_TURN = PREFIX + "tdmrep_turn:"  # string: exists while a worker reads it
SOURCE = PREFIX + "source:"  # hash: a source's interval, and how its visits have ended
FAILED = PREFIX + "failed:"  # hash: how often the page with this url key has failed, and when last (ms); expires
VALIDATORS = PREFIX + "validators:"  # string: what is remembered of the page with this url key; expires
LIES = PREFIX + "lies:"  # set: url keys of a host's pages that it called unchanged when they were not; expires
LIAR = PREFIX + "liar:"  # string: exists while a host is not believed when it says "unchanged"; expires
BATCH = PREFIX + "batch:"  # counter: pages of this batch still in the air
PAGE = PREFIX + "page:"  # string: compressed bytes of the page, until its flight has landed
RESULT = PREFIX + "result:"  # string: compressed parse result, until its flight has landed

# A channel and no key: a message says that pages have been accepted.
WAKE_CHANNEL = PREFIX + "wake"
