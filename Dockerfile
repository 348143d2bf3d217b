# One file for all images: `docker build --build-arg SERVICE=parser .` (fetcher, parser, indexer or cli). REVISION and
# SOURCE say which commit of which repository it is built from, and stand in its labels.
# An image holds the libraries of its own lock file, shared/ and its own service, so that an import of anything else
# fails when the container starts. With OTEL=1 they can send traces, too (docs/operations.md). The tick runs from the
# fetcher's image, the migration from the command line's.
ARG SERVICE
# deploy/pin-images adds digests. The second is for the command line, which is to have the server's own version of pg_dump.
ARG PYTHON_IMAGE=python:3.13.13-slim-trixie
ARG POSTGRES_IMAGE=postgres:17.10

FROM ${PYTHON_IMAGE} AS libraries
ARG SERVICE
ARG OTEL=
COPY requirements/${SERVICE}.txt /requirements/service.txt
COPY requirements/otel.txt /requirements/otel.txt
# Wheels only: nothing is compiled here, and no build tool comes in that the lock file does not pin.
RUN python -m venv --without-pip /venv \
 && for file in service ${OTEL:+otel}; do \
      python -m pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
        --require-hashes --only-binary :all: --requirement "/requirements/$file.txt" || exit 1; \
    done

FROM libraries AS fetcher-libraries

FROM libraries AS indexer-libraries

# The compiled part of the parser (docs/decisions/0023-native-walk.md), for the images that parse. The compiler is the
# distribution's; nothing of this stage but the module goes on. Python's own headers are a package where Python is one.
FROM ${PYTHON_IMAGE} AS compiled
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev \
 && { [ -e "$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] \
      || apt-get install -y -qq --no-install-recommends libpython3-dev; }
WORKDIR /build
COPY requirements/native.txt requirements/parser.txt requirements/
RUN python -m venv /native \
 && /native/bin/python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
    --require-hashes --only-binary :all: --requirement requirements/native.txt
COPY shared shared
COPY services/__init__.py services/
COPY services/parser/__init__.py services/parser/settings.py services/parser/
COPY services/parser/native services/parser/native
RUN /native/bin/python -m services.parser.native.build && mkdir /module \
 && cp /native/lib/python3*/site-packages/depeche_native.*.so /module/

FROM libraries AS parser-libraries
COPY --from=compiled /module /module
RUN mv /module/* /venv/lib/python3*/site-packages/

FROM libraries AS cli-libraries
COPY --from=compiled /module /module
RUN mv /module/* /venv/lib/python3*/site-packages/

FROM ${SERVICE}-libraries AS service-libraries

FROM ${PYTHON_IMAGE} AS shared-code
WORKDIR /app
COPY deploy/make-certificates deploy/make-secrets deploy/redis-users deploy/share-secrets deploy/with-secrets bin/
COPY shared shared
COPY services/__init__.py services/

FROM shared-code AS fetcher-code
COPY services/fetcher services/fetcher

FROM shared-code AS parser-code
COPY services/parser services/parser

FROM shared-code AS indexer-code
COPY services/indexer services/indexer

FROM shared-code AS cli-code
COPY services services
COPY cli cli
COPY .env.example sources.example.toml ./

# Readable whatever the umask of the clone was; compiled here because a container cannot write to its file system.
FROM ${SERVICE}-code AS code
RUN chmod -R a+rX . && chmod a+x bin/* && python -m compileall -q .

# The language model of those images that parse, unpacked for all of their processes to map; an empty folder in the others.
FROM libraries AS cache
COPY --from=code /app /app
WORKDIR /app
RUN mkdir /cache \
 && if [ -d services/parser ]; then XDG_CACHE_HOME=/cache /venv/bin/python -m services.parser.language.model; fi \
 && chmod -R a+rX /cache

# pg_dump and pg_restore of the server's own version, for backups: those of its image, with the libraries that they need,
# since the command line's image has others.
FROM ${POSTGRES_IMAGE} AS postgres-client
RUN mkdir -p /client/bin /client/lib && cd /usr/lib/postgresql/*/bin \
 && for program in pg_dump pg_restore; do \
      cp -L "$program" $(ldd "$program" | grep -o '/[^ ]*') /client/lib/ \
      && printf '#!/bin/sh\nexec /opt/postgres/lib/ld-linux* --library-path /opt/postgres/lib /opt/postgres/lib/%s "$@"\n' \
         "$program" > "/client/bin/$program" \
      && chmod a+rx "/client/bin/$program" || exit 1; \
    done \
 && chmod -R a+rX /client

FROM ${PYTHON_IMAGE} AS base
LABEL depeche.user="10001:10001"
# These folders belong to the user because a new volume takes its owner from them.
RUN groupadd --gid 10001 depeche \
 && useradd --uid 10001 --gid depeche --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin depeche \
 && install -d -o depeche -g depeche /run/depeche/redis /run/depeche/postgres /run/depeche/fetcher /run/depeche/tick \
    /run/depeche/parser /run/depeche/indexer /run/depeche/cli /run/depeche/dashboard /run/depeche/scheduler /run/depeche/relay \
    /run/depeche/ca /run/depeche/ca-key /run/depeche/redis-tls /run/depeche/postgres-tls \
    /archive /backups
# Two heaps for all threads, as in cli/stack/stack.py, which says why.
ENV PATH=/venv/bin:/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2 \
    XDG_CACHE_HOME=/cache
WORKDIR /app
COPY --from=service-libraries /venv /venv
COPY --from=code /app /app
COPY --from=cache /cache /cache
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
ENTRYPOINT ["with-secrets"]

FROM base AS fetcher
CMD ["python", "-m", "services.fetcher.app"]

FROM base AS parser
CMD ["python", "-m", "services.parser.app"]

FROM base AS indexer
CMD ["python", "-m", "services.indexer.app"]

FROM base AS cli
COPY --from=postgres-client /client /opt/postgres
ENV PATH=/opt/postgres/bin:$PATH
ENTRYPOINT ["with-secrets", "python", "-m", "cli.main"]
CMD ["--help"]

# Last, so that another revision builds nothing anew. VERSION is that of shared/version.py.
FROM ${SERVICE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="Depeche ${SERVICE}" \
      org.opencontainers.image.description="News ingestion that keeps articles and headline tickers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
