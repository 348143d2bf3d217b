"""What to do about each problem that `depeche status` names."""

from collections.abc import Mapping

from cli.status.status import Reason

HELP: Mapping[Reason, str] = {
    "redis_away": "Nothing moves without Redis, and nothing is lost. Start it: `docker compose up -d redis`, or "
    "`depeche up`. `depeche doctor` says why it does not answer.",
    "postgres_away": "Pages wait in Redis until they can be stored. Start it: `docker compose up -d postgres`, or "
    "`depeche up`. `depeche doctor` says why it does not answer.",
    "no_worker": "What comes to this stage waits. `docker compose up -d` or `depeche up` starts a worker; "
    "`depeche logs` has the last words of the one before.",
    "stands_still": "`depeche logs` says what the stage's workers do, and `depeche trace URL` what a page waits for.",
    "redis_nearly_full": "Find out below which stage is behind, and give it more workers; or give Redis more memory "
    "(docs/operations.md, Settings).",
}
