"""What judges found, as text for a terminal."""
