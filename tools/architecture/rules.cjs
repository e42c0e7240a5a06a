// Who may import whom. Each rule has a violation planted below tools/architecture/planted, and a spec that proves that the rule sees it.
const app = '(^|/)apps/([^/]+)/';
const spec = '[.](spec|contract)[.]ts$|-scenario[.]ts$|/fixtures/|^(tools|bench|demo)/';
const adapters =
  '(^|/)libs/(event-sourcing/src/(postgres/|eventstoredb/|in-memory)|locks/src/(postgres|memory)|jobs/src/(pg-boss|memory)|secrets/src/(postgres-secrets|file-secrets|memory-secrets|secrets-database))';
const inputOutput =
  '^(node:)?(fs|net|http|https|child_process|dns|tls)(/|$)|node_modules/(pg|pg-boss|typeorm|@nestjs|@nats-io|@googleapis|@google-cloud|google-auth-library|fastify)/';

module.exports = [
  {
    name: 'no-cycles',
    comment: 'Files are read top to bottom; a cycle has no top.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'apps-do-not-import-apps',
    comment: 'Services speak over NATS; only the embedded run knows them all, by their tables of contents.',
    severity: 'error',
    from: { path: app, pathNot: ['(^|/)apps/embedded/'] },
    to: { path: app, pathNot: ['(^|/)apps/$2/'] },
  },
  {
    name: 'embedded-imports-only-service-lists',
    severity: 'error',
    from: { path: '(^|/)apps/embedded/' },
    to: { path: app, pathNot: ['(^|/)apps/embedded/', '(^|/)apps/[^/]+/src/service[.]ts$'] },
  },
  {
    name: 'the-console-knows-only-the-api',
    comment: 'It runs in browsers and is a client of the gateway as the PSA is.',
    severity: 'error',
    from: { path: '(^|/)apps/console/src/', pathNot: [spec] },
    to: { path: '(^|/)(libs|tools)/|^(node:)?(fs|path|crypto|net|http)(/|$)' },
  },
  {
    name: 'libs-do-not-import-apps',
    severity: 'error',
    from: { path: '(^|/)libs/' },
    to: { path: '(^|/)(apps|tools)/' },
  },
  {
    name: 'services-do-not-know-the-simulator',
    comment: 'Our code cannot tell the simulator from Google.',
    severity: 'error',
    from: { path: '(^|/)(apps|libs)/', pathNot: [spec, '(^|/)apps/embedded/'] },
    to: { path: '(^|/)tools/' },
  },
  {
    name: 'deciders-are-pure',
    severity: 'error',
    from: { path: '[.]decider[.]ts$' },
    to: { path: `${inputOutput}|(^|/)libs/(hosting|messaging|processors|database|secrets|locks|jobs)/` },
  },
  {
    name: 'contracts-know-nobody',
    severity: 'error',
    from: { path: '(^|/)libs/contracts/' },
    to: { pathNot: ['(^|/)libs/(contracts|problems)/', 'node_modules/zod/'] },
  },
  {
    name: 'problems-know-nobody',
    severity: 'error',
    from: { path: '(^|/)libs/problems/', pathNot: [spec] },
    to: { pathNot: ['(^|/)libs/problems/'] },
  },
  {
    name: 'projections-and-reactors-call-nobody-outside',
    severity: 'error',
    from: { path: '[.](projection|reactor)s?[.]ts$' },
    to: { path: 'node_modules/(@nestjs|@googleapis|@google-cloud|google-auth-library|fastify)/' },
  },
  {
    name: 'the-gateway-does-not-speak-to-google',
    severity: 'error',
    from: { path: '(^|/)apps/gateway/' },
    to: { path: 'node_modules/(@googleapis|@google-cloud|google-auth-library)/' },
  },
  {
    name: 'one-file-chooses-adapters',
    severity: 'error',
    from: {
      path: '(^|/)(apps|libs)/',
      pathNot: [
        spec,
        '(^|/)libs/hosting/src/adapters[.]ts$',
        '(^|/)libs/(event-sourcing|locks|jobs|secrets)/',
      ],
    },
    to: { path: adapters },
  },
  {
    name: 'secrets-stay-with-oauth',
    comment:
      'The gateway lays secrets in, the oauth service uses them, the embedded run keeps the key; nobody else opens the box.',
    severity: 'error',
    from: { path: app, pathNot: [spec, '(^|/)apps/(oauth|gateway|embedded)/'] },
    to: { path: '(^|/)libs/secrets/' },
  },
  {
    name: 'no-barrels',
    severity: 'error',
    from: { path: '(^|/)(apps|libs|tools)/' },
    to: { path: '(^|/)(apps|libs|tools)/.*/index[.]ts$' },
  },
  {
    name: 'no-test-code-in-production',
    severity: 'error',
    from: { path: '(^|/)(apps|libs)/', pathNot: [spec, '(^|/)libs/servers/'] },
    to: { path: '[.](spec|contract)[.]ts$|(^|/)libs/servers/src/test-' },
  },
];
