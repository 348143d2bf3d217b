"""Which articles are copies of one text? Each article belongs to one story; a copy goes over to the older story.

Whether two articles are copies is decided on their texts as they read now. An edited article may join a story, and
never leaves one: its readers know it as part of that story, and the text that it was a copy of is still about the same
matter.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from services.indexer.connection import Connection
from services.indexer.followers.fingerprint import common, once
from services.indexer.followers.follower import Follower
from services.indexer.followers.texts import Text, candidates_of, texts_of
from shared.urls import same_site

# Two texts are copies if this share of the shorter one stands in the longer one. Chosen on one half of the set that
# benchmarks/stories.py builds: at .5, sites that put the same words of the house under short texts come together; at
# .6, two in a hundred of the copies that were cut, edited and given another lead are missed.
COPIED = 0.55
# A page with many articles (a digest) is a copy of none, and must not make one story of them all. So half of the longer
# text has to be in the shorter one, too; or a third of it, if the longer text begins with the shorter one, since an
# editor cuts at the end. With a quarter, wherever it stands, the digests of the set take the precision down to .74.
HALF_OF_LONGER, LEAST_OF_LONGER = 0.5, 0.33
# The beginning of the longer text is this many times as long as the shorter one: it may have a lead or paragraphs of
# its own.
BEGINNING = 1.5
# A few common sentences of a publishing house are a large part of a short text, so such a text has to share more.
SHORT_SHINGLES, COPIED_OF_SHORT = 150, 0.7
# The pages of one site share words of the house, and forms such as weather and horoscopes. A real copy on the same site
# has nearly the same words, so more has to be shared.
COPIED_ON_ONE_SITE = 0.8
# A text with fewer shingles is no copy of any.
FEWEST_SHINGLES = 20
# How long after one text was found another text can be its copy.
WINDOW = timedelta(days=14)
# Keys that a candidate shares at the least. One may be chance, or a common phrase.
SHARED_KEYS = 2
# Candidates that are looked at: per key, the latest; per article, those that share most keys; and per story.
CANDIDATES_OF_A_KEY, CANDIDATES, CANDIDATES_OF_A_STORY = 40, 12, 3
# Sketches older than WINDOW that are deleted with each transaction: more than are added.
PURGED_AT_ONCE = 500


def group(connection: Connection, article_ids: Sequence[int]) -> None:
    """Put these articles into their stories. Raises LockNotAvailable if an article to be moved is being written."""
    if article_ids:
        texts = texts_of(connection, article_ids)
        _keep_sketches(connection, list(texts.values()))
        _merge(connection, _copies(connection, texts))
    _purge(connection)


STORIES = Follower(name="stories", work=group)


FORGET_KEYS = """
WITH gone AS (DELETE FROM depeche.story_sketches WHERE article_id = ANY (%s) RETURNING article_id, keys)
DELETE FROM depeche.story_keys k USING gone, unnest(gone.keys) AS old_key
WHERE k.key = old_key AND k.article_id = gone.article_id
"""
KEEP_SKETCHES = """
INSERT INTO depeche.story_sketches (article_id, keys, seen_at)
SELECT article_id, array_agg(key), min(first_seen_at)
FROM unnest(%(articles)s::bigint[], %(keys)s::bigint[]) AS given (article_id, key)
JOIN depeche.articles USING (article_id)
GROUP BY article_id
"""
KEEP_KEYS = """
INSERT INTO depeche.story_keys (key, article_id)
SELECT key, article_id FROM unnest(%(articles)s::bigint[], %(keys)s::bigint[]) AS given (article_id, key)
ORDER BY key
"""


def _keep_sketches(connection: Connection, texts: Sequence[Text]) -> None:
    """Store the sketches and keys by which later articles find these, in place of the old ones."""
    connection.execute(FORGET_KEYS, [[text.article_id for text in texts]])
    given = _keys(texts)
    connection.execute(KEEP_SKETCHES, given)
    connection.execute(KEEP_KEYS, given)


def _keys(texts: Iterable[Text]) -> dict[str, list[int]]:
    pairs = [
        (text.article_id, key)
        for text in texts
        if len(text.fingerprint.shingles) >= FEWEST_SHINGLES
        for key in text.fingerprint.keys
    ]
    return {"articles": [article_id for article_id, _ in pairs], "keys": [key for _, key in pairs]}


FIND_CANDIDATES = """
SELECT shared.article_id, shared.candidate_id, coalesce(a.story_id, a.article_id)
FROM (
    SELECT given.article_id, candidate.article_id AS candidate_id, count(*) AS keys
    FROM unnest(%(articles)s::bigint[], %(keys)s::bigint[]) AS given (article_id, key)
    CROSS JOIN LATERAL (
        SELECT k.article_id FROM depeche.story_keys k
        WHERE k.key = given.key AND k.article_id <> given.article_id
        ORDER BY k.article_id DESC LIMIT %(of_a_key)s) AS candidate
    GROUP BY 1, 2 HAVING count(*) >= %(shared_keys)s) AS shared
JOIN depeche.story_sketches own ON own.article_id = shared.article_id
JOIN depeche.story_sketches theirs ON theirs.article_id = shared.candidate_id
JOIN depeche.articles a ON a.article_id = shared.candidate_id
WHERE theirs.seen_at BETWEEN own.seen_at - %(window)s AND own.seen_at + %(window)s
ORDER BY shared.article_id, shared.keys DESC, shared.candidate_id
"""


def _copies(connection: Connection, texts: Mapping[int, Text]) -> list[tuple[int, int]]:
    """Return pairs of stories that are one, since an article of the first has a copy in the second."""
    given = _keys(texts.values()) | {
        "of_a_key": CANDIDATES_OF_A_KEY,
        "shared_keys": SHARED_KEYS,
        "window": WINDOW,
    }
    to_compare: list[tuple[int, int]] = []
    looked_at: dict[tuple[int, int], int] = defaultdict(int)
    for article_id, candidate_id, story_id in connection.execute(FIND_CANDIDATES, given):
        if story_id == texts[article_id].story_id or looked_at[article_id, 0] == CANDIDATES:
            continue
        if looked_at[article_id, story_id] < CANDIDATES_OF_A_STORY:
            looked_at[article_id, story_id] += 1
            looked_at[article_id, 0] += 1
            to_compare.append((article_id, candidate_id))
    others = candidates_of(connection, {candidate for _, candidate in to_compare} - set(texts))
    known = {**texts, **others}
    compared = ((known[one], known[other]) for one, other in to_compare)
    return [(one.story_id, other.story_id) for one, other in compared if are_copies(one, other)]


def are_copies(one: Text, other: Text) -> bool:
    """Return whether one text is the other one, cut, padded or with another lead."""
    shorter, longer = sorted((one.fingerprint, other.fingerprint), key=lambda text: len(text.shingles))
    size = len(shorter.shingles)
    if size < FEWEST_SHINGLES:
        return False
    if same_site(one.url, other.url):
        wanted = COPIED_ON_ONE_SITE * size
    else:
        wanted = (COPIED_OF_SHORT if size < SHORT_SHINGLES else COPIED) * size
    shared = common(shorter.shingles, longer.shingles)
    if len(shared) < max(wanted, LEAST_OF_LONGER * len(longer.shingles)):
        return False
    if len(shared) >= HALF_OF_LONGER * len(longer.shingles):
        return True
    beginning = once(longer.runs[: round(BEGINNING * size)])
    return len(common(shared, beginning)) >= wanted


LOCK = """
SELECT 1 FROM depeche.articles WHERE coalesce(story_id, article_id) = ANY (%(stories)s)
ORDER BY article_id FOR NO KEY UPDATE NOWAIT
"""
MOVE = """
UPDATE depeche.articles SET story_id = %(into)s WHERE coalesce(story_id, article_id) = ANY (%(stories)s)
"""


def _merge(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Move the articles of each pair of stories into the older one."""
    into: dict[int, int] = {}

    def oldest(story: int) -> int:
        while story in into:
            story = into[story]
        return story

    for one, other in pairs:
        older, younger = sorted((oldest(one), oldest(other)))
        if older != younger:
            into[younger] = older
    moving: dict[int, list[int]] = defaultdict(list)
    for story in sorted(into):
        moving[oldest(story)].append(story)
    for older, stories in moving.items():
        connection.execute(LOCK, {"stories": stories})
        connection.execute(MOVE, {"into": older, "stories": stories})


PURGE = """
WITH old AS (
    SELECT article_id FROM depeche.story_sketches WHERE kept_at < clock_timestamp() - %(window)s
    ORDER BY kept_at LIMIT %(at_once)s),
gone AS (
    DELETE FROM depeche.story_sketches s USING old WHERE s.article_id = old.article_id
    RETURNING s.article_id, s.keys)
DELETE FROM depeche.story_keys k USING gone, unnest(gone.keys) AS old_key
WHERE k.key = old_key AND k.article_id = gone.article_id
"""


def _purge(connection: Connection) -> None:
    """Delete sketches that are older than WINDOW, which no article can join any more."""
    connection.execute(PURGE, {"window": WINDOW, "at_once": PURGED_AT_ONCE})
