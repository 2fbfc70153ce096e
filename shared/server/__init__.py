"""Coming in: middleware, @serves, problems, strict JSON, health, tokens, lists."""
