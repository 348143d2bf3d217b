"""`depeche quarantine`"""
