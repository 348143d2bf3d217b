"""One story, as frameworks and content systems write it into the scripts of a page."""

import html
import json
from base64 import b64encode
from urllib.parse import quote

TITLE = "Rybacy z Zielonej Zatoki mają nową przystań"
PARAGRAPHS = [
    "Po ośmiu latach czekania rybacy z Zielonej Zatoki dostali w piątek nową przystań, z dźwigiem i chłodnią.",
    "Stary pomost zabrał sztorm, a łodzie cumowały dotąd przy nabrzeżu portu handlowego, dwanaście kilometrów dalej.",
    "Budowa kosztowała sześć milionów koron, z czego połowę zapłaciła gmina, a resztę spółdzielnia rybacka.",
    "Pierwszego dnia wyładowano czterysta skrzynek śledzi, powiedziała kierowniczka przystani, Hanna Brzozowska.",
    "Na jesieni ruszy tu także szkoła żeglarska, o ile znajdzie się dwóch instruktorów z uprawnieniami.",
]
MARKUP = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
OTHER = "Prom wrócił na trasę po dziewięciu dniach postoju w porcie. "
NEIGHBOUR = {"title": "Prom wrócił na trasę", "slug": "prom", "body": f"<p>{OTHER * 60}</p>"}
STORY = {"id": 4821937, "title": TITLE, "author": {"name": "Hanna Lis", "bio": OTHER * 9}}
COMMENTS = [{"user": "czytelnik", "text": OTHER * 4}] * 9
URL = "https://zatoka.example/2025/11/przystan.html"


def page(scripts: str, shown: str = '<div id="app"></div>') -> bytes:
    head = f'<title>{TITLE} | Głos Zatoki</title><meta property="og:title" content="{TITLE}">'
    head += '<meta property="og:type" content="article"><meta property="og:site_name" content="Głos Zatoki">'
    return f'<!doctype html><html lang="pl"><head>{head}</head><body>{shown}{scripts}</body></html>'.encode()


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def data(value: object) -> str:
    return f'<script type="application/json">{as_json(value)}</script>'


def code(text: str) -> str:
    return f"<script>{text}</script>"


def flat(value: object) -> list[object]:
    """Returns a value as Nuxt writes it: a list in which values refer to each other by place."""
    out: list[object] = []

    def add(item: object) -> int:
        place = len(out)
        out.append(None)
        if isinstance(item, dict):
            out[place] = {name: add(inner) for name, inner in item.items()}
        else:
            out[place] = [add(inner) for inner in item] if isinstance(item, list) else item
        return place

    add(value)
    return out


def flight(*rows: str) -> str:
    text = "".join(rows)
    cut = len(text) // 2
    return "".join(code(f"self.__next_f.push([1,{json.dumps(part)}])") for part in (text[:cut], text[cut:]))


def story(**fields: object) -> dict[str, object]:
    return {**STORY, **fields}


_ELEMENTS = [["$", "h1", None, {"children": TITLE}], *(["$", "p", None, {"children": p}] for p in PARAGRAPHS)]
_LITERAL = (
    f"{{data:[{{story:{{title:a,body:{json.dumps(MARKUP)},free:!0,video:void 0}},next:{json.dumps(NEIGHBOUR)}}}]}}"
)
_NAMED = _LITERAL.replace("title:a", f"title:{json.dumps(TITLE)}")
_STATE = {"story": story(body=MARKUP), "latest": [NEIGHBOUR, NEIGHBOUR], "comments": COMMENTS}
_TURBO = [{"_1": 2}, "loaderData", {"_3": 4, "_5": 6}, "title", TITLE, "html", MARKUP]

FRAMEWORKS = {
    "JSON-LD, HTML": data({"@type": "NewsArticle", "headline": TITLE, "articleBody": MARKUP}),
    "JSON-LD, escaped": data({"@type": "NewsArticle", "headline": TITLE, "articleBody": html.escape(MARKUP)}),
    "Next.js": data({"props": {"pageProps": _STATE}}),
    "React's flight, text": flight(
        '1:I["x.js",["1"],"default"]\n',
        f"7:T{len(MARKUP.encode()):x},{MARKUP}",
        f"5:{as_json(['$', '$L1', None, {'article': story(content='$7'), 'next': NEIGHBOUR}])}\n",
    ),
    "React's flight, elements": flight(f"0:{as_json(['$', 'article', None, {'children': _ELEMENTS}])}\n"),
    "Nuxt 2": code(f"window.__NUXT__=(function(a,b){{return {_LITERAL}}}({json.dumps(TITLE)},{{}}));"),
    "Nuxt 3": data(flat({"data": {"x": {"title": TITLE, "body": PARAGRAPHS, "next": NEIGHBOUR}}, "state": {}})),
    "SvelteKit": code(f"kit.start(app, element, {{node_ids: [0, 2], data: [null,{_NAMED}]}});"),
    "Remix": code(f"window.__remixContext.streamController.enqueue({json.dumps(json.dumps(_TURBO))});"),
    "Redux": code(f'window.__INITIAL_STATE__ = {as_json(_STATE)[:-1]},"x":undefined}};'),
    "JSON.parse": code(f"window.__STATE__=JSON.parse({json.dumps(json.dumps(_STATE))});"),
    "percent": code(f'window.__STATE__=JSON.parse(decodeURIComponent("{quote(as_json(_STATE))}"));'),
    "base64": code(f'window.__STATE__=JSON.parse(atob("{b64encode(as_json(_STATE).encode()).decode()}"));'),
    "Apollo": code(
        "window.__APOLLO_STATE__="
        + as_json(
            {
                "ROOT_QUERY": {"story": {"__ref": "Story:1"}},
                "Story:1": {"headline": TITLE, "body": {"__ref": "Body:1"}},
                "Body:1": {
                    "__typename": "Body",
                    "blocks": [{"__typename": "TextBlock", "text": p} for p in PARAGRAPHS],
                },
                "Story:2": {"headline": NEIGHBOUR["title"], "text": OTHER * 60},
            }
        )
    ),
    "WordPress": code(
        f"var post = {as_json({'title': {'rendered': TITLE}, 'content': {'rendered': MARKUP, 'protected': False}})};"
    ),
    "Angular": data(_STATE)
    .replace('"', "&q;")
    .replace("<p>", "&l;p&g;")
    .replace("type=&q;application/json&q;", 'type="x"'),
}
BLOCKS: dict[str, object] = {
    "Portable Text": [
        {"_type": "block", "style": "normal", "children": [{"_type": "span", "text": p}]} for p in PARAGRAPHS
    ],
    "ProseMirror": {
        "type": "doc",
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": p}]} for p in PARAGRAPHS],
    },
    "Contentful": {
        "nodeType": "document",
        "content": [{"nodeType": "paragraph", "content": [{"nodeType": "text", "value": p}]} for p in PARAGRAPHS],
    },
    "Lexical": {
        "root": {"children": [{"type": "paragraph", "children": [{"type": "text", "text": p}]} for p in PARAGRAPHS]}
    },
    "Draft.js": {"blocks": [{"type": "unstyled", "text": p} for p in PARAGRAPHS], "entityMap": {}},
    "Editor.js": json.dumps({"blocks": [{"type": "paragraph", "data": {"text": p}} for p in PARAGRAPHS]}),
    "Gutenberg": [{"name": "core/paragraph", "attributes": {"content": p}, "innerBlocks": []} for p in PARAGRAPHS],
    "Slate": [{"type": "paragraph", "children": [{"text": p[:9], "bold": True}, {"text": p[9:]}]} for p in PARAGRAPHS],
    "plain text": "\n\n".join(PARAGRAPHS),
    "numbered": {str(number): {"type": "p", "text": p} for number, p in enumerate(PARAGRAPHS)},
}
