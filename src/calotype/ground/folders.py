"""The names of what Calotype owns in a project, relative to it, with `/`: as diagnostics, the manifest and the record
say them. Must not know what is in the files.

It imports nothing: the path of every no-op goes through here.
"""

from __future__ import annotations

MARKER = "calotype.yaml"

SPECS, POSES, PICKS, CHARACTERS = "specs", "specs/poses", "specs/picks", "specs/characters"
SCHEMAS = "specs/.schemas"
TEMPLATES, STYLES, SHEET_TEMPLATES = "templates", "templates/styles", "templates/sheets"
HANDOUT_STRINGS = "templates/handout"

CONTENT, IMAGES, MANIFEST_FOLDER = "content", "content/images", "content/manifest"
TRAINING = "content/training"
LORA_RECORD, LORA_CURVE = "lora.json", "lora_loss.png"
"""Names inside the folder of a character below TRAINING: what is told of its LoRA, and the loss as a picture."""

BUILD = "build"
EDITED, PREVIEW, LOGS, TRACES = "build/edited", "build/preview", "build/logs", "build/traces"

CACHE, STATE = "cache", "cache/state"
STATE_DB, RECORD = "cache/state/state.db", "cache/state/record"
GENERATIONS = "cache/state/generations"
BEGUN = "cache/state/begun"
"""Pictures that are to be the first shots of scenes which are being written."""
BUILD_LOCK, DECISION_LOCK = "cache/state/build.lock", "cache/state/decisions.lock"
ACTIONS_DB, BLOBS, UNRECORDED, TRAININGS = "actions.db", "cas", "unrecorded", "training"
"""Names inside the cache folder that calotype.yaml chooses (`cache: {dir: ...}`)."""

MODELS_VARIABLE = "CALOTYPE_MODELS"
"""The environment variable that lists folders of weights outside a project."""
PACKS_VARIABLE = "INSIGHTFACE_HOME"
"""The environment variable that names the folder of insightface, in whose `models` its packs lie."""

TREES = (SPECS, TEMPLATES, CONTENT)
"""The folders that people and Calotype share: all in them decides what a build does, but for TRAINING: what is made of
the images is no input of theirs."""
OWN_FOLDERS = (BUILD, CACHE)
"""The folders that Calotype alone writes, and can make again."""


def picks_file(spec_key: str) -> str:
    """The file of the decisions about a spec, by its key: `exercises/chin_tuck`."""
    return f"{PICKS}/{spec_key}.yaml"


def trained_lora(character: str) -> str:
    """The file of the LoRA that is trained on a character, by its spec's key: `characters/mannequin`."""
    name = character.rpartition("/")[2]
    return f"{TRAINING}/{name}/{name}.safetensors"
