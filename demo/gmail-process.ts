import { runAsProcess } from '#hosting/process';
import { MovableClock } from '#time/clock';
import { gmail } from '../apps/gmail/src/service.js';

/** The gmail service as it always is, but for its time, which whoever started it tells: by how much it has been moved by now. */
const clock = new MovableClock();
await new Promise<void>((told) => {
  process.on('message', (movedByMs: number) => {
    clock.advance(movedByMs - clock.offsetMs);
    told();
  });
});
await runAsProcess([gmail], clock);
