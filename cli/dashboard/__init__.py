"""`depeche dashboard`"""
