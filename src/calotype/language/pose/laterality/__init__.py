"""Left and right in an author's words against left and right in the pose. Must not know where the words stand.

It says only what is true: a text is held against the pose where it names one side, and is found false where the other
side does what it says and the named one does not. What can be read in two ways is left alone.
"""

from calotype.language.pose.laterality.contradictions import contradictions, one_sided
from calotype.language.pose.laterality.side_words import other

__all__ = ["contradictions", "one_sided", "other"]
