"""APScheduler: fetch fronts every quarter of an hour, in any Python program. DEPECHE_BROKER is the broker's address."""

import os
import sys

from apscheduler.schedulers.blocking import BlockingScheduler
from celery import Celery


def fetch(urls: list[str]) -> None:
    """Send the task by its name; nothing of Depeche need be installed here."""
    with Celery(broker=os.environ["DEPECHE_BROKER"]) as app:
        app.send_task(
            "fetcher.fetch_pages",
            kwargs={"urls": urls, "source": "example", "follow": {"kinds": ["front", "ticker"]}},
            queue="depeche:queue:fetch",
            ignore_result=True,
        )


if __name__ == "__main__":
    scheduler = BlockingScheduler()
    scheduler.add_job(fetch, "cron", minute="*/15", args=[sys.argv[1:] or ["https://news.example/"]])
    scheduler.start()
