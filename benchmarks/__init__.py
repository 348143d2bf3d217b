"""How fast Depeche is and how well it parses, each by one command that anybody can run on pages of their own."""
