import { days, hours } from '#time/clock';
import type { Fault } from './fault.js';
import type { Patient } from './patient.js';
import { callbacksOf } from './setup-faults.js';

const gmail = { about: 'gmail', result: 'fail' } as const;
export const readonly = 'https://www.googleapis.com/auth/gmail.readonly';

/** How a permission may never have been given, or have ended. */
export const permissionFaults: Fault[] = [
  {
    ...gmail,
    id: 'never-connected',
    wrong: 'Nobody has given the permission yet.',
    put: 'The mailbox is added and not connected.',
    check: 'grant.alive',
    code: 'authorization.missing',
    connect: 'nothing',
    breaks: (patient) => patient.addMailbox(),
  },
  {
    ...gmail,
    id: 'scope-unticked',
    wrong: 'The owner left a box empty on Google’s page.',
    put: 'The box for reading mail is emptied at the consent.',
    check: 'grant.alive',
    code: 'authorization.scope-missing',
    connect: 'nothing',
    wishes: () => ({ untick: [readonly] }),
    breaks: addAndConsent,
  },
  {
    ...gmail,
    id: 'wrong-account',
    wrong: 'Somebody else consented.',
    put: 'Another account is chosen at the consent.',
    check: 'grant.alive',
    code: 'authorization.wrong-account',
    connect: 'nothing',
    wishes: (tenant) => ({
      consentingAs: `boss@${tenant}.example`,
      seed: { users: [{ email: `support@${tenant}.example` }, { email: `boss@${tenant}.example` }] },
    }),
    breaks: addAndConsent,
  },
  {
    ...gmail,
    id: 'app-removed-by-owner',
    wrong: 'The owner removed the app from the account.',
    put: 'The user removes the app.',
    check: 'grant.alive',
    code: 'authorization.revoked',
    breaks: ({ google, address, project }) => google.removeApp(address, project.projectId),
  },
  {
    ...gmail,
    id: 'password-changed',
    wrong: 'The owner changed the password.',
    put: 'The user’s password changes.',
    check: 'grant.alive',
    code: 'authorization.revoked',
    breaks: ({ google, address }) => google.changePassword(address),
  },
  {
    ...gmail,
    id: 'testing-ended',
    wrong: 'The app is in Testing, and seven days are over.',
    put: 'The app is External and in Testing; seven days pass.',
    check: 'grant.alive',
    code: 'authorization.testing-expired',
    wishes: () => ({ seed: { publishingStatus: 'testing' } }),
    breaks: ({ hospital }) => hospital.advance(days(7)),
  },
  {
    ...gmail,
    id: 'time-limited',
    wrong: 'The owner let the app in for an hour.',
    put: 'An hour is chosen at the consent.',
    check: 'consent.lasting',
    code: 'authorization.time-limited',
    result: 'warn',
    wishes: () => ({ accessSeconds: 3_600 }),
  },
  {
    ...gmail,
    id: 'time-limit-reached',
    wrong: 'The owner let the app in for an hour, which is over.',
    put: 'An hour is chosen at the consent, and passes.',
    check: 'grant.alive',
    code: 'authorization.time-limit-reached',
    wishes: () => ({ accessSeconds: 3_600 }),
    breaks: ({ hospital }) => hospital.advance(hours(1)),
  },
  {
    ...gmail,
    id: 'blocked-by-workspace',
    wrong: 'The Workspace’s administrator blocked the app.',
    put: 'The Workspace blocks the client.',
    check: 'grant.alive',
    code: 'authorization.admin-policy',
    wishes: workspaceUser,
    breaks: ({ google, project, tenant }) =>
      google.setWorkspacePolicy(`${tenant}.example`, { blockedClientIds: [project.clientId] }),
  },
  {
    ...gmail,
    id: 'session-control',
    wrong: 'The organisation’s session control ended the permission.',
    put: 'The Workspace’s cloud sessions last an hour, which passes.',
    check: 'grant.alive',
    code: 'authorization.session-control',
    wishes: workspaceUser,
    breaks: async ({ google, tenant, hospital }) => {
      await google.setWorkspacePolicy(`${tenant}.example`, { cloudSessionMs: hours(1) });
      await hospital.advance(hours(1));
    },
  },
  {
    ...gmail,
    id: 'client-replaced',
    wrong: 'Another OAuth client was stored after the mailbox was connected.',
    put: 'A second client of the same project is stored here.',
    check: 'grant.client',
    code: 'authorization.client-changed',
    breaks: async (patient) => {
      const redirectUris = callbacksOf(patient);
      const client = await patient.google.createClient(patient.project.projectId, { redirectUris });
      await patient.store({ gmail: client });
    },
  },
];

function workspaceUser(tenant: string) {
  const workspaceDomain = `${tenant}.example`;
  return { seed: { users: [{ email: `support@${workspaceDomain}`, workspaceDomain }] } };
}

export async function addAndConsent(patient: Patient): Promise<void> {
  await patient.addMailbox();
  await patient.consent('gmail');
}
