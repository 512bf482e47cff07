# The image holds the one binary; PostgreSQL runs beside it (docker-compose.yml).
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=docker
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /careloop ./cmd/careloop

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 careloop
COPY --from=build /careloop /usr/local/bin/careloop
USER careloop
EXPOSE 8080
ENV CARELOOP_ADDR=0.0.0.0:8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["careloop", "health"]
ENTRYPOINT ["careloop"]
CMD ["serve"]
