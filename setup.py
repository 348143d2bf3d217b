"""Installs Depeche from its checkout, and refuses to build a package of it. The metadata stands in pyproject.toml."""

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.sdist import sdist

REFUSAL = (
    "Depeche is an application and is not built into a package: its top-level modules `cli`, `services` and `shared` "
    "would stand in everybody's way. Run it from a checkout (`make setup`) or from its images (docker-compose.yml)."
)


class NoWheel(bdist_wheel):
    """Stands in the way of `pip install .` and `pip wheel .`; an editable install does not run it."""

    def run(self) -> None:
        raise SystemExit(REFUSAL)


class NoSourceArchive(sdist):
    """Stands in the way of a source archive, which could only be built into a wheel."""

    def run(self) -> None:
        raise SystemExit(REFUSAL)


setup(cmdclass={"bdist_wheel": NoWheel, "sdist": NoSourceArchive})
