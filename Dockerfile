# pgform's image: the binary on a small Debian. `make image` builds it as `pgform`.
# Others take the binary out of it: COPY --from=pgform /usr/local/bin/pgform /usr/local/bin/pgform
FROM rust:1-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libclang-dev clang && rm -rf /var/lib/apt/lists/*
WORKDIR /pgform
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches ./benches
COPY src ./src
RUN cargo build --release --locked --bin pgform

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /pgform/target/release/pgform /usr/local/bin/pgform
WORKDIR /project
USER 1000:1000
ENTRYPOINT ["pgform"]
CMD ["--help"]
