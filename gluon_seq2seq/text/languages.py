"""Languages: their codes, of ISO 639-1, and their names in English.

Ours, for the packages that have them (langcodes, Babel) are larger than the rest of this room, and
nothing else of them is needed.
"""

import difflib
import re

from ..errors import UsageError

NAMES = dict(
    line.split(" ", 1)
    for line in """
aa Afar|ab Abkhazian|ae Avestan|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese
av Avaric|ay Aymara|az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara
bn Bangla|bo Tibetan|br Breton|bs Bosnian|ca Catalan|ce Chechen|ch Chamorro|co Corsican|cr Cree
cs Czech|cu Church Slavic|cv Chuvash|cy Welsh|da Danish|de German|dv Divehi|dz Dzongkha|ee Ewe
el Greek|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|ff Fula|fi Finnish
fj Fijian|fo Faroese|fr French|fy Western Frisian|ga Irish|gd Scottish Gaelic|gl Galician|gn Guarani
gu Gujarati|gv Manx|ha Hausa|he Hebrew|hi Hindi|ho Hiri Motu|hr Croatian|ht Haitian Creole
hu Hungarian|hy Armenian|hz Herero|ia Interlingua|id Indonesian|ie Interlingue|ig Igbo|ii Sichuan Yi
ik Inupiaq|io Ido|is Icelandic|it Italian|iu Inuktitut|ja Japanese|jv Javanese|ka Georgian|kg Kongo
ki Kikuyu|kj Kuanyama|kk Kazakh|kl Kalaallisut|km Khmer|kn Kannada|ko Korean|kr Kanuri|ks Kashmiri
ku Kurdish|kv Komi|kw Cornish|ky Kyrgyz|la Latin|lb Luxembourgish|lg Ganda|li Limburgish|ln Lingala
lo Lao|lt Lithuanian|lu Luba-Katanga|lv Latvian|mg Malagasy|mh Marshallese|mi Māori|mk Macedonian
ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|na Nauru|nb Norwegian Bokmål
nd North Ndebele|ne Nepali|ng Ndonga|nl Dutch|nn Norwegian Nynorsk|no Norwegian|nr South Ndebele
nv Navajo|ny Nyanja|oc Occitan|oj Ojibwa|om Oromo|or Odia|os Ossetic|pa Punjabi|pi Pali|pl Polish
ps Pashto|pt Portuguese|qu Quechua|rm Romansh|rn Rundi|ro Romanian|ru Russian|rw Kinyarwanda
sa Sanskrit|sc Sardinian|sd Sindhi|se Northern Sami|sg Sango|si Sinhala|sk Slovak|sl Slovenian
sm Samoan|sn Shona|so Somali|sq Albanian|sr Serbian|ss Swati|st Southern Sotho|su Sundanese
sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Tagalog
tn Tswana|to Tongan|tr Turkish|ts Tsonga|tt Tatar|tw Twi|ty Tahitian|ug Uyghur|uk Ukrainian|ur Urdu
uz Uzbek|ve Venda|vi Vietnamese|vo Volapük|wa Walloon|wo Wolof|xh Xhosa|yi Yiddish|yo Yoruba
za Zhuang|zh Chinese|zu Zulu
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
"""Code -> name, of all 183."""


def check_language(code, name="language"):
    """Raise :class:`UsageError`, which calls it ``name`` and says which codes are near, unless
    ``code`` is one of :data:`NAMES`."""
    if isinstance(code, str) and code in NAMES:
        return
    near = _near(str(code).lower()) if isinstance(code, str) else []
    ways = " or ".join(f"{one} ({NAMES[one]})" for one in near)
    raise UsageError(
        f"{name} is {code!r}, which is no ISO 639-1 code: use "
        + (ways or "two letters such as en, fr, zh or de")
    )


def _near(text):
    """Codes that ``text``, of lower case, may stand for: "zh-cn", "german", "ger", "cn"."""
    others = {"cn": "zh", "jp": "ja", "kr": "ko", "gr": "el", "cz": "cs", "dk": "da", "iw": "he"}
    codes = {name.lower(): code for code, name in NAMES.items()}
    begun = [code for name, code in codes.items() if len(text) > 2 and name.startswith(text)]
    short = text[:2] if re.fullmatch("[a-z]{2,3}([-_].*)?", text) else ""
    if not begun and (short in NAMES or short in others):
        return [others.get(short, short)]  # zh-cn, deu, cn
    begun.sort(key=lambda code: NAMES[code].lower() != text)
    alike = [codes[name] for name in difflib.get_close_matches(text, codes, 3, 0.75)]
    return list(dict.fromkeys([*begun, *alike]))[:3]
