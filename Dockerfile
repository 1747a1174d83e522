# The program alone: no shell, no package manager, no other user than 65532.
#
#   make image         builds it with docker or buildah, make image-test starts it
#
# GO_IMAGE is any image with Go, a shell and a CA bundle; pin it by digest where builds
# must not move. GOFIPS140=latest builds with the FIPS 140-3 module of Go.
ARG GO_IMAGE=docker.io/library/golang:1.26-alpine

# It builds on the builder's own platform and compiles for the target's.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
COPY go.mod go.sum main.go ./
COPY collector collector
ARG TARGETOS
ARG TARGETARCH
ARG GOFIPS140=off
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH GOFIPS140=$GOFIPS140 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /stocktake .

FROM scratch
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="stocktake" \
      org.opencontainers.image.description="Tells which container images run in a Kubernetes cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.created="$DATE"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /stocktake /stocktake
USER 65532:65532
ENTRYPOINT ["/stocktake"]
