# One image for web, worker, beat, relay and migrations; compose.yaml says which command runs.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/eoffice
COPY requirements.lock pyproject.toml README.md ./
RUN /opt/eoffice/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY eoffice ./eoffice
RUN /opt/eoffice/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libreoffice-writer-nogui poppler-utils \
        tesseract-ocr tesseract-ocr-vie \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/eoffice --create-home eoffice
COPY --from=build /opt/eoffice /opt/eoffice
ENV PATH=/opt/eoffice/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    EOFFICE_VAR=/var/lib/eoffice \
    EOFFICE_HOST=0.0.0.0
USER eoffice
WORKDIR /var/lib/eoffice
EXPOSE 8080
CMD ["eoffice", "serve"]
