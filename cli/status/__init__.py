"""`depeche status`"""
