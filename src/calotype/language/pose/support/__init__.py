"""What carries a body beside the floor: what it lies on, and how limbs come on to it. Must not know pictures."""
