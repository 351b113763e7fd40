# syntax=docker/dockerfile:1
# DoorBot in a container: docker build -t doorbot . (see docs/operations.md; compose.yaml has the Redis beside it)
FROM python:3.13-slim AS packages
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DOORBOT_IMAGE=1
RUN useradd --system --uid 10001 --home-dir /app --no-create-home doorbot \
 && mkdir -p /app/data && chown doorbot /app/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY config.py ./
COPY app app
USER doorbot
EXPOSE 8000
# The office's file is mounted or added: it is yours, and changes more often than the image.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8000), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "app", "serve"]
