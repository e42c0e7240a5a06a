import { minutes, MovableClock, seconds } from '#time/clock';
import { PushBindings, type PushBinding } from './push-bindings.js';

const subscription = 'projects/acme/subscriptions/gmail-webhook-t1';
const own = { email: 'psa@acme.iam.gserviceaccount.com', audience: 'https://psa.example.com/push' };
const stranger = { email: 'x@other.iam.gserviceaccount.com', audience: own.audience };
const bindingOf = (email: string, tenantId = 't1'): PushBinding => ({
  tenantId,
  audience: own.audience,
  serviceAccountEmail: email,
});

/** A replica, and what the database holds at the moment. */
function replica(...stored: PushBinding[]) {
  const database = { bindings: stored, queries: 0, away: false };
  const clock = new MovableClock();
  const bindings = new PushBindings(() => {
    database.queries++;
    return database.away ? Promise.reject(new Error('away')) : Promise.resolve(database.bindings);
  }, clock);
  return { database, clock, tenantOf: (identity: typeof own) => bindings.tenantOf(subscription, identity) };
}

it('asks the database once for a subscription, however many pushes come', async () => {
  const { database, tenantOf } = replica(bindingOf(own.email));
  const tenants = await Promise.all(Array.from({ length: 20 }, () => tenantOf(own)));
  tenants.push(await tenantOf(own));
  expect(new Set(tenants)).toEqual(new Set(['t1']));
  expect(database.queries).toBe(1);
});

it('asks at most once a second for one that does not fit, whoever insists', async () => {
  const { database, clock, tenantOf } = replica(bindingOf(own.email));
  for (let n = 0; n < 50; n++) expect(await tenantOf(stranger)).toBeNull();
  expect(database.queries).toBe(1);
  clock.advance(seconds(1));
  expect(await tenantOf(stranger)).toBeNull();
  expect(database.queries).toBe(2);
});

it('believes a binding that another replica has just recorded', async () => {
  const { database, clock, tenantOf } = replica(bindingOf(own.email));
  expect(await tenantOf(stranger)).toBeNull();
  database.bindings = [bindingOf(stranger.email)];
  clock.advance(seconds(1));
  expect(await tenantOf(stranger)).toBe('t1');
  expect(await tenantOf(own)).toBeNull();
});

it('forgets a replaced binding within a minute, although its pushes go on', async () => {
  const { database, clock, tenantOf } = replica(bindingOf(own.email));
  expect(await tenantOf(own)).toBe('t1');
  database.bindings = [bindingOf('new@acme.iam.gserviceaccount.com')];
  clock.advance(minutes(1) + 1);
  await tenantOf(own);
  await new Promise(setImmediate);
  expect(await tenantOf(own)).toBeNull();
});

it('goes on with what it knows while the database is away', async () => {
  const { database, clock, tenantOf } = replica(bindingOf(own.email));
  expect(await tenantOf(own)).toBe('t1');
  database.away = true;
  clock.advance(minutes(5));
  expect(await tenantOf(own)).toBe('t1');
  expect(await tenantOf(own)).toBe('t1');
});

it('cannot say whose push it is when it knows nothing and the database is away', async () => {
  const { database, tenantOf } = replica();
  database.away = true;
  await expect(tenantOf(own)).rejects.toThrow('away');
});

it('tells two tenants that name the same subscription apart by who vouches', async () => {
  const { tenantOf } = replica(bindingOf(own.email), bindingOf(stranger.email, 't2'));
  expect([await tenantOf(own), await tenantOf(stranger)]).toEqual(['t1', 't2']);
});

it('keeps what is arranged, however many subscriptions strangers make up', async () => {
  const asked: string[] = [];
  const bindings = new PushBindings((name) => {
    asked.push(name);
    return Promise.resolve(name === subscription ? [bindingOf(own.email)] : []);
  }, new MovableClock());
  expect(await bindings.tenantOf(subscription, own)).toBe('t1');
  for (let n = 0; n < 60_000; n++) await bindings.tenantOf(`projects/x/subscriptions/${n}`, stranger);
  expect(await bindings.tenantOf(subscription, own)).toBe('t1');
  expect(asked.filter((name) => name === subscription)).toHaveLength(1);
});
