"""What a person reads when the platform is up."""

import json

from .platform import SERVICES, Platform

DEMO_ACCOUNTS_FILE = "demo_accounts.json"


def banner(platform: Platform) -> str:
    """Return the addresses, the demo accounts, and what to try next."""
    gateway = platform.gateway_url
    lines = [
        "",
        f"  The platform is up:  {gateway}",
        "",
        _row("service", "admin, for operators", "API documentation"),
        *(
            _row(
                service,
                f"{platform.url(service)}/admin/",
                f"{platform.url(service)}/api/docs",
            )
            for service in SERVICES
        ),
        "",
        *_accounts(platform),
        "  Try it:",
        f"  1. curl -s {gateway}/api/v1/auth/register -H 'Content-Type: "
        "application/json' \\",
        '       -d \'{"email": "ana@example.com", '
        '"password": "correct-horse-battery", "full_name": "Ana"}\'',
        "     TOKEN=…   (the access_token of the answer)",
        f'  2. curl -s {gateway}/api/v1/user/profile -H "Authorization: Bearer $TOKEN"',
        f'  3. curl -s {gateway}/api/v1/notifications -H "Authorization: '
        'Bearer $TOKEN"',
        f'  4. curl -sN {gateway}/api/v1/notifications/stream -H "Authorization: '
        'Bearer $TOKEN"',
        "     and read what happens, as it happens",
        "",
    ]
    return "\n".join(lines)


def _row(service: str, admin: str, documentation: str) -> str:
    return f"  {service:<13} {admin:<31} {documentation}"


def _accounts(platform: Platform) -> list[str]:
    path = platform.var / "auth" / DEMO_ACCOUNTS_FILE
    if not path.is_file():
        return []
    accounts = json.loads(path.read_text())
    return [
        "  Demo accounts:",
        *(
            f"  {account['role']:<11} {account['email']:<28} {account['password']}"
            for account in accounts
        ),
        "",
    ]
