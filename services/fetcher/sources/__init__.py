"""What is a source? sources.toml, read and checked."""
