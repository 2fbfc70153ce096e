"""What the admin pages of the kit and of the services are made of."""
