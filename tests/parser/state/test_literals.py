"""Literals of JavaScript are read as data, and code is not."""

import pytest

from services.parser.state.literals import NotLiteral, read_arguments, read_literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ("{a:1,'b':`x`,$c:[,2,],}", {"a": 1, "b": "x", "$c": [2]}),
        ("[!0,!1,void 0,undefined,-1e3,.5]", [True, False, None, None, -1000.0, 0.5]),
        ('[new Date("2025-11-24"),Array(3),JSON.parse("[1]")]', ["2025-11-24", 3, "[1]"]),
        (r"{a:'\x41\u0142\u{1F6A2}\n\''}", {"a": "Ał🚢\n'"}),
        ("({a:(1)})", {"a": 1}),
    ],
)
def test_literals(text: str, value: object) -> None:
    assert read_literal(text, 0) == (value, len(text))


def test_names_have_the_values_of_the_call() -> None:
    assert read_literal("{a:b,c}", 0, {"b": 1, "c": 2})[0] == {"a": 1, "c": 2}
    assert read_arguments('"x",{},void 0)', 0) == ["x", {}, None]


@pytest.mark.parametrize("text", ["function(){}", "{a:function(){}}", '{"a":', "'open", "[" * 500, "{a b}", ""])
def test_what_is_no_literal(text: str) -> None:
    with pytest.raises(NotLiteral):
        read_literal(text, 0)
