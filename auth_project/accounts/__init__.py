"""Who people are: accounts, passwords, roles."""
