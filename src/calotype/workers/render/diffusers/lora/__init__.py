"""LoRAs: their files, the layers they change, on and off again."""
