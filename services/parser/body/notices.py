"""Recognises lines that a page says about itself amid an article: credits, dates of updates, disclosures, leftovers.

The vocabulary is general, in the languages of the parser's pages, like that of boilerplate.py; no site is named. On
1,100 pages with known text, the patterns find so many lines that are not article text, and so many that are: credits 49
and 6, captions with a number 3 and 2, updates 13 and 1, disclosures 15 and 10, lines that close a text 22 and 1,
authors' lives at the end 7 and 2.
"""

import re
from collections.abc import Sequence

from services.parser.body.labels import has_any, tells_of_page

# Notices of each kind are at most this long; longer lines that begin alike are paragraphs.
CREDIT_CHARS, CAPTION_CHARS, STAMP_CHARS = 120, 300, 160
# A credit at the end of a caption stands within so many last characters.
CREDIT_END = 170
DISCLOSURE_CHARS, CLOSING_CHARS, LABEL_CHARS = 420, 600, 40
NEWSLETTER_CHARS, LIFE_CHARS = 350, 900

_CREDIT = re.compile(
    r"^\W*(?:(?:photo(?:graph)?|image|picture|foto(?:credit|quelle)?|bild(?:er|quelle|nachweis|rechte)?|titelbild|beitragsbild|symbolbild|grafik|illustration"
    r"|source|quelle|fuente|fonte|źródło|fot|zdjęcie|crédito?|credit|фото|источник|джерело|görsel|kaynak|صورة|المصدر"
    r"|(?:资料|資料|图片|圖片|文章)?(?:来源|來源)|出典|출처|(?:责任|責任)?(?:编辑|編輯)|(?:撮影|摄影|攝影))s?\.?"
    r"(?:[ /](?:by|courtesy(?: of)?|von|credits?|source|de|nachweis))*\s*[:：©]\s*\S"
    r"|©|\(c\) |(?:getty images|shutterstock|istock|picture alliance)\b.{0,40}$"
    r"|(?:photo|image|illustration|picture)s? (?:by|courtesy|via|from|provided|supplied)\b)",
    re.I,
)
# A credit at the end of a caption. Each has one of these marks; looking for them first costs a tenth of the pattern.
_CREDIT_WORDS = ("photo", "foto", "image", "bild", "picture", "©", "getty", "фото", "fot.")
_CREDIT_MARKS = ("©", ":", ")", "]", "etty")
_CREDITED = re.compile(
    r"(?:[(\[](?:ap |afp |file )?(?:photo|image|picture|foto|bild)s?"
    r"\s*(?:[:/|©]|by\b|credit|courtesy|via\b)[^)\]]{0,80}[)\]]|[(\[](?:symbolbild|archivbild|archivfoto)[)\]]"
    r"|©(?!.*https?:)[^.]{1,60}|\b(?:foto|photo|image|bild|fotograf|fot\.|фото)s?: [^.]{2,60}"
    r"|(?:/|\bvia )getty(?: images)?)\W*$",
    re.I,
)
_NUMBERED = re.compile(r"^\W*(?:abbildung|abb\.|figure|fig\.|figura|рис\.|rys\.)\s*\d+\s*[.:|–-]", re.I)
_STAMP = re.compile(
    r"^\W*(?:this (?:post|article|page|story) (?:was|has been) (?:last |originally )?(?:updated|published|posted)"
    r"|last (?:updated|modified|reviewed)\b|updated ?(?:on\b|:)|posted (?:by|on|in|at)\b|published (?:on|by|in)\b"
    r"|originally published|on behalf of|(?:written|(?:medically )?reviewed|edited|fact.checked|authored) by\b"
    r"|zuletzt aktualisiert|aktualisiert am|letzte aktualisierung|veröffentlicht (?:am|in|von|unter)\b"
    r"|(?:dieser|der) (?:beitrag|artikel|eintrag) wurde (?:am|zuletzt)\b|mis à jour|publié (?:le|par)\b|actualizado\b"
    r"|publicado (?:el|en|em|por)\b|pubblicato (?:il|da)\b|geplaatst (?:op|door)\b|opublikowano\b|hinzugefügt von\b"
    r"|comment by\b|kommentar von\b|commentaire de\b|обновлено\b|опубликовано\b|güncelleme\b|تم التحديث"
    r"|you must be (?:signed|logged) in|du musst .{0,12}(?:eingeloggt|angemeldet)|sie müssen .{0,12}angemeldet"
    r"|was this (?:article|page|post)|war (?:der|dieser) (?:artikel|beitrag)|möchten sie den artikel"
    r"|(?:this|the) slideshow requires|.{0,80}redaktionell nicht bearbeitet)",
    re.I,
)
_POINTER = re.compile(
    r"^\W*(?:must[- ]read\b|can also read|also (?:read|check)\b|don.t miss\b|zum artikel\b|dazu auch\b|siehe auch\b"
    r"|you (?:may|might)(?: also)? (?:be interested|like|enjoy)|le puede interesar|passer la publicité"
    r"|externen inhalt anzeigen|get (?:daily|weekly|breaking)\b.{0,40}news\W*$"
    r"|(?:follow|find) (?:us|me|\w+) (?:on|at) (?:\w+, )*(?:facebook|instagram|twitter|x|linkedin|youtube|google|tiktok"
    r"|threads|bluesky|telegram|whatsapp)\b|il vous reste .{0,40}à lire|.{0,40}können sie diesen artikel)",
    re.I,
)
_LABEL = re.compile(
    r"^\W*(?:table of contents|inhaltsverzeichnis|table des matières|tabla de contenidos?|inhoudsopgave|spis treści"
    r"|содержание|içindekiler|in this article|on this page|related|noticias? relacionadas?|español|author|autor(?:in)?"
    r"|资料图片?|資料圖片?|打印|列印|收藏|印刷|распечатать|нравится|drukuj|wydrukuj"
    r"|share|teilen|partager|compartir|condividi|delen|udostępnij|поделиться|paylaş|شارك"
    r"|\w+ as a preferred source on google)\W*$",
    re.I,
)
# Placeholders of a template that were not filled in.
_LEFTOVER = re.compile(r"^(?:\{\{.{1,120}\}\}|[a-z]+(?:-[a-z]+)*-(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{6,})$")
_DISCLOSURE = re.compile(
    r"\b(?:this|our|my|the) (?:post|article|page|site|blog|website|guide|story)\b.{0,60}\b(?:affiliate|commissionable) "
    r"|\b(?:dieser?|diesem) (?:beitrag|artikel|seite)\b.{0,60}\baffiliate|\bcet article\b.{0,60}\baffili[ée]s?\b"
    r"|\beste artículo\b.{0,60}\bafiliad|\baffiliate.{0,60}(?:commission|provision|this (?:post|article|page))"
    r"|\b(?:we|i)(?: may| might| can|.d|.ll)? (?:earn|receive|get|make) .{0,40}(?:commission|compensation)\b"
    r"|(?:link|purchas|buy|click).{0,90}(?:earn|receive|get|make)s? .{0,40}(?:commission|compensation)\b"
    r"|amazon associate|(?:selected|reviewed|chosen|tested) by our editors"
    r"|independently (?:test|review|select) everything|advertising on our (?:web)?site",
    re.I,
)
# One of these is in every disclosure; looking for them first takes a tenth of the pattern's 0.8 ms per page.
_DISCLOSURE_MARKS = (
    *("ffili", "filiad", "ommission", "ompensation", "amazon", "Amazon", "by our editors", "ndependently"),
    "dvertising on our",
)
_CLOSING = re.compile(
    r"^\W*(?:(?:additional )?(?:reporting|writing|editing) by\b|mit agenturmaterial\b"
    r"|mit (?:material|informationen) (?:von|der|des)\b"
    r"|\(?(?:dpa|afp|apa|sda|reuters|ap|sid|efe|ansa)(?:[/, ]+\w+)*\)?\W*$"
    r"|redaktion:|übersetzung:|translat(?:ed|ion) (?:by|from)\b|aus dem \w+ von\b|traduit (?:de|par)\b"
    r"|traducido (?:de|por)\b"
    r"|the post .* appeared first on\b"
    r"|to contact the (?:reporter|editor|writer|author)s? |-*editors?: |short url:"
    r"|(?:[【\[]?(?:免责|免責|版权|版權|特别|特別)?(?:声明|聲明)[】\]:：]|[•·]?\s*凡(?:本[网網站]|注明|註明))"
    r")"
    r"|^\W*(?:(?:did you )?(?:like|enjoy(?:ed)?|love) this\b|if you (?:liked|enjoyed|found|find|enjoy) this\b"
    r"|support (?:us|our|\w+ \w+)!|hat (?:ihnen|dir) dies|unterstützen sie uns"
    r"|(?:cet article )?vous a(?:vez aimé| plu)|¿te (?:ha gustado|gustó)|ti è piaciuto|gostou d|vond je dit|podobał"
    r"|join (?:our|my|us|the .{3,30}) (?:newsletter|community|free|facebook|mailing)\b"
    r"|(?:we|i).d love to hear\b|let (?:us|me) know in the comments)",
    re.I,
)
# What may stand behind other words of a line. One of the marks is in every such line.
_CLOSING_WITHIN = re.compile(
    r"^\W*(?:.{0,60}(?:dieser (?:artikel|beitrag|text)|diese meldung)\b.{0,30}(?:erschien|zuerst|übersetzung)"
    r"|.{0,20}this (?:article|story|piece|post) (?:was )?(?:first |originally )*(?:appeared|published|ran|written by)\b"
    r"|.{0,60}(?:不得转载|不得轉載|禁止转载|禁止轉載|版权所有|版權所有|無断転載|無断複製|무단 ?전재)"
    r"|.{0,60}(?:все права защищены|усі права захищено|wszelkie prawa zastrzeżone|tüm hakları saklıdır"
    r"|جميع الحقوق محفوظة)"
    r"|.{0,200}\b(?:contributed to (?:this|the) (?:report|story|article)|contributed reporting))",
    re.I,
)
_WITHIN_MARKS = (
    *("dieser ", "diese meldung", "this ", "不得", "禁止", "版权", "版權", "無断", "무단", "права", "wszelkie"),
    *("hakları", "الحقوق", "contributed "),
)
# These are searched one by one, which takes a tenth of a pattern's time.
_LIABILITY = (
    *("for informational purposes only", "not legal advice", "not financial advice", "not medical advice"),
    *("not investment advice", "not tax advice", "distributed under the terms of", "registered trademark"),
    *(
        "all rights reserved",
        "transcripts may vary",
        "ohne gewähr",
        "does not constitute",
        "consult a qualified",
        "consult with a qualified",
    ),
)
_NEWSLETTER = (
    *("newsletter", "in your inbox", "ihrem postfach", "posteingang", "dans votre boîte mail", "bandeja de entrada"),
    "in je inbox",
)
_LIVES = re.compile(
    r"(?:\s*\([^)]*\)|,[^,]{1,80},)?\s*(?:is|was|has|holds|works|writes|serves|lives|covers|leads|helps|founded|ist|war"
    r"|hat|arbeitet|schreibt|lebt|leitet|studierte|est|a|travaille|écrit|es|fue|ha|trabaja|escribe|è|scrive|lavora|werkt"
    r"|schrijft|jest|pracuje|pisze|é|foi|trabalha|escreve|пишет|работает)\b",
    re.I,
)

# A name, followed by that person's profession.
_PROFESSION = re.compile(
    r"^(?:(?:Dr|Prof)\.? )?(?:[A-ZÀ-Þ][\w.’'-]+ ){2,4}(?:is|has been|ist|est|es|è|holds|jest|é)\b.{0,80}"
    r"\b(?:[Pp]rofessor|writer|journalist|editor|author|reporter|correspondent|founder|CEO|director|researcher|fellow"
    r"|faculty|lecturer|physician|freelance|consultant|specialist|[Hh]ead of|columnist|MBA|degree|Redakteur|Autor"
    r"|Journalist|Korrespondent|Reporter|Gründer|journaliste|rédact|auteur|periodista|redactor|giornalista|dziennikar"
    r"|jornalista)"
)
# What ends a caption in Chinese and Polish or Russian print: "(file picture)", "(photographer)", "(fot. Agency)".
_CAPTION_END = re.compile(
    r"[(（【\[]?(?:资料图片?|資料圖片?|资料照片?|資料照片?|檔案照片?|网络图片?|網路圖片?|配图|视频截图)[)）】\]]?\W{0,2}$"
    r"|[(（【\[/╱／\s][^\s。，、()（）]{0,12}(?:摄|攝|攝影|摄影|供图|供圖|翻攝|提供|制图|製圖)[)）】\]]?$|(?:制图|製圖|图|圖|摄影|攝影)[/／╱][^\s。，]{2,12}$"
    r"|[(\[]\s*(?:©\s*)?(?:fot|foto|zdj|фото|φωτο)\.?[ :/.][^)\]]{2,60}[)\]]\W?$|\bcc/flickr\b",
    re.I,
)
_CAPTION_MARKS = (
    "图",
    "圖",
    "照",
    "摄",
    "攝",
    "影",
    "提供",
    "fot",
    "Fot",
    "FOT",
    "фото",
    "Фото",
    "φωτο",
    "Φωτο",
    "zdj",
    "flickr",
)
_BETWEEN_NAMES = re.compile(r"\s*[/,&|]\s*|\s+(?:and|und|et|y|e|en|og|och|i|и)\s+")


def is_notice(text: str) -> bool:
    """Whether a line is a credit, a stamp, a label without content, a disclosure, or a template's leftover."""
    size = len(text)
    if size <= LABEL_CHARS and _LABEL.match(text):
        return True
    if size <= CREDIT_CHARS and _CREDIT.match(text):
        return True
    if size <= STAMP_CHARS and (_STAMP.match(text) or _POINTER.match(text) or _LEFTOVER.match(text)):
        return True
    if size <= CAPTION_CHARS and is_caption(text):
        return True
    if size > DISCLOSURE_CHARS or not has_any(text, _DISCLOSURE_MARKS):
        return False
    return bool(_DISCLOSURE.search(text))


def is_caption(text: str) -> bool:
    """Whether a line ends in a picture's credit, or begins with a figure's number."""
    if _NUMBERED.match(text) or (len(text) <= CREDIT_CHARS and _ends_caption(text)):
        return True
    if not has_any(text, _CREDIT_MARKS):
        return False
    end = text[-CREDIT_END:]
    lowered = end.lower()
    return has_any(lowered, _CREDIT_WORDS) and bool(_CREDITED.search(end))


def _ends_caption(text: str) -> bool:
    end = text[-70:]
    return has_any(end, _CAPTION_MARKS) and bool(_CAPTION_END.search(end))


def closes_text(text: str) -> bool:
    """Whether a line behind an article says who worked on it, asks something of the reader, or limits liability."""
    if len(text) > CLOSING_CHARS:
        return False
    lowered = text.lower()
    if len(text) <= NEWSLETTER_CHARS and has_any(lowered, _NEWSLETTER):
        return True
    if has_any(lowered, _LIABILITY) or tells_of_page(lowered) or _CLOSING.match(text):
        return True
    return has_any(lowered, _WITHIN_MARKS) and bool(_CLOSING_WITHIN.match(text))


def tells_of_somebody(text: str) -> bool:
    """Whether a paragraph introduces a person by profession. After an article, that person is its author."""
    return len(text) <= LIFE_CHARS and bool(_PROFESSION.match(text)) and not text.endswith("?")


def tells_of_author(text: str, authors: Sequence[str]) -> bool:
    """Whether a paragraph is about an author ("Ada Quill is a reporter ..."), or is an author's name alone."""
    return any(text.startswith(name) and (text == name or _LIVES.match(text, len(name))) for name in authors)


def names_authors(text: str, authors: Sequence[str]) -> bool:
    """Whether a line consists of authors' names."""
    if len(text) > CREDIT_CHARS or not authors:
        return False
    known = {name.casefold() for name in authors}
    return all(part.casefold() in known for part in _BETWEEN_NAMES.split(text))
