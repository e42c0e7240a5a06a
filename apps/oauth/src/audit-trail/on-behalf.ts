import { AsyncLocalStorage } from 'node:async_hooks';
import type { Handler } from '#messaging/handler';
import { becauseOf, type Origin } from '#messaging/envelope';
import type { Processor } from '#processors/processor';

const atWork = new AsyncLocalStorage<Origin>();

/** Whose request, or which event's follow-up, is being worked on. Secrets are read deep below: the Secrets Provider knows no requests. */
export const originAtWork = (): Origin | undefined => atWork.getStore();

export const handlingOnBehalf = (handler: Handler): Handler => ({
  ...handler,
  handle: (data, origin) => atWork.run(origin, () => handler.handle(data, origin)),
});

export const reactingOnBehalf = (processor: Processor): Processor =>
  processor.kind === 'projection'
    ? processor
    : {
        ...processor,
        react: (event) => atWork.run(becauseOf(event, processor.id), () => processor.react(event)),
      };
