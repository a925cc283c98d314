"""What people say of pictures, written to specs/picks/. Must not render anything."""
