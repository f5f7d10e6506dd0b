"""`manage.py create_roles`: gives the four groups exactly their permissions again."""

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.services.roles import ROLES, create_roles


class Command(BaseCommand):
    help = "Reset the four roles to their permissions. `migrate` does it, too."

    def handle(self, *args: Any, **options: Any) -> None:
        create_roles()
        self.stdout.write(f"Ready: {', '.join(ROLES)}, administrator.")
