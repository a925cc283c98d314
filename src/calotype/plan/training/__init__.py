"""Which images of a character a LoRA of it is to be trained on. Must not know how they are exported."""
