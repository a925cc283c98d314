"""Families whose U-Net reads what CLIP makes of a text: SDXL and Stable Diffusion 1.5."""
