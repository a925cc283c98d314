"""The site of the documentation, made by Sphinx from these Markdown files: `make docs`.

Nothing is loaded from elsewhere, and it works from a file. The reference of specs is written from the JSON Schemas.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from reference import fill, literal, plain

from calotype import __version__

project, author, version, release = "Calotype", "Calotype contributors", __version__, __version__
copyright = "Calotype contributors, Apache-2.0"
extensions = ["myst_parser", "sphinx_click"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["html_image"]
myst_heading_anchors = 4
nitpicky = True
suppress_warnings = ["config.cache"]
highlight_language = "none"

html_theme = "furo"
html_title = "Calotype"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # summaries are fetched, which a page opened as a file may not
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#8a4723", "color-brand-content": "#8a4723", "font-stack": "system-ui, sans-serif",
    },
    "dark_css_variables": {"color-brand-primary": "#e3a379", "color-brand-content": "#e3a379"},
}


def setup(app):
    app.connect("source-read", fill)
    app.connect("sphinx-click-process-epilog", literal)
    for part in ("description", "usage", "options", "arguments"):
        app.connect(f"sphinx-click-process-{part}", plain)
