"""Running strips as themes and papers write them, and invented headlines in many languages to fill them with."""

from collections.abc import Callable

import msgspec


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A paper's own words: the label of its strip, its headlines, the title and a sentence of its article."""

    label: str
    headlines: tuple[str, ...]
    title: str
    prose: str


PAPERS = {
    "id": Paper(
        label="Sekilas Info",
        headlines=(
            "Pelabuhan kembali dibuka setelah badai semalam",
            "Dewan kota menunda pembangunan jembatan baru",
            "Petani garam menunggu harga yang lebih baik",
            "Tim desa lolos ke final untuk pertama kali",
        ),
        title="Perpustakaan tua di stasiun dibuka lagi",
        prose="Warga datang sejak pagi untuk melihat ruang baca yang sudah lama mereka tunggu itu. ",
    ),
    "hu": Paper(
        label="Friss hírek",
        headlines=(
            "Újra megnyílt a kikötő a vihar után",
            "A tanács elhalasztotta az új híd építését",
            "Három napig nem lesz víz a felső városrészben",
            "Először jutott döntőbe a falu csapata",
        ),
        title="Megnyílt a könyvtár a régi állomáson",
        prose="Az emberek már kora reggel sorban álltak a bejárat előtt, hogy lássák az új olvasótermet. ",
    ),
    "sw": Paper(
        label="Habari za hivi punde",
        headlines=(
            "Bandari yafunguliwa tena baada ya dhoruba kubwa",
            "Baraza la mji laahirisha ujenzi wa daraja jipya",
            "Wakulima wa chumvi wasubiri bei iliyo bora",
            "Timu ya kijiji yafika fainali kwa mara ya kwanza",
        ),
        title="Maktaba yafunguliwa katika kituo cha zamani cha reli",
        prose="Wakazi wa mji walifika tangu asubuhi ili kuona chumba cha kusomea walichokisubiri kwa muda mrefu. ",
    ),
    "ko": Paper(
        label="속보",
        headlines=(
            "폭풍이 지나간 뒤 항구가 다시 문을 열었다",
            "시의회 새 다리 건설을 내년으로 미루기로",
            "염전 농가들 소금값이 오르기를 기다린다",
            "마을 축구팀이 처음으로 결승에 올랐다",
        ),
        title="옛 기차역에 도서관이 문을 열었다",
        prose="주민들은 오랫동안 기다려 온 열람실을 보려고 이른 아침부터 입구 앞에 줄을 서서 기다렸다. ",
    ),
    "hi": Paper(
        label="ताज़ा खबरें",
        headlines=(
            "तूफान के बाद बंदरगाह फिर से खुल गया",
            "नगर परिषद ने नए पुल का काम टाल दिया",
            "नमक किसान बेहतर दाम का इंतजार कर रहे हैं",
            "गांव की टीम पहली बार फाइनल में पहुंची",
        ),
        title="पुराने स्टेशन में पुस्तकालय खुल गया",
        prose="लोग सुबह से ही उस पढ़ने के कमरे को देखने आए जिसका वे बहुत दिनों से इंतजार कर रहे थे। ",
    ),
    "he": Paper(
        label="מבזקים",
        headlines=(
            "הנמל נפתח מחדש אחרי הסערה הגדולה",
            "המועצה דחתה את בניית הגשר החדש",
            "חקלאי המלח מחכים למחיר טוב יותר",
            "קבוצת הכפר עלתה לגמר בפעם הראשונה",
        ),
        title="ספרייה נפתחה בתחנת הרכבת הישנה",
        prose="התושבים הגיעו כבר משעות הבוקר כדי לראות את אולם הקריאה שחיכו לו במשך שנים רבות מאוד. ",
    ),
    "uk": Paper(
        label="Стрічка новин",
        headlines=(
            "Порт знову відкрили після нічної бурі",
            "Міська рада відклала будівництво нового мосту",
            "Солевари чекають на кращу ціну восени",
            "Сільська команда вперше вийшла до фіналу",
        ),
        title="У старому вокзалі відкрилася бібліотека",
        prose="Мешканці прийшли ще зранку, щоб побачити читальну залу, на яку вони так довго чекали. ",
    ),
    "ro": Paper(
        label="Ultima oră",
        headlines=(
            "Portul s-a redeschis după furtuna de azi-noapte",
            "Consiliul amână construirea podului nou",
            "Producătorii de sare așteaptă un preț mai bun",
            "Echipa satului ajunge în finală pentru prima dată",
        ),
        title="O bibliotecă s-a deschis în gara veche",
        prose="Oamenii au venit încă de dimineață ca să vadă sala de lectură pe care o așteptau de mult timp. ",
    ),
    "vi": Paper(
        label="Tin khẩn",
        headlines=(
            "Cảng biển mở cửa trở lại sau cơn bão lớn",
            "Hội đồng thành phố hoãn xây cây cầu mới",
            "Diêm dân chờ giá muối tốt hơn vào mùa thu",
            "Đội bóng của làng lần đầu vào chung kết",
        ),
        title="Thư viện mở cửa trong nhà ga cũ",
        prose="Người dân đến từ sáng sớm để xem phòng đọc mà họ đã chờ đợi trong một thời gian rất dài. ",
    ),
    "el": Paper(
        label="ΕΚΤΑΚΤΟ",
        headlines=(
            "Άνοιξε ξανά το λιμάνι μετά την καταιγίδα",
            "Αναβάλλεται η κατασκευή της νέας γέφυρας",
            "Οι αλυκές περιμένουν καλύτερη τιμή το φθινόπωρο",
            "Στον τελικό για πρώτη φορά η ομάδα του χωριού",
        ),
        title="Βιβλιοθήκη άνοιξε στον παλιό σταθμό",
        prose="Οι κάτοικοι ήρθαν από νωρίς το πρωί για να δουν το αναγνωστήριο που περίμεναν τόσα χρόνια. ",
    ),
    "bn": Paper(
        label="ব্রেকিং নিউজ",
        headlines=(
            "ঝড়ের পরে আবার খুলে গেল সমুদ্র বন্দর",
            "নতুন সেতুর কাজ পিছিয়ে দিল নগর পরিষদ",
            "লবণ চাষিরা ভালো দামের অপেক্ষায় আছেন",
            "প্রথমবার ফাইনালে উঠল গ্রামের ফুটবল দল",
        ),
        title="পুরোনো স্টেশনে খুলে গেল নতুন পাঠাগার",
        prose="সকাল থেকেই লোকজন সেই পড়ার ঘর দেখতে এসেছেন যার জন্য তারা অনেক দিন অপেক্ষা করেছেন। ",
    ),
}

Lines = list[tuple[str, str]]


def addresses(paper: Paper) -> Lines:
    return [(text, f"/2026/11/0{at}/n-{48200 + at}.html") for at, text in enumerate(paper.headlines, 1)]


def _all(lines: Lines, form: str) -> str:
    return "".join(form.format(url=url, text=text) for text, url in lines)


def tag_div(label: str, lines: Lines) -> str:
    posts = _all(
        lines, '<div class="td-trending-now-post"><h3 class="entry-title"><a href="{url}">{text}</a></h3></div>'
    )
    return f"""<div class="td_block_wrap td_block_trending_now"><div class="td-trending-now-wrapper">
    <div class="td-trending-now-title">{label}</div><div class="td-trending-now-display-area">{posts}</div>
    <div class="td-next-prev-wrap"><a class="td-ajax-prev-page" href="#">‹</a></div></div></div>"""


def tie_labs(label: str, lines: Lines) -> str:
    entries = _all(lines, '<li class="news-item"><a href="{url}">{text}</a></li>')
    return f"""<div id="breaking-news-in-header"><div class="breaking controls-is-active"><span class="breaking-title">
    <span class="tie-icon-bolt"></span><span class="breaking-title-text">{label}</span></span>
    <ul class="breaking-news">{entries}</ul></div></div>"""


def bdaia(label: str, lines: Lines) -> str:
    entries = _all(lines, '<li><a href="{url}"><span class="txt">{text}</span></a></li>')
    return f"""<div id="bdaia-breaking-news"><span class="breaking-title">{label}</span>
    <div class="breaking-news-items"><div class="breaking-news-items-inner"><ul class="webticker">{entries}</ul></div>
    </div></div>"""


def mh_magazine(label: str, lines: Lines) -> str:
    entries = _all(
        lines,
        '<li class="mh-ticker-item"><a href="{url}"><span class="mh-ticker-item-date">[ 9.11.2026 ]</span> '
        '<span class="mh-ticker-item-title">{text}</span> <span class="mh-ticker-item-cat">A–Z</span></a></li>',
    )
    return f"""<div class="mh-header-ticker"><div class="mh-ticker-bottom"><div class="mh-ticker-title">{label}</div>
    <div class="mh-ticker-content"><ul id="mh-ticker-loop-bottom">{entries}</ul></div></div></div>"""


def web_ticker_with_clone(label: str, lines: Lines) -> str:
    entries = _all(lines, '<li><a href="{url}">{text}</a></li>')
    return f"<div class=row><strong>{label}</strong><ul id='webTicker' class='newsticker'>{entries}{entries}</ul></div>"


def marquee_with_pipes(label: str, lines: Lines) -> str:
    links = " | ".join(_all([line], "<a href={url}>{text}</a>") for line in lines)
    return f"<b>{label}</b><marquee scrollamount=4>{links}</marquee>"


def marquee_with_pluses(label: str, lines: Lines) -> str:
    return f"<marquee>{label}: +++ {_all(lines, '<a href={url}>{text}</a> +++ ')}</marquee>"


def swiper_with_clones(label: str, lines: Lines) -> str:
    slides = [
        _all([line], '<div class="swiper-slide"><a href="{url}" title="{text}">{text}</a></div>') for line in lines
    ]
    clone = slides[-1].replace("swiper-slide", "swiper-slide swiper-slide-duplicate")
    return f"""<div class="newsflash"><p class="newsflash__label">{label}</p>
    <div class="swiper-container"><div class="swiper-wrapper">{clone}{"".join(slides)}{slides[0]}</div></div></div>"""


def owl_in_header(label: str, lines: Lines) -> str:
    slides = _all(lines, '<div class="owl-item"><div class="item"><a href="{url}">{text}</a></div></div>')
    return f"""<section class="top-strip"><div class="container"><span class="strip-title">{label}</span>
    <div class="owl-carousel">{slides}</div></div></section>"""


def live_region(label: str, lines: Lines) -> str:
    lines_ = _all(lines, '<p class="line"><a href="{url}">{text}</a></p>')
    return f'<div class="bar" aria-live="polite" role="marquee"><h2>{label}</h2>{lines_}</div>'


def definitions(label: str, lines: Lines) -> str:
    return f'<dl class="strip"><dt>{label}</dt>{_all(lines, "<dd><a href={url}>{text}</a></dd>")}</dl>'


def table(label: str, lines: Lines) -> str:
    cells = _all(lines, "<td><a href={url}>{text}</a></td>")
    return f"<table class=toplines><tr><td><b>{label}</b></td>{cells}</tr></table>"


def custom_elements(label: str, lines: Lines) -> str:
    entries = _all(lines, "<news-item><a href={url}>{text}</a></news-item>")
    return f"<news-ticker><span slot=label>{label}</span>{entries}</news-ticker>"


MARKUPS: dict[str, Callable[[str, Lines], str]] = {
    made.__name__: made
    for made in (
        *(tag_div, tie_labs, bdaia, mh_magazine, web_ticker_with_clone, marquee_with_pipes, marquee_with_pluses),
        *(swiper_with_clones, owl_in_header, live_region, definitions, table, custom_elements),
    )
}


def page_of(paper: Paper, above: str, *, below: str = "") -> str:
    prose = f"<p>{paper.prose * 2}</p>" * 3
    return f"""<html><head><title>{paper.title}</title></head><body><header><a href=/>N</a>
    <nav><ul><li><a href=/a/>A</a><li><a href=/b/>B</a></ul></nav></header>{above}
    <main><article><h1>{paper.title}</h1>{prose}</article>{below}</main></body></html>"""
