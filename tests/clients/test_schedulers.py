"""The examples of docs/schedulers.md with the real packages: each has a page fetched by a live stack."""

from pathlib import Path

import pytest

from tests.clients.conftest import Client
from tests.e2e.stack import Stack
from tests.support.documented import ROOT

pytestmark = pytest.mark.workers

EXAMPLES = ROOT / "docs" / "examples"
URL = "https://news.example/"


def example(name: str, page: str, folder: Path) -> Path:
    """The example with the address of a page that there is, in a folder of its own."""
    text = (EXAMPLES / name).read_text("utf-8")
    assert text.count(URL) == 1
    folder.mkdir()
    copy = folder / name
    copy.write_text(text.replace(URL, page), "utf-8")
    return copy


def has_landed(stack: Stack, page: str) -> None:
    """Wait until the page is there, with the source that the example names."""
    found = f"SELECT source FROM news.pages WHERE url = '{page}'"
    stack.wait_until(lambda: stack.rows(found), what="the page")
    assert stack.rows(found) == [{"source": "example"}]


def test_airflow(stack: Stack, page: str, client: Client, tmp_path: Path) -> None:
    folder = example("airflow_dag.py", page, tmp_path / "dags").parent
    settings = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        "AIRFLOW_CONN_DEPECHE": stack.endpoints.redis_url,
    }
    client("airflow", "db", "migrate", **settings)
    assert "No data found" in client("airflow", "dags", "list-import-errors", "--local", **settings)
    client("airflow", "dags", "test", "depeche_fronts", "--dagfile-path", str(folder / "airflow_dag.py"), **settings)
    has_landed(stack, page)


def test_dagster(stack: Stack, page: str, client: Client, tmp_path: Path) -> None:
    file = example("dagster_job.py", page, tmp_path / "jobs")
    settings = {"DAGSTER_HOME": str(tmp_path), "DEPECHE_BROKER": stack.endpoints.redis_url}
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    client("dagster", "job", "execute", "-f", str(file), "-j", "depeche_fronts", **settings)
    has_landed(stack, page)


def test_apscheduler(stack: Stack, page: str, client: Client, tmp_path: Path) -> None:
    """Its job runs at once here, and not with the next quarter of an hour."""
    file = example("apscheduler_fetch.py", page, tmp_path / "jobs")
    run_now = (
        "import datetime, runpy, sys\n"
        "from apscheduler.schedulers import blocking\n"
        "from apscheduler.events import EVENT_JOB_EXECUTED\n"
        "class Once(blocking.BlockingScheduler):\n"
        "    def start(self):\n"
        "        (job,) = self.get_jobs()\n"
        "        job.modify(next_run_time=datetime.datetime.now(datetime.UTC))\n"
        "        self.add_listener(lambda _: self.shutdown(wait=False), EVENT_JOB_EXECUTED)\n"
        "        super().start()\n"
        "blocking.BlockingScheduler = Once\n"
        "path = sys.argv.pop(1)\n"
        "runpy.run_path(path, run_name='__main__')\n"
    )
    client("python", "-c", run_now, str(file), page, DEPECHE_BROKER=stack.endpoints.redis_url)
    has_landed(stack, page)
