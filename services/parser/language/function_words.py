"""The commonest small words of the languages that news is read in: enough to confirm a language without a model.

A row holds words that stand in almost every sentence of a language. A word may be in several rows; it then counts for
each. The table only ever *confirms* what a page says of itself (identification.py); doubts go to the model.
"""

_ROWS = {
    "af": "die van en het is nie vir wat hy sy ons hulle deur oor ook aan met sal kan jaar",
    "az": "və bu ilə üçün olan də da bir edib ki sonra görə olub isə",
    "ca": "el la els les de del dels que i en per amb una un és al als ha han ser més com no seva aquest però",
    "cs": "a v na se je že s z do o pro za po od jako ale by si jsou který podle bude před také ve ze už",
    "da": "og i at det er en til på med af for den de ikke som har fra der blev vil efter han hun bliver",
    "de": "der die das und in den von zu mit ist im für auf dem des eine ein sich nicht auch als nach bei aus wird wie "
    "an um am einen über so zum war haben vor zur durch noch einer sind werden gegen wir ihr warum",
    "en": "the of and to in for on is that with as at by from was are has have be his her this will after over not who "
    "an its their how why what says new it he she they you your my we more could into against out about a up",
    "eo": "la de kaj en estas al por ne kun sed el pri",
    "es": "el la los las de del que y en por con una un para se su al es más como no sus pero sobre tras este esta "
    "lo ha son entre ser desde fue sin hasta",
    "et": "ja on ei et see ka oli kui aga või oma mis pärast kes ning",
    "eu": "eta da ez du bat dira zuen egin ere dute",
    "fi": "ja on ei se että oli myös kun hän ovat mutta kuin mukaan sen jo joka ole vuoden",
    "fr": "le la les de des du et en un une pour dans que qui sur au aux est par avec ce se son sa ses pas plus ne "
    "à d l s n qu entre après contre sont ont a été cette comme mais leur face",
    "gl": "o a os as de do da dos das e en que por con unha un para se ao máis non na no",
    "hr": "i u je na se da za od su s o koji nije kao to će iz do po ali bi nakon što",
    "hu": "a az és hogy nem is egy van volt meg ez de már csak mint lesz szerint után",
    "id": "dan yang di dengan untuk dari ini itu pada ke tidak akan oleh dalam adalah juga para saat bisa karena "
    "sudah usai jadi ada",
    "is": "og í að á er sem til við með um það ekki fyrir var hann en eru af frá verið hún",
    "it": "il lo la i gli le di del della dei delle e in che per un una con da non si è al alla nel nella sono come "
    "più ma ha su anche dal dopo tra l",
    "lt": "ir į kad su iš yra už bet tai kaip nuo po ar jau dėl",
    "lv": "un ir no ar par uz kas lai arī bet tas gada pēc ka",
    "nl": "de het een en van in is op te dat voor met die zijn niet aan er om ook als maar bij naar uit door over "
    "wordt tot heeft werd na hij zij worden",
    "no": "og i det er en til på med av for den de ikke som har fra ble vil etter han hun seg om et å blir",
    "pl": "w i na z do się nie to że jest o jak po od za dla przez co ale są czy był ze już tym będzie przed",
    "pt": "o a os as de do da dos das e em que por com uma um para se no na não mais ao é sua seu são como mas após "
    "pela pelo nos entre foi ser diz",
    "ro": "și de la în a cu pe un o din nu care pentru este sa că mai au fost după prin ce sunt al ale lui",
    "sk": "a v na sa je že s z do o pre za po od ako ale by si sú ktorý podľa bude pred aj vo zo už",
    "sl": "in v je na se da za so po s z ne ki od kot pa bi tudi iz pri",
    "sq": "të e në dhe për me nga një që është më si ka por do nuk",
    "sr": "i u je na se da za od su s o koji nije kao to će iz do po ali bi nakon što",
    "sv": "och i att det är en till på med av för den de inte som har från blev efter han hon ett om kan ska var",
    "sw": "na ya wa kwa ni katika za la kuwa yake hiyo hii baada kama cha",
    "tr": "ve bir bu için ile de da en olan çok daha ne gibi sonra kadar olarak var oldu ilk son dedi",
    "vi": "và của có là không được cho một với các người trong này từ khi những để đã",
    "be": "і ў на з у што не гэта да па за як для таксама",
    "bg": "на и за от в се да с не по е са че към ще при след със като са",
    "mk": "на и за од во се да со не по е дека ќе при што од",
    "ru": "и в на не с что по из за о как для от это к до его при после был уже будет у во не из-за",
    "uk": "і в на у та не з що за до про як від для по це після його через який під із",
    "ar": "في من على إلى عن مع أن بعد هذا التي الذي بين ما لا كما خلال قبل ضد حول أو ثم عند",
    "fa": "در و به از که این با را است برای آن یک شد می بر خود هم شده های",
    "ur": "کے کی میں سے اور کو کا ہے نے پر کہ بھی ہیں اس یہ",
    "ckb": "لە بۆ و کە بە ئەم دەکات",
}

_FOUND: dict[str, set[str]] = {}
for _language, _words in _ROWS.items():
    for _word in _words.split():
        _FOUND.setdefault(_word, set()).add(_language)

#: word -> the languages in whose sentences it stands.
LANGUAGES_OF = {word: tuple(sorted(languages)) for word, languages in _FOUND.items()}
