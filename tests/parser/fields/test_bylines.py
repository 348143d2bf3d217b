"""Names of people out of author fields and bylines."""

import pytest

from services.parser.fields.bylines import byline_people, people, people_with_roles, signature, signed_by
from services.parser.fields.organisations import is_house


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("By ANNA LARKIN, JO DAVIS and PAT REED", ["ANNA LARKIN", "JO DAVIS", "PAT REED"]),
        ("Von Änne Bornholt und Miriam Hofer", ["Änne Bornholt", "Miriam Hofer"]),
        ("Par Anne Lartigue et Jean d'Orval", ["Anne Lartigue", "Jean d'Orval"]),
        ("Por María R. Saavedra y José de la Vega", ["María R. Saavedra", "José de la Vega"]),
        ("Door Jan Vermeer en Piet de Groot", ["Jan Vermeer", "Piet de Groot"]),
        ("Di Viviana Mazzi, inviata", ["Viviana Mazzi"]),
        ("Av Per-Erik Ofsted og Kari Moe", ["Per-Erik Ofsted", "Kari Moe"]),
        ("От Иван Петров", ["Иван Петров"]),
        ("بقلم: محمد العربي", ["محمد العربي"]),
        ("Mike Carson | mcarson@paper.example", ["Mike Carson"]),
        ("Jane Doe, Senior Reporter", ["Jane Doe"]),
        ("Jane Doe (Reuters)", ["Jane Doe"]),
        ("(By Jane Doe)", ["Jane Doe"]),
        ("(责编：王小明、李四)", ["王小明", "李四"]),
        ("Jane Doe, Washington", ["Jane Doe"]),
        ("Hans von Stauff", ["Hans von Stauff"]),
        ("<a href='/x'>Jane&nbsp;Doe</a>", ["Jane Doe"]),
        ("Kristin", ["Kristin"]),
        ("Phóng viên: Lê Thị Hồng Nhạn", ["Lê Thị Hồng Nhạn"]),
        ("PV Nguyễn Hải Phong", ["Nguyễn Hải Phong"]),
        ("Trần Thị Viên", ["Trần Thị Viên"]),
        ("Rebecca Lark, CFP®", ["Rebecca Lark, CFP®"]),
        ("Jo Slot CPP, PSP", ["Jo Slot CPP, PSP"]),
        ("JO DAVIS, PARIS", ["JO DAVIS"]),
        ("Jane Doe, AFP", ["Jane Doe", "AFP"]),
        ("Gillman, Steve", ["Steve Gillman"]),
        ("(Image: Getty Images/Stocks)", []),
        ("مازن الشريدي ورُبى القاضي", ["مازن الشريدي", "رُبى القاضي"]),
        ("محمد وليد الشريف", ["محمد وليد الشريف"]),
        ("By Anne Larkin August 12, 2021", ["Anne Larkin"]),
        ("Autoren Jelko Duren und Jutta Klauk", ["Jelko Duren", "Jutta Klauk"]),
        ("Ein Beitrag von Änne Bornholt", ["Änne Bornholt"]),
        ("Redaktion: Änne Bornholt (Pressestelle)", ["Änne Bornholt"]),
        ("Jane Doe, Sr. Director of Operations", ["Jane Doe"]),
        ("John Doe, Sr., Jane Roe", ["John Doe, Sr", "Jane Roe"]),
        ("https://social.example/paper", []),
        ("", []),
    ],
)
def test_author_fields(value: str, expected: list[str]) -> None:
    assert people([value]) == expected


def test_agencies_sign_beside_people_and_the_paper_does_not() -> None:
    assert people(["Paula Stein", "SDA"]) == ["Paula Stein", "SDA"]
    assert people(["Der Bote", "Paula Stein"], "Der Bote") == ["Paula Stein"]
    assert people(["Jean Dupont et l'AFP"]) == ["Jean Dupont", "AFP"]
    assert people(["Jane Doe", "The Washington Post"]) == ["Jane Doe"]


def test_the_paper_is_known_by_its_name_in_one_word() -> None:
    assert people(["El Bote Azul", "Paula Stein"], "ElBoteAzul.com") == ["Paula Stein"]


def test_organisations_sign_where_nobody_else_does() -> None:
    assert people(["AFP"]) == ["AFP"]
    assert people(["Redaktion bote.de"]) == ["Redaktion bote.de"]


def test_a_user_name_beside_a_full_name_is_the_same_person() -> None:
    assert people(["Emma Mack", "emma-mack"]) == ["Emma Mack"]
    assert people(["emmamack"]) == ["emmamack"]


def test_parts_of_a_box_without_a_space_between_them() -> None:
    assert byline_people("Emma MackenzieTwitter") == ["Emma Mackenzie"]
    assert byline_people("By Sean McGregor and Mary FitzGerald") == ["Sean McGregor", "Mary FitzGerald"]


def test_names_come_once() -> None:
    assert people(["Jane Doe", "By Jane Doe", "JANE DOE"]) == ["Jane Doe"]


@pytest.mark.parametrize(
    "text", ["Updated yesterday", "Follow us on Twitter", "May 3, 2024", "5 min read", "Staff", "x" * 300]
)
def test_what_stands_in_a_byline_box_and_is_no_name(text: str) -> None:
    assert byline_people(text) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Mehdi Larbi / Les Nouvelles ECO", ["Mehdi Larbi"]),
        ("Par Anne Lartigue", ["Anne Lartigue"]),
        ("بقلم: محمد العربي", ["محمد العربي"]),
        ("محمد العربي / الفنار", ["محمد العربي"]),
        ("Un ancrage régional", []),
        ("ميناء المدينة يتوسع", []),
        ("Le Matin", []),
        ("He said that By Jane Doe was a song.", []),
        ("", []),
    ],
)
def test_lines_that_are_nothing_but_a_byline(line: str, expected: list[str]) -> None:
    assert signature(line, "Les ECO") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("By the Larder Team 2–3 minutes", "the Larder Team"),
        ("Gespeichert von rasos am 24. Juli 2017 - 18:55", "rasos"),
        ("von | Newsdesk 28. Januar 2022, 12:01", "Newsdesk"),
        ("Author: Bo2man am 29.12.2010, 13:36 Uhr", "Bo2man"),
        ("By following us you share more", None),
        ("By ALLIN ONE on August 12, 2021", "ALLIN ONE"),
        ("By David at 10:30", "David"),
        ("By 2030: what changes?", None),
        ("", None),
    ],
)
def test_who_signs_where_no_person_does(text: str, expected: str | None) -> None:
    assert signed_by(text) == expected


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Von unserer Korrespondentin Siv Lie, Oslo", ["Siv Lie"]),
        ("Von BOTE-Redakteur Arno Lind und Grete Holm, Politikredakteurin", ["Arno Lind", "Grete Holm"]),
        ("By Beacon court reporter Jo Dean", ["Jo Dean"]),
        ("By Jo Dean and Ann Lee, Senior Political Editors", ["Jo Dean", "Ann Lee"]),
        ("By Jo Dean Thursday 4 May 2028", ["Jo Dean"]),
        ("By JO DEAN and ANN LEE Email The Author", ["JO DEAN", "ANN LEE"]),
        ("Par Jean Roux, envoyé spécial à Kiev, et Anne Roy", ["Jean Roux", "Anne Roy"]),
        ("Par Anne Roy, envoyée spéciale à Brest, avec Luc Mas", ["Anne Roy", "Luc Mas"]),
        ("Por Ana Pérez, corresponsal en Lima", ["Ana Pérez"]),
        ("Di Marco Rossi, inviato a Roma", ["Marco Rossi"]),
        ("Av Siv Lie, utrikesreporter", ["Siv Lie"]),
        ("Teksti: Matti Meri, toimittaja", ["Matti Meri"]),
        ("Door onze verslaggever Piet de Vries", ["Piet de Vries"]),
        ("Текст: Иван Петров, корреспондент", ["Иван Петров"]),
        ("Корреспондент «Вестника» Иван Петров", ["Иван Петров"]),
        ("Κείμενο: Νίκος Παππάς, δημοσιογράφος", ["Νίκος Παππάς"]),
        ("Piše: Ana Kovač", ["Ana Kovač"]),
        ("Ayşe Kaya, muhabir", ["Ayşe Kaya"]),
        ("Siv Lie tirsdag 25. november 2025", ["Siv Lie"]),
        ("مراسل الجريدة أحمد خالد", ["أحمد خالد"]),
        ("संवाददाता राम कुमार", ["राम कुमार"]),
        ("כתב: יוסי לוי", ["יוסי לוי"]),
        ("By subscribing, you agree to our Terms", []),
        ("By Plácido Domingo", ["Plácido Domingo"]),
    ],
)
def test_roles_days_and_buttons_are_no_part_of_a_name(byline: str, names: list[str]) -> None:
    assert byline_people(byline) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("이바다 기자 bada@sinmun.example", ["이바다"]),
        ("이바다·김하늘 기자", ["이바다", "김하늘"]),
        ("사회부 이바다 선임기자", ["이바다"]),
        ("[부산=이바다 기자]", ["이바다"]),
        ("이바다특파원", ["이바다"]),
        ("记者 张三 李四", ["张三", "李四"]),
        ("本报记者王小明", ["王小明"]),
        ("【記者張三／台北報導】", ["張三"]),
        ("山田太郎記者", ["山田太郎"]),
        ("संवाददाता राम कुमार", ["राम कुमार"]),
        ("기자 회견이 열렸다", []),
        ("記者会見の全文はこちら、動画も公開中です", []),
        ("记者从市政府获悉", []),
        ("Sports Reporter", []),
    ],
)
def test_a_line_of_names_and_roles(line: str, names: list[str]) -> None:
    assert people_with_roles(line) == names


def test_a_publisher_by_its_own_name() -> None:
    assert is_house("Fjordbladet", "Fjordbladet AS")
    assert is_house("The Beacon", "Beacon")
    assert is_house("海風新聞", "海風新聞")
    assert is_house("海風新聞社", "海風新聞")
    assert is_house("Redaktion Seeblatt", "Das Seeblatt")
    assert not is_house("Beacon staff reporter", "The Beacon")
    assert not is_house("Siv Lie", "Fjordbladet")
    assert not is_house("AFP", "AFP")


def test_a_field_with_a_name_and_a_role() -> None:
    assert people(["Jo Dean, Staff Writer"]) == ["Jo Dean"]
    assert people(["記者張三／即時報導"]) == ["張三"]
    assert people(["Prince and the Tides"]) == ["Prince and the Tides"]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Tekst: Siv Lie Foto: Arne Dahl", ["Siv Lie"]),
        ("Texto: Ana Gil / Fotos: Luis Mora", ["Ana Gil"]),
        ("Text und Fotos: Grete Holm", ["Grete Holm"]),
        ("Grete Holm (Text) und Arno Lind (Fotos)", ["Grete Holm"]),
        ("Words by Jo Dean. Photography by Max Low", ["Jo Dean"]),
        ("By Jo Dean Translated by Max Low", ["Jo Dean"]),
        ("Текст: Анна Белова, фото: Игорь Седов", ["Анна Белова"]),
        ("文／張三 圖／李四明", ["張三"]),
        ("作者：张三　编辑：李四", ["张三"]),
        ("文・鈴木一郎　写真・佐藤花子", ["鈴木一郎"]),
        ("יעל כהן | צילום: דני לוי", ["יעל כהן"]),
        ("Penulis: Budi Santoso, Editor: Siti Aminah", ["Budi Santoso"]),
        ("Foto: Arne Dahl", []),
    ],
)
def test_photographers_translators_and_editors_beside_the_author(byline: str, names: list[str]) -> None:
    assert byline_people(byline) == names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("מאת: יעל כהן ודני לוי", ["יעל כהן", "דני לוי"]),
        ("Συντάκτης: Νίκος Γεωργίου και Μαρία Παππά", ["Νίκος Γεωργίου", "Μαρία Παππά"]),
        ("Szerző: Kovács Anna és Nagy Péter", ["Kovács Anna", "Nagy Péter"]),
        ("Autor: Jana Nováková a Petr Svoboda", ["Jana Nováková", "Petr Svoboda"]),
        ("خبرنگار: مریم رضایی و علی کریمی", ["مریم رضایی", "علی کریمی"]),
        ("रिपोर्ट: राम कुमार और नेहा वर्मा", ["राम कुमार", "नेहा वर्मा"]),
        ("Tác giả: Trần Văn Nam và Lê Thu Hà", ["Trần Văn Nam", "Lê Thu Hà"]),
        ("Toimittaja: Matti Meri ja Liisa Laine", ["Matti Meri", "Liisa Laine"]),
        ("김하늘 이바다 기자", ["김하늘", "이바다"]),
        ("사회부 이바다 기자", ["이바다"]),
        ("记者 张三丰 通讯员 李四明", ["张三丰", "李四明"]),
        ("Maria a Beckett", []),
    ],
)
def test_the_last_of_several_names_is_not_the_only_one(byline: str, names: list[str]) -> None:
    assert (byline_people(byline) or people_with_roles(byline)) == names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("по: Ивана Петрова, собкор", ["Ивана Петрова"]),
        ("Γράφει η Μαρία Παππά", ["Μαρία Παππά"]),
        ("Аутор: Марко Јовановић", ["Марко Јовановић"]),
        ("Հեղինակ՝ Արամ Պետրոսյան", ["Արամ Պետրոսյան"]),
        ("ጸሐፊ፦ አበበ ከበደ", ["አበበ ከበደ"]),
        ("எழுதியவர்: கவிதா ராஜன்", ["கவிதா ராஜன்"]),
        ("রফিক হাসান, নিজস্ব প্রতিবেদক", ["রফিক হাসান"]),
        ("יעל כהן, כתבת לענייני כלכלה", ["יעל כהן"]),
        ("Na Juma Hassan", ["Juma Hassan"]),
        ("Na Hong-jin", ["Na Hong-jin"]),
        ("oprac. Anna Kowalska", ["Anna Kowalska"]),
    ],
)
def test_introductions_and_roles_of_more_languages(byline: str, names: list[str]) -> None:
    assert byline_people(byline) == names


def test_a_role_alone_is_nobody() -> None:
    assert signed_by("By Our Staff Reporter") is None
    assert people(["admin"]) == []
