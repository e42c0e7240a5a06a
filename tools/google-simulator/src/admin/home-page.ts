import type { FastifyInstance } from 'fastify';
import { escaped, page } from '../oauth/pages.js';
import type { World } from '../world.js';

/** The page that a person meets first: what is here, and what to do next. */
export function registerHomePage(app: FastifyInstance, world: World): void {
  app.get('/', (_request, reply) => reply.redirect('/simulator'));
  app.get('/simulator', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page('Google simulator', homePage(world))),
  );
}

function homePage(world: World): string {
  const projects = [...world.projects.values()].map(
    ({ id, number, userType, publishingStatus, clients }) =>
      `<li><strong>${escaped(id)}</strong> (${number}), ${userType}, ${publishingStatus}<br>${
        clients
          .map(({ clientId, state }) => `<code>${clientId}</code>${state === 'active' ? '' : ` (${state})`}`)
          .join('<br>') || 'no OAuth client yet'
      }</li>`,
  );
  const users = [...world.users.values()];
  const mailboxes = users.filter(({ hasGmail }) => hasGmail);
  return `<p>Every Google service answers at <code>${escaped(world.publicUrl)}</code>. It is ${world.now().toISOString()} here.</p>
<h2>Projects</h2>
<ul>${projects.join('') || '<li>None yet: set one up below.</li>'}</ul>
<h2>Google accounts</h2>
<ul>${
    users.map(({ email, name }) => `<li>${escaped(name)} <code>${escaped(email)}</code></li>`).join('') ||
    '<li>None yet: set a project up below.</li>'
  }</ul>
<h2>Set up a tenant’s project</h2>
${projectForm()}
<h2>Send a mail</h2>
${mailboxes.length > 0 ? mailForm(mailboxes.map(({ email }) => email)) : '<p>Needs an account with Gmail.</p>'}
<h2>Look on</h2>
<p><a href="/simulator/requests">Requests that arrived</a>, <a href="/simulator/faults">faults that are set</a>, <a href="/simulator/projects">projects</a>, <a href="/simulator/users">accounts</a> as JSON.</p>`;
}

function projectForm(): string {
  return `<form id="project">
<label>Project id <input name="projectId" required pattern="[a-z][a-z0-9\\-]{4,28}[a-z0-9]" value="acme-helpdesk"></label>
<label>Redirect URI <input name="redirectUri" type="url" required value="http://localhost:3000/api/auth/google/callback"></label>
<label>Google account <input name="email" type="email" required value="support@acme.example"></label>
<div class="actions"><button class="primary">Set up</button></div>
<p role="status" id="set-up"></p>
<pre id="credentials"></pre></form>
<script>
document.getElementById('project').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { projectId, redirectUri, email } = Object.fromEntries(new FormData(event.target));
  const answer = await fetch('/simulator/tenant-projects', {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ projectId, redirectUris: [redirectUri], users: [{ email }] }),
  });
  const told = await answer.json();
  document.getElementById('set-up').textContent = answer.ok
    ? 'Set up. Copy these now: Google shows them once.' : 'Refused: ' + told.error.message;
  document.getElementById('credentials').textContent = answer.ok
    ? 'Client id      ' + told.clientId + '\\nClient secret  ' + told.clientSecret + '\\n\\n' + told.serviceAccountKeyJson : '';
});
</script>`;
}

function mailForm(mailboxes: string[]): string {
  return `<form id="mail">
<label>To <select name="to">${mailboxes.map((email) => `<option>${escaped(email)}</option>`).join('')}</select></label>
<label>From <input name="from" type="email" required value="customer@example.net"></label>
<label>Subject <input name="subject" required value="The printer is on fire"></label>
<label>Text <input name="text" value="Please help."></label>
<div class="actions"><button class="primary">Send</button></div>
<p role="status" id="sent"></p></form>
<script>
document.getElementById('mail').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { to, ...mail } = Object.fromEntries(new FormData(event.target));
  const answer = await fetch('/simulator/mailboxes/' + encodeURIComponent(to) + '/messages', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(mail),
  });
  document.getElementById('sent').textContent = answer.ok ? 'Delivered to ' + to + '.' : 'Refused: ' + await answer.text();
});
</script>`;
}
