# Three images: `--target api` (the default), `--target indexer` and `--target intelligence`, each of
# which belongs on a host of its own.
#
# The base is named by its tag. No digest stands here, because one that is never renewed keeps its
# holes: whoever builds pins what they have checked, with --build-arg PYTHON_DIGEST=sha256:...
ARG PYTHON_TAG=3.11-slim-bookworm
ARG PYTHON_DIGEST=""

FROM docker.io/library/python:${PYTHON_TAG}${PYTHON_DIGEST:+@${PYTHON_DIGEST}} AS base


# Wheels are made here with the base's own pip, so that the environment that ships has no pip,
# setuptools or compiler in it. The index is the one that pip is configured with; the address and
# password of a mirror come as a secret, which no layer keeps: --secret id=pip.conf,src=pip.conf
FROM base AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/build.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python -m venv --without-pip /opt/screening \
    && pip install --require-hashes -r build.txt


FROM builder AS indexer-builder
COPY requirements/indexer.txt ./
# Hashes are checked as the wheels are made: pybloom-live comes as source, and a wheel that was
# built here has no hash to compare with. The second step takes nothing from elsewhere.
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    pip wheel --require-hashes --no-build-isolation --wheel-dir wheels -r indexer.txt \
    && pip --python /opt/screening/bin/python install --no-index --no-deps wheels/*.whl
COPY deploy/bin/indexer /opt/screening/bin/
COPY screening/ /opt/screening/app/screening/
COPY indexer/ /opt/screening/app/indexer/
# The root file system is read-only later on, so what Python would compile is compiled now.
RUN chmod 0755 /opt/screening/bin/indexer \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/screening/app


FROM builder AS intelligence-builder
COPY requirements/intelligence.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    pip wheel --require-hashes --no-build-isolation --wheel-dir wheels -r intelligence.txt \
    && pip --python /opt/screening/bin/python install --no-index --no-deps wheels/*.whl
COPY deploy/bin/intelligence /opt/screening/bin/
COPY screening/ /opt/screening/app/screening/
COPY intelligence/ /opt/screening/app/intelligence/
RUN chmod 0755 /opt/screening/bin/intelligence \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/screening/app


FROM builder AS api-builder
COPY requirements/api.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    pip wheel --require-hashes --no-build-isolation --wheel-dir wheels -r api.txt \
    && pip --python /opt/screening/bin/python install --no-index --no-deps wheels/*.whl
COPY deploy/bin/screening /opt/screening/bin/
COPY screening/ /opt/screening/app/screening/
RUN chmod 0755 /opt/screening/bin/screening \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/screening/app


# State lies below /var/lib/screening and keys in /run/secrets/screening; nothing else is written,
# /tmp included. A new named volume takes over owner and mode of the folder that it is mounted on,
# so that the spools, which indexer and console share, have one here.
FROM base AS runtime
RUN groupadd --gid 10001 screening \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/screening \
        --shell /usr/sbin/nologin screening \
    && install -d -o 10001 -g 10001 -m 0700 \
        /var/lib/screening /var/lib/screening/spool /run/secrets/screening
COPY LICENSE /opt/screening/
ENV PATH=/opt/screening/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/screening/app \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
# The path of a folder, which is empty in the image; the keys in it are mounted.
# hadolint ignore=DL3064
ENV SCREENING_SECRETS=/run/secrets/screening
LABEL org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
WORKDIR /var/lib/screening
VOLUME ["/var/lib/screening"]
# In numbers, so that an orchestrator can tell that it is not root.
USER 10001:10001


FROM runtime AS indexer
LABEL org.opencontainers.image.title="screening-indexer" \
      org.opencontainers.image.description="Turns a curated list into signed, keyed indexes"
# The private halves of disclosure keys lie beside the home until they are moved to another host.
ENV INDEXER_HOME=/var/lib/screening/indexer \
    DISCLOSURE_HOME=/var/lib/screening/disclosure \
    INDEXER_SPOOL=/var/lib/screening/spool
COPY --from=indexer-builder /opt/screening /opt/screening
HEALTHCHECK NONE
ENTRYPOINT ["indexer"]
CMD ["status"]


FROM runtime AS intelligence
LABEL org.opencontainers.image.title="screening-intelligence" \
      org.opencontainers.image.description="The console of those who keep the list, and disclosure"
# It serves none but the proxy that INTELLIGENCE_PUBLIC_URL and INTELLIGENCE_TRUSTED_PROXIES name,
# and does not start without them.
ENV INTELLIGENCE_HOME=/var/lib/screening/intelligence \
    INTELLIGENCE_SPOOL=/var/lib/screening/spool \
    INTELLIGENCE_HOST=0.0.0.0 \
    INTELLIGENCE_PORT=8070
COPY --from=intelligence-builder /opt/screening /opt/screening
EXPOSE 8070
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, socket; socket.create_connection(('127.0.0.1', int(os.environ['INTELLIGENCE_PORT'])), timeout=3).close()"]
ENTRYPOINT ["intelligence"]
CMD ["serve"]


FROM runtime AS api
LABEL org.opencontainers.image.title="screening-api" \
      org.opencontainers.image.description="Answers at checkout whether a selector is on the list"
# One level below the volume: a mount may have any mode, but this folder is made with 0700.
# The metrics port stays on the container's own loopback until SCREENING_METRICS_HOST says otherwise.
ENV SCREENING_HOME=/var/lib/screening/api \
    SCREENING_HOST=0.0.0.0 \
    SCREENING_PORT=8080
COPY --from=api-builder /opt/screening /opt/screening
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['SCREENING_PORT']), timeout=3); c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["screening"]
CMD ["serve"]
