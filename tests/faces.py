"""A pack of face models in which a red square is a face, and what is drawn on it says whose.

The detector is an SCRFD of nine outputs over 320 x 320 pixels, which finds squares of 64 pixels at multiples of 32, the
redder the surer, and takes what is greener for larger; the recogniser makes 512 numbers of a face by a seeded matrix. Both are made in milliseconds, and run by insightface itself.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE, CELL, FACE = 320, 32, 64
_EYES_NOSE_MOUTH = [38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041]
"""Where insightface puts them in a face of 112 pixels: x and y of each."""


EMBEDDING = np.random.default_rng(1).standard_normal(512).astype(np.float32)
"""The embedding of somebody."""


def embedding(numbers: object) -> bytes:
    """A file `.npy` of them."""
    file = io.BytesIO()
    np.save(file, np.asarray(numbers), allow_pickle=True)
    return file.getvalue()


def face_pack(folder: Path, seed: int = 0, width: int = 512, recogniser: bool = True, detector: bool = True) -> Path:
    """Writes a pack into `folder`."""
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    if detector:
        onnx.save(_detector(), folder / "det.onnx")
    if recogniser:
        onnx.save(_recogniser(seed, width), folder / "rec.onnx")
    return folder


def face(person: int, shade: int = 0) -> Image.Image:
    """The face of a person, with `shade` levels of noise."""
    picture = Image.new("RGB", (FACE, FACE), (255, 0, 0))
    draw, draws = ImageDraw.Draw(picture), np.random.default_rng(person)
    for _ in range(4):
        x, y = (int(value) * 8 for value in draws.integers(0, FACE // 8, 2))
        draw.rectangle((x, y, x + 7, y + 7), fill=tuple(int(value) for value in draws.integers(0, 2, 3) * 200))
    noise = np.random.default_rng(99 + shade).integers(0, shade + 1, (FACE, FACE, 3))
    return Image.fromarray(np.clip(np.asarray(picture).astype(int) - noise, 0, 255).astype(np.uint8))


def portrait(*people: int, shade: int = 0) -> Image.Image:
    """A picture of 320 x 320 with the faces of people side by side; of nobody, plain paper."""
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    for place, person in enumerate(people):
        picture.paste(face(person, shade), (CELL + 4 * CELL * place, 2 * CELL))
    return picture


def _detector() -> object:
    from onnx import TensorProto, helper, numpy_helper

    outputs, nodes, initial = [], [], []

    def constant(name: str, values: np.ndarray) -> None:
        initial.append(numpy_helper.from_array(values.astype(np.float32), name))

    for stride in (8, 16):
        count = 2 * (SIDE // stride) ** 2
        for name, wide in (("score", 1), ("box", 4), ("point", 10)):
            constant(f"no_{name}_{stride}", np.zeros((count, wide)))
            nodes.append(helper.make_node("Identity", [f"no_{name}_{stride}"], [f"{name}_{stride}"]))
    count = 2 * (SIDE // CELL) ** 2
    constant("redness", np.array([0.5, -0.25, -0.25]).reshape(1, 3, 1, 1))
    constant("first_wins", -0.001 * np.arange(count // 2).reshape(1, 1, SIDE // CELL, SIDE // CELL))
    constant("more_green", np.tile([0.0, 0.5, 0.0], 4).reshape(4, 3, 1, 1))
    constant("widths", np.array([3.5, 3.5, 3.5, 3.5]))
    initial.append(numpy_helper.from_array(np.array([count, 4], np.int64), "box_rows"))
    constant("points", np.tile(np.array(_EYES_NOSE_MOUTH) * FACE / 112 / CELL, (count, 1)))
    initial.append(numpy_helper.from_array(np.array([count, 1], np.int64), "rows"))
    nodes += [
        helper.make_node("AveragePool", ["picture"], ["cells"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Conv", ["cells", "redness"], ["red"]),
        helper.make_node("Add", ["red", "first_wins"], ["ranked"]),
        helper.make_node("Concat", ["ranked", "ranked"], ["both"], axis=1),
        helper.make_node("Transpose", ["both"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["last", "rows"], ["score_32"]),
        helper.make_node("Conv", ["cells", "more_green", "widths"], ["wide"]),
        helper.make_node("Transpose", ["wide"], ["wide_last"], perm=[0, 2, 3, 1]),
        helper.make_node("Concat", ["wide_last", "wide_last"], ["wide_both"], axis=3),
        helper.make_node("Reshape", ["wide_both", "box_rows"], ["box_32"]),
        helper.make_node("Identity", ["points"], ["point_32"]),
    ]
    for name, wide in (("score", 1), ("box", 4), ("point", 10)):
        for stride in (8, 16, 32):
            shape = [2 * (SIDE // stride) ** 2, wide]
            outputs.append(helper.make_tensor_value_info(f"{name}_{stride}", TensorProto.FLOAT, shape))
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    return _model(helper.make_graph(nodes, "detector", [picture], outputs, initial))


def _recogniser(seed: int, width: int) -> object:
    from onnx import TensorProto, helper, numpy_helper

    rows = np.random.default_rng(seed).normal(size=(3 * 14 * 14, width)).astype(np.float32)
    less = np.tile(np.array([-1, 1, 1], np.float32).reshape(1, 3, 1, 1), (1, 1, 14, 14))
    nodes = [
        helper.make_node("AveragePool", ["face"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Add", ["cells", "less"], ["marks"]),
        helper.make_node("Flatten", ["marks"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["embedding"]),
    ]
    initial = [numpy_helper.from_array(less, "less"), numpy_helper.from_array(rows, "matrix")]
    shown = helper.make_tensor_value_info("face", TensorProto.FLOAT, [1, 3, 112, 112])
    made = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, width])
    return _model(helper.make_graph(nodes, "recogniser", [shown], [made], initial))


def _model(graph: object) -> object:
    from onnx import helper

    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
