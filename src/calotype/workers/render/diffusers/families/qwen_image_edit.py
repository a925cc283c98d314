"""Qwen-Image-Edit: Qwen-Image that works on pictures, one (the first edition) or several (Plus)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.workers.protocol import Request
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.families.qwen_image import NO_NEGATIVE, QwenImage
from calotype.workers.render.diffusers.flow.flow_request import pictures_of, request_of

if TYPE_CHECKING:
    from calotype.language.image import Image

ONE = "QwenImageEditPipeline"


class QwenImageEdit(QwenImage):
    name, title = "qwen-image-edit", "Qwen-Image-Edit"
    classes = (ONE, "QwenImageEditPlusPipeline")
    published = "Qwen/Qwen-Image-Edit-2509"
    pipelines = {"edit": ONE}
    shows_pictures = True

    def request(self, image: Image) -> Request:
        pictures = pictures_of(image)
        if not pictures:
            raise Problem(error(
                "no-reference", f"{self.title} works on a picture, and `{image.target}` names none", file=image.spec,
                hint="give it a `reference`, or a character that has `references`"))
        return {**request_of(self, image), "references": pictures}

    def check(self, pipe: Any, request: Request) -> None:
        if type(pipe).__name__ == ONE and len(request["references"]) > 1:
            raise Refused(
                f"this edition of {self.title} works on one picture, and there are {len(request['references'])}",
                "take Qwen-Image-Edit-2509 or a later one, or give one reference")

    def task(self, request: Request) -> str:
        return "edit"

    def pipeline(self, kind: str, base: Any) -> str:
        """Its models have one task, and are laid out for the pipeline that does it."""
        return type(base).__name__

    def edited(self, pipe: Any, pictures: Sequence[Any]) -> dict[str, Any]:
        return {"image": pictures[0] if type(pipe).__name__ == ONE else list(pictures)}

    def encoded(self, pipe: Any, device: Any, text: str, pictures: Sequence[Any]) -> Mapping[str, Any]:
        """As the pipelines prepare the pictures for it."""
        shown = _shown(pipe, pictures)
        embeds, mask = pipe.encode_prompt([text or NO_NEGATIVE], image=shown, device=device)
        return {"embeds": embeds} if mask is None else {"embeds": embeds, "mask": mask}


def _shown(pipe: Any, pictures: Sequence[Any]) -> Any:
    """The pictures in the sizes in which the text encoder sees them: one, or a list of several."""
    resize = pipe.image_processor.resize
    if type(pipe).__name__ == ONE:
        from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit

        of_one: Any = pipeline_qwenimage_edit
        width, height, _ = of_one.calculate_dimensions(1024 * 1024, pictures[0].width / pictures[0].height)
        return resize(pictures[0], height, width)
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus

    of_several: Any = pipeline_qwenimage_edit_plus
    sizes = [of_several.calculate_dimensions(of_several.CONDITION_IMAGE_SIZE, each.width / each.height)
             for each in pictures]
    return [resize(each, height, width) for each, (width, height) in zip(pictures, sizes, strict=True)]
