"""Languages of headlines and texts."""

import pytest

from services.parser.language.identification import detect_language, language_of_lists, normalise_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le gouvernement annonce une baisse des impôts pour les familles", "fr"),
        ("Die Regierung kündigt niedrigere Steuern für Familien an", "de"),
        ("El Gobierno anuncia una bajada de impuestos para las familias", "es"),
        ("The government announces lower taxes for families", "en"),
        ("Hükümet aileler için vergi indirimini duyurdu", "tr"),
        ("الحكومة تعلن عن خفض الضرائب للأسر", "ar"),
        ("Правительство объявило о снижении налогов для семей", "ru"),
        ("政府は家族向けの減税を発表した", "ja"),
        ("정부가 감세를 발표했다", "ko"),
        ("Η κυβέρνηση ανακοίνωσε μείωση φόρων", "el"),
        ("הממשלה הודיעה על הפחתת מסים", "he"),
        ("รัฐบาลประกาศลดภาษี", "th"),
    ],
)
@pytest.mark.parametrize("hint", [None, "fr", "xx"])
def test_a_sentence_tells_its_language(text: str, language: str, hint: str | None) -> None:
    assert detect_language(text, hint) == language


def test_a_short_headline_follows_its_page() -> None:
    assert detect_language("Bundesliga", "de") == "de"
    assert detect_language("MOBO Awards", "fr") == "fr"
    assert detect_language("Top 10", "en-GB") == "en"


def test_twins_follow_their_page() -> None:
    assert detect_language("Regjeringen varsler lavere skatt for familier", "no") == "no"
    assert detect_language("Vlada najavila niže poreze za obitelji", "hr") == "hr"


def test_a_hint_that_the_script_forbids_is_dropped() -> None:
    assert detect_language("Правительство объявило о снижении налогов", "en") == "ru"
    assert detect_language("The government announces lower taxes", "ar") == "en"


def test_text_without_letters_has_no_language() -> None:
    assert detect_language("", None) is None
    assert detect_language("12:30", None) is None


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("fr-FR", "fr"), ("pt_BR", "pt"), ("EN", "en"), ("eng", "en"), ("iw", "he"), ("nb-NO", "no"), ("de,en", "de"),
        ("", None), (None, None), ("x-default", None), ("klingon", None),
    ],
)  # fmt: skip
def test_tags_become_two_letters(tag: str | None, code: str | None) -> None:
    assert normalise_language(tag) == code


def test_a_front_with_foreign_titles_has_the_language_that_it_declares() -> None:
    assert language_of_lists(["fr", "ar", "es", "fr", "ar", "ar"], "fr") == "fr"
    assert language_of_lists(["de"] * 19 + ["en"], "en") == "de"
    assert language_of_lists(["de", None, "de"], None) == "de"
    assert language_of_lists([None], "fr") == "fr"


@pytest.mark.parametrize(
    ("language", "hints", "text"),
    [
        ("yi", [None, "he", "yi", "en"], "די שטאָט האט איר אלטן טורעם און די איינוואוינער זענען צופרידן"),
        (
            "he",
            [None, "he", "en", "ar", "yi"],
            "העיר תל ערבה הפכה את מגדל המים הישן לספרייה, וביום שני נשאו התושבים בעצמם ארבעת אלפים ספרים",
        ),
        ("ti", [None, "am", "ti", "en"], "ከተማ ዓዲ-ዛግራ ነታ ኣረጊት ግምቢ ማይ ናብ ቤተ-ንባብ ቀይራታ ኣላ"),
        (
            "am",
            [None, "am", "ti", "en"],
            "የከተማው ከንቲባ አዲሱ ቤተ መጻሕፍት በሚቀጥለው ወር እንደሚከፈት ተናግረዋል። ሥራው ሁለት ዓመት ፈጅቷል ነገር ግን ተጠናቋል",
        ),
        (
            "ku",
            [None, "ckb", "ku", "ar", "fa"],
            "شارەوانی هەولێر ڕایگەیاند کە کتێبخانەی نوێ لە مانگی داهاتوو دەکرێتەوە و خەڵک دەتوانن سەردانی بکەن",
        ),
        (
            "fa",
            [None, "fa", "ar", "en"],
            "شهردار می‌گوید کتاب‌ها رسیده‌اند و کتابخانه از هفته آینده باز خواهد شد که این برای مردم است",
        ),
        (
            "ps",
            [None, "ps", "fa"],
            "د ښار ښاروال وویل چې نوی کتابتون به په راتلونکې میاشت کې پرانستل شي او خلک کولای شي",
        ),
        (
            "ur",
            [None, "ur", "ar"],
            "شہر کے میئر نے کہا ہے کہ نئی لائبریری اگلے مہینے کھولی جائے گی اور لوگ یہاں آ سکیں گے",
        ),
        (
            "sd",
            [None, "sd", "ur"],
            "شهر جي ميئر چيو آهي ته نئين لائبريري ايندڙ مهيني کولي ويندي ۽ ماڻهو هتي اچي سگهندا",
        ),
        (
            "ug",
            [None, "ug", "ar"],
            "شەھەر باشلىقى يېڭى كۈتۈپخانىنىڭ كېلەر ئاي ئېچىلىدىغانلىقىنى ئېيتتى ۋە كىشىلەر بۇ يەرگە كېلەلەيدۇ",
        ),
        (
            "ar",
            [None, "ar", "fa", "en"],
            "قال رئيس البلدية إن المكتبة الجديدة ستفتح في الشهر المقبل وإن الناس سيتمكنون من زيارتها",
        ),
        (
            "sr",
            [None, "sr", "mk", "ru"],
            "Градоначелник је рекао да ће нова библиотека бити отворена следећег месеца и да ће грађани моћи да је",
        ),
        (
            "mk",
            [None, "mk", "bg"],
            "Градоначалникот рече дека новата библиотека ќе биде отворена следниот месец и дека граѓаните ќе можат да",
        ),
        (
            "bg",
            [None, "bg", "ru"],
            "Кметът каза, че новата библиотека ще бъде отворена през следващия месец и че гражданите ще могат да я",
        ),
        (
            "uk",
            [None, "uk", "ru"],
            "Мер сказав, що нова бібліотека відкриється наступного місяця, і мешканці зможуть її відвідати",
        ),
        (
            "be",
            [None, "be", "ru"],
            "Мэр сказаў, што новая бібліятэка адкрыецца ў наступным месяцы і жыхары змогуць яе наведаць",
        ),
        (
            "ru",
            [None, "ru", "uk"],
            "Мэр сказал, что новая библиотека откроется в следующем месяце и жители смогут её посетить",
        ),
        (
            "kk",
            [None, "kk", "ru"],
            "Қала әкімі жаңа кітапхана келесі айда ашылатынын айтты және тұрғындар оған бара алады",
        ),
        (
            "ky",
            [None, "ky", "ru", "kk"],
            "Шаардын мэри жаңы китепкана кийинки айда ачыларын айтты жана тургундар ага бара алышат",
        ),
        (
            "mn",
            [None, "mn", "ru"],
            "Хотын дарга шинэ номын сан ирэх сард нээгдэнэ гэж хэлэв. Энэ нь иргэдэд зориулсан юм",
        ),
        (
            "tg",
            [None, "tg", "ru"],
            "Раиси шаҳр гуфт, ки китобхонаи нав моҳи оянда кушода мешавад ва мардум метавонанд ба он оянд",
        ),
        (
            "tt",
            [None, "tt", "ru"],
            "Шәһәр башлыгы яңа китапханә киләсе айда ачылачак дип әйтте һәм халык анда килә ала",
        ),
        ("hi", [None, "hi", "mr", "en"], "शहर के महापौर ने कहा है कि नया पुस्तकालय अगले महीने खुलेगा और लोग यहाँ आ सकेंगे।"),
        (
            "mr",
            [None, "mr", "hi"],
            "शहराच्या महापौरांनी सांगितले की नवीन ग्रंथालय पुढील महिन्यात सुरू होणार आहे आणि लोक येथे येऊ शकतील",
        ),
        ("ne", [None, "ne", "hi"], "नगर प्रमुखले नयाँ पुस्तकालय अर्को महिना खुल्ने बताएका छन् र मानिसहरू यहाँ आउन सक्ने भएका छन्"),
        (None, ["bho"], "शहर के महापौर कहलें कि नया पुस्तकालय अगिला महीना खुली आ लोग इहाँ आ सकेला"),
        ("as", [None, "as", "bn"], "বন্দৰৰ মাছৰ বজাৰ তিনি বছৰৰ পিছত সোমবাৰে আকৌ খোলা হৈছে।"),
        ("or", [None, "or", "bn"], "ସହରର ମେୟର କହିଛନ୍ତି ଯେ ନୂଆ ପାଠାଗାର ଆସନ୍ତା ମାସରେ ଖୋଲିବ।"),
        ("bo", [None, "bo", "en"], "གྲོང་ཁྱེར་གྱི་དཔེ་མཛོད་ཁང་གསར་པ་ཟླ་བ་རྗེས་མར་སྒོ་འབྱེད་རྒྱུ་རེད།"),
        ("lo", [None, "lo", "th"], "ເຈົ້າເມືອງກ່າວວ່າຫໍສະໝຸດໃໝ່ຈະເປີດໃນເດືອນໜ້າ"),
        (
            "zh",
            [None, "zh", "ja", "en"],
            "市長說新圖書館下個月開放，居民可以來參觀。建築師艾妲・奎爾說她很滿意，孩子們也很高興，「ドラえもん」的書很多",
        ),
        ("ja", [None, "ja", "zh", "en"], "市長は新しい図書館が来月開館すると話した。住民は誰でも利用できる。"),
        ("ja", [None, "ja"], "政府、家族向け減税発表へ"),
        ("ja", ["ja"], "日経平均大幅続落"),
        ("zh", ["zh"], "政府宣布減稅"),
        ("ko", [None, "ko", "zh"], "시장은 새 도서관이 다음 달 문을 연다고 말했다. 中國과 日本의 책도 있다"),
        (
            "sr",
            [None, "sr", "hr", "en"],
            "Predsednik opštine je rekao da će nova biblioteka biti otvorena sledeće nedelje i da će deca moći da je",
        ),
        (
            "hr",
            [None, "hr", "sr"],
            "Predsjednik općine rekao je da će nova knjižnica biti otvorena sljedeći tjedan, priopćio je u ponedjeljak",
        ),
        (
            "sl",
            [None, "sl"],
            "Župan je povedal, da bo nova knjižnica odprta naslednji mesec in da jo bodo prebivalci lahko obiskali",
        ),
        (
            "en",
            [None, "en", "ja"],
            "The mayor said that the new library 図書館 would open next month, and the Маяк newspaper agreed",
        ),
        ("en", [None, "en", "ku", "sr", "he"], "The mayor said that the new library would open next month"),
        ("zh", [None, "zh"], "蘋果 iPhone 17 Pro Max 今日發布 售價公開"),
        ("ku", [None, "ku"], "Şaredarê bajêr got ku pirtûkxaneya nû meha bê vedibe û xelk dikarin werin"),
        (
            "su",
            ["su"],
            "Walikota nyarios yén perpustakaan anyar bakal dibuka dina bulan payun sareng warga tiasa sumping",
        ),
        ("az", [None, "az"], "Şəhər meri yeni kitabxananın gələn ay açılacağını bildirdi və bu sakinlər üçün olacaq"),
        ("dv", [None, "dv"], "މިއަދު އައު ކުތުބުޚާނާއެއް ހުޅުވައިފި"),
    ],
)
def test_languages_that_share_a_script(language: str | None, hints: list[str | None], text: str) -> None:
    assert {detect_language(text, hint) for hint in hints} == {language}


def test_a_page_that_declares_a_language_without_two_letters_has_none() -> None:
    assert detect_language("महापौर कहलें कि नया पुस्तकालय अगिला महीना खुली", "bho-IN") is None
    assert normalise_language("bho") is None
    assert normalise_language("ckb") == "ku"


def test_an_empty_text_takes_what_its_page_says() -> None:
    assert detect_language("", "fr") == "fr"
