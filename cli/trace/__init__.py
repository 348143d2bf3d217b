"""`depeche trace`"""
