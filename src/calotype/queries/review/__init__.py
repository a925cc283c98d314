"""What a range of commits did to pictures, for who reviews it. Must not change anything but the page of it."""
