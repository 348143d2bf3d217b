"""Loads the scripts that Redis runs: each is a `.lua` file beside the module that uses it, and one atomic call.

A script uses the key names of redis_keys.py and the constants of its module, both in capitals. They are declared above
the script as local variables, so that each name and number is written down once, and a misspelt one is an error. The
text of prelude.lua stands before every script.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import redis
from redis.commands.core import Script

from shared.flight import redis_keys

KEY_NAMES: Mapping[str, str] = {name: key for name, key in vars(redis_keys).items() if name.isupper()}


def lua_script(client: "redis.Redis", package: str, file_name: str, **constants: str | float) -> Script:
    """Returns the script in this file of `package`, ready to be called; it may use `constants` by their names."""
    parts = (_declared(KEY_NAMES), _text(__package__, "prelude.lua"), _declared(constants), _text(package, file_name))
    return client.register_script("".join(parts))


def _declared(values: Mapping[str, str | float]) -> str:
    """Returns Lua declarations of the values; JSON writes numbers and plain strings as Lua does."""
    return "".join(f"local {name} = {json.dumps(value)}\n" for name, value in values.items())


@cache
def _text(package: str, file_name: str) -> str:
    return files(package).joinpath(file_name).read_text("utf-8")
