"""How do Celery and its workers use Redis?"""
