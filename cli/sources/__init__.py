"""`depeche sources`"""
