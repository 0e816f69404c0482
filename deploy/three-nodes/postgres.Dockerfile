# Postgres with pg_auto_failover, from Debian's own packages.
FROM debian:bookworm-slim
# No cluster is made here: pg_autoctl makes its own.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-common \
    && echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf \
    && apt-get install --yes --no-install-recommends pg-auto-failover-cli postgresql-15-auto-failover \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o postgres -g postgres -m 700 /data
ENV PATH=/usr/lib/postgresql/15/bin:$PATH \
    HOME=/data
USER postgres
VOLUME /data
EXPOSE 5432
