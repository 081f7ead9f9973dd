"""What the flow needs from the outside, as protocols; ``copydesk.runtime`` holds the real ones and the in-memory ones."""
