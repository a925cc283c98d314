"""What people decided of pictures: indexed by render, remembered between builds."""
