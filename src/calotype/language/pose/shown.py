"""The names by which a drawing shows muscles and joints: `muscles_shown`, `joints_shown`. Must not know where they lie.

A name counts wherever it stands in what an author wrote: `left suboccipital muscles` are `suboccipital`.
"""

from __future__ import annotations

MUSCLES = (
    "suboccipital", "deep neck flexor", "longus colli", "sternocleidomastoid", "scalene", "levator scapulae",
    "upper trapezius", "trapezius", "rhomboid", "rotator cuff", "infraspinatus", "supraspinatus", "deltoid",
    "pectoralis", "serratus", "latissimus", "biceps brachii", "triceps", "forearm flexor", "forearm extensor",
    "rectus abdominis", "oblique", "transvers", "erector spinae", "multifidus", "quadratus lumborum",
    "gluteus maximus", "gluteus medius", "piriformis", "hip external rotator", "hip flexor", "iliopsoas",
    "quadriceps", "hamstring", "adductor", "gastrocnemius", "soleus", "tibialis anterior", "tibialis posterior",
    "peroneus",
)
MUSCLE_SYNONYMS = {
    "glute": "gluteus maximus", "calf": "gastrocnemius", "calves": "gastrocnemius", "quads": "quadriceps",
    "lats": "latissimus", "pecs": "pectoralis", "abdominals": "rectus abdominis", "biceps": "biceps brachii",
    "abdominis": "transvers", "core": "rectus abdominis", "fibularis": "peroneus", "neck flexor": "deep neck flexor",
    "teres": "infraspinatus", "subscapularis": "rotator cuff", "psoas": "iliopsoas",
}
JOINTS = (
    "metatars", "ankle", "knee", "hip", "wrist", "elbow", "shoulder", "glenohumeral", "scapul", "cervical", "neck",
    "thoracic", "lumbar", "spine", "sacroiliac",
)


def is_muscle(text: str) -> bool:
    return any(name in text.lower() for name in (*MUSCLES, *MUSCLE_SYNONYMS))


def is_joint(text: str) -> bool:
    return any(name in text.lower() for name in JOINTS)
