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

const until = '2026-03-02T08:00:00.000Z';
const rotated: GoogleAppEvent = {
  type: 'ConfigStored',
  data: { ...snapshot, changed: ['gmailClientSecret'], formerSecrets: { of: ['gmail'], until } },
};
const accepted = (which: 'former' | 'current'): GoogleAppEvent => ({
  type: 'ClientSecretAccepted',
  data: { pair: 'gmail', accepted: which },
});
const note = (which: 'former' | 'current') => ({
  type: 'NoteSecretAccepted' as const,
  pair: 'gmail' as const,
  accepted: which,
});
const forgotten: GoogleAppEvent = { type: 'FormerSecretForgotten', data: { pair: 'gmail' } };

it('tells until when a replaced secret stands in, once', () => {
  const store = { type: 'StoreConfig' as const, snapshot, former: { gmail: until } };
  given(stored([]))
    .when({ ...store, changed: ['gmailClientSecret'] })
    .then(rotated);
  given(rotated)
    .when({ ...store, changed: [] })
    .then();
  given(stored([]))
    .when({ ...store, changed: [] })
    .then({
      type: 'ConfigStored',
      data: { ...snapshot, changed: [], formerSecrets: { of: ['gmail'], until } },
    });
});

it('tells which of both secrets Google takes, and never goes back from the new one', () => {
  given(rotated).when(note('former')).then(accepted('former'));
  given(rotated, accepted('former')).when(note('former')).then();
  given(rotated, accepted('former')).when(note('current')).then(accepted('current'));
  given(rotated, accepted('current')).when(note('former')).then();
  given(rotated, accepted('current'), rotated).when(note('former')).then(accepted('former'));
});

it('says nothing of secrets where none stands in', () => {
  given(stored([])).when(note('current')).then();
  given(rotated, stored(['gmailClientSecret']))
    .when(note('current'))
    .then();
  given(rotated, forgotten).when(note('current')).then();
  given(rotated, cleared).when(note('current')).then();
});

it('keeps the overlap when something else is stored', () => {
  given(rotated, stored(['projectId']))
    .when(note('former'))
    .then(accepted('former'));
});

it('tells once that the replaced secret was deleted', () => {
  const forget = { type: 'ForgetFormerSecrets' as const, pairs: ['gmail' as const, 'calendar' as const] };
  given(rotated).when(forget).then(forgotten);
  given(rotated, forgotten).when(forget).then();
  given(rotated)
    .when({ ...forget, pairs: ['calendar'] })
    .then();
});

it('tells once that its removal was begun, and storing anew calls it off', () => {
  const begin = { type: 'BeginRemoval' as const, hadSecrets: true };
  const begun: GoogleAppEvent = { type: 'RemovalBegun', data: {} };
  given(stored([])).when(begin).then(begun);
  given(stored([]), begun).when(begin).then();
  given(stored([]), begun, cleared)
    .when({ ...begin, hadSecrets: false })
    .then();
  given().when(begin).then(begun);
  given(stored([]), begun).when({ type: 'StoreConfig', snapshot, changed: [] }).then(stored([]));
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
  expect(settingsOf({ status: 'stored', snapshot, overlaps: {}, removing: false })).toEqual({
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
