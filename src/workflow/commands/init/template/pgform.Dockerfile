# The project with pgform in it: what migrates a database from a pipeline or beside a backend. The binary is one file,
# copied out of pgform's own image (`make image` in pgform's repository); a backend's image takes it by the same line.
ARG PGFORM_IMAGE=pgform
FROM ${PGFORM_IMAGE} AS pgform

FROM debian:bookworm-slim
COPY --from=pgform /usr/local/bin/pgform /usr/local/bin/pgform
# Whom TLS trusts (sslmode=verify-full with sslrootcert=system).
COPY --from=pgform /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
WORKDIR /project
COPY pgform.yaml ./
COPY schema ./schema
COPY plans ./plans
USER 1000:1000
ENTRYPOINT ["pgform"]
CMD ["--help"]
