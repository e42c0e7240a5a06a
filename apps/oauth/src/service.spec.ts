import { requestsOf } from '#contracts/registry';
import { RunningOAuth } from './fixtures/running-oauth.js';

it('answers each of its requests, once', async () => {
  const running = await RunningOAuth.start();
  const { handlers } = await running.instance();
  const types = handlers.map(({ contract }) => contract.type).sort();
  expect(types).toEqual(
    requestsOf('oauth')
      .map(({ type }) => type)
      .sort(),
  );
  await running.close();
});
