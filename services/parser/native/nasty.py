"""A small page with what is rare, on which the compiled functions are compared with their twins at import."""

NASTY = """<!doctype html><!-- before --><html lang=uk CLASS="Outer Élan"><head>
<title> A \t title </title><title>two</title><meta name=a content="x&quot;y"><meta itemprop=author content=b>
<link rel=canonical href=/c><script type="application/LD+json">{"a": 1}</script><script>var a = "<p>";</script>
<style>p { display: none }</style><base href="/b/"></head>
<body id=Top role="MAIN" data-testid='T&amp;1' style="DISPLAY : none">\u00a0 loose  text\u2003\u2003here <br>\vand\fmore
<template><p>unseen</template><noscript>%s</noscript>
<div class="" id hidden aria-hidden=true><p aria-hidden="true" title>deep<b> bold <i>both</b> rest</i></p></div>
<div itemscope itemtype="https://schema.org/UserComments" class="ΣΑΣ ΟΔΟΣ İ">
 <meta itemprop=author content=nobody><span typeof="Comment  ">c</span></div>
<section class="My-Dialog" style="color: red; background: none"><h2>Ünï\u0441\u043b\u043e\u0432\u043e \U0001f600  x</h2>
<a href="#fn1" role=doc-noteref>1</a><a href=" #x">[2]</a><a HREF=/x class=K data-x=1 data-x=2 xlink:href=y>link
 <span>in\tside</span></a><a>no address</a><a href>empty</a><a href="#long">a long text to a place of the page</a>
<p>Area 10 m<sup>2</sup> CO<sub>2</sub> note<sup><a href="#n">3</a></sup> odd<sup>th</sup> none<sup></sup></p>
<ruby>\u6f22<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><amp-img src=a class=Q></amp-img><x-y>custom<x-y>twice</x-y></x-y>
<svg><title>no</title><a xlink:href=q>s</a></svg><math><mi>m</mi></math><select><option>1</select>
<iframe src=f>t</iframe><table><tr><td>cell<td>\n \n<tr>foster</table>
<object>o</object><textarea>\n t</textarea><canvas>c</canvas>
<article class="story-body"><h2>Title of it</h2><p>%s.</p><p>%s [12]</p><p>%s</p>3 loose 2019
<div><a href=/m>%s</a></div><ul><li><a href=/n>one link</a></li><li>half <a href=/o>a link</a> of it, no more.</li></ul>
<p>A sentence ends here.<sup>12</sup></p><p>\u65b0\u805e\u306e\u8a18\u4e8b\u3067\u3059\u3002</p></article>
<p>\u0085\u3000</p><p>\x1c\x1d</p><pre>  two  \n lines </pre><span></span>end</section></body><!-- after --></html>
""" % tuple(("long enough to count " * n).strip() for n in (30, 9, 4, 2, 40))  # noqa: UP031 (it is full of braces)
