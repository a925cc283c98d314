"""What a view shows of a posed body: the camera, where muscles lie, which of them face it. Must not know pixels."""
