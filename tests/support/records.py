"""Records with other values than those that a test was given."""

from typing import Any, TypeVar

import msgspec

R = TypeVar("R", bound=msgspec.Struct)


def changed(record: R, **fields: Any) -> R:
    """The record with these values, whether they stand in itself, in its origin or in its answer."""
    nested: dict[str, Any] = {}
    for part in ("origin", "answer"):
        whole = fields.pop(part, getattr(record, part, None))
        if whole is not None:
            own = {name: fields.pop(name) for name in whole.__struct_fields__ if name in fields}
            whole = msgspec.structs.replace(whole, **own)
        if hasattr(record, part):
            nested[part] = whole
    return msgspec.structs.replace(record, **nested, **fields)
