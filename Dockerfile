# The product as an image: one for web, worker and migrations (see compose.yaml and docs/deployment.md).
# The first stage has pip and what it leaves behind; the second only what runs.
FROM python:3.13-slim AS packages
WORKDIR /build
COPY requirements.txt requirements-ssm.txt ./
# 1 adds what secrets in AWS's Parameter Store need.
ARG WITH_SSM=0
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && if [ "$WITH_SSM" = 1 ]; then \
         /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-ssm.txt; \
       fi

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ENV_FILE=
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin innkeep
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py gunicorn.conf.py ./
COPY bookings bookings
COPY cancellations cancellations
COPY payments payments
COPY site_config site_config
COPY templates templates
COPY trail trail
# Collecting needs settings that start, and none that is secret: this key signs nothing and is not in the image.
RUN DJANGO_SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(64))") \
    python manage.py collectstatic --noinput --verbosity 0
USER innkeep
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# A worker's temporary file on a disk that hangs would make it look dead. 30 s are for requests in hand, on SIGTERM.
CMD ["gunicorn", "site_config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--preload", \
     "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30"]
