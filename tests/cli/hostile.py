"""A page that tries to run in, to restyle or to load through whatever shows it. BEACON stands for an address."""

HOSTILE = """<!doctype html><html lang="en"><head>
<title>A story</title><script>pwned()</script>
<meta http-equiv="refresh" content="0; url=BEACON/refresh">
<base href="BEACON/base/">
<link rel="stylesheet" href="BEACON/style.css">
<link rel="prefetch" href="BEACON/prefetch"><link rel="icon" href="BEACON/icon">
<style>@import url(BEACON/import.css); body { background: url(BEACON/background) } main { display: none }</style>
<meta property="og:title" content="&lt;/title&gt;&lt;script&gt;pwned()&lt;/script&gt; A story of a page">
<meta property="og:image" content="BEACON/og.png">
<meta name="author" content="&lt;img src=x onerror=pwned()&gt; Mallory">
<link rel="canonical" href="javascript:pwned()">
<script src="BEACON/script.js"></script>
<script>function pwned() { document.title = "pwned"; new Image().src = "BEACON/pwned"; } pwned();</script>
</head><body onload="pwned()">
<h2>Most read &lt;/h3&gt;&lt;script&gt;pwned()&lt;/script&gt;</h2>
<ol class="most-read&quot;&gt;&lt;script&gt;pwned()&lt;/script&gt;">
<li><a href="javascript:pwned()//2026/01/02/one-story-of-a-page">One story of a page that does harm</a></li>
<li><a href="/2026/01/02/two-stories-of-a-page&quot;onmouseover=&quot;pwned()">
Two stories &lt;b onclick=pwned()&gt; of a page</a></li>
<li><a href="/2026/01/02/three-stories-of-a-page" title="x">
<img src="BEACON/thumb.png" onerror="pwned()">Three stories of a page</a></li>
</ol>
<article><h1>A story of a page &lt;svg onload=pwned()&gt;</h1>
<p>The page said &lt;script&gt;pwned()&lt;/script&gt; to whoever would listen, and it went on for some time,
because nobody had told it that text is nothing but text, wherever it stands and whoever may have written it.</p>
<figure><img src="BEACON/photo.jpg" width="900" alt="&quot;&gt;&lt;img src=BEACON/alt onerror=pwned()&gt;">
<figcaption>A caption &lt;/style&gt;&lt;script&gt;pwned()&lt;/script&gt;</figcaption></figure>
<p>It then closed a style sheet, &lt;/style&gt;&lt;iframe src=BEACON/frame&gt;&lt;/iframe&gt;, and it closed a
comment, --&gt;, and it closed a section, ]]&gt;, all of which did nothing whatsoever on that day, nor on any other.</p>
<iframe src="BEACON/embed"></iframe><iframe srcdoc="&lt;script&gt;parent.pwned()&lt;/script&gt;"></iframe>
<img src="javascript:pwned()//photo.jpg" width="900">
<img src="data:image/svg+xml,&lt;svg onload=pwned()&gt;" width="900">
<video src="BEACON/video" poster="BEACON/poster" autoplay></video><object data="BEACON/object"></object>
<p>In the end &#x202e;it wrote backwards&#x202c; and went to bed,
&lt;a href=javascript:pwned()&gt;as pages do&lt;/a&gt;,
and the reader closed the window and thought of other things, such as the weather and the price of coal.</p>
</article></body></html>"""
