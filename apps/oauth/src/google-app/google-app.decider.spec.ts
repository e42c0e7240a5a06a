import { scenariosOf } from '#event-sourcing/scenarios';
import type { GoogleAppEvent } from '#contracts/oauth';
import { googleApp, settingsOf, type AppSnapshot } from './google-app.decider.js';

const snapshot: AppSnapshot = {
  projectId: 'acme-psa',
  provisioning: 'manual',
  gmailClientId: '12-ab.apps.googleusercontent.com',
  calendar: 'none',
  calendarClientId: null,
  serviceAccountEmail: 'pusher@acme-psa.iam.gserviceaccount.com',
  pushServiceAccount: 'pusher@acme-psa.iam.gserviceaccount.com',
};
const stored = (changed: string[], of = snapshot): GoogleAppEvent => ({
  type: 'ConfigStored',
  data: { ...of, changed },
});
const cleared: GoogleAppEvent = { type: 'ConfigCleared', data: {} };
const { given } = scenariosOf(googleApp);

it('tells what was stored, with the names of what changed', () => {
  given()
    .when({ type: 'StoreConfig', snapshot, changed: ['projectId'] })
    .then(stored(['projectId']));
});

it('tells nothing when nothing changed', () => {
  given(stored(['projectId']))
    .when({ type: 'StoreConfig', snapshot, changed: [] })
    .then();
});

it('tells a secret that was replaced, although nothing else shows it', () => {
  given(stored(['projectId']))
    .when({ type: 'StoreConfig', snapshot, changed: ['gmailClientSecret'] })
    .then(stored(['gmailClientSecret']));
});

it('catches up when secrets were stored and the telling was cut off', () => {
  const later = { ...snapshot, projectId: 'acme-new' };
  given(stored(['projectId']))
    .when({ type: 'StoreConfig', snapshot: later, changed: [] })
    .then(stored([], later));
});

it('tells once that it was removed', () => {
  given(stored([])).when({ type: 'ClearConfig', hadSecrets: true }).then(cleared);
  given(stored([])).when({ type: 'ClearConfig', hadSecrets: false }).then(cleared);
  given(stored([]), cleared).when({ type: 'ClearConfig', hadSecrets: false }).then();
  given().when({ type: 'ClearConfig', hadSecrets: false }).then();
});

it('tells the removal of what the host had stored by itself', () => {
  given().when({ type: 'ClearConfig', hadSecrets: true }).then(cleared);
});

it('lets Calendar follow Gmail until something else was stored', () => {
  expect(settingsOf({ status: 'absent' })).toEqual({
    provisioning: 'key',
    calendar: 'same',
    pushServiceAccount: null,
  });
  expect(settingsOf({ status: 'stored', snapshot })).toEqual({
    provisioning: 'manual',
    calendar: 'none',
    pushServiceAccount: snapshot.pushServiceAccount,
  });
});

it('does not act on a history that it does not understand', () => {
  const strange = { type: 'Sold', data: {} } as unknown as GoogleAppEvent;
  expect(() => given(strange).when({ type: 'ClearConfig', hadSecrets: false }).then()).toThrow(
    'Not an event of a Google app',
  );
});
