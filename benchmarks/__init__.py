"""How fast Depeche is and how well it parses, each by a command that anybody can run on their own pages."""
