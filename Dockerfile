# The web is built with Node, the program with Go, and both end in one static binary.
FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist ./web/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /rigistry . && mkdir /data

FROM scratch
COPY --from=build /rigistry /rigistry
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
ENV RIGISTRY_DATA=/data RIGISTRY_ADDR=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/rigistry"]
CMD ["demo"]
