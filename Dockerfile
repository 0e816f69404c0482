# The image of stillup: the program, the catalogue and the trust roots. Postgres is a service of its
# own (docker-compose.yml).

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    make build && cp target/release/stillup /usr/local/bin/stillup

FROM debian:bookworm-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin stillup \
    && install -d -o stillup -g stillup /data
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/bin/stillup /usr/local/bin/stillup
COPY sites.toml /etc/stillup/sites.toml
ENV STILLUP_LISTEN=0.0.0.0:8080 \
    STILLUP_SITES=/etc/stillup/sites.toml \
    STILLUP_DATA_DIR=/data
# A number, not a name: Kubernetes' runAsNonRoot believes no name.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
# `stillup check` ends with 1 where the answer is slow, which on a busy machine is no illness.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["sh", "-c", "stillup check http://127.0.0.1:8080/healthz; test $? -le 1"]
ENTRYPOINT ["stillup"]
CMD ["serve"]
