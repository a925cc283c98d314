"""What judges of pictures say, what each of them weighs, and how that is put into words."""
