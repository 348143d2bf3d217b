"""`depeche logs`"""
