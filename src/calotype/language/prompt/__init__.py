"""Prompts: styles in sandboxed Jinja2, and the words of the field. Must not know renderers, nor specs."""

from calotype.language.prompt.compose import compose, written_whole
from calotype.language.prompt.styles import Styles, style_of

__all__ = ["Styles", "compose", "style_of", "written_whole"]
