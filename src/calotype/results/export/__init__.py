"""What is made of images for other programs: training sets, with their captions and configurations."""
