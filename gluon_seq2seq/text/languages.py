"""Languages: their codes, of ISO 639-1, their names in English, and what else files call them.

Source: ISO 639-2 (both codes) and 639-3 for the languages of 639-1, what these are called in
English, by themselves, and those that are learned most by one another. Ours, for the packages that
have them (langcodes, Babel) are larger than the rest of this room, and nothing else of them is
needed.
"""

import difflib
import re
from functools import lru_cache
from typing import Optional

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

TABLE = """
aa aar|ab abk|ae ave|af afr|ak aka|am amh አማርኛ|an arg|ar ara arb العربية|as asm|av ava|ay aym
az aze|ba bak|be bel беларуская|bg bul български|bi bis|bm bam|bn ben bengali বাংলা|bo bod tib
br bre brezhoneg|bs bos bosanski|ca cat català|ce che|ch cha|co cos|cr cre|cs ces cze čeština
cu chu|cv chv|cy cym wel cymraeg|da dan dansk
de deu ger deutsch allemand alemán tedesco 德文 德语|dv div dhivehi|dz dzo|el ell gre ελληνικά
en eng anglais englisch inglés inglese 英文 英语 英語|eo epo
es spa español castellano espagnol spanisch spagnolo 西班牙语|et est eesti|eu eus baq euskara
fa fas per pes farsi فارسی|ff ful fulah|fi fin suomi|fj fij|fo fao føroyskt
fr fra fre français francais französisch francés francese 法文 法语|fy fry frisian frysk
ga gle gaeilge|gd gla gaelic gàidhlig|gl glg galego|gn grn|gu guj ગુજરાતી|gv glv|ha hau
he heb iw עברית|hi hin हिन्दी|ho hmo|hr hrv hrvatski|ht hat haitian|hu hun magyar
hy hye arm հայերեն|hz her|ia ina|id ind in|ie ile|ig ibo|ii iii|ik ipk|is isl ice íslenska
it ita italiano italien italienisch|iu iku|ja jpn 日本語 japonais japanisch 日语 日文|jv jav
ka kat geo ქართული|kg kon|ki kik|kj kua|kk kaz қазақша|kl kal|km khm ខ្មែរ|kn kan|ko kor 한국어
kr kau|ks kas|ku kur kurdî|kv kom|kw cor|ky kir kirghiz|la lat|lb ltz|lg lug|li lim|ln lin
lo ລາວ|lt lit lietuvių|lu lub|lv lav lvs latviešu|mg mlg|mh mah|mi mri mao maori
mk mkd mac македонски|ml mal|mn mon монгол|mr mar मराठी|ms msa may zsm|mt mlt malti
my mya bur မြန်မာ|na nau|nb nob bokmål bokmal|nd nde|ne nep|ng ndo|nl nld dut nederlands flemish
nn nno nynorsk|no nor norsk|nr nbl|nv nav|ny nya chichewa|oc oci|oj oji|om orm|or ori oriya
os oss ossetian|pa pan ਪੰਜਾਬੀ|pi pli|pl pol polski|ps pus|pt por português|qu que|rm roh|rn run
ro ron rum română|ru rus русский russe russisch ruso 俄语|rw kin|sa san|sc srd|sd snd|se sme
sg sag|si sin|sk slk slo slovenčina|sl slv slovenščina|sm smo|sn sna|so som|sq sqi alb shqip
sr srp српски srpski|ss ssw|st sot sotho|su sun|sv swe svenska|sw swa swh kiswahili|ta tam தமிழ்
te tel|tg tgk|th tha ไทย|ti tir|tk tuk|tl tgl|tn tsn|to ton tonga|tr tur türkçe|ts tso
tt tat татарча|ty tah|ug uig ئۇيغۇرچە|uk ukr українська|ur urd اردو|uz uzb oʻzbekcha|ve ven
vi vie tiếngviệt|vo vol|wa wln|wo wol|xh xho|yi yid ייִדיש|yo yor|za zha
zh zho chi cmn mandarin 中文 汉语 漢語 chinois chinesisch chino cinese|zu zul
"""  # between bars: the code of 639-1, then what else it is called
CODES = {
    **{name.casefold().replace(" ", ""): code for code, name in NAMES.items()},
    **{
        name: row.split()[0]
        for row in TABLE.strip().replace("\n", "|").split("|")
        for name in row.split()
    },
    **{code: code for code in NAMES},
}
"""Whatever a language is called, in lower case and without spaces -> its code."""
REGION = re.compile(r"[-_](?:[a-z]{4}(?:[-_][a-z]{2})?|[a-z]{2}|\d{3})(?:\.utf-?8)?$")


@lru_cache(maxsize=4096)
def code_of(name: str) -> Optional[str]:
    """The ISO 639-1 code of a language that is called ``name``, in any case, by a code, with or
    without a region or script (``pt-BR``, ``zh_Hans``), or by its name; None where it is none."""
    name = name.strip().strip("[]()<>\"'").casefold().replace(" ", "")
    return CODES.get(name) or CODES.get(REGION.sub("", name))


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
    countries = {"cn": "zh", "jp": "ja", "gr": "el", "cz": "cs", "dk": "da"}
    first = re.split("[-_.]", text)[0]
    told = code_of(text) or code_of(countries.get(first, first))
    codes = {name.lower(): code for code, name in NAMES.items()}
    begun = [code for name, code in codes.items() if len(text) > 2 and name.startswith(text)]
    alike = [codes[name] for name in difflib.get_close_matches(text, codes, 3, 0.75)]
    return list(dict.fromkeys(filter(None, [told, *begun, *alike])))[:3]
