"""`depeche inspect`"""
