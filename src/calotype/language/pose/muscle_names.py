"""The muscles that a drawing can show: names, synonyms, and what each moves. Must not know where they lie.

Names are those of Terminologia Anatomica or of everyday English; synonyms are Latin, English and the short forms of
clinics. `find` takes a whole name, never a part of one: `biceps femoris` is no `biceps`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.working import working_side


@dataclass(frozen=True, slots=True)
class Muscle:
    """`moves` begins the names of the axes by which one tells the side that works; none for a muscle of the midline."""

    name: str
    synonyms: tuple[str, ...]
    region: str
    moves: tuple[str, ...] = ()


_SHOULDER, _ELBOW = ("shoulder_", "scapular_"), ("elbow_", "shoulder_flexion", "shoulder_extension", "forearm_")
_WRIST, _HIP, _THIGH = ("wrist_", "finger_", "forearm_"), ("hip_",), ("knee_", "hip_flexion", "hip_extension")
_SHANK = ("ankle_", "toe_", "knee_")
_ROTATE = ("hip_external_rotation",)

_TABLE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # neck
    ("suboccipital muscles", "suboccipital, suboccipitals, musculi suboccipitales, rectus capitis posterior, "
     "obliquus capitis", "neck", ()),
    ("deep neck flexors", "deep cervical flexors, neck flexors, cervical flexors, DNF, longus capitis", "neck", ()),
    ("longus colli", "longus cervicis", "neck", ()),
    ("sternocleidomastoid", "SCM, sternomastoid, sternocleidomastoideus", "neck", ()),
    ("scalenes", "scalene, scaleni, scalenus, scalenus anterior, anterior scalene, middle scalene, posterior scalene",
     "neck", ()),
    ("levator scapulae", "levator scapula, lev scap", "neck", ("scapular_",)),
    ("splenius", "splenius capitis, splenius cervicis, semispinalis capitis, neck extensors, cervical extensors, "
     "cervical paraspinals", "neck", ()),
    ("upper trapezius", "upper traps, upper trap, descending trapezius, trapezius pars descendens, "
     "upper fibres of trapezius, upper fibers of trapezius, UFT", "neck", ("scapular_",)),
    # shoulder
    ("middle trapezius", "middle traps, mid traps, mid trapezius, transverse trapezius, trapezius pars transversa, MFT",
     "shoulder", _SHOULDER),
    ("lower trapezius", "lower traps, lower trap, ascending trapezius, trapezius pars ascendens, LFT", "shoulder",
     _SHOULDER),
    ("trapezius", "traps, trap", "shoulder", _SHOULDER),
    ("rhomboids", "rhomboid, rhomboid major, rhomboid minor, rhomboideus, rhomboideus major, rhomboideus minor",
     "shoulder", _SHOULDER),
    ("rotator cuff", "cuff, shoulder rotators", "shoulder", _SHOULDER),
    ("supraspinatus", "", "shoulder", _SHOULDER),
    ("infraspinatus", "shoulder external rotators, external rotators of the shoulder", "shoulder", _SHOULDER),
    ("teres minor", "", "shoulder", _SHOULDER),
    ("teres major", "", "shoulder", _SHOULDER),
    ("subscapularis", "subscap, shoulder internal rotators, internal rotators of the shoulder", "shoulder", _SHOULDER),
    ("deltoid", "deltoids, deltoideus, delts, shoulder abductors", "shoulder", _SHOULDER),
    ("anterior deltoid", "front deltoid, front delts, anterior delts, deltoid pars clavicularis", "shoulder",
     _SHOULDER),
    ("middle deltoid", "lateral deltoid, side delts, medial deltoid, deltoid pars acromialis", "shoulder", _SHOULDER),
    ("posterior deltoid", "rear deltoid, rear delts, posterior delts, deltoid pars spinalis", "shoulder", _SHOULDER),
    ("pectoralis major", "pectoralis, pecs, pec major, pectorals, chest, chest muscles", "shoulder", _SHOULDER),
    ("pectoralis minor", "pec minor", "shoulder", _SHOULDER),
    ("serratus anterior", "serratus", "shoulder", _SHOULDER),
    ("latissimus dorsi", "latissimus, lats, lat", "shoulder", _SHOULDER),
    ("coracobrachialis", "", "shoulder", _SHOULDER),
    # arm
    ("biceps brachii", "biceps, bicep, elbow flexors, arm flexors", "arm", _ELBOW),
    ("brachialis", "", "arm", _ELBOW),
    ("triceps brachii", "triceps, tricep, elbow extensors, anconeus", "arm", _ELBOW),
    ("brachioradialis", "", "arm", _ELBOW),
    ("pronator teres", "pronator, pronators, forearm pronators, pronator quadratus", "arm", ("forearm_", "elbow_")),
    ("supinator", "supinators, forearm supinators", "arm", ("forearm_", "elbow_")),
    ("wrist flexors", "forearm flexors, flexor carpi radialis, flexor carpi ulnaris, finger flexors, FCR, FCU, "
     "flexor digitorum superficialis, flexor digitorum profundus, palmaris longus", "arm", _WRIST),
    ("wrist extensors", "forearm extensors, extensor carpi radialis, extensor carpi radialis longus, ECRL, ECRB, "
     "extensor carpi radialis brevis, extensor carpi ulnaris, ECU, extensor digitorum, finger extensors", "arm",
     _WRIST),
    ("thenar muscles", "thenar, thenar eminence, opponens pollicis, abductor pollicis brevis, "
     "flexor pollicis brevis, adductor pollicis", "arm", _WRIST),
    # trunk
    ("rectus abdominis", "abdominals, abs, abdominal muscles, stomach muscles, core, core muscles,"
     " six pack", "trunk", ()),
    ("obliques", "oblique, external oblique, external obliques, internal oblique, internal obliques, "
     "obliquus externus abdominis, obliquus internus abdominis, oblique abdominals, abdominal obliques", "trunk", ()),
    ("transversus abdominis", "transverse abdominis, transversus, transversus abdominus, transverse abdominals, TrA, "
     "TVA", "trunk", ()),
    ("diaphragm", "", "trunk", ()),
    ("intercostals", "intercostal, intercostales", "trunk", ()),
    ("erector spinae", "spinal erectors, erectors, back extensors, spinal extensors, paraspinals, paraspinal, "
     "iliocostalis, longissimus, spinalis, lumbar extensors, thoracic extensors, lower back, low back",
     "trunk", ()),
    ("multifidus", "multifidi, lumbar multifidus", "trunk", ()),
    ("quadratus lumborum", "QL", "trunk", ()),
    ("pelvic floor", "levator ani", "trunk", ()),
    # hip
    ("gluteus maximus", "gluteus, glutes, glute, gluteals, gluteal, glute max, gmax, buttocks, bum, bottom,"
     " hip extensors", "hip", _HIP),
    ("gluteus medius", "glute med, gmed, hip abductors", "hip", _HIP),
    ("gluteus minimus", "glute min, gmin", "hip", _HIP),
    ("tensor fasciae latae", "TFL, tensor fascia latae, tensor fascia lata", "hip", _HIP),
    ("iliotibial band", "ITB, IT band, iliotibial tract, tractus iliotibialis", "hip", _HIP),
    ("piriformis", "", "hip", _ROTATE),
    ("hip external rotators", "hip external rotator, deep hip rotators, external rotators of the hip, deep six, "
     "hip lateral rotators, obturator internus, obturator externus, gemelli, gemellus superior, gemellus inferior, "
     "quadratus femoris", "hip", _ROTATE),
    ("hip flexors", "hip flexor", "hip", ("hip_flexion", "hip_extension")),
    ("iliopsoas", "psoas, psoas major, iliacus", "hip", ("hip_flexion", "hip_extension")),
    ("sartorius", "", "hip", _HIP),
    ("adductors", "adductor, hip adductors, adductor longus, adductor magnus, adductor brevis, groin, groin muscles",
     "hip", _HIP),
    ("gracilis", "", "hip", _HIP),
    ("pectineus", "", "hip", _HIP),
    # thigh
    ("quadriceps", "quads, quad, quadriceps femoris, knee extensors, vastus intermedius, vasti", "thigh", _THIGH),
    ("rectus femoris", "", "thigh", _THIGH),
    ("vastus lateralis", "VL", "thigh", _THIGH),
    ("vastus medialis", "VMO, vastus medialis oblique, vastus medialis obliquus, VM", "thigh", _THIGH),
    ("hamstrings", "hamstring, hams, knee flexors, ischiocrurals, ischiocrural muscles", "thigh", _THIGH),
    ("biceps femoris", "lateral hamstring, lateral hamstrings", "thigh", _THIGH),
    ("semitendinosus", "medial hamstring, medial hamstrings", "thigh", _THIGH),
    ("semimembranosus", "", "thigh", _THIGH),
    # shank and foot
    ("triceps surae", "calf, calves, calf muscles, plantarflexors, plantar flexors, ankle plantarflexors,"
     " plantaris", "shank", _SHANK),
    ("gastrocnemius", "gastroc, gastrocs, gastrocnemii", "shank", _SHANK),
    ("soleus", "", "shank", _SHANK),
    ("Achilles tendon", "Achilles, calcaneal tendon, tendo calcaneus", "shank", _SHANK),
    ("popliteus", "", "shank", ("knee_",)),
    ("tibialis anterior", "tib ant, anterior tibialis, anterior tibial, shin muscles, dorsiflexors, ankle dorsiflexors",
     "shank", _SHANK),
    ("tibialis posterior", "tib post, posterior tibialis, posterior tibial", "shank", _SHANK),
    ("peroneals", "peroneus, peroneus longus, peroneus brevis, peronei, fibularis, fibularis longus, fibularis brevis, "
     "evertors, ankle evertors", "shank", _SHANK),
    ("toe extensors", "extensor digitorum longus, extensor hallucis longus, EHL, EDL", "shank", _SHANK),
    ("toe flexors", "flexor digitorum longus, flexor hallucis longus, FHL, FDL", "shank", _SHANK),
    ("foot intrinsics", "intrinsic foot muscles, plantar muscles, short foot muscles, plantar fascia, "
     "flexor digitorum brevis, abductor hallucis", "shank", _SHANK),
)

MUSCLES: Mapping[str, Muscle] = {
    name: Muscle(name, tuple(word for word in synonyms.split(", ") if word), region, moves)
    for name, synonyms, region, moves in _TABLE
}
REGIONS = tuple(dict.fromkeys(muscle.region for muscle in MUSCLES.values()))

_SIDE = re.compile(r"\b(left|right|both|bilateral)\b", re.IGNORECASE)
_LETTER = re.compile(r"\(?\b([LR])t?\b\.?\)?")
"""A side as a letter: `L quads`, `quadriceps (R)`, `Rt. calf`."""
_BESIDE = frozenset(("left", "right", "both", "bilateral", "and", "the", "muscle", "musculus", "musculi", "m", "mm",
                     "group"))
_JOINED = re.compile(r"\s*(?:/|,|&|\+|;|\band\b)\s*", re.IGNORECASE)
_ADJECTIVES = frozenset(("deep", "superficial", "working", "stretched", "long", "short", "head", "of", "lumbar",
                         "thoracic"))
"""Words that leave the muscle the same, where the whole name is none."""


_OF_THE_HAND = re.compile(r"pollicis|hypothenar|lumbrical|interosse|digiti minimi|palmar")
"""Small muscles of the hand that the table has not."""
ALIKE = 0.75
"""How alike a misspelt name of a muscle and what is meant are, as difflib measures it."""


def find(text: str) -> tuple[str, ...]:
    """The muscles that an author's text names, by their names in MUSCLES: one, or those that it joins; () for none."""
    whole = _one(text)
    if whole:
        return (whole,)
    parts = [_one(part) for part in _JOINED.split(text)]
    return tuple(dict.fromkeys(parts)) if len(parts) > 1 and all(parts) else ()


def named_side(text: str) -> str:
    """left, right, both, or "" where a text says none."""
    words = {match[1].lower() for match in _SIDE.finditer(text)}
    words |= {"left" if letter == "L" else "right" for letter in _LETTER.findall(text)}
    return words.pop() if len(words) == 1 and words <= {"left", "right"} else "both" if words else ""


def nearest(text: str) -> str:
    """The name, or synonym, that an unknown one is nearest to: by its letters, by a name that it holds, or that begins
    with it; "" where none is alike enough."""
    import difflib

    if _OF_THE_HAND.search(text.lower()):
        return ""  # what is spelt alike lies elsewhere: an adductor at the hip, a hallucis at the foot
    names = {name.lower(): name for muscle in MUSCLES.values() for name in (muscle.name, *muscle.synonyms)}
    word = " ".join(word for word in re.findall(r"\w+", _LETTER.sub(" ", text).lower()) if word not in _BESIDE)
    near = difflib.get_close_matches(word, list(names), n=1, cutoff=0.8)
    contained = (name for name in names if re.search(rf"\b{name}s?\b", word))
    near = near or sorted(contained, key=lambda name: (word.index(name), -len(name)))
    near = near or [name for name in names if len(word) > 3 and name.startswith(word)]
    near = near or difflib.get_close_matches(word, list(names), n=1, cutoff=ALIKE)
    return names[near[0]] if near else ""


def _one(text: str) -> str:
    key = _key(text)
    return _index().get(key) or _index().get(tuple(word for word in key if word not in _ADJECTIVES), "")


@lru_cache(maxsize=1)
def _index() -> Mapping[tuple[str, ...], str]:
    return {
        _key(name): muscle.name for muscle in MUSCLES.values() for name in (muscle.name, *muscle.synonyms)
    }


def _key(text: str) -> tuple[str, ...]:
    """A name without case, punctuation, plural, and words that name a side or say that it is a muscle."""
    plain = re.sub(r"\([^)]*\)|\b(?:left|right)[ -]sided?\b", " ", _LETTER.sub(" ", text).lower())
    words = (_singular(word) for word in re.findall(r"[^\W_]+", plain))
    return tuple(word for word in words if word not in _BESIDE)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "is", "ps", "ss")) else word


def tinted(texts: Iterable[str], posture: Mapping[str, Any]) -> Iterator[str]:
    """The muscles that a drawing tints, each once: its name, with `left` or `right` before it where one side is shown.

    The side is the one in the text, else the one that works in the pose. What no muscle is called is left out."""
    shown: dict[str, None] = {}
    for text in texts:
        said = named_side(text)
        for name in find(text):
            side = said or working_side(MUSCLES[name].moves, posture)
            shown[name if side in ("", "both") else f"{side} {name}"] = None
    yield from shown
