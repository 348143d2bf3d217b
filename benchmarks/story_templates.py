"""Texts that a newsroom fills in day after day: weather, horoscopes, results.

They are alike, but each is its own story.
"""

import random
import re
from collections.abc import Sequence

import msgspec


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences with places to fill: `{n}` a number, `{place}`, `{team}`, `{sign}`, `{sky}`, `{mood}` a choice."""

    name: str
    language: str
    text: str


CHOICES: dict[str, Sequence[str]] = {
    "place": (
        "Aldport",
        "Brenn",
        "Castellar",
        "Dorfen",
        "Elbmünde",
        "Fontaine",
        "Garda",
        "Hauteville",
        "Istra",
        "Jarl",
    ),
    "team": ("Rovers", "United", "Olympique", "Sparta", "Torino", "Fortuna", "Racing", "Athletic", "Dynamo", "Union"),
    "sky": ("sunny", "cloudy", "foggy", "clear", "overcast", "stormy", "windy", "hazy"),
    "ciel": ("ensoleillé", "nuageux", "brumeux", "dégagé", "couvert", "orageux", "venteux", "voilé"),
    "mood": ("a letter", "an old friend", "your patience", "a bold plan", "money", "a journey", "your family", "rest"),
    "laune": ("Geduld", "ein Brief", "alte Freunde", "Geld", "eine Reise", "Ihre Familie", "Ruhe", "ein kühner Plan"),
}

TEMPLATES = [
    Template(
        name="weather",
        language="en",
        text="It will be {sky} in {place} today, with highs of {n} degrees and lows of {n}. Winds from the west "
        "reach {n} km/h in the afternoon. In {place} expect {sky} skies in the morning and {sky} ones at "
        "night, with {n} degrees. The chance of rain in {place} is {n} per cent. Tomorrow starts {sky} at {n}"
        " degrees, turning {sky} by noon. Around {place} temperatures reach {n} degrees; the water is {n} "
        "degrees warm. On the coast at {place} waves of up to {n} decimetres are likely. The outlook for the "
        "weekend: {sky}, then {sky}, between {n} and {n} degrees.",
    ),
    Template(
        name="meteo",
        language="fr",
        text="Le temps sera {ciel} ce matin à {place}, avec {n} degrés. L'après-midi, un ciel {ciel} et {n} degrés"
        " sont attendus à {place}. Le vent soufflera à {n} km/h. À {place}, il fera {n} degrés sous un ciel "
        "{ciel}. La probabilité de pluie est de {n} % à {place} et de {n} % à {place}. Demain, ciel {ciel} "
        "puis {ciel}, de {n} à {n} degrés. Pour la fin de semaine, la tendance est à un temps {ciel} sur "
        "{place}, avec {n} degrés au plus.",
    ),
    Template(
        name="horoscope",
        language="en",
        text="Aries: today {mood} matters more than {mood}; lucky number {n}. Taurus: think of {mood}, and let "
        "{mood} wait until noon; lucky number {n}. Gemini: {mood} brings joy; lucky number {n}. Cancer: "
        "beware of {mood}, trust in {mood}; lucky number {n}. Leo: {mood} may surprise you; lucky number {n}."
        " Virgo: give {mood} a second look; lucky number {n}. Libra: {mood} and {mood} are in balance; lucky "
        "number {n}. Scorpio: {mood} keeps you busy; lucky number {n}. Sagittarius: the stars favour {mood}; "
        "lucky number {n}. Capricorn: {mood} pays off; lucky number {n}.",
    ),
    Template(
        name="horoskop",
        language="de",
        text="Widder: Heute zählt {laune} mehr als {laune}; Glückszahl {n}. Stier: {laune} tut Ihnen gut, {laune} "
        "kann warten; Glückszahl {n}. Zwillinge: {laune} bringt Freude; Glückszahl {n}. Krebs: Vorsicht, "
        "{laune} lenkt ab; Glückszahl {n}. Löwe: {laune} überrascht Sie; Glückszahl {n}. Jungfrau: {laune} "
        "verdient einen zweiten Blick; Glückszahl {n}. Waage: {laune} und {laune} halten sich die Waage; "
        "Glückszahl {n}. Skorpion: {laune} hält Sie in Atem; {n}.",
    ),
    Template(
        name="results",
        language="en",
        text="{team} {place} beat {team} {place} {n}-{n} in the early game. {team} {place} and {team} {place} drew"
        " {n}-{n}. {team} {place} lost to {team} {place} {n}-{n} after extra time. {team} {place} stay top "
        "with {n} points, ahead of {team} {place} with {n} and {team} {place} with {n}. {team} {place} are "
        "last with {n} points from {n} games. The next round begins on Friday, when {team} {place} play "
        "{team} {place} and {team} {place} meet {team} {place}.",
    ),
]


def filled(template: Template, chance: random.Random) -> str:
    """The template with something at each place."""

    def choose(match: re.Match[str]) -> str:
        return str(chance.randrange(1, 100)) if match[1] == "n" else chance.choice(CHOICES[match[1]])

    return re.sub(r"\{(\w+)\}", choose, template.text)
