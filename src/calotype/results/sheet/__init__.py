"""Contact sheets: HTML under build/. Must not know of renderers, caches or schedules."""
