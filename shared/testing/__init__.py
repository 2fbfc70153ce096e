"""For tests: a pytest plugin, the real platform on free ports, a faulty peer."""
