"""What the pictures of a target are worth, and which of them stands for it."""
