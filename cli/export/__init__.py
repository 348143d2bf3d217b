"""`depeche export`"""
