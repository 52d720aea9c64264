"""Sentences in English, Chinese, German and Japanese, from one small grammar written for this
project: who does what to what, where, when, whether or not.

A meaning is drawn, and each language says it in its own order: ``Do we eat the big apple at
school?``, ``我们在学校吃那个大苹果吗？``, ``Essen wir den großen Apfel in der Schule?``,
``私たちは学校でその大きいりんごを食べますか。``
"""

import random
from typing import NamedTuple


class Who(NamedTuple):
    en: str
    zh: str
    de: str
    ja: str
    third: bool  # does, and not do
    form: int  # of the German verb


class Deed(NamedTuple):
    en: str
    en_third: str
    zh: str
    de: tuple  # ich, du, er, wir
    ja: str  # the stem before ます
    things: tuple


class Thing(NamedTuple):
    en: str
    zh: str
    measure: str
    de: str  # in the accusative, without its article
    article: str
    ja: str


WHO = [
    Who("I", "我", "ich", "私", False, 0),
    Who("you", "你", "du", "あなた", False, 1),
    Who("he", "他", "er", "彼", True, 2),
    Who("she", "她", "sie", "彼女", True, 2),
    Who("we", "我们", "wir", "私たち", False, 3),
    Who("they", "他们", "die anderen", "彼ら", False, 3),
    Who("the teacher", "老师", "der Lehrer", "先生", True, 2),
    Who("the student", "学生", "der Schüler", "学生", True, 2),
    Who("my mother", "我妈妈", "meine Mutter", "母", True, 2),
    Who("my friend", "我朋友", "mein Freund", "友達", True, 2),
    Who("my brother", "我哥哥", "mein Bruder", "兄", True, 2),
    Who("the children", "孩子们", "die Kinder", "子供たち", False, 3),
]
THINGS = {
    "apple": Thing("apple", "苹果", "个", "Apfel", "den", "りんご"),
    "bread": Thing("bread", "面包", "个", "Brot", "das", "パン"),
    "fish": Thing("fish", "鱼", "条", "Fisch", "den", "魚"),
    "cake": Thing("cake", "蛋糕", "个", "Kuchen", "den", "ケーキ"),
    "book": Thing("book", "书", "本", "Buch", "das", "本"),
    "letter": Thing("letter", "信", "封", "Brief", "den", "手紙"),
    "newspaper": Thing("newspaper", "报纸", "份", "Zeitung", "die", "新聞"),
    "map": Thing("map", "地图", "张", "Karte", "die", "地図"),
    "cat": Thing("cat", "猫", "只", "Katze", "die", "猫"),
    "dog": Thing("dog", "狗", "只", "Hund", "den", "犬"),
    "bird": Thing("bird", "鸟", "只", "Vogel", "den", "鳥"),
    "bicycle": Thing("bicycle", "自行车", "辆", "Fahrrad", "das", "自転車"),
    "coat": Thing("coat", "大衣", "件", "Mantel", "den", "コート"),
    "cup": Thing("cup", "杯子", "个", "Tasse", "die", "カップ"),
    "lamp": Thing("lamp", "灯", "盏", "Lampe", "die", "ランプ"),
    "key": Thing("key", "钥匙", "把", "Schlüssel", "den", "鍵"),
}
FOOD, TEXTS = ("apple", "bread", "fish", "cake"), ("book", "letter", "newspaper", "map")
ANIMALS, TOOLS = ("cat", "dog", "bird"), ("bicycle", "coat", "cup", "lamp", "key")
DEEDS = [
    Deed("eat", "eats", "吃", ("esse", "isst", "isst", "essen"), "食べ", FOOD),
    Deed(
        "buy", "buys", "买", ("kaufe", "kaufst", "kauft", "kaufen"), "買い", (*FOOD, *TEXTS, *TOOLS)
    ),
    Deed("read", "reads", "读", ("lese", "liest", "liest", "lesen"), "読み", TEXTS),
    Deed(
        "watch",
        "watches",
        "观察",
        ("beobachte", "beobachtest", "beobachtet", "beobachten"),
        "見",
        ANIMALS,
    ),
    Deed(
        "wash",
        "washes",
        "洗",
        ("wasche", "wäschst", "wäscht", "waschen"),
        "洗い",
        (*ANIMALS, *TOOLS),
    ),
    Deed(
        "look for",
        "looks for",
        "找",
        ("suche", "suchst", "sucht", "suchen"),
        "探し",
        (*TEXTS, *ANIMALS, *TOOLS),
    ),
    Deed(
        "draw",
        "draws",
        "画",
        ("zeichne", "zeichnest", "zeichnet", "zeichnen"),
        "描き",
        (*FOOD, *ANIMALS, *TOOLS),
    ),
    Deed(
        "sell",
        "sells",
        "卖",
        ("verkaufe", "verkaufst", "verkauft", "verkaufen"),
        "売り",
        tuple(THINGS),
    ),
]
KINDS = [  # en, zh, de, ja
    ("", "", "", ""),
    ("small ", "小", "kleine", "小さい"),
    ("big ", "大", "große", "大きい"),
    ("beautiful ", "漂亮的", "schöne", "きれいな"),
    ("white ", "白", "weiße", "白い"),
]
WHERE = [
    ("", "", "", ""),
    (" at school", "在学校", "in der Schule", "学校で"),
    (" at home", "在家里", "zu Hause", "家で"),
    (" in the park", "在公园", "im Park", "公園で"),
    (" in the library", "在图书馆", "in der Bibliothek", "図書館で"),
    (" in the city", "在城里", "in der Stadt", "町で"),
    (" in the kitchen", "在厨房", "in der Küche", "台所で"),
]
WHEN = [
    ("", "", "", ""),
    (" today", "今天", "heute", "今日"),
    (" every day", "每天", "jeden Tag", "毎日"),
    (" in the morning", "早上", "am Morgen", "朝"),
    (" in the evening", "晚上", "am Abend", "夜"),
    (" on Sunday", "星期天", "am Sonntag", "日曜日に"),
]
STATEMENT, NEGATION, QUESTION = range(3)


def english(who, deed, kind, thing, where, when, form):
    does = "does" if who.third else "do"
    verb = deed.en_third if who.third and form == STATEMENT else deed.en
    rest = f"{verb} the {kind[0]}{thing.en}{where[0]}{when[0]}"
    if form == QUESTION:
        return f"{does.capitalize()} {who.en} {rest}?"
    middle = f" {does} not" if form == NEGATION else ""
    return f"{who.en[0].upper()}{who.en[1:]}{middle} {rest}."


def chinese(who, deed, kind, thing, where, when, form):
    end = "吗？" if form == QUESTION else "。"
    no = "不" if form == NEGATION else ""
    return f"{who.zh}{when[1]}{no}{where[1]}{deed.zh}那{thing.measure}{kind[1]}{thing.zh}{end}"


def german(who, deed, kind, thing, where, when, form):
    adjective = kind[2] and kind[2] + ("n" if thing.article == "den" else "")
    no = "nicht" if form == NEGATION else ""
    verb, end = deed.de[who.form], "?" if form == QUESTION else "."
    first = [verb, who.de] if form == QUESTION else [who.de, verb]
    words = [*first, when[2], thing.article, adjective, thing.de, no, where[2]]
    text = " ".join(filter(None, words))
    return f"{text[0].upper()}{text[1:]}{end}"


def japanese(who, deed, kind, thing, where, when, form):
    end = ("ます。", "ません。", "ますか。")[form]
    return f"{who.ja}は{when[3]}{where[3]}その{kind[3]}{thing.ja}を{deed.ja}{end}"


WRITERS = {"en": english, "zh": chinese, "de": german, "ja": japanese}


def sentences(count, seed=0):
    """``count`` different meanings, each a dict ``{language: sentence}``, always the same ones."""
    drawn, chosen = random.Random(seed), {}
    while len(chosen) < count:
        deed = drawn.choice(DEEDS)
        meaning = (
            drawn.choice(WHO),
            deed,
            drawn.choice(KINDS),
            THINGS[drawn.choice(deed.things)],
            drawn.choice(WHERE),
            drawn.choice(WHEN),
            drawn.choice((STATEMENT, NEGATION, QUESTION)),
        )
        chosen[meaning] = {language: write(*meaning) for language, write in WRITERS.items()}
    return list(chosen.values())
