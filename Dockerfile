# One image for all services; which one is said when it is started: docker run tenant-google gmail
#
# The tag is exact. For a build that is the same to the byte, give its digest, too: --build-arg NODE_IMAGE=node:24.21.0-trixie-slim@sha256:…
ARG NODE_IMAGE=node:24.21.0-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Scripts would fetch another Node and unpack a PostgreSQL, which the embedded run needs and this image does not.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY .swcrc tsconfig.json ./
COPY apps apps
COPY libs libs
COPY tools tools
RUN node_modules/.bin/swc apps libs tools -d dist -q \
  && find dist \( -name '*.spec.js*' -o -name '*.contract.js*' -o -name 'fixtures' -o -name 'planted' \) -prune -exec rm -rf {} +

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
  OPERATOR_HOST=0.0.0.0 \
  OPERATOR_PORT=9464
# What runs needs Node and nothing that installs.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-* /usr/local/bin/yarn*
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY deploy/image deploy/image
USER 1000:1000
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/image/ready.mjs"]
ENTRYPOINT ["node", "--enable-source-maps", "deploy/image/service.mjs"]
