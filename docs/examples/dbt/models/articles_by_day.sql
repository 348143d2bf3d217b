-- Stories by publisher and day, copies of agency texts counted once.
SELECT
    date_trunc('day', a.first_seen_at) AS day,
    coalesce(a.publisher, a.source) AS publisher,
    count(*) AS articles,
    count(DISTINCT a.story_id) AS stories
FROM {{ source('news', 'articles') }} AS a
WHERE a.withdrawn_at IS NULL
GROUP BY 1, 2
