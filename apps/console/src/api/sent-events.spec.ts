import { parsedEvents } from './sent-events.js';

describe('server-sent events', () => {
  it('are read whole, heartbeats passed over', () => {
    const { events, rest } = parsedEvents(
      'event: listening\ndata: {}\n\n: still here\n\nevent: changed\ndata: {"shared":true}\n\nevent: cha',
    );
    expect(events).toEqual([
      { event: 'listening', data: '{}' },
      { event: 'changed', data: '{"shared":true}' },
    ]);
    expect(rest).toBe('event: cha');
  });
});
