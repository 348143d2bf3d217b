"""`depeche doctor`"""
