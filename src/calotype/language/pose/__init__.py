"""Poses as a physiotherapist writes them: joint angles, sides, bases. Must not know pictures."""

from calotype.language.pose.chains import Chains
from calotype.language.pose.check import check
from calotype.language.pose.pose_finding import Finding
from calotype.language.pose.posture import resolve

__all__ = ["Chains", "Finding", "check", "resolve"]
