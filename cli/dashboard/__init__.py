"""`depeche dashboard`: the pages on which an operator sees what runs, what stands and why.

A page of the dashboard is a folder here, named after the page, with its templates in the folder of the same name
below `templates/`. `now/` shows the pattern, which all pages follow:

- `page.py` has the page's functions, its routes and its `PAGE`, which `app.py` registers in `PAGES`. A function takes
  the request, asks for what it shows, and gives it to `render`. It is an ordinary function (`def`) and so runs in a
  thread, since the libraries of both servers wait.
- What is shown is read by functions that return frozen records or rows; where a command reads the same, it is the same
  function. `servers_of(request)` says where the servers are: `servers.redis()` is a client, and
  `with servers.postgres() as connection` a transaction that can only read, and in which no statement takes long.
- `half` (`cli/halves.py`) returns what one server knows, or the sentence that says why it does not answer, so that a
  page that needs both shows the other half. A page that needs one may let the exception pass: `app.py` answers with
  its sentence.
- A template extends `page.html` and has the blocks `title` and `main`. Everything in it is escaped. `parts.html` has
  the macros that pages share (`problem`, `chart`, `sparkline`), and `rendering.py` the filters: `time`, `span`,
  `number`, and `link` for a stranger's address. A table stands in `<div class="frame">`, which scrolls if it must.
- A part that updates by itself is a template of its own, `_part.html`, that the page includes and its route renders
  alone: `hx-get`, `hx-trigger="every 3s"` and `hx-swap="outerHTML"` on its outermost element. What can have the focus
  in it has an `id`, so that the focus stays where it is.
- There is no script and no style in a template, not even in an attribute (`style=`, `onclick=`): the browser would
  refuse it (`security.py`). What needs a script is in `static/dashboard.js`, and how it looks in `dashboard.css`.
- What changes something is a POST, registered whether or not it is allowed, and begins with `require_actions(request)`.
"""
