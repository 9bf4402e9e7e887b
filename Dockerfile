# The server as a static binary on Alpine, with git for what the repository says about itself; never as root.
#   docker build -t snipara-orchestrator .
#   docker run --rm -i -v "$PWD:/repository" -v snipara-state:/state snipara-orchestrator mcp --prod-url https://api.example.com
#   docker run --rm -p 8787:8787 -e SNIPARA_ORCHESTRATOR_TOKEN -v "$PWD:/repository" -v snipara-state:/state \
#     snipara-orchestrator serve --bind 0.0.0.0:8787 --prod-url https://api.example.com
FROM rust:1.95-alpine AS build
# The C parts of SQLite and of the cryptography are compiled here; versions follow the base image's Alpine.
# hadolint ignore=DL3018
RUN apk add --no-cache build-base cmake linux-headers perl
WORKDIR /source
COPY Cargo.toml Cargo.lock README.md ./
COPY .cargo .cargo
COPY src src
COPY benches benches
COPY examples examples
COPY tests tests
# Alpine's target is musl: the program needs no library of the system.
# A release gives its own programs instead of this stage, a folder a processor.
ARG TARGETARCH
RUN cargo build --locked --profile dist --bin snipara-orchestrator \
    && install -D target/dist/snipara-orchestrator "/$TARGETARCH/snipara-orchestrator" \
    && "/$TARGETARCH/snipara-orchestrator" --version

FROM alpine:3.22
LABEL org.opencontainers.image.title="snipara-orchestrator" \
    org.opencontainers.image.description="Proves a deploy against production before an agent may say done." \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.source="https://github.com/Snipara/snipara-orchestrator" \
    io.modelcontextprotocol.server.name="io.github.Snipara/snipara-orchestrator"
# hadolint ignore=DL3018
RUN apk add --no-cache ca-certificates git \
    && adduser -D -H -u 10001 -h /state orchestrator \
    && mkdir /repository /state \
    && chown orchestrator:orchestrator /repository /state \
    # A mounted repository belongs to somebody else; it is the only one here, and git runs no program of it for us.
    && git config --system --add safe.directory /repository
ARG TARGETARCH
COPY --from=build /$TARGETARCH/snipara-orchestrator /usr/local/bin/snipara-orchestrator
RUN ln -s snipara-orchestrator /usr/local/bin/snipara
ENV HOME=/state SNIPARA_ORCHESTRATOR_HOME=/state
USER 10001:10001
WORKDIR /repository
VOLUME ["/state"]
EXPOSE 8787
ENTRYPOINT ["/usr/local/bin/snipara-orchestrator"]
CMD ["mcp"]
