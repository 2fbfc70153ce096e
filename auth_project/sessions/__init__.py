"""How people stay signed in: devices, refresh tokens, access tokens, signing keys."""
