"""What the documents show to other schedulers. tests/clients runs the examples with the real packages."""

import ast
import re

import pytest
import yaml

from shared.messages import DOOR_TASK, QUEUES
from shared.version import VERSION
from tests.deploy.manifests import of_base, pod_of
from tests.support.documented import ROOT
from tools.manifests import problems

EXAMPLES = ROOT / "docs" / "examples"
CLIENTS = ["airflow_dag.py", "dagster_job.py", "apscheduler_fetch.py"]


def test_the_readme_shows_the_example_for_airflow() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    _, _, example = (EXAMPLES / "airflow_dag.py").read_text("utf-8").partition('"""\n\n')
    assert blocks == [example]


@pytest.mark.parametrize("name", CLIENTS)
def test_examples_send_the_task_that_there_is(name: str) -> None:
    text = (EXAMPLES / name).read_text("utf-8")
    strings = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    assert {DOOR_TASK, QUEUES["fetch"]} <= strings


def test_the_cron_job_is_as_the_schema_wants_it_and_mounts_what_the_command_line_does() -> None:
    job = yaml.safe_load((EXAMPLES / "cronjob.yaml").read_text("utf-8"))
    assert problems(job) == []
    pod, cli = pod_of(job), pod_of(of_base("Deployment")["cli"])
    assert pod["containers"][0]["image"].endswith(f"depeche-cli:{VERSION}")
    mounts = {mount["mountPath"]: mount["name"] for mount in cli["containers"][0]["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in cli["volumes"]}
    for mount in pod["containers"][0]["volumeMounts"]:
        assert mounts[mount["mountPath"]] == mount["name"]
    assert all(volumes[volume["name"]] == volume for volume in pod["volumes"])
