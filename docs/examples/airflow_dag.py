"""Airflow 3: fetch fronts every quarter of an hour, and follow their stories. Put it into the folder of the DAGs."""

from airflow.sdk import Connection, dag, task
from celery import Celery


@dag(schedule="*/15 * * * *", catchup=False, tags=["news"])
def depeche_fronts():
    @task(retries=3)
    def fetch(urls: list[str]) -> None:
        with Celery(broker=Connection.get("depeche").get_uri()) as app:
            app.send_task(
                "fetcher.fetch_pages",
                kwargs={"urls": urls, "source": "example", "follow": {"kinds": ["front", "ticker"]}},
                queue="depeche:queue:fetch",
                ignore_result=True,
            )

    fetch(["https://news.example/"])


depeche_fronts()
