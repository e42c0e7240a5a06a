import { days, MovableClock } from './clock.js';

describe('a movable clock', () => {
  it('jumps by what it is told and tells its listeners', () => {
    const clock = new MovableClock();
    let told = 0;
    const stop = clock.onMoved(() => told++);
    const before = clock.now().getTime();
    clock.advance(days(2));
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(days(2));
    expect(clock.offsetMs).toBe(days(2));
    stop();
    clock.advance(1);
    expect(told).toBe(1);
  });
});
