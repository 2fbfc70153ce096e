# One image for all services: SERVICE says which, the command says web, worker, stream
# or prepare (ops/container.py). It holds no secret; compose.yaml shows what it needs.

FROM python:3.11.14-slim-bookworm AS packages
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv /opt/platform \
    && /opt/platform/bin/python -m pip install --no-cache-dir \
        --disable-pip-version-check --require-hashes -r /tmp/runtime.txt

FROM python:3.11.14-slim-bookworm
COPY --from=packages /opt/platform /opt/platform
WORKDIR /app
COPY . .
ENV PATH=/opt/platform/bin:$PATH
RUN python -m compileall -q .
# The root file system may be read-only: byte code is made above, and the rest goes to
# PLATFORM_VAR and /tmp.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp \
    PLATFORM_MODE=production PLATFORM_VAR=/var/lib/platform BIND_ADDRESS=0.0.0.0
# Any user will do who may read and write what is mounted below PLATFORM_VAR.
USER 1000:1000
ENTRYPOINT ["python", "-m", "ops.container"]
CMD ["web"]
