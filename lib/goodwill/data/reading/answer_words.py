"""Words that people tick in surveys: the usual English and Chinese scales, yes and no, and what stands for no answer."""

from __future__ import annotations

# What survey tools write for "no answer" and that cannot be an answer.
BLANKS = ("", "(空)", "（空）", "(跳过)", "（跳过）", "n/a", "na", "nan", "none", "null", "#n/a", "-", "--")

# A label that says that there is no answer, alone or beside a number ("9 - Don't know").
NO_ANSWERS = frozenset({
    "not applicable", "does not apply", "don't know", "don’t know", "dont know", "do not know", "no answer", "no opinion",
    "no response", "not answered", "unanswered", "refused", "refuse to answer", "refused to answer", "declined",
    "declined to answer", "prefer not to say", "prefer not to answer", "rather not say", "can't say", "cannot say",
    "skipped", "skip", "missing", "unknown", "don't know/no answer", "don't know / no answer", "dk", "dk/na", "n.a.",
    "not asked", "no experience", "weiß nicht", "weiss nicht", "keine angabe", "trifft nicht zu", "nicht zutreffend",
    "nicht beantwortet", "kann ich nicht beurteilen", "ne sait pas", "ne se prononce pas", "sans réponse", "sans objet",
    "non applicable", "non concerné", "no sabe", "no contesta", "ns/nc", "no aplica", "sin respuesta", "不知道", "不清楚",
    "不了解", "不适用", "无法回答", "拒答", "拒绝回答", "未回答", "没有回答", "跳过", "说不清", "未填", "无回答",
})  # fmt: skip

YES = ("yes", "yes.", "y", "true", "t", "ja", "oui", "sí", "si", "stayed", "renewed", "retained", "loyal")
YES_CHINESE = ("是", "是的", "对", "有", "会", "会的", "愿意")
NO = ("no", "no.", "n", "false", "f", "nein", "non", "left", "churned", "cancelled", "canceled", "lost")
NO_CHINESE = ("否", "不", "不是", "没", "没有", "无", "不会", "不愿意")
YES_NO = dict.fromkeys((*YES, *YES_CHINESE), 1) | dict.fromkeys((*NO, *NO_CHINESE), 0)

# Headers (small letters, no blanks) that name who left: a yes there is not loyal.
LEAVING = frozenset(
    (
        *("churn", "churned", "ischurn", "churnflag", "haschurned", "attrition", "attrited", "attritionflag", "left", "hasleft", "leaver"),
        *("defected", "lapsed", "cancelled", "canceled", "terminated", "exited", "abgewandert", "gekündigt", "résilié"),
        *("流失", "是否流失", "已流失", "离开", "退订"),
    )
)

# Each scale from its lowest to its highest answer; words that stand for the same level are parted by "|".
_SCALES = (
    (
        "very dissatisfied|extremely dissatisfied|very unsatisfied|completely dissatisfied|highly dissatisfied|strongly dissatisfied",
        "dissatisfied|somewhat dissatisfied|unsatisfied|somewhat unsatisfied|fairly dissatisfied|rather dissatisfied",
        "neutral|neither satisfied nor dissatisfied|neither dissatisfied nor satisfied|neither|indifferent|ok",
        "satisfied|somewhat satisfied|fairly satisfied|rather satisfied",
        "very satisfied|extremely satisfied|completely satisfied|highly satisfied|strongly satisfied",
    ),
    (
        "extremely dissatisfied|very dissatisfied|completely dissatisfied",
        "dissatisfied|moderately dissatisfied|mostly dissatisfied",
        "slightly dissatisfied|somewhat dissatisfied",
        "neutral|neither satisfied nor dissatisfied|neither",
        "slightly satisfied|somewhat satisfied",
        "satisfied|moderately satisfied|mostly satisfied",
        "extremely satisfied|very satisfied|completely satisfied",
    ),
    (
        "very unlikely|extremely unlikely|not at all likely|highly unlikely",
        "unlikely|somewhat unlikely|not very likely|rather unlikely",
        "neutral|neither likely nor unlikely|neither unlikely nor likely|neither|unsure|not sure|undecided",
        "likely|somewhat likely|rather likely|moderately likely",
        "very likely|extremely likely|highly likely",
    ),
    (
        "strongly disagree|completely disagree|totally disagree",
        "disagree|somewhat disagree|tend to disagree",
        "neutral|neither agree nor disagree|neither disagree nor agree|neither|undecided",
        "agree|somewhat agree|tend to agree",
        "strongly agree|completely agree|totally agree",
    ),
    (
        "definitely not|definitely no|certainly not|definitely would not|definitely will not",
        "probably not|probably no|probably would not|probably will not",
        "maybe|perhaps|might or might not|not sure|unsure|neutral|might or might not buy",
        "probably|probably yes|probably would|probably will",
        "definitely|definitely yes|certainly|definitely would|definitely will",
    ),
    ("very poor|very bad|terrible|awful", "poor|bad", "fair|average|neutral|ok|okay|acceptable", "good", "very good|excellent"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("never", "rarely|seldom", "sometimes|occasionally", "often|usually", "always"),
    (
        "非常不满意|很不满意|十分不满意|极不满意",
        "不满意|不太满意|较不满意|比较不满意",
        "一般|中立|普通|尚可|还行|说不上",
        "满意|比较满意|较满意|基本满意",
        "非常满意|很满意|十分满意|极满意",
    ),
    (
        "非常不可能|很不可能|完全不可能",
        "不可能|不太可能|比较不可能|较不可能",
        "一般|不确定|中立|说不准|不一定",
        "可能|比较可能|较可能|有可能",
        "非常可能|很可能|极有可能|完全可能",
    ),
    (
        "一定不会|肯定不会|绝对不会",
        "可能不会|不太会|应该不会",
        "不确定|不一定|一般|说不准|看情况",
        "可能会|应该会|会",
        "一定会|肯定会|绝对会",
    ),
    (
        "非常不同意|很不同意|完全不同意|强烈反对",
        "不同意|不太同意|比较不同意|较不同意|反对",
        "一般|中立|不确定|说不清",
        "同意|比较同意|较同意",
        "非常同意|很同意|完全同意",
    ),
    ("非常不愿意|很不愿意", "不愿意|不太愿意|比较不愿意", "一般|不确定|中立", "愿意|比较愿意|较愿意", "非常愿意|很愿意"),
    ("很差|非常差", "差|较差|比较差", "一般|普通|中等", "好|较好|比较好", "很好|非常好"),
    ("从不|从来不", "很少|偶尔", "有时|有时候", "经常|常常", "总是|一直"),
)


def _without_middle(scale: tuple[str, ...]) -> tuple[str, ...]:
    middle = len(scale) // 2
    return (*scale[:middle], *scale[middle + 1 :])


def _places(scale: tuple[str, ...]) -> dict[str, int]:
    return {word: place for place, words in enumerate(scale) for word in words.split("|")}


# By number of levels: the place of each word, from 0. A scale with a middle is also answered without it.
SCALES: tuple[tuple[int, dict[str, int]], ...] = tuple(
    (len(scale), _places(scale)) for each in _SCALES for scale in (each, _without_middle(each))
)


def known_scale(words: set[str], levels: int) -> dict[str, int]:
    """The place (from 0) of each word, where one usual scale of so many levels has them all; empty where none has, or two differ.

    Examples
    --------
    >>> known_scale({"satisfied", "very satisfied"}, 5)
    {'satisfied': 3, 'very satisfied': 4}
    >>> known_scale({"good", "very good"}, 5), known_scale({"gut"}, 5)
    ({}, {})
    """
    found: list[dict[str, int]] = []
    for count, places in SCALES:
        if count != levels or not words <= places.keys():
            continue
        placed = {word: places[word] for word in sorted(words)}
        if len(set(placed.values())) == len(words) and placed not in found:  # two words for one level: whoever wrote them meant two
            found.append(placed)
    return found[0] if len(found) == 1 else {}


def levels_of(words: set[str]) -> list[int]:
    """Of how many levels the usual scales are that have all of these words.

    Examples
    --------
    >>> levels_of({"dissatisfied", "very satisfied"})
    [4, 5, 6, 7]
    """
    return sorted({count for count, places in SCALES if words and words <= places.keys() and known_scale(words, count)})
