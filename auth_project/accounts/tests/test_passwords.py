"""How passwords are hashed in production."""

from django.contrib.auth.hashers import check_password, make_password

from auth_project.settings import PASSWORD_HASHERS


def test_passwords_are_hashed_with_the_parameters_of_owasp(settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS

    encoded = make_password("correct horse battery")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("correct horse battery", encoded)
    assert not check_password("correct horse batterz", encoded)
