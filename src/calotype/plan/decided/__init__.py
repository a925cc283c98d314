"""What people decided, held against what targets ask for. Must not know how a picture is chosen where nobody did."""
