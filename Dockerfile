# docker build -t ml-connector .
# docker run -p 8080:8080 -v ml-data:/data ml-connector        see ops/docs/operations.md
FROM swift:6.3-bookworm AS builder
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libcurl4-openssl-dev libexpat1-dev libmicrohttpd-dev libsqlite3-dev libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
# The package names its test targets, and the package manager wants to see them even where it builds none.
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product ml-connector \
    && install -D --strip "$(swift build -c release --show-bin-path)/ml-connector" /out/ml-connector

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates libcurl4 libexpat1 libmicrohttpd12 libsqlite3-0 libssl3 libstdc++6 tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/doc/* /usr/share/man/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin connector \
    && install --directory --owner connector --group connector --mode 711 /data
COPY --from=builder /out/ml-connector /usr/local/bin/ml-connector
ENV ML_DATA=/data \
    ML_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
USER connector
STOPSIGNAL SIGTERM
# Well while webhooks are taken in; a quarantined connection is an alert, not a reason to restart everybody.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
    CMD ["ml-connector", "status", "--quiet"]
ENTRYPOINT ["ml-connector"]
CMD ["serve"]
