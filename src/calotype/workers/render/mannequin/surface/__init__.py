"""What lies where on the skin: clothes, hair, the marks that tell front from back. Must not know colours."""
