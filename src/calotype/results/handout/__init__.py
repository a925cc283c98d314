"""Several exercises on paper, for one patient: strings of a language, and the page."""
