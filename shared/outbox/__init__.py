"""What must arrive: messages stored with the change that they report, and the relay."""
