# The gateway and the worker in one image: `serve` by default, `worker` as an argument.
# Two stages, so that neither pip's build tools nor its cache reach the image that runs.
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/echosignal
WORKDIR /src
# Dependencies first: they change more rarely than the code, and come pinned by hash.
COPY requirements/runtime.lock requirements/archive.lock requirements/build.lock requirements/
RUN /opt/echosignal/bin/pip install --require-hashes -r requirements/runtime.lock \
 && /opt/echosignal/bin/pip install --require-hashes --no-deps -r requirements/archive.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md ./
COPY config config
COPY gateway gateway
COPY sync_engine sync_engine
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/echosignal/bin/pip install --no-deps --no-index --find-links /wheels echosignal \
 && /opt/echosignal/bin/python -m compileall -q /opt/echosignal/lib

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --home-dir /var/lib/echosignal --create-home echosignal
COPY --from=build /opt/echosignal /opt/echosignal
ENV PATH=/opt/echosignal/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ECHOSIGNAL_HOST=0.0.0.0 \
    ECHOSIGNAL_PORT=8000 \
    ECHOSIGNAL_DATA_DIR=/var/lib/echosignal
USER 10001
WORKDIR /var/lib/echosignal
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['ECHOSIGNAL_PORT']}/healthz\", timeout=2)"]
ENTRYPOINT ["echosignal"]
CMD ["serve"]
