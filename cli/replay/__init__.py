"""`depeche replay`"""
