"""Vectors and rotations in three dimensions, in plain Python: a skeleton is too small to pay for an import.

A vector is (x, y, z); a rotation is its three rows. Must not know bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

Vector = tuple[float, float, float]
Rotation = tuple[Vector, Vector, Vector]

IDENTITY: Rotation = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def about_x(degrees: float) -> Rotation:
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c))


def about_y(degrees: float) -> Rotation:
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c))


def about_z(degrees: float) -> Rotation:
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0))


def times(a: Rotation, b: Rotation) -> Rotation:
    """The rotation `b`, then `a`."""
    (b00, b01, b02), (b10, b11, b12), (b20, b21, b22) = b
    (a0, a1, a2), (a3, a4, a5), (a6, a7, a8) = a
    return (
        (a0 * b00 + a1 * b10 + a2 * b20, a0 * b01 + a1 * b11 + a2 * b21, a0 * b02 + a1 * b12 + a2 * b22),
        (a3 * b00 + a4 * b10 + a5 * b20, a3 * b01 + a4 * b11 + a5 * b21, a3 * b02 + a4 * b12 + a5 * b22),
        (a6 * b00 + a7 * b10 + a8 * b20, a6 * b01 + a7 * b11 + a8 * b21, a6 * b02 + a7 * b12 + a8 * b22),
    )


def turn(rotation: Rotation, vector: Vector) -> Vector:
    (a, b, c), (d, e, f), (g, h, i) = rotation
    x, y, z = vector
    return (a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z)


def back(rotation: Rotation) -> Rotation:
    """The inverse rotation."""
    (a, b, c), (d, e, f), (g, h, i) = rotation
    return ((a, d, g), (b, e, h), (c, f, i))


def add(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def subtract(a: Vector, b: Vector) -> Vector:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def scale(a: Vector, k: float) -> Vector:
    return (a[0] * k, a[1] * k, a[2] * k)


def middle(points: Sequence[Vector]) -> Vector:
    """The mean of some points."""
    total = (0.0, 0.0, 0.0)
    for point in points:
        total = add(total, point)
    return scale(total, 1 / len(points))
