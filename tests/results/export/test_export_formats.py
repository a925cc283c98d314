"""The files of a training set are what their readers want, and the same bytes anywhere."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile

import pytest
import yaml
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from calotype.ground.images import pixels_of
from calotype.language.pose import resolve
from calotype.results.export.coverage import coverage, signature
from calotype.results.export.exported_set import ExportedImage, ExportedSet, file_stem
from calotype.results.export.plain_png import without_metadata
from calotype.results.export.stored_zip import stored_zip
from calotype.results.export.trainer_configs import ai_toolkit_yaml, dataset_toml, metadata_jsonl
from calotype.results.export.training_readme import readme

ODD = 'fit, "quoted" \\ {brace} # and: colon | bar'


def exported_image(target: str = "characters/m/anchors/front", caption: str = "fit, standing", **more: object) -> ExportedImage:
    values = {"view": "anterior", "side": "right", "posture": resolve(None, "standing", {}), "size": (1024, 1024), **more}
    return ExportedImage(target, f"content/{target}.png", "0" * 64, caption, **values)  # type: ignore[arg-type]


def exported(*images: ExportedImage, **more: object) -> ExportedSet:
    return ExportedSet("m", "M", "fit", images or (exported_image(),), **more)  # type: ignore[arg-type]


def png(colour: tuple[int, ...] = (10, 20, 30), mode: str = "RGB", size: int = 32, texts: bool = True) -> bytes:
    data, info = io.BytesIO(), PngInfo()
    info.add_text("parameters", "a secret prompt")
    info.add_itxt("XML:com.adobe.xmp", "<x/>")
    more = {"pnginfo": info, "dpi": (72, 72), "exif": Image.Exif()} if texts else {}
    Image.new(mode, (size, size), colour).save(data, "PNG", **more)
    return data.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_a_picture_loses_its_metadata_and_no_pixel(mode: str):
    data = png((10, 20, 30, 40)[:len(mode)], mode)
    plain = without_metadata(data)
    assert b"secret" in data and b"secret" not in plain and len(plain) < len(data)
    assert pixels_of(plain) == pixels_of(data) and Image.open(io.BytesIO(plain)).info == {}
    assert without_metadata(plain) == plain


def test_transparency_of_a_palette_is_no_metadata():
    data = io.BytesIO()
    Image.new("P", (8, 8), 1).save(data, "PNG", transparency=1)
    assert pixels_of(without_metadata(data.getvalue())) == pixels_of(data.getvalue())


@pytest.mark.parametrize("damage", [
    lambda data: data[:-20], lambda data: b"GIF89a" + data, lambda data: data[:60] + b"\0" + data[61:],
    lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", lambda data: b"", lambda data: data[:8],
    lambda data: data[:8] + b"\xff\xff\xff\xffIDAT" + data[16:],
])
def test_what_is_no_whole_png_is_refused(damage):
    with pytest.raises(ValueError):
        without_metadata(damage(png(texts=False)))


def test_a_zip_is_stored_in_the_order_given_and_of_one_time():
    files = [("b/x.png", b"\x89PNG"), ("a.txt", b"text " * 999)]
    data = stored_zip(files)
    assert data == stored_zip(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
    assert [(entry.filename, entry.compress_type, entry.date_time[0]) for entry in entries] == [
        ("b/x.png", zipfile.ZIP_STORED, 1980), ("a.txt", zipfile.ZIP_STORED, 1980)]
    assert {(entry.external_attr >> 16 & 0o777, entry.create_system) for entry in entries} == {(0o644, 3)}


def test_kohya_reads_its_dataset():
    data = tomllib.loads(dataset_toml(exported(exported_image(size=(768, 1344)))))
    assert data["general"] == {"caption_extension": ".txt", "shuffle_caption": True, "keep_tokens": 1, "flip_aug": False}
    (dataset,) = data["datasets"]
    assert dataset["resolution"] == 1024 and dataset["subsets"][0]["image_dir"] == "images"


@pytest.mark.parametrize("rate", [0.0001, 0.00001, 1.0])
def test_ai_toolkit_reads_its_job(rate: float):
    given = exported(exported_image(caption=ODD), training={"steps": 1500, "rank": 32, "learning_rate": rate})
    data = yaml.safe_load(ai_toolkit_yaml(given))
    assert (data["job"], data["config"]["name"]) == ("extension", "m")
    (process,) = data["config"]["process"]
    assert (process["type"], process["trigger_word"]) == ("sd_trainer", "fit")
    assert process["network"] == {"type": "lora", "linear": 32, "linear_alpha": 32}
    assert process["datasets"][0]["folder_path"] == "images" and process["datasets"][0]["flip_x"] is False
    assert process["train"]["steps"] == 1500 and process["train"]["lr"] == rate
    assert process["model"] == {"name_or_path": "stabilityai/stable-diffusion-xl-base-1.0", "is_xl": True}
    assert process["sample"]["prompts"] == [ODD]


def test_metadata_has_a_line_for_each_picture_whatever_its_caption():
    given = exported(exported_image(caption=ODD), exported_image("characters/m/variations/squat_01", "fit, Ü"))
    rows = [json.loads(line) for line in metadata_jsonl(given).splitlines()]
    assert rows == [{"file_name": "anchor_front.png", "text": ODD}, {"file_name": "squat_01.png", "text": "fit, Ü"}]


def test_the_readme_says_how_to_train_and_is_a_card_of_the_hub():
    given = exported(exported_image(caption=ODD))
    text = readme(given, coverage(given.images))
    _, head, body = text.split("---\n", 2)
    paths = yaml.safe_load(head)["configs"][0]["data_files"][0]["path"]
    assert paths == ["images/*.png", "images/metadata.jsonl"]
    for word in ("`fit`", "1000 to 1500 steps", "rank 16 to 32", "30 minutes", "5 dollars", "m.zip", "flip_aug"):
        assert word in body


def test_files_are_called_by_their_targets_and_never_twice():
    assert file_stem("characters/m/anchors/front") == "anchor_front"
    assert file_stem("characters/m/variations/pullup_top_01") == "pullup_top_01"
    given = exported(exported_image("characters/m/variations/anchor_front_01"), exported_image("characters/m/anchors/front_01"))
    assert [image.name for image in given.images] == ["anchor_front_01", "variation_anchor_front_01"]


def test_the_key_holds_what_decides_the_bytes_and_not_where_pictures_lie():
    key = exported().key
    moved = exported_image()
    moved.path = "content/elsewhere.png"
    assert exported(moved).key == key
    others = [
        exported(exported_image(caption="fit, seated")), exported(exported_image(view="lateral")),
        exported(exported_image(posture=resolve({"base": "seated"}, "standing", {}))), exported(training={"steps": 9}),
        exported(exported_image(), exported_image("characters/m/anchors/back")), exported(base="org/other"),
        ExportedSet("m", "M", "other", (exported_image(),)),
    ]
    assert len({key, *(other.key for other in others)}) == len(others) + 1


def test_coverage_counts_views_positions_joints_and_sides():
    left = resolve({"left": {"elbow_flexion": 90}}, "standing", {})
    report = coverage([
        exported_image(view="lateral", side="left"), exported_image("characters/m/anchors/b", posture=left),
        exported_image("characters/m/anchors/c", posture=resolve(None, "seated", {})),
    ])
    assert report["views"] == {"anterior": 2, "oblique": 0, "close-up": 0, "lateral": 1, "posterior": 0}
    assert report["positions"] == {"seated": 1, "standing": 2}
    assert report["sides"] == {"seen": {"left": 1, "right": 0}, "moved": {"even": 2, "left": 1}}
    assert (report["joints"]["elbow_flexion"], report["joints"]["knee_flexion"]) == (1, 0)


def test_of_an_image_without_a_pose_no_posture_is_claimed():
    unposed = [exported_image("characters/m/anchors/a", posture={}), exported_image("characters/m/anchors/b", posture={})]
    report = coverage([*unposed, exported_image("characters/m/anchors/c")])
    assert (report["positions"], report["unposed"], report["near_duplicates"]) == ({"standing": 1}, 2, [])
    given = exported(*unposed)
    assert "Positions: none; 2 without a written pose." in readme(given, coverage(given.images))


def test_what_is_posed_and_seen_alike_or_looks_alike_is_nearly_the_same():
    bent = resolve({"hip_flexion": 90, "knee_flexion": 90}, "standing", {})
    one, two = exported_image("characters/m/anchors/a"), exported_image("characters/m/anchors/b")
    other = exported_image("characters/m/anchors/c", posture=bent)
    pairs = coverage([one, two, other])["near_duplicates"]
    assert pairs == [{"images": ["anchor_a", "anchor_b"], "pose": 0.0, "pixels": None}]
    looks = {one.target: signature(png()), two.target: signature(png((200, 0, 0))), other.target: signature(png((11, 20, 30)))}
    report = coverage([one, two, other], looks)
    assert [pair["images"] for pair in report["near_duplicates"]] == [["anchor_a", "anchor_c"], ["anchor_a", "anchor_b"]]
    assert report["near_duplicate_pairs"] == 2
    assert coverage([one, exported_image("characters/m/anchors/b", view="posterior")])["near_duplicates"] == []


def test_a_signature_is_whole_numbers_of_the_picture_seen():
    assert signature(png((10, 20, 30), size=100)) == [10, 20, 30] * 256
    assert signature(png((10, 20, 30), size=7)) == [10, 20, 30] * 49
