"""What operators manage of the peers: where they are, how to call them, their keys."""
