"""What every service stands on: a kit for calls between services that loses nothing."""
