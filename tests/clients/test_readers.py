"""Those who read what Depeche has stored, with their real packages: dbt, and a receiver of the relay."""

import json
import shutil
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from cli.relay.webhook import signature
from tests.cli.relay.conftest import change
from tests.cli.relay.receiver import KEY, SECRET
from tests.clients.conftest import Client
from tests.support.dbt_sources import PROJECT
from tests.support.servers import users


def test_dbt_builds_on_the_views(
    database: psycopg.Connection, database_url: str, client: Client, tmp_path: Path
) -> None:
    change(database, 6)
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project)
    facts = conninfo_to_dict(database_url)
    with users(database, {"a_desk": "depeche_reader"}):
        database.execute("CREATE SCHEMA desk AUTHORIZATION a_desk")
        settings = {
            "DBT_PROFILES_DIR": str(project),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "PGHOST": str(facts["host"]),
            "PGUSER": "a_desk",
            "PGDATABASE": str(facts["dbname"]),
        }
        listed = client("dbt", "--quiet", "ls", "--resource-type", "source", "--project-dir", str(project), **settings)
        assert "source:depeche_example.news.articles" in listed.split()
        client("dbt", "run", "--project-dir", str(project), **settings)
        assert database.execute("SELECT sum(articles), sum(stories) FROM desk.articles_by_day").fetchone() == (3, 3)
        client("dbt", "source", "freshness", "--project-dir", str(project), **settings)


def test_a_receiver_checks_the_signature_by_the_library_of_the_specification(client: Client) -> None:
    at, body = int(time.time()), b'{"type": "article.changes", "data": []}'
    headers = {"webhook-id": "7", "webhook-timestamp": str(at), "webhook-signature": signature(KEY, "7", at, body)}
    check = (
        "import json, sys\n"
        "from standardwebhooks.webhooks import Webhook\n"
        "secret, headers, body = sys.argv[1:]\n"
        "print(Webhook(secret).verify(body, json.loads(headers))['type'])\n"
        "try:\n"
        "    Webhook(secret).verify(body + ' ', json.loads(headers))\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    said = client("python", "-c", check, SECRET, json.dumps(headers), body.decode())
    assert said.split() == ["article.changes", "WebhookVerificationError"]
