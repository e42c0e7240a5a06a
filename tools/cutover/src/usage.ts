export const usage = `npm run cutover -- --from-json FILE [--tenant ID] [--dry-run] [--json]
npm run cutover -- --from-host URL [--accounts FILE] [--tenant ID] [--dry-run] [--json]

Takes the host's Google providers over, each as disconnected, with its id, name, mailbox, label filter and defaults, or its
owner, account, calendar and sync direction. Imports no token: every owner connects anew. Run it as often as you like: what
is here already stays as it is, and differences are only named.

  --from-json FILE   a list, see below. With a single fault in it nothing is taken over, and every fault is named
  --from-host URL    the host's PostgreSQL, read in one read-only transaction; columns of tokens and secrets are never
                     selected. "-" takes the URL from HOST_DATABASE_URL
  --accounts FILE    { "<provider or user id>": "tina@acme.example" }: whose Google account a calendar provider is,
                     where the host keeps only "primary"
  --tenant ID        this tenant only
  --dry-run          says what would be done and writes nothing
  --json             the report as JSON
  --help             this

The services have to run: those of "npm start", or those that NATS_URL names (with BASE_URL, for the links).

A list has one object for each provider; fields with a ? may be left out:
  [ { "kind": "gmail", "tenantId": "t1", "id": "p1", "name": "Support", "mailbox": "support@acme.example",
      "labels?": ["Tickets"], "inboundTicketDefaultsId?": "d1", "autoProcessEmails?": true, "active?": true,
      "pauseReason?": "manual" | "tenant_cancelled" | "auth_failure" },
    { "kind": "calendar", "tenantId": "t1", "id": "c1", "name": "Tina", "userId": "u1", "account": "tina@acme.example",
      "calendarId?": "primary", "syncDirection?": "bidirectional" | "to_external" | "from_external", "active?": true } ]

Exit code: 0 everything is here, 1 it could not go on (run it again), 2 the command or the list cannot be used and nothing
was written, 3 something was skipped and somebody has to look at it.`;
