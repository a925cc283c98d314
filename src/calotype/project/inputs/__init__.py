"""What requests name beside text: weights and pictures, by digest."""
