/** One event of a stream of server-sent events. */
export interface SentEvent {
  event: string;
  data: string;
}

/** The events of an answer as they come. `heard` is called for everything that comes, heartbeats too. */
export async function* sentEvents(
  response: Response,
  heard: () => void = () => {},
): AsyncGenerator<SentEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const { events, rest } = parsedEvents(text + value);
    text = rest;
    yield* events;
  }
}

/** What is complete in the text, and what is not yet. */
export function parsedEvents(text: string): { events: SentEvent[]; rest: string } {
  const blocks = text.split('\n\n');
  const rest = blocks.pop() ?? '';
  const events = blocks.flatMap((block) => {
    const lines = block.split('\n');
    const valueOf = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.slice(name.length + 2))
        .join('\n');
    const event = valueOf('event');
    return event ? [{ event, data: valueOf('data') }] : [];
  });
  return { events, rest };
}
