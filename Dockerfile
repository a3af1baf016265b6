# The program alone, static, on nothing: docker build -t mrsim . && docker run --rm -v "$PWD:/work" mrsim run shop.toml
FROM rust:1.95-alpine AS build
# The linker's part of the C library; on Alpine a Rust program is static by default.
RUN apk add --no-cache musl-dev
WORKDIR /mrsim
COPY . .
RUN cargo build --release --locked --bin mrsim && strip target/release/mrsim

FROM scratch
COPY --from=build /mrsim/target/release/mrsim /mrsim
COPY --from=build /mrsim/experiments/*.toml /experiments/
WORKDIR /work
ENTRYPOINT ["/mrsim"]
