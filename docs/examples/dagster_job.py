"""Dagster: fetch fronts every quarter of an hour, and follow their stories: dagster dev -f dagster_job.py"""

import os

from celery import Celery
from dagster import Config, Definitions, ScheduleDefinition, job, op
from pydantic import Field


class Fronts(Config):
    """Which pages, and by which name of a source they are stored."""

    urls: list[str] = Field(["https://news.example/"])
    source: str = "example"


@op
def fetch(config: Fronts) -> None:
    """Send the task by its name; nothing of Depeche need be installed here."""
    with Celery(broker=os.environ["DEPECHE_BROKER"]) as app:
        app.send_task(
            "fetcher.fetch_pages",
            kwargs={"urls": config.urls, "source": config.source, "follow": {"kinds": ["front", "ticker"]}},
            queue="depeche:queue:fetch",
            ignore_result=True,
        )


@job
def depeche_fronts() -> None:
    """One step; what becomes of the pages is in Postgres (news.pages)."""
    fetch()


definitions = Definitions(
    jobs=[depeche_fronts], schedules=[ScheduleDefinition(job=depeche_fronts, cron_schedule="*/15 * * * *")]
)
