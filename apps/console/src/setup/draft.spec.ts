import type { GoogleSetup } from '../api/answers.js';
import type { CheckResult } from '../doctor/verification.js';
import { changeOf, draftOf, stepsDone, stepsProven } from './draft.js';

const product = { missing: [], redirectUri: '', scopes: [], configured: true, clientSecretStored: true };
const ready: GoogleSetup = {
  tenantId: 't1',
  badge: 'ready',
  projectId: 'acme-psa-1234',
  provisioning: 'key',
  serviceAccountKeyStored: true,
  serviceAccountEmail: 'mail@acme-psa-1234.iam.gserviceaccount.com',
  gmail: { ...product, maskedClientId: '123456789012-…wxyz.apps.googleusercontent.com' },
  calendar: {
    ...product,
    maskedClientId: '123456789012-…wxyz.apps.googleusercontent.com',
    usesSameApp: true,
  },
  updatedAt: null,
  updatedBy: null,
};
const nothing = { configured: false, maskedClientId: null, clientSecretStored: false };
const empty: GoogleSetup = {
  ...ready,
  badge: 'not-configured',
  projectId: null,
  serviceAccountKeyStored: false,
  serviceAccountEmail: null,
  gmail: { ...product, ...nothing, missing: ['projectId', 'gmail.clientId', 'serviceAccountKey'] },
  calendar: { ...product, ...nothing, missing: ['calendar.clientId'], usesSameApp: false },
};

describe('what is sent', () => {
  it('is nothing while nothing was entered', () => {
    expect(changeOf(draftOf(ready), ready)).toBeNull();
    expect(changeOf(draftOf(empty), empty)).toBeNull();
  });

  it('is everything the first time, with the same app for Calendar', () => {
    const draft = {
      ...draftOf(empty),
      projectId: ' acme-psa-1234 ',
      clientId: 'id',
      clientSecret: 'secret',
      key: { text: '{}', email: '', file: '' },
    };
    expect(changeOf(draft, empty)).toEqual({
      projectId: 'acme-psa-1234',
      gmail: { clientId: 'id', clientSecret: 'secret' },
      calendar: 'same',
      serviceAccountKey: '{}',
    });
  });

  it('is only the project while there is no client that Calendar could share', () => {
    expect(changeOf({ ...draftOf(empty), projectId: 'acme-psa-1234' }, empty)).toEqual({
      projectId: 'acme-psa-1234',
    });
  });

  it('is only the secret when only that was replaced', () => {
    expect(changeOf({ ...draftOf(ready), clientSecret: 'new' }, ready)).toEqual({
      gmail: { clientSecret: 'new' },
    });
  });

  it('takes Calendar to a client of its own, and out', () => {
    const own = {
      ...draftOf(ready),
      calendar: 'own' as const,
      calendarClientId: 'other',
      calendarClientSecret: 's',
    };
    expect(changeOf(own, ready)).toEqual({ calendar: { clientId: 'other', clientSecret: 's' } });
    expect(changeOf({ ...draftOf(ready), calendar: 'none' }, ready)).toEqual({ calendar: 'none' });
  });

  it('removes the key', () => {
    expect(changeOf({ ...draftOf(ready), key: 'remove' }, ready)).toEqual({ serviceAccountKey: null });
  });

  it('leaves a chosen key out when the way is by hand', () => {
    const draft = {
      ...draftOf(ready),
      provisioning: 'manual' as const,
      key: { text: '{}', email: '', file: '' },
      pushServiceAccount: 'push@acme-psa-1234.iam.gserviceaccount.com',
    };
    expect(changeOf(draft, ready)).toEqual({
      provisioning: 'manual',
      pushServiceAccount: 'push@acme-psa-1234.iam.gserviceaccount.com',
    });
  });
});

describe('the steps', () => {
  it('are done when nothing of them is missing', () => {
    expect([...stepsDone(ready, draftOf(ready))]).toEqual(['project', 'client', 'account']);
    expect([...stepsDone(empty, draftOf(empty))]).toEqual([]);
  });

  it('at Google are done when a verification has seen it', () => {
    const seen = (...results: [id: string, result: string][]) => ({
      checks: results.map(([id, result]) => ({ id, result }) as CheckResult),
      finished: null,
    });
    expect([...stepsProven(null)]).toEqual([]);
    expect([...stepsProven(seen(['project.gmail-api', 'pass'], ['project.calendar-api', 'skip']))]).toEqual([
      'apis',
    ]);
    expect([...stepsProven(seen(['project.gmail-api', 'fail'], ['consent.lasting', 'skip']))]).toEqual([]);
  });
});
