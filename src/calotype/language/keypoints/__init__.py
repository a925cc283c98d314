"""Keypoints that other programs found in a picture, and the pose that they show. Must not know files nor drawings."""
