"""Languages as files call them: fr, fra, fre, fr-FR, French, français -> fr.

Source: ISO 639-2 (both codes) and 639-3 for the languages of 639-1, what these are called in
English (``text.languages``), by themselves, and those that are learned most by one another.
"""

import re
from functools import lru_cache
from typing import Optional

from ...text.languages import NAMES

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
