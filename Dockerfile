# The image of productd: docker build -t productd .
# The first stage is Debian 12 as a newcomer has it, and builds as `make build` does; the last takes from it the files that
# tools/image_root.py lays out, and nothing else: no shell, no package manager. `docker build --target sbom --output . .` writes
# the list of all parts: sbom.cdx.json. tools/try_dockerfile.py does all that is said here without a container engine, and
# tools/try_image.py the last stage alone.
#
# The base is named by its tag, so a build takes Debian's security updates of its day. To have the same base for ever, add the
# digest that `docker buildx imagetools inspect debian:12-slim` prints: --build-arg BASE=docker.io/library/debian:12-slim@sha256:...
ARG BASE=docker.io/library/debian:12-slim

FROM ${BASE} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# For what is fetched over TLS and whom the image is to trust; all else is in tools/packages.txt. The base has the versions.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Apart from the sources, so that a change of those installs nothing anew.
COPY tools tools
RUN tools/setup.sh build && rm -rf /var/lib/apt/lists/*
COPY . .
# The files of the image are all as old as this, in seconds since 1970.
ARG SOURCE_DATE_EPOCH=0
# How many compilers run at once; each takes up to 1 GB. Nothing: as many as there are cores and memory for.
ARG JOBS=
RUN jobs="${JOBS:-$(tools/build_jobs.sh)}" \
    && cmake --preset release \
    && cmake --build --preset release --target productd --parallel "${jobs}" \
    && SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH}" tools/image_root.py build/release/productd /image \
    && mv /image/data /volume \
    && cp /image/usr/share/doc/productd/sbom.cdx.json /

FROM scratch AS sbom
COPY --from=build /sbom.cdx.json /

FROM scratch
COPY --from=build /image /
# The one folder that is written to. A new named volume takes its owner over.
COPY --from=build --chown=10001:10001 /volume /data
USER 10001:10001
# MODE=DOCKER listens on every interface of the container and reads config/config-docker.yml below the working folder, if one
# is mounted there: what the older service's image does. The driver of MongoDB would have counters in shared memory, which
# nothing here reads.
ENV MODE=DOCKER PRODUCTD_DATA_DIR=/data MONGOC_DISABLE_SHM=1
WORKDIR /
VOLUME ["/data"]
# REST, gRPC, metrics.
EXPOSE 5007 5000 7070
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 CMD ["/usr/bin/productd", "health"]
ENTRYPOINT ["/usr/bin/productd"]
CMD ["serve"]
ARG VERSION=0.1.0
ARG REVISION=unknown
# That of the beginning, for the label.
ARG BASE
LABEL org.opencontainers.image.title="productd" \
    org.opencontainers.image.description="A products microservice: REST, gRPC and events over one durable log" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.base.name="${BASE}"
