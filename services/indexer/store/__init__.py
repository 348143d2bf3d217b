"""How do landed pages become rows?"""
